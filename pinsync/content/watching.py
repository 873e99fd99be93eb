"""Telling how reading gets on where it takes long."""

from __future__ import annotations

from collections.abc import Callable

BYTES, PICTURES = "bytes", "pictures"

Watch = Callable[[str, int, int, str], None]
"""Told what is being read (a file, or nothing where it is many), how much of it was, of how much, and what of: ``BYTES`` or
``PICTURES``. The last call has both numbers equal."""


def unwatched(source: str, done: int, whole: int, unit: str) -> None:
    """Nobody wants to know how reading gets on."""

"""The lock around commands that change the state by a few records."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pinsync.cli import Terminal

if TYPE_CHECKING:
    from pinsync.state.backends import Backend


@contextmanager
def writing(backend: Backend, purpose: str, patience: float, terminal: Terminal) -> Iterator[None]:
    """The lock, around changes of the state that are folded into it at the end."""
    from pinsync.state.lock import take

    lock = take(backend, purpose, patience, terminal.tell)
    try:
        backend.fold()
        yield
        backend.fold()
    finally:
        backend.release(lock)

"""Where state is kept. A backend is one file here that makes an object of this shape, and one entry in ``BACKENDS``; what
is not a place on this machine is best a ``Store`` of :mod:`pinsync.state.remote`."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Protocol

from pinsync.content.locating import find_root
from pinsync.content.settings import Settings, load_settings
from pinsync.errors import ContentError
from pinsync.state.document import State
from pinsync.state.journal import Record
from pinsync.state.lock import Lock
from pinsync.state.salvage import Salvaged


class Backend(Protocol):
    """One place that keeps the state of one content root.

    ``remote`` says that it is not on this machine, so that a :meth:`checkpoint` costs a round trip: intents are then recorded
    many at once.
    """

    remote: bool

    def read(self) -> State:
        """The state with all that was recorded, or a new one where there is none yet. Raises StateError."""

    def lock(self, purpose: str) -> Lock:
        """Takes the lock, or raises StateLocked with who holds it."""

    def unlock(self, lock_id: str) -> Lock:
        """Removes the lock with this id, whoever holds it, and says whose it was. Raises StateError."""

    def release(self, lock: Lock) -> None:
        """Gives the lock back."""

    def record(self, change: Record) -> None:
        """Writes one change down, so that it outlives this process, before it returns; should the machine itself go down, it
        is sure only after a :meth:`checkpoint` or a :meth:`fold`. Only under the lock."""

    def checkpoint(self) -> None:
        """Makes all that was recorded durable where the state is kept, before it returns. Only under the lock."""

    def fold(self) -> State:
        """Makes the recorded changes part of the document, with the next serial, and returns it. Only under the lock."""

    def recover(self) -> Salvaged | None:
        """Puts the best state that can be made of what is there in its place, and keeps the damaged files aside. None
        where nothing is damaged. Only under the lock."""

    def current(self) -> str | None:
        """The document as it is kept, without what was recorded since; None where there is none. Raises StateError."""

    def put(self, text: str, why: str) -> None:
        """Puts ``text`` in the place of the document as it is. Only under the lock, and after a :meth:`fold`."""


BACKENDS = ("local", "git", "s3")
"""Every backend; ``pinsync/state/backends/NAME.py`` makes it of the settings with ``build``."""


def backend_for(settings: Settings) -> Backend:
    """The backend that the settings name."""
    backend: Backend = import_module(f"{__name__}.{settings.state_backend}").build(settings)
    return backend


def backend_at(start: Path) -> Backend:
    """The backend of the content root at or above ``start``. The content itself is not read, so that a mistake in it is no
    obstacle. Raises UsageError or ContentError."""
    root = find_root(start)
    settings, problems = load_settings(root)
    if problems:
        raise ContentError(problems, root)
    return backend_for(settings)

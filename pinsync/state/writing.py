"""Changing the state in a command of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from pinsync.state.backends import Backend
from pinsync.state.lock import take


@contextmanager
def locked(backend: Backend, purpose: str, patience: float, tell: Callable[[str], None]) -> Iterator[None]:
    """The lock, around whatever needs it."""
    lock = take(backend, purpose, patience, tell)
    try:
        yield
    finally:
        backend.release(lock)


@contextmanager
def writing(backend: Backend, purpose: str, patience: float, tell: Callable[[str], None]) -> Iterator[None]:
    """The lock, around changes of the state that are folded into it at the end, also where something goes wrong."""
    with locked(backend, purpose, patience, tell):
        backend.fold()
        try:
            yield
        finally:
            backend.fold()

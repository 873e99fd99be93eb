"""Small states, records and backends, and a file system that fails on demand."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from pinsync.state import journal
from pinsync.state.backends.local import LocalBackend
from pinsync.state.document import Known, Pending, State
from pinsync.state.journal import Record

NOW = "2026-11-24T12:00:00+00:00"


def known(number: int = 1, title: str = "Soup 🥣") -> Known:
    return Known("pin", str(number), {"board": "7", "title": title}, {"board": "7", "title": title}, NOW, NOW)


def pending(title: str = "Tart") -> Pending:
    return Pending("create", "pin", {"board": "7", "title": title}, NOW, "", ("image", None, (0.66, 1.5)))


def backend(folder: Path) -> LocalBackend:
    return LocalBackend(folder / ".pinsync" / "state.json")


def fill(folder: Path, *records: Record, fold: bool = False) -> LocalBackend:
    """A backend whose state has these records, under a lock that is given back."""
    found = backend(folder)
    lock = found.lock("apply")
    for record in records:
        found.record(record)
    if fold:
        found.fold()
    found.release(lock)
    return found


def settled(count: int, start: int = 1) -> list[Record]:
    return [journal.settle(f"pin.p{number}", known(number)) for number in range(start, start + count)]


def contents(state: State) -> tuple[Any, ...]:
    """What a state says, without its serial and lineage."""
    return (state.environment, dict(state.resources), dict(state.pending), dict(state.existing))


class Crash(BaseException):
    """The process is gone: not even a ``finally`` gets to the disk any more."""


_STEPS = ("open", "write", "fsync", "ftruncate", "replace", "unlink", "link", "mkdir")


@contextmanager
def failing_at(
    step: int, patch: pytest.MonkeyPatch, *, how: str = "crash", code: int = errno.ENOSPC
) -> Iterator[Callable[[], int]]:
    """The file system fails at its ``step``-th call (from 0). Yields a function that counts the calls so far.

    ``how`` is "crash" (before the call is done, and nothing is done after it), "crash after" (just after), or
    "error" (that call raises OSError, half done where it is a write; all others work).
    """
    real = {name: getattr(os, name) for name in _STEPS}
    handles: list[int] = []
    count = 0

    def call(name: str) -> Callable[..., Any]:
        def act(*arguments: Any, **options: Any) -> Any:
            nonlocal count
            here, count = count, count + 1
            if how == "error" and here == step:
                if name == "write":
                    real["write"](arguments[0], arguments[1][: len(arguments[1]) // 2])
                raise OSError(code, os.strerror(code))
            if how != "error" and (here > step or (here == step and how == "crash")):
                raise Crash
            result = real[name](*arguments, **options)
            if name == "open":
                handles.append(result)
            if how == "crash after" and here == step:
                raise Crash
            return result

        return act

    with patch.context() as patched:
        for name in _STEPS:
            patched.setattr(os, name, call(name))
        yield lambda: count
    for handle in handles:
        if how != "error":
            try:
                os.close(handle)
            except OSError:
                continue

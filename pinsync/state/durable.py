"""Writing files so that they survive a crash at any moment, readable by their owner only."""

from __future__ import annotations

import contextlib
import itertools
import os
from collections.abc import Iterator
from pathlib import Path

from pinsync.errors import StateError

MODE = 0o600


@contextlib.contextmanager
def told(file: Path, verb: str) -> Iterator[None]:
    """Turns an OSError into a StateError that says which file cannot be ``verb`` (written, removed) and what to do."""
    try:
        yield
    except OSError as error:
        raise StateError(
            f"{file} cannot be {verb}: {error.strerror}",
            "pinsync does not send anything it cannot write down first: make the folder writable, or free some space.",
        ) from error


@contextlib.contextmanager
def one_at_a_time(folder: Path) -> Iterator[None]:
    """Keeps two processes from both taking over a lock whose owner is gone, one of them removing the other's."""
    try:
        import fcntl
    except ImportError:  # Windows
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def write_synced(file: Path, text: str) -> None:
    """A new file with this text, on the disk when this returns. Its name is only so after :func:`sync_folder`."""
    file.unlink(missing_ok=True)  # whatever lies there may have another mode, or lead elsewhere
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, MODE)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())


def unused(file: Path) -> Path:
    """A name for a damaged file that none has yet."""
    for number in itertools.count(1):
        aside = file.with_name(f"{file.name}.damaged-{number}")
        if not aside.exists():
            return aside
    raise AssertionError("unreachable")


def close(handle: int | None) -> None:
    """Closes a file that may not be open."""
    if handle is not None:
        os.close(handle)


def replace_synced(file: Path, text: str) -> None:
    """Puts a file with this text in the place of ``file``: whoever looks, and whenever, finds the old one or the new.

    Only one process at a time may do this to a file.
    """
    temporary = file.with_name(f"{file.name}.tmp")
    try:
        write_synced(temporary, text)
        temporary.replace(file)
    finally:
        temporary.unlink(missing_ok=True)
    sync_folder(file.parent)


def write_all(handle: int, data: bytes) -> None:
    """All of ``data``, however little the system takes at once."""
    while data:
        data = data[os.write(handle, data) :]


def sync_folder(folder: Path) -> None:
    """What the files of a folder are called is on the disk when this returns."""
    if os.name == "nt":  # Windows has no way to sync a folder
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

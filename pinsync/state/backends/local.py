"""State in a file beside the content: a snapshot, a journal of what happened since, and a lock.

state.json            the document, replaced atomically
state.json.journal    records since then; appended and synced one by one, removed once folded
state.json.lock       who is writing
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from pinsync.content.settings import Settings
from pinsync.errors import StateError, StateLocked
from pinsync.state import document, journal
from pinsync.state.document import State
from pinsync.state.journal import Record
from pinsync.state.lock import Lock, dump, new_lock, owner_is_gone, parse

_MODE = 0o600


def build(settings: Settings) -> LocalBackend:
    """The backend of a content root."""
    return LocalBackend(settings.state_path)


class LocalBackend:
    """State in ``file`` and its neighbours."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._journal = file.with_name(f"{file.name}.journal")
        self._lock = file.with_name(f"{file.name}.lock")
        self._open: int | None = None

    def read(self) -> State:
        """As :meth:`Backend.read`."""
        state, records = self._load()
        return journal.replay(state, records)

    def lock(self, purpose: str) -> Lock:
        """As :meth:`Backend.lock`. The lock of a process of this host that is gone is taken over."""
        lock = new_lock(purpose)
        ready = self._lock.with_name(f"{self._lock.name}.{lock.id}")
        with _told(self._lock, "written"):
            self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            try:
                _write_synced(ready, dump(lock))
                with _one_at_a_time(self._file.parent):
                    self._remove_stale()
                    os.link(ready, self._lock)  # unlike a rename, it fails where there is a lock already
            except FileExistsError:
                raise StateLocked("another run took the state's lock just now", "Wait for it to finish.") from None
            finally:
                with contextlib.suppress(OSError):
                    ready.unlink()
        return lock

    def unlock(self, lock_id: str) -> Lock:
        """As :meth:`Backend.unlock`."""
        holder = self._holder()
        if holder is None:
            raise StateError("the state is not locked")
        if holder.id != lock_id:
            raise StateError(f"the state's lock has another id: {holder.id}, held by {holder}")
        with _told(self._lock, "removed"):
            self._lock.unlink(missing_ok=True)
        return holder

    def release(self, lock: Lock) -> None:
        """As :meth:`Backend.release`."""
        self._close()
        holder = self._holder()
        if holder and holder.id == lock.id:
            with _told(self._lock, "removed"):
                self._lock.unlink(missing_ok=True)

    def record(self, change: Record) -> None:
        """As :meth:`Backend.record`: one append and one sync, however large the state is."""
        with _told(self._journal, "written"):
            if self._open is None:
                self._open = self._start_journal()
            end = os.fstat(self._open).st_size
            try:
                _write_all(self._open, journal.line(change))
                os.fsync(self._open)
            except OSError:
                with contextlib.suppress(OSError):
                    os.ftruncate(self._open, end)
                # If half a line is there all the same, opening the journal again cuts it off before anything follows.
                self._close()
                raise

    def fold(self) -> State:
        """As :meth:`Backend.fold`. Without records nothing is written and the serial stays."""
        state, records = self._load()
        if not records:
            return state
        state = replace(journal.replay(state, records), serial=state.serial + 1)
        self._close()  # from here on the journal may be an old one
        with _told(self._file, "written"):
            temporary = self._file.with_name(f"{self._file.name}.{os.getpid()}.tmp")
            try:
                _write_synced(temporary, document.dump(state))
                temporary.replace(self._file)
            finally:
                temporary.unlink(missing_ok=True)
            _sync_folder(self._file.parent)
            # A crash before this line leaves a journal whose header names the older serial; it is then not replayed.
            self._journal.unlink(missing_ok=True)
        return state

    def _load(self) -> tuple[State, list[Record]]:
        snapshot = self._text(self._file)
        records = journal.records(self._bytes(self._journal) or b"", str(self._journal))
        if snapshot is None and not records:
            return State(lineage=""), []  # it gets its lineage with its first record
        state = document.parse(snapshot, str(self._file)) if snapshot is not None else None
        if not records:
            return state or State(lineage=""), []
        lineage, serial = journal.continued(records[0], str(self._journal))
        if state is None:
            state = State(lineage)
        if lineage != state.lineage:
            raise StateError(
                f"{self._journal} belongs to another state ({lineage}, not {state.lineage})",
                "Put the state file that belongs to it back, or move the journal aside.",
            )
        if serial > state.serial:
            found = "is missing" if snapshot is None else f"is of an older time (serial {state.serial})"
            raise StateError(
                f"{self._file} {found}, but its journal is there and continues serial {serial}",
                "Restore the state file from a backup or from version control, then run again.",
            )
        return state, records[1:] if serial == state.serial else []

    def _start_journal(self) -> int:
        state, _ = self._load()
        data = self._bytes(self._journal) or b""
        head = journal.records(data, str(self._journal))[:1]
        continued = bool(head) and journal.continued(head[0], str(self._journal)) == (state.lineage, state.serial)
        handle = os.open(self._journal, os.O_WRONLY | os.O_CREAT | os.O_APPEND, _MODE)
        try:
            if continued:
                # Cut off what a crash left of a line, so that the next record starts on a line of its own.
                os.ftruncate(handle, journal.intact(data, str(self._journal)))
            else:
                os.ftruncate(handle, 0)
                _write_all(handle, journal.line(journal.header(state if state.lineage else document.new_state())))
            os.fsync(handle)
            _sync_folder(self._journal.parent)
        except OSError:
            os.close(handle)
            raise
        return handle

    def _close(self) -> None:
        if self._open is not None:
            os.close(self._open)
            self._open = None

    def _holder(self) -> Lock | None:
        data = self._bytes(self._lock)
        return parse(data, str(self._lock)) if data is not None else None

    def _remove_stale(self) -> None:
        holder = self._holder()
        if holder is None:
            return
        if not owner_is_gone(holder):
            raise StateLocked(
                f"the state is locked by {holder}",
                f"Wait for it to finish. If it is gone for good: pinsync state unlock {holder.id}",
            )
        self._lock.unlink(missing_ok=True)

    def _text(self, file: Path) -> str | None:
        data = self._bytes(file)
        try:
            return data.decode("utf-8") if data is not None else None
        except UnicodeDecodeError as error:
            raise StateError(f"{file} is damaged: it is not text", "Restore it from a backup.") from error

    def _bytes(self, file: Path) -> bytes | None:
        try:
            return file.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StateError(
                f"{file} cannot be read: {error.strerror}", "Check that the path is right and yours to read."
            ) from error


@contextlib.contextmanager
def _told(file: Path, verb: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StateError(
            f"{file} cannot be {verb}: {error.strerror}",
            "pinsync does not send anything it cannot write down first: make the folder writable, or free some space.",
        ) from error


@contextlib.contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
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


def _write_synced(file: Path, text: str) -> None:
    file.unlink(missing_ok=True)  # whatever lies there may have another mode, or lead elsewhere
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _MODE)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())


def _write_all(handle: int, data: bytes) -> None:
    while data:
        data = data[os.write(handle, data) :]


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":  # Windows has no way to sync a folder
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

"""State in a file beside the content: a snapshot, a journal of what happened since, and a lock.

state.json            the document, replaced atomically
state.json.journal    records since then; appended and synced one by one, removed once folded
state.json.lock       who is writing
state.json.backup     the document before the last change of it
"""

from __future__ import annotations

import contextlib
import os
import stat
from dataclasses import replace
from pathlib import Path

from pinsync.content.settings import Settings
from pinsync.errors import StateError, StateLocked
from pinsync.state import document, journal
from pinsync.state.document import State
from pinsync.state.durable import (
    MODE,
    close,
    one_at_a_time,
    replace_synced,
    sync_folder,
    told,
    unused,
    write_all,
    write_synced,
)
from pinsync.state.journal import Record
from pinsync.state.lock import Lock, dump, guard, held, new_lock, owner_is_gone, parse, to_remove
from pinsync.state.salvage import Salvaged, salvage


def build(settings: Settings) -> LocalBackend:
    """The backend of a content root."""
    return LocalBackend(settings.state_path)


class LocalBackend:
    """State in ``file`` and its neighbours."""

    remote = False

    def __init__(self, file: Path) -> None:
        self._file = file
        self._journal = file.with_name(f"{file.name}.journal")
        self._lock = file.with_name(f"{file.name}.lock")
        self._backup = file.with_name(f"{file.name}.backup")
        self._open: int | None = None
        self._guard: int | None = None

    def read(self) -> State:
        """As :meth:`Backend.read`."""
        state, records = self._load()
        return journal.replay(state, records)

    def lock(self, purpose: str) -> Lock:
        """As :meth:`Backend.lock`. The lock of a process of this host that is gone is taken over."""
        lock = replace(new_lock(purpose), guarded=True)
        ready = self._lock.with_name(f"{self._lock.name}.{lock.id}")
        handle: int | None = None
        with told(self._lock, "written"):
            self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            try:
                write_synced(ready, dump(lock))
                handle = guard(ready)
                if handle is None:
                    lock = replace(lock, guarded=False)
                    write_synced(ready, dump(lock))
                with one_at_a_time(self._file.parent):
                    self._remove_stale()
                    os.link(ready, self._lock)  # unlike a rename, it fails where there is a lock already
            except BaseException as error:
                close(handle)
                if isinstance(error, FileExistsError):
                    raise StateLocked("another run took the state's lock just now", "Wait for it to finish.") from None
                raise
            finally:
                with contextlib.suppress(OSError):
                    ready.unlink()
        self._guard = handle
        return lock

    def unlock(self, lock_id: str) -> Lock:
        """As :meth:`Backend.unlock`."""
        holder = to_remove(self._holder(), lock_id)
        with told(self._lock, "removed"):
            self._lock.unlink(missing_ok=True)
        return holder

    def release(self, lock: Lock) -> None:
        """As :meth:`Backend.release`."""
        self._close()
        try:
            holder = self._holder()
            if holder and holder.id == lock.id:
                with told(self._lock, "removed"):
                    self._lock.unlink(missing_ok=True)
        finally:
            close(self._guard)
            self._guard = None

    def record(self, change: Record) -> None:
        """As :meth:`Backend.record`: one append, however large the state is."""
        with told(self._journal, "written"):
            if self._open is None:
                self._open = self._start_journal()
            end = os.fstat(self._open).st_size
            try:
                write_all(self._open, journal.line(change))
            except OSError:
                with contextlib.suppress(OSError):
                    os.ftruncate(self._open, end)
                # If half a line is there all the same, opening the journal again cuts it off before anything follows.
                self._close()
                raise

    def checkpoint(self) -> None:
        """As :meth:`Backend.checkpoint`: one sync for all that was recorded since the last. May run in a thread of its own,
        while others record."""
        with told(self._journal, "written"):
            if self._open is not None:
                os.fsync(self._open)

    def fold(self) -> State:
        """As :meth:`Backend.fold`. Without records nothing is written and the serial stays."""
        state, records = self._load()
        self._close()  # from here on the journal may be an old one
        if not records:
            with told(self._journal, "removed"):
                self._journal.unlink(missing_ok=True)  # it says nothing, or what the document says already
            return state
        state = replace(journal.replay(state, records), serial=state.serial + 1)
        with told(self._file, "written"):
            self._keep_backup()
            self._write(state)
            # A crash before this line leaves a journal whose header names the older serial; it is then not replayed.
            self._journal.unlink(missing_ok=True)
        return state

    def recover(self) -> Salvaged | None:
        """As :meth:`Backend.recover`. Damaged files get the ending ``.damaged-`` with a number."""
        try:
            self.read()
        except StateError:
            pass
        else:
            return None
        files = (self._file, self._backup)
        salvaged = salvage(
            [(str(file), self._bytes(file)) for file in files], (str(self._journal), self._bytes(self._journal))
        )
        with told(self._file, "written"):
            for file in (*files, self._journal):
                if file.exists():
                    os.link(file, unused(file))
            self._write(salvaged.state)
            self._journal.unlink(missing_ok=True)
        return salvaged

    def current(self) -> str | None:
        """As :meth:`Backend.current`."""
        return self._text(self._file)

    def put(self, text: str, why: str) -> None:
        """As :meth:`Backend.put`. The document that was there becomes the backup."""
        with told(self._file, "written"):
            self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._keep_backup()
            replace_synced(self._file, text)
            self._journal.unlink(missing_ok=True)

    def _write(self, state: State) -> None:
        replace_synced(self._file, document.dump(state))

    def _keep_backup(self) -> None:
        spare = self._backup.with_name(f"{self._backup.name}.tmp")
        spare.unlink(missing_ok=True)
        try:
            os.link(self._file, spare)  # a second name, so that the document is never without its first
            spare.replace(self._backup)
        except FileNotFoundError:
            return
        finally:
            spare.unlink(missing_ok=True)  # a file that replaces itself keeps both names

    def _load(self) -> tuple[State, list[Record]]:
        snapshot = self._text(self._file)
        records = journal.records(self._bytes(self._journal) or b"", str(self._journal))
        if snapshot is None and not records:
            if self._backup.exists():
                raise StateError(
                    f"{self._file} is missing, but its backup {self._backup.name} is there",
                    "Restore it from version control, or let `pinsync state recover` take the backup. To begin anew, "
                    "delete the backup too: your pins are then looked for on the boards.",
                )
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
                "Put the state file that belongs to it back, or let `pinsync state recover` go on without the journal.",
            )
        if serial > state.serial:
            found = "is missing" if snapshot is None else f"is of an older time (serial {state.serial})"
            raise StateError(
                f"{self._file} {found}, but its journal is there and continues serial {serial}",
                "Restore the state file from version control, or let `pinsync state recover` use the backup and the journal.",
            )
        return state, records[1:] if serial == state.serial else []

    def _start_journal(self) -> int:
        state, _ = self._load()
        data = self._bytes(self._journal) or b""
        head = journal.records(data, str(self._journal))[:1]
        continued = bool(head) and journal.continued(head[0], str(self._journal)) == (state.lineage, state.serial)
        handle = os.open(self._journal, os.O_WRONLY | os.O_CREAT | os.O_APPEND, MODE)
        try:
            if continued:
                # Cut off what a crash left of a line, so that the next record starts on a line of its own.
                os.ftruncate(handle, journal.intact(data, str(self._journal)))
            else:
                os.ftruncate(handle, 0)
                write_all(handle, journal.line(journal.header(state if state.lineage else document.new_state())))
            os.fsync(handle)
            sync_folder(self._journal.parent)
        except OSError:
            os.close(handle)
            raise
        return handle

    def _close(self) -> None:
        close(self._open)
        self._open = None

    def _holder(self) -> Lock | None:
        data = self._bytes(self._lock)
        return parse(data, str(self._lock)) if data is not None else None

    def _remove_stale(self) -> None:
        holder = self._holder()
        if holder is None:
            return
        if not owner_is_gone(holder, self._lock):
            raise held(holder)
        self._lock.unlink(missing_ok=True)

    def _text(self, file: Path) -> str | None:
        data = self._bytes(file)
        try:
            return data.decode("utf-8") if data is not None else None
        except UnicodeDecodeError as error:
            raise StateError(
                f"{file} is damaged: it is not text",
                "Restore it from version control, or let `pinsync state recover` mend it.",
            ) from error

    def _bytes(self, file: Path) -> bytes | None:
        try:
            if not stat.S_ISREG(file.stat().st_mode):
                raise OSError(0, "it is no file")  # reading a pipe would wait for ever
            return file.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StateError(
                f"{file} cannot be read: {error.strerror}", "Check that the path is right and yours to read."
            ) from error

"""State that is kept elsewhere, the same for every store that can replace a document only if it is still the one seen.

What is recorded is written down on this machine at once and stored with the next checkpoint, many records at a time. So
calls whose intents were stored may be made; their outcomes may get lost with the machine, and are then in doubt.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from pinsync.errors import StateError
from pinsync.report.escaping import terminal
from pinsync.state import document, journal
from pinsync.state.document import State
from pinsync.state.journal import Record
from pinsync.state.lock import Lock, new_lock, to_remove
from pinsync.state.salvage import Salvaged, salvage
from pinsync.state.spool import Spool

SPOOL = Path(".pinsync") / "unstored.jsonl"
_NAMED = 50


@dataclass(frozen=True, slots=True)
class Kept:
    """A document as a store has it, None where there is none, and what the store calls this version of it."""

    data: bytes | None
    version: str


class Store(Protocol):
    """One document with a lock, kept somewhere. ``name`` is what people call the place. All methods raise StateError."""

    name: str

    def load(self) -> Kept:
        """The document of this moment."""

    def save(self, data: bytes, over: str, lock: Lock, message: str) -> str:
        """Puts ``data`` in the place of the version ``over`` and returns what it is called. Where that is not the present
        version any more, or the lock is gone, nothing is changed. ``message`` is for people who look at the history."""

    def take(self, lock: Lock) -> None:
        """Puts the lock where none is, or raises StateLocked."""

    def holder(self) -> Lock | None:
        """The lock that is there."""

    def drop(self, lock: Lock) -> None:
        """Takes the lock away; nothing happens where it is not there."""

    def earlier(self) -> Iterable[tuple[str, bytes]]:
        """Documents of before, the newest first, each with a name."""


@dataclass(frozen=True, slots=True)
class _Attempt:
    """What was sent to the store, with the first ``taken`` of the records."""

    state: State
    data: bytes
    taken: int


@dataclass(slots=True)
class _Held:
    """What is known under the lock: the stored ``state``, the records that it does not hold yet, and the ``attempt`` to
    store them of which it is not known whether it got there."""

    state: State
    kept: Kept
    records: list[Record] = field(default_factory=list)
    attempt: _Attempt | None = None

    @property
    def base(self) -> Record:
        return _base(self.state, self.kept.data)


def _base(state: State, data: bytes | None) -> Record:
    """What records continue that are not in ``state``, whose document is ``data``."""
    return {**journal.header(state), "fingerprint": document.fingerprint(data)}


class RemoteBackend:
    """State in ``store``; what it does not have yet lies in ``spool``."""

    remote = True

    def __init__(self, store: Store, spool: Path) -> None:
        self._store = store
        self._spool = Spool(spool)
        self._lock: Lock | None = None
        self._held: _Held | None = None
        self._changing = threading.Lock()  # checkpoints are made beside the calls, in a thread of their own
        self._storing = threading.Lock()

    def read(self) -> State:
        """As :meth:`Backend.read`."""
        if self._lock:
            held = self._hold()
            state, records = held.state, held.records
            return journal.replay(state, records) if records or held.kept.data else State(lineage="")
        kept = self._store.load()
        state = self._parsed(kept)
        return journal.replay(state, self._spool.since(state, document.fingerprint(kept.data)) or [])

    def lock(self, purpose: str) -> Lock:
        """As :meth:`Backend.lock`. No lock ever expires: whether a run on another machine is over cannot be told."""
        lock = new_lock(purpose)
        self._store.take(lock)
        self._lock, self._held = lock, None
        return lock

    def unlock(self, lock_id: str) -> Lock:
        """As :meth:`Backend.unlock`."""
        holder = to_remove(self._store.holder(), lock_id)
        self._store.drop(holder)
        return holder

    def release(self, lock: Lock) -> None:
        """As :meth:`Backend.release`."""
        self._lock, self._held = None, None
        try:
            self._store.drop(lock)
        except StateError as error:
            raise StateError(
                f"{error.message}; the lock {lock.id} is still there{self._left()}",
                f"{error.advice} Then remove the lock: pinsync state unlock {lock.id}",
            ) from error

    def record(self, change: Record) -> None:
        """As :meth:`Backend.record`."""
        held = self._hold()
        with self._changing:
            self._spool.append(held.base, change)
            held.records.append(change)

    def checkpoint(self) -> None:
        """As :meth:`Backend.checkpoint`. May run in a thread of its own, while others record."""
        with self._storing:
            held = self._hold()
            try:
                self._settle_attempt(held)
                if held.records:
                    self._store_all(held)
            except StateError as error:
                raise StateError(f"{error.message}{self._left()}", error.advice) from error

    def _settle_attempt(self, held: _Held) -> None:
        """An attempt that failed may have got there all the same."""
        if held.attempt is None:
            return
        kept = self._store.load()
        if kept.data == held.attempt.data:
            self._stored(held, held.attempt, kept.version)
        held.attempt = None

    def _store_all(self, held: _Held) -> None:
        lock = self._taken()
        with self._changing:
            state = replace(journal.replay(held.state, held.records), serial=held.state.serial + 1)
            attempt = _Attempt(state, document.dump(state).encode(), len(held.records))
            self._spool.append(held.base, _base(state, attempt.data))
        held.attempt = attempt
        version = self._store.save(attempt.data, held.kept.version, lock, _message(lock, held.state, state))
        self._stored(held, attempt, version)
        held.attempt = None

    def _stored(self, held: _Held, attempt: _Attempt, version: str) -> None:
        with self._changing:
            del held.records[: attempt.taken]
            held.state, held.kept = attempt.state, Kept(attempt.data, version)
            self._spool.restart(held.base, held.records)

    def fold(self) -> State:
        """As :meth:`Backend.fold`. Without records nothing is stored and the serial stays."""
        self.checkpoint()
        held = self._hold()
        return held.state if held.kept.data else State(lineage="")

    def recover(self) -> Salvaged | None:
        """As :meth:`Backend.recover`. The damaged document stays in the history of its place, and the records beside it."""
        kept = self._store.load()
        try:
            state = self._parsed(kept)
            journal.replay(state, self._spool.since(state, document.fingerprint(kept.data)) or [])
        except StateError:
            pass
        else:
            return None
        snapshots = [(self._store.name, kept.data), *self._store.earlier()]
        salvaged = salvage(snapshots, (str(self._spool.file), self._spool.data()))
        lock = self._taken()
        self._store.save(
            document.dump(salvaged.state).encode(), kept.version, lock, f"{lock.purpose}: mended the state"
        )
        self._spool.set_aside()
        self._held = None
        return salvaged

    def current(self) -> str | None:
        """As :meth:`Backend.current`."""
        data = self._store.load().data
        return None if data is None else self._text(data)

    def put(self, text: str, why: str) -> None:
        """As :meth:`Backend.put`."""
        lock = self._taken()
        self._store.save(
            text.encode(), self._store.load().version, lock, f"{lock.purpose}: {terminal(why)}\n\nBy {lock}"
        )
        self._held = None

    def _hold(self) -> _Held:
        """The state of this moment, which stays what it is as long as the lock is held."""
        if self._held is None:
            self._taken()
            kept = self._store.load()
            state = self._parsed(kept)
            records = self._spool.since(state, document.fingerprint(kept.data))
            if records is None:
                self._spool.set_aside()
            if not state.lineage:
                state = State(self._spool.lineage() or document.new_state().lineage)
            self._held = _Held(state, kept, records or [])
            if not records:
                self._spool.restart(self._held.base, ())
        return self._held

    def _taken(self) -> Lock:
        if self._lock is None:
            raise StateError("the state is changed only under its lock", "Run it again.")
        return self._lock

    def _parsed(self, kept: Kept) -> State:
        return document.parse(self._text(kept.data), self._store.name) if kept.data is not None else State(lineage="")

    def _text(self, data: bytes) -> str:
        try:
            return data.decode()
        except UnicodeDecodeError as error:
            raise StateError(
                f"{self._store.name} is damaged: it is not text", "Let `pinsync state recover` mend it."
            ) from error

    def _left(self) -> str:
        if not self._spool.data():
            return ""
        return f". What this run did since is in {self._spool.file}, where the next run on this machine finds it"


def _message(lock: Lock, before: State, after: State) -> str:
    """What a new version brought: a line that counts, who and where, and the addresses."""
    old, new = before.resources, after.resources
    marks = {address: "+" if address not in old else "-" for address in sorted(old.keys() ^ new.keys())}
    marks |= {address: "~" for address in sorted(old.keys() & new.keys()) if old[address] != new[address]}
    words = {"+": "new", "~": "changed", "-": "gone"}
    counts = [f"{count} {word}" for mark, word in words.items() if (count := list(marks.values()).count(mark))]
    if after.pending:
        counts.append(f"{len(after.pending)} under way")
    slots = sum(before.slots.get(address) != slot for address, slot in after.slots.items())
    counts += [f"{slots} given a slot"] * bool(slots)
    lines = [f"{lock.purpose}: {', '.join(counts) or 'nothing new'} (serial {after.serial})", "", f"By {lock}"]
    if marks:
        lines += ["", *(f"{mark} {terminal(address)}" for address, mark in list(marks.items())[:_NAMED])]
        lines += [f"and {len(marks) - _NAMED} more"] * (len(marks) > _NAMED)
    return "\n".join(lines)

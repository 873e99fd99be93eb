"""Any sequence of records, folds, reopenings and crashes, against a plain model of what must be known."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from unittest import mock

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from pinsync.state import journal
from pinsync.state.document import Known, Pending
from pinsync.state.journal import Record
from tests.state.worlds import backend, known, pending

addresses = st.sampled_from([f"pin.{name}" for name in "abcdé"])
titles = st.text(max_size=8)


class Remembering(RuleBasedStateMachine):
    """The backend beside a few dictionaries."""

    @initialize()
    def begin(self) -> None:
        self.temporary = tempfile.TemporaryDirectory()
        self.patch = mock.patch.object(os, "fsync", return_value=None)  # nothing here cuts the power
        self.patch.start()
        self.folder = Path(self.temporary.name)
        self.backend = backend(self.folder)
        self.lock = self.backend.lock("apply")
        self.resources: dict[str, Known] = {}
        self.pending: dict[str, Pending] = {}
        self.existing: dict[str, str] = {}
        self.environment = ""
        self.slots: dict[str, str] = {}
        self.serial = 0
        self.unfolded = False

    def teardown(self) -> None:
        if hasattr(self, "backend"):
            self.backend.release(self.lock)
            self.patch.stop()
            self.temporary.cleanup()

    def write(self, record: Record, remember: Callable[[], object]) -> None:
        self.backend.record(record)
        remember()
        self.unfolded = True

    @rule(address=addresses, title=titles)
    def intend(self, address: str, title: str) -> None:
        self.write(journal.begin(address, pending(title)), lambda: self.pending.update({address: pending(title)}))

    @rule(address=addresses, number=st.integers(1, 9), title=titles)
    def settle(self, address: str, number: int, title: str) -> None:
        def remember() -> None:
            self.resources[address] = known(number, title)
            self.pending.pop(address, None)
            self.slots.pop(address, None)

        self.write(journal.settle(address, known(number, title)), remember)

    @rule(address=addresses)
    def abandon(self, address: str) -> None:
        self.write(journal.abandon(address), lambda: self.pending.pop(address, None))

    @precondition(lambda self: getattr(self, "resources", None))
    @rule(data=st.data(), to=addresses)
    def move(self, data: st.DataObject, to: str) -> None:
        source = data.draw(st.sampled_from(sorted(self.resources)))

        def remember() -> None:
            self.resources[to] = self.resources.pop(source)
            if source in self.pending:
                self.pending[to] = self.pending.pop(source)

        self.write(journal.move(source, to), remember)

    @rule(address=addresses)
    def forget(self, address: str) -> None:
        def remember() -> None:
            self.resources.pop(address, None)
            self.pending.pop(address, None)

        self.write(journal.forget(address), remember)

    @rule(found=st.dictionaries(titles, st.sampled_from("12"), max_size=2))
    def note_existing(self, found: dict[str, str]) -> None:
        self.write(journal.note_existing(found), lambda: self.existing.update(found))

    @rule(address=addresses, hour=st.integers(10, 20))
    def give_slot(self, address: str, hour: int) -> None:
        slot = f"2026-12-01T{hour}:00:00+00:00"
        self.write(journal.give_slots({address: slot}), lambda: self.slots.update({address: slot}))

    @rule(name=titles)
    def note_environment(self, name: str) -> None:
        def remember() -> None:
            self.environment = name

        self.write(journal.note_environment(name), remember)

    @rule()
    def fold(self) -> None:
        self.backend.fold()
        self.serial += self.unfolded
        self.unfolded = False

    @rule()
    def reopen(self) -> None:
        self.backend.release(self.lock)
        self.backend = backend(self.folder)
        self.lock = self.backend.lock("apply")

    @rule(torn=st.binary(max_size=30).map(lambda data: data.replace(b"\n", b"")))
    def crash(self, torn: bytes) -> None:
        """The process is gone, perhaps in the middle of a line, and a person removes its lock."""
        self.backend.unlock(self.lock.id)
        self.backend.release(self.lock)
        file = self.folder / ".pinsync" / "state.json.journal"
        if file.exists():
            with file.open("ab") as stream:
                stream.write(torn)
        self.backend = backend(self.folder)
        self.lock = self.backend.lock("apply")

    @invariant()
    def everything_is_known(self) -> None:
        if not hasattr(self, "backend"):
            return
        for state in (self.backend.read(), backend(self.folder).read()):
            assert {address: asdict(entry) for address, entry in state.resources.items()} == {
                address: asdict(entry) for address, entry in self.resources.items()
            }
            assert dict(state.pending) == self.pending
            assert dict(state.existing) == self.existing
            assert dict(state.slots) == self.slots
            assert state.environment == self.environment
            assert state.serial == self.serial


TestRemembering = Remembering.TestCase
TestRemembering.settings = settings(deadline=None, max_examples=25, stateful_step_count=30)

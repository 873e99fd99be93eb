"""What is known in the course of a run, and written down before anything depends on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from pinsync.model import KINDS
from pinsync.model.resource import Desired, Found, Value
from pinsync.planning.diffing import without_doubt
from pinsync.planning.plan import Action, Change, Plan
from pinsync.state import journal
from pinsync.state.backends import Backend
from pinsync.state.document import Known, Pending, State


class Ledger:
    """The state as it grows. Each method is durable when it returns, and raises StateError where it cannot be.

    ``ids`` are those of all addresses that exist so far, boards and sections that are only read included. ``now`` tells
    the server's time of day.
    """

    def __init__(
        self,
        state: State,
        desired: Mapping[str, Desired],
        existing: Mapping[str, str],
        backend: Backend,
        now: Callable[[], datetime],
    ) -> None:
        self.ids = dict(existing) | {address: known.id for address, known in state.resources.items()}
        self._known = dict(state.resources)
        self._state = state
        self._desired = desired
        self._backend = backend
        self._now = now

    def open(self, plan: Plan) -> None:
        """Writes down where the plan is for and what it moves, forgets and takes over: all that needs no call."""
        state, to_do = self._state, plan.to_do
        if to_do and not state.environment:
            self._backend.record(journal.note_environment(plan.inputs.environment))
        if to_do and dict(plan.existing) != dict(state.existing):
            self._backend.record(journal.note_existing(plan.existing))
        for address, pending in state.pending.items():
            if pending.action != "create":
                # It may have happened or not. The plan has measured it by what is live, and so does the next one.
                if address in self._known:
                    self._keep(address, without_doubt(self._known[address], pending))
                else:
                    self.abandon(address)
        moved = {change.moved_from: change for change in to_do if change.moved_from in self._known}
        taken = {str(source): self._known.pop(str(source)) for source in moved}
        for source, change in moved.items():
            self._backend.record(journal.move(str(source), change.address))
            self._known[change.address] = taken[str(source)]
            self.ids[change.address] = taken[str(source)].id
        for change in to_do:
            if change.action is Action.FORGET:
                self._backend.record(journal.forget(change.address))
            elif change.action is Action.ADOPT:
                self.ids[change.address] = change.id
        for address, known in list(self._known.items()):
            desired = self._desired.get(address)
            if desired and desired.lifecycle.protect != known.protected:
                self._keep(address, known)

    def claimed(self, kind: str) -> set[str]:
        """The ids of this kind that have an address."""
        return {known.id for known in self._known.values() if known.kind == kind}

    def resolved(self, desired: Desired) -> dict[str, Value]:
        """The desired fields with references as ids; the referenced resources exist."""
        fields = KINDS[desired.kind].fields
        return {
            name: self.ids[value] if fields[name].reference and value is not None else value
            for name, value in desired.fields.items()
        }

    def begin(self, change: Change, desired: Desired, fields: Mapping[str, Value]) -> Pending:
        """The intent of sending ``fields``; only what this returned for may leave."""
        at = self._now().isoformat(timespec="milliseconds")
        if change.action is Action.CREATE:
            pending = Pending("create", change.kind, fields, at, shape=KINDS[change.kind].shape(desired))
        else:
            sent = {name: fields[name] for name in change.fields}
            pending = Pending("update", change.kind, sent, at, change.id)
        self._backend.record(journal.begin(change.address, pending))
        return pending

    def begin_delete(self, change: Change) -> Mapping[str, Value]:
        """The intent of taking a resource away; returns what was sent for it last."""
        at = self._now().isoformat(timespec="milliseconds")
        self._backend.record(journal.begin(change.address, Pending("delete", change.kind, {}, at, change.id)))
        return self._known[change.address].applied

    def forget(self, address: str) -> None:
        """The resource is gone."""
        self._known.pop(address, None)
        self._backend.record(journal.forget(address))

    def settle(self, change: Change, fields: Mapping[str, Value], found: Found) -> None:
        """``fields`` were sent, and ``found`` is what came of it."""
        now = self._now().isoformat(timespec="seconds")
        before = self._known.get(change.address)
        if change.action is Action.CREATE or before is None:
            self._keep(change.address, Known(change.kind, found.id, fields, found.fields, now, now))
            return
        sent = {name: fields[name] for name in change.fields}
        # What was not sent keeps its recorded value, so that somebody else's edit still shows as drift.
        read = {name: found.fields[name] for name in change.fields if name in found.fields}
        if "board" in read and "section" in found.fields:
            read["section"] = found.fields["section"]
        applied, observed = {**before.applied, **sent}, {**before.observed, **read}
        self._keep(change.address, Known(change.kind, before.id, applied, observed, before.created_at, now))

    def adopt(self, change: Change, desired: Desired | None) -> Found:
        """The live resource that the change names is ours, as it is; what the change sets is not counted as sent yet."""
        pending = self._state.pending.get(change.address)
        fields = pending.sent if pending else self.resolved(desired) if desired else {}
        now = self._now().isoformat(timespec="seconds")
        applied = {name: value for name, value in fields.items() if name not in change.fields}
        self._keep(
            change.address, Known(change.kind, change.id, applied, change.observed, change.created_at or now, now)
        )
        return Found(change.kind, change.id, change.observed)

    def abandon(self, address: str) -> None:
        """What was begun surely did not happen."""
        self._backend.record(journal.abandon(address))

    def _keep(self, address: str, known: Known) -> None:
        desired = self._desired.get(address)
        if desired:
            known = replace(known, protected=desired.lifecycle.protect)
        self._known[address] = known
        self.ids[address] = known.id
        self._backend.record(journal.settle(address, known))

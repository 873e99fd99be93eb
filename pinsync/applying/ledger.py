"""What is known in the course of a run, and written down before anything depends on it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from pinsync.model import KINDS
from pinsync.model.resource import Desired, Found, Value, Video
from pinsync.planning.diffing import without_doubt
from pinsync.planning.plan import Action, Change, Plan
from pinsync.planning.uploading import expired, unused
from pinsync.state import journal
from pinsync.state.backends import Backend
from pinsync.state.document import AHEAD, REFUSED, REGISTERED, UPLOADED, Known, Pending, State, Upload

BATCH = 200
"""How many intents a state that is kept elsewhere is given at once."""


class Ledger:
    """The state as it grows. What a method writes down outlives this process when it returns, and what was begun is durable
    where the state is kept after :meth:`secure`. All raise StateError where it cannot be.

    ``ids`` are those of all addresses that exist so far, boards and sections that are only read included, ``retired`` those
    of pins to be deleted, with the address they had. ``now`` tells the server's time of day.
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
        self.retired = dict(state.retired)
        self._known = dict(state.resources)
        self._media = dict(state.media)
        self._unused: dict[str, list[str]] = {}
        self._state = state
        self._desired = desired
        self._backend = backend
        self._now = now
        self._foreseen: dict[str, Pending] = {}
        self._written = self._secured = 0
        self._securing = asyncio.Lock()

    def open(self, plan: Plan) -> None:
        """Writes down where the plan is for and what it moves, forgets and takes over, and new slots: all that needs no call."""
        if plan.to_do and not self._state.environment:
            self._backend.record(journal.note_environment(plan.inputs.environment))
        if plan.to_do and dict(plan.existing) != dict(self._state.existing):
            self._backend.record(journal.note_existing(plan.existing))
        if plan.to_do:
            self._give_slots(plan.slots)
        self._retire(plan.to_do)
        self._conclude(plan)
        self._move(plan.to_do)
        for change in plan.to_do:
            if change.action is Action.FORGET and change.address in self._desired:
                self._known.pop(change.address, None)
                self._backend.record(journal.depart(change.address))
            elif change.action is Action.FORGET:
                self._backend.record(journal.forget(change.address))
            elif change.missing and change.action is Action.CREATE:
                # What is begun next is a new one: nothing may be taken for a change of the one that is gone.
                self._known.pop(change.address, None)
                self.ids.pop(change.address, None)
                self._backend.record(journal.forget(change.address))
            elif change.action is Action.ADOPT:
                self.ids[change.address] = change.id
        self._sort_media(plan)
        for address, known in list(self._known.items()):
            desired = self._desired.get(address)
            if address in self._state.pending:
                continue  # settling it would say that what was begun is over
            if desired and desired.lifecycle.protect != known.protected:
                self._keep(address, known)

    def _give_slots(self, slots: Mapping[str, str]) -> None:
        """Writes down which pins have these slots from now on; what others had is free again."""
        before = self._state.slots
        changed: dict[str, str | None] = {
            address: slot for address, slot in slots.items() if before.get(address) != slot
        }
        changed |= dict.fromkeys(before.keys() - slots.keys())
        if changed:
            self._backend.record(journal.give_slots(changed))
            self._written += 1

    def _sort_media(self, plan: Plan) -> None:
        """Which uploads of earlier runs may be used in this one; those that are too old are forgotten."""
        makes = (Action.CREATE, Action.REPLACE)
        doubtful = [change.moved_from or change.address for change in plan.changes if change.action not in makes]
        self._unused = unused(self._state, self._now(), doubtful)
        if plan.to_do:
            for media_id in expired(self._state, self._now()):
                self.discard_media(media_id)

    def _retire(self, changes: Iterable[Change]) -> None:
        """Pins of which nothing is known but that they are superfluous."""
        for change in changes:
            if change.action is Action.DELETE and change.address not in self._known and change.id not in self.retired:
                self.retired[change.id] = change.address.rpartition("@")[0]
                self._backend.record(journal.retire(change.id, self.retired[change.id]))
                self._written += 1

    def _conclude(self, plan: Plan) -> None:
        """What an earlier run began: the plan has found out what became of it, or measured it by what is live."""
        planned = {change.moved_from or change.address: change.action for change in plan.changes}
        for address, pending in self._state.pending.items():
            known = self._known.get(address)
            if pending.action != "create" and known:
                self._keep(address, without_doubt(known, pending))
            elif pending.action != "create" or (known and planned.get(address) not in (Action.REPLACE, Action.HELD)):
                self.abandon(address)

    def _move(self, changes: Sequence[Change]) -> None:
        moved = {str(change.moved_from): change for change in changes if change.moved_from in self._known}
        for change in changes:
            if change.moved_from in self._state.departed or (
                change.moved_from in self._state.pending and change.moved_from not in self._known
            ):
                self._backend.record(journal.move(str(change.moved_from), change.address))
        taken = {source: self._known.pop(source) for source in moved}
        for source, change in moved.items():
            self._backend.record(journal.move(source, change.address))
            self._known[change.address] = taken[source]
            self.ids[change.address] = taken[source].id

    def claimed(self, kind: str) -> set[str]:
        """The ids of this kind that have an address."""
        return {known.id for known in self._known.values() if known.kind == kind} | self.retired.keys()

    def resolved(self, desired: Desired) -> dict[str, Value]:
        """The desired fields with references as ids; the referenced resources exist."""
        fields = KINDS[desired.kind].fields
        return {
            name: self.ids[value] if fields[name].reference and value is not None else value
            for name, value in desired.fields.items()
        }

    def take_media(self, fingerprint: str) -> str:
        """The id of an upload of this file from an earlier run, for one pin to use; nothing where there is none (left)."""
        found = self._unused.get(fingerprint)
        return found.pop(0) if found else ""

    def is_uploaded(self, media_id: str) -> bool:
        """Whether all of it was sent, as far as this machine knows."""
        return self._media[media_id].status != REGISTERED

    def media_registered(self, media_id: str, video: Video) -> None:
        """A place was given out for the video."""
        at = self._now().isoformat(timespec="seconds")
        self._keep_media(media_id, Upload(video.fingerprint, video.source, REGISTERED, at))

    def media_uploaded(self, media_id: str) -> None:
        """All of it was sent."""
        if not self.is_uploaded(media_id):
            self._keep_media(media_id, replace(self._media[media_id], status=UPLOADED))

    def media_refused(self, media_id: str) -> None:
        """A pin with it was refused. That may be the pin's fault, so that the next run tries once more with this upload; then
        with a new one."""
        if self._media[media_id].status == REFUSED:
            self.discard_media(media_id)
        else:
            self._keep_media(media_id, replace(self._media[media_id], status=REFUSED))

    def discard_media(self, media_id: str) -> None:
        """It is of no use any more."""
        self._media.pop(media_id, None)
        self._backend.record(journal.discard_media(media_id))

    def _keep_media(self, media_id: str, upload: Upload) -> None:
        self._media[media_id] = upload
        self._backend.record(journal.keep_media(media_id, upload))

    async def secure_media(self) -> None:
        """As :meth:`secure`, with what is known of uploads: gigabytes are worth it that another machine knows of them."""
        self._written += 1
        await self.secure()

    def begin(self, change: Change, desired: Desired, fields: Mapping[str, Value], media_id: str = "") -> Pending:
        """The intent of sending ``fields``, with the uploaded video if there is one; once it is :meth:`secure`, the call may
        leave."""
        return self._begin(change.address, replace(self._intent(change, desired, fields), media=media_id))

    def begin_delete(self, change: Change) -> Mapping[str, Value]:
        """The intent of taking a resource away; returns what was sent for it last."""
        known = self._known.get(change.address)
        if known is None:
            return {}  # one of the retired, which is written down already
        self._begin(change.address, self._intent(change, None, {}))
        return known.applied

    def foresee(self, change: Change) -> None:
        """Writes down what will be begun soon, so that many intents are made secure together. What it depends on exists."""
        desired = self._desired.get(change.address)
        if change.action is Action.DELETE:
            if change.address in self._known:
                self._foreseen[change.address] = self._intent(change, None, {})
        elif desired and not (change.action is Action.REPLACE and change.observed):
            self._foreseen[change.address] = self._intent(change, desired, self.resolved(desired))
        if change.address in self._foreseen:
            self._write(change.address, self._foreseen[change.address])

    def leave(self, address: str) -> None:
        """What was foreseen, if anything, is not begun after all."""
        if self._foreseen.pop(address, None):
            self.abandon(address)

    async def secure(self) -> None:
        """Waits until all that was written down is durable where the state is kept. Those who wait at once go together."""
        written = self._written
        if written <= self._secured:
            return
        async with self._securing:
            if written <= self._secured:
                return
            for address, pending in self._foreseen.items():
                if not self._is_fresh(pending):
                    self._foreseen[address] = replace(pending, at=self._stamp())
                    self._write(address, self._foreseen[address])
            written = self._written
            await asyncio.to_thread(self._backend.checkpoint)
            self._secured = written

    def _intent(self, change: Change, desired: Desired | None, fields: Mapping[str, Value]) -> Pending:
        kind, at = change.kind, self._stamp()
        if change.action is Action.DELETE:
            return Pending("delete", kind, {}, at, change.id)
        if desired and change.action in (Action.CREATE, Action.REPLACE):
            return Pending("create", kind, fields, at, shape=KINDS[kind].shape(desired))
        return Pending("update", kind, {name: fields[name] for name in change.fields}, at, change.id)

    def _begin(self, address: str, pending: Pending) -> Pending:
        foreseen = self._foreseen.pop(address, None)
        if foreseen and replace(foreseen, at=pending.at) == pending and self._is_fresh(foreseen):
            return foreseen
        self._write(address, pending)
        return pending

    def _write(self, address: str, pending: Pending) -> None:
        self._backend.record(journal.begin(address, pending))
        self._written += 1

    def _is_fresh(self, pending: Pending) -> bool:
        return (self._now() - datetime.fromisoformat(pending.at)).total_seconds() < AHEAD

    def _stamp(self) -> str:
        return self._now().isoformat(timespec="milliseconds")

    def gone(self, change: Change) -> None:
        """The resource of the change is gone."""
        if change.id in self.retired:
            self.buried(change.id)
        else:
            self._known.pop(change.address, None)
            self._backend.record(journal.forget(change.address))

    def buried(self, pin_id: str) -> None:
        """The pin whose place another took is gone."""
        del self.retired[pin_id]
        self._backend.record(journal.bury(pin_id))

    def settle(self, change: Change, fields: Mapping[str, Value], found: Found) -> None:
        """``fields`` were sent, and ``found`` is what came of it."""
        now = self._now().isoformat(timespec="seconds")
        before = self._known.get(change.address)
        if change.action is Action.CREATE or before is None:
            self._keep(change.address, Known(change.kind, found.id, fields, found.fields, now, now))
            return
        if change.action is Action.REPLACE:
            self.retired[before.id] = change.address
            self._keep(change.address, Known(change.kind, found.id, fields, found.fields, now, now), before.id)
            return
        sent = {name: fields[name] for name in change.fields}
        # What was not sent keeps its recorded value, so that somebody else's edit still shows as drift.
        read = {name: found.fields[name] for name in change.fields if name in found.fields}
        if "board" in read and "section" in found.fields:
            read["section"] = found.fields["section"]
        # What the file declared since needs no call where it is so already. From now on it is somebody else's edit where it is not.
        so = {
            name: value
            for name, value in fields.items()
            if name not in before.applied and name in found.fields and found.fields[name] == value
        }
        applied, observed = {**before.applied, **so, **sent}, {**before.observed, **so, **read}
        self._keep(change.address, Known(change.kind, before.id, applied, observed, before.created_at, now))

    def adopt(self, change: Change, desired: Desired | None) -> Found:
        """The live resource that the change names is ours, as it is; what the change sets is not counted as sent yet."""
        pending = self._state.pending.get(change.moved_from or change.address)
        fields = pending.sent if pending else self.resolved(desired) if desired else {}
        now = self._now().isoformat(timespec="seconds")
        applied = {name: value for name, value in fields.items() if name not in change.fields}
        self._keep(
            change.address, Known(change.kind, change.id, applied, change.observed, change.created_at or now, now)
        )
        return Found(change.kind, change.id, change.observed)

    def replaced(self, change: Change) -> Found:
        """The new pin that an interrupted run made, and that the change names, takes the place of the old one."""
        found = Found(change.kind, change.id, change.observed)
        pending = self._state.pending[change.moved_from or change.address]
        self.settle(change, pending.sent, found)
        return found

    def abandon(self, address: str) -> None:
        """What was begun surely did not happen."""
        self._backend.record(journal.abandon(address))

    def _keep(self, address: str, known: Known, retired: str = "") -> None:
        desired = self._desired.get(address)
        if desired:
            known = replace(known, protected=desired.lifecycle.protect)
        self._known[address] = known
        self.ids[address] = known.id
        settled = journal.replace_by(address, known, retired) if retired else journal.settle(address, known)
        self._backend.record(settled)
        self._written += bool(retired)  # the old one is deleted only once this is secure

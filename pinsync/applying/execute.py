"""Carries out a plan.

Kinds go in the order of :data:`KINDS`, so that parents exist before their children; within a kind a bounded number of
changes is under way at once. Every intent is durable before its call leaves, every outcome right after it. Creations
whose answer was lost are looked for before the next kind, and only what is surely not there is sent again.
"""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pinsync.applying.outcome import Listener, Outcome, Result
from pinsync.applying.stopping import Stop
from pinsync.content.pictures import payload
from pinsync.errors import (
    ApiError,
    CredentialsRefused,
    InDoubt,
    Interrupted,
    NotPermitted,
    PinsyncError,
    QuotaSpent,
    StateError,
)
from pinsync.model import KINDS
from pinsync.model.kind import Payload
from pinsync.model.resource import Desired, Found, Value
from pinsync.pinterest.client import Client
from pinsync.planning.plan import Action, Change, Plan
from pinsync.planning.planner import in_doubt
from pinsync.refreshing.doubt import Patience, Verdict, resolve
from pinsync.state import journal
from pinsync.state.backends import Backend
from pinsync.state.document import Known, Pending, State

ROUNDS = 4
"""How often a creation is sent at most, each time after it was made sure that the last one made nothing."""

_WITHOUT_CALL = (Action.MOVE, Action.FORGET)
_LOOK_LATER = "Run it again later: pinsync looks on Pinterest whether it is there before it sends anything again."


@dataclass(frozen=True, slots=True)
class Context:
    """What carrying out a plan needs. ``root`` is the content root, ``patience`` how doubt is settled."""

    root: Path
    desired: Mapping[str, Desired]
    state: State
    backend: Backend
    client: Client
    pin_url: Callable[[str], str]
    patience: Patience
    concurrency: int = 8
    stop: Stop = field(default_factory=Stop)


async def execute(plan: Plan, context: Context, listener: Listener) -> list[Outcome]:
    """Carries out all that the plan has to do and returns what came of it, in the plan's order.

    The caller holds the backend's lock, and folds the state afterwards. Failures are outcomes; only an error of the
    state itself is raised, because nothing may be sent that cannot be written down.
    """
    run = _Run(plan, context, listener)
    run.write_what_needs_no_call()
    for kind in KINDS:
        changes = [change for change in plan.to_do if change.kind == kind and change.action not in _WITHOUT_CALL]
        for wave in run.waves(changes):
            await run.side_by_side(wave)
            await run.settle_doubts(kind)
    return [run.outcomes[change.address] for change in plan.to_do]


@dataclass(frozen=True, slots=True)
class _Doubt:
    """A creation that was sent and not answered."""

    change: Change
    pending: Pending
    error: InDoubt


class _Run:
    """One run through a plan."""

    def __init__(self, plan: Plan, context: Context, listener: Listener) -> None:
        self.outcomes: dict[str, Outcome] = {}
        self._plan = plan
        self._context = context
        self._listener = listener
        self._stopped: PinsyncError | None = None
        self._known = dict(context.state.resources)
        self._ids = dict(plan.existing) | {address: known.id for address, known in context.state.resources.items()}
        self._doubts: dict[str, _Doubt] = {}
        self._board_locks: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    def write_what_needs_no_call(self) -> None:
        """Environment, ids of boards that are only read, moves, and what is to be forgotten."""
        backend, state = self._context.backend, self._context.state
        to_do = self._plan.to_do
        if to_do and not state.environment:
            backend.record(journal.note_environment(self._plan.inputs.environment))
        if to_do and dict(self._plan.existing) != dict(state.existing):
            backend.record(journal.note_existing(self._plan.existing))
        for address, pending in state.pending.items():
            if pending.action != "create":
                # A change can be sent again with the same body; the plan already says whether it is needed.
                backend.record(journal.abandon(address))
        moved = {change.moved_from: change for change in to_do if change.moved_from in self._known}
        taken = {str(source): self._known.pop(str(source)) for source in moved}
        for source, change in moved.items():
            backend.record(journal.move(str(source), change.address))
            self._known[change.address] = taken[str(source)]
            self._ids[change.address] = taken[str(source)].id
        for change in to_do:
            if change.action is Action.FORGET:
                backend.record(journal.forget(change.address))
            if change.action in _WITHOUT_CALL:
                self._end(Outcome(change, Result.DONE, change.id))
            elif change.action is Action.ADOPT:
                self._ids[change.address] = change.id

    def waves(self, changes: Iterable[Change]) -> list[list[Change]]:
        """The changes in groups to be carried out one after the other, nearly always a single one.

        Creations that only differ in what their pictures show are kept apart: should an answer be lost, nothing else
        that is on its way can be taken for what it made.
        """
        waves: list[list[Change]] = [[]]
        media_of: dict[Any, dict[str, int]] = defaultdict(dict)
        for change in changes:
            number = 0
            if change.action is Action.CREATE:
                desired = self._context.desired[change.address]
                kind = KINDS[change.kind]
                known = media_of[kind.identity(desired.fields, kind.shape(desired))]
                number = known.setdefault(json.dumps(desired.fields.get("media"), sort_keys=True), len(known))
            if number == len(waves):
                waves.append([])
            waves[number].append(change)
        return waves

    async def side_by_side(self, changes: Iterable[Change]) -> None:
        """Carries out changes that do not depend on one another."""
        queue = iter(changes)

        async def work() -> None:
            for change in queue:
                await self._carry_out(change)

        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(self._context.concurrency):
                    group.create_task(work())
        except* PinsyncError as failures:
            raise failures.exceptions[0] from None

    async def _carry_out(self, change: Change) -> None:
        reason = self._reason_to_skip(change)
        if reason:
            self._end(Outcome(change, Result.SKIPPED, change.id, message=reason))
            return
        try:
            found = await self._perform(change)
        except StateError:
            raise  # nothing more may be sent, and the intent has to stay
        except InDoubt:
            return  # settle_doubts looks for it once all of its kind were sent
        except Interrupted as error:
            self._context.backend.record(journal.abandon(change.address))
            self._end(Outcome(change, Result.SKIPPED, change.id, message=error.message))
        except PinsyncError as error:
            self._fail(change, error)
        else:
            self._done(change, found)

    async def settle_doubts(self, kind: str) -> None:
        """Finds out what became of the creations whose answer was lost, and sends again what made nothing."""
        for attempt in range(1, ROUNDS + 1):
            doubts, self._doubts = self._doubts, {}
            if not doubts:
                return
            pendings = {address: doubt.pending for address, doubt in doubts.items()}
            claimed = {known.id for known in self._known.values() if known.kind == kind}
            try:
                verdict = await resolve(self._context.client, kind, pendings, claimed, self._context.patience)
            except ApiError as error:
                # The intents stay in the journal, and the next run looks for what they made.
                for doubt in doubts.values():
                    self._leave_in_doubt(doubt, f"{doubt.error.message}; {error.message}", _LOOK_LATER)
                return
            missing = [doubt for doubt in doubts.values() if not self._was_made(doubt, verdict)]
            if attempt == ROUNDS:
                for doubt in missing:
                    self._fail(doubt.change, doubt.error)
            else:
                await self.side_by_side(doubt.change for doubt in missing)

    def _was_made(self, doubt: _Doubt, verdict: Verdict) -> bool:
        """Whether there is something that it made: then it is ours, or a person has to say which one it is."""
        address, matches = doubt.change.address, verdict.matches
        found = matches.adopted.get(address)
        if found:
            self._settle(doubt.change, doubt.pending.sent, found)
            self._done(doubt.change, found)
            return True
        candidates = matches.unclear.get(address) or matches.near.get(address)
        if candidates:
            reason = in_doubt(doubt.change.kind, address, candidates, certain=address in matches.unclear)
            self._leave_in_doubt(doubt, doubt.error.message, reason)
        return bool(candidates)

    def _leave_in_doubt(self, doubt: _Doubt, message: str, advice: str) -> None:
        self._end(Outcome(doubt.change, Result.IN_DOUBT, message=message, advice=advice))

    def _done(self, change: Change, found: Found) -> None:
        self._ids[change.address] = found.id
        url = self._context.pin_url(found.id) if change.kind == "pin" else ""
        self._end(Outcome(change, Result.DONE, found.id, url))

    def _fail(self, change: Change, error: PinsyncError) -> None:
        self._context.backend.record(journal.abandon(change.address))
        if isinstance(error, (CredentialsRefused, QuotaSpent)) or (
            isinstance(error, NotPermitted) and error.code == 29
        ):
            self._stopped = self._stopped or error
        self._end(Outcome(change, Result.FAILED, change.id, message=error.message, advice=error.advice))

    def _reason_to_skip(self, change: Change) -> str:
        if self._stopped:
            return f"not tried, because of: {self._stopped.message}"
        if self._context.stop.asked:
            return "not tried: the run was stopped"
        desired = self._context.desired.get(change.address)
        for parent in KINDS[change.kind].parents(desired) if desired else ():
            if parent not in self._ids:
                outcome = self.outcomes.get(parent)
                return f"it needs {parent}, which {_WORDS[outcome.result] if outcome else 'is not there'}"
        return ""

    async def _perform(self, change: Change) -> Found:
        """Does what the change says and records it. Raises ApiError, or PinsyncError when a picture cannot be sent."""
        if change.action is Action.ADOPT and not change.fields:
            return self._adopt(change)
        desired = self._context.desired[change.address]
        if change.action is Action.ADOPT:
            # The id is ours from here on, whatever becomes of the changes.
            self._adopt(change)
        fields = self._resolved(desired)
        if change.kind == "section":
            # Pinterest locks a board while it makes a section on it and refuses a second one meanwhile.
            async with self._board_locks[fields["board"]]:
                return await self._send(change, desired, fields)
        return await self._send(change, desired, fields)

    async def _send(self, change: Change, desired: Desired, fields: dict[str, Value]) -> Found:
        kind, context = KINDS[change.kind], self._context
        call: Any
        if change.action is Action.CREATE:
            call = kind.create(desired, fields, await asyncio.to_thread(self._payloads, desired))
        else:
            call = kind.update(change.id, fields, list(change.fields))
        context.stop.check()
        at = context.patience.now().isoformat(timespec="milliseconds")
        action = "create" if change.action is Action.CREATE else "update"
        pending = Pending(action, change.kind, fields, at, change.id, kind.shape(desired))
        context.backend.record(journal.begin(change.address, pending))
        try:
            answer = await context.client.send(call)
        except InDoubt as error:
            self._doubts[change.address] = _Doubt(change, pending, error)
            raise
        found = kind.observe(answer, fields)
        self._settle(change, fields, found)
        return found

    def _settle(self, change: Change, fields: Mapping[str, Value], found: Found) -> None:
        now = self._context.patience.now().isoformat(timespec="seconds")
        before = self._known.get(change.address)
        if change.action is Action.CREATE or before is None:
            known = Known(change.kind, found.id, fields, found.fields, now, now)
        else:
            sent = {name: fields[name] for name in change.fields}
            # What was not sent keeps its recorded value, so that somebody else's edit still shows as drift.
            read = {name: found.fields[name] for name in change.fields if name in found.fields}
            if "board" in read and "section" in found.fields:
                read["section"] = found.fields["section"]
            known = Known(
                change.kind, before.id, {**before.applied, **sent}, {**before.observed, **read}, before.created_at, now
            )
        self._known[change.address] = known
        self._context.backend.record(journal.settle(change.address, known))

    def _adopt(self, change: Change) -> Found:
        pending = self._context.state.pending.get(change.address)
        fields = pending.sent if pending else self._resolved(self._context.desired[change.address])
        now = self._context.patience.now().isoformat(timespec="seconds")
        applied = {name: value for name, value in fields.items() if name not in change.fields}
        known = Known(change.kind, change.id, applied, change.observed, change.created_at or now, now)
        self._known[change.address] = known
        self._context.backend.record(journal.settle(change.address, known))
        return Found(change.kind, change.id, change.observed)

    def _resolved(self, desired: Desired) -> dict[str, Value]:
        fields = KINDS[desired.kind].fields
        return {
            name: self._ids[value] if fields[name].reference and value is not None else value
            for name, value in desired.fields.items()
        }

    def _payloads(self, desired: Desired) -> list[Payload]:
        return [payload(image, self._context.root / image.source) for image in desired.images if image.sha256]

    def _end(self, outcome: Outcome) -> None:
        self.outcomes[outcome.change.address] = outcome
        self._listener(outcome)


_WORDS = {Result.FAILED: "failed", Result.SKIPPED: "was skipped", Result.IN_DOUBT: "is in doubt"}

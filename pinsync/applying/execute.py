"""Carries out a plan.

Kinds go in the order of :data:`KINDS`, so that parents exist before their children; within a kind a bounded number of
changes is under way at once. Every intent is durable before its call leaves, every outcome right after it.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pinsync.applying.outcome import Listener, Outcome, Result
from pinsync.content.pictures import payload
from pinsync.errors import CredentialsRefused, InDoubt, NotPermitted, PinsyncError, QuotaSpent
from pinsync.model import KINDS
from pinsync.model.kind import Payload
from pinsync.model.resource import Desired, Found, Value
from pinsync.pinterest.client import Client
from pinsync.planning.plan import Action, Change, Plan
from pinsync.state import journal
from pinsync.state.backends import Backend
from pinsync.state.document import Known, Pending, State

_WITHOUT_CALL = (Action.MOVE, Action.FORGET)


@dataclass(frozen=True, slots=True)
class Context:
    """What carrying out a plan needs. ``root`` is the content root, ``now`` the time of day with a time zone."""

    root: Path
    desired: Mapping[str, Desired]
    state: State
    backend: Backend
    client: Client
    pin_url: Callable[[str], str]
    concurrency: int = 8
    now: Callable[[], datetime] = lambda: datetime.now(UTC)


async def execute(plan: Plan, context: Context, listener: Listener) -> list[Outcome]:
    """Carries out all that the plan has to do and returns what came of it, in the plan's order.

    The caller holds the backend's lock, and folds the state afterwards. Failures are outcomes; only an error of the
    state itself is raised, because nothing may be sent that cannot be written down.
    """
    run = _Run(plan, context, listener)
    run.write_what_needs_no_call()
    for kind in KINDS:
        changes = [change for change in plan.to_do if change.kind == kind and change.action not in _WITHOUT_CALL]
        await run.side_by_side(changes)
    return [run.outcomes[change.address] for change in plan.to_do]


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
        except InDoubt as error:
            # The intent stays in the journal: the next plan looks before anything is sent again.
            advice = "Run plan again: pinsync looks on Pinterest whether it is there before it sends anything again."
            self._end(Outcome(change, Result.IN_DOUBT, change.id, message=error.message, advice=advice))
        except PinsyncError as error:
            self._fail(change, error)
        else:
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
        at = context.now().isoformat(timespec="milliseconds")
        action = "create" if change.action is Action.CREATE else "update"
        pending = Pending(action, change.kind, fields, at, change.id, kind.shape(desired))
        context.backend.record(journal.begin(change.address, pending))
        answer = await context.client.send(call)
        found = kind.observe(answer, fields)
        self._settle(change, fields, found)
        return found

    def _settle(self, change: Change, fields: Mapping[str, Value], found: Found) -> None:
        now = self._context.now().isoformat(timespec="seconds")
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
        desired = self._context.desired.get(change.address)
        fields = self._resolved(desired) if desired else dict(self._context.state.pending[change.address].sent)
        now = self._context.now().isoformat(timespec="seconds")
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

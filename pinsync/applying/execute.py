"""Carries out a plan.

Kinds go in the order of :data:`KINDS`, so that parents exist before their children; within a kind a bounded number of
changes is under way at once. Every intent is durable where the state is kept before its call leaves; an outcome is written down
right after it, and durable with the next intent: should the machine go down before that, the intent leads to what was made.
Creations whose answer was lost are looked for before the next kind, and only what is surely not there is sent again.
"""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from pinsync.applying.ledger import BATCH, Ledger
from pinsync.applying.outcome import Listener, Outcome, Result, Watcher
from pinsync.applying.stopping import Stop
from pinsync.applying.uploading import Left, Means, Uploads
from pinsync.content.pictures import payload
from pinsync.errors import (
    ApiError,
    CredentialsRefused,
    InDoubt,
    Interrupted,
    NotPermitted,
    PinsyncError,
    QuotaSpent,
    Refused,
    StateError,
)
from pinsync.model import KINDS
from pinsync.model.kind import Payload, Uploaded
from pinsync.model.resource import Desired, Found, Value, Video
from pinsync.pinterest.client import Client
from pinsync.pinterest.operations import Call, delete_pin
from pinsync.pinterest.storage import Storage
from pinsync.planning.naming import steps
from pinsync.planning.plan import Action, Change, Plan
from pinsync.planning.planner import in_doubt
from pinsync.refreshing.doubt import Patience, Verdict, resolve
from pinsync.state.backends import Backend
from pinsync.state.document import Pending, State

ROUNDS = 4
"""How often a creation is sent at most, each time after it was made sure that the last one made nothing."""

DENIALS = 3
"""After so many refusals for lack of permission, and no success, the same is not tried any more in a run: each costs a
call, and it may be the app that is refused and not the one board."""

_WITHOUT_CALL = (Action.MOVE, Action.FORGET, Action.SCHEDULED)
_APART = (*_WITHOUT_CALL, Action.DELETE)
_LOOK_LATER = "Run it again later: pinsync looks on Pinterest whether it is there before it sends anything again."


@dataclass(frozen=True, slots=True)
class Context:
    """What carrying out a plan needs. ``root`` is the content root, ``patience`` how doubt is settled, ``processing`` how long
    Pinterest may take for a video; ``watch`` is told how uploads get on, ``begin`` which address is next."""

    root: Path
    desired: Mapping[str, Desired]
    state: State
    backend: Backend
    client: Client
    pin_url: Callable[[str], str]
    patience: Patience
    storage: Storage
    processing: timedelta
    concurrency: int = 8
    stop: Stop = field(default_factory=Stop)
    watch: Watcher = lambda transfer: None
    begin: Callable[[str], None] = lambda address: None


async def execute(plan: Plan, context: Context, listener: Listener) -> list[Outcome]:
    """Carries out all that the plan has to do and returns what came of it, in the plan's order.

    The caller holds the backend's lock, and folds the state afterwards. Failures are outcomes; only an error of the
    state itself is raised, because nothing may be sent that cannot be written down.
    """
    run = _Run(plan, context, listener)
    run.write_what_needs_no_call()
    for kind in KINDS:
        changes = [change for change in plan.to_do if change.kind == kind and change.action not in _APART]
        async with run.uploads(changes):
            for wave in run.waves(changes):
                await run.side_by_side(wave)
                await run.settle_doubts(kind)
    for kind in reversed(KINDS):
        await run.side_by_side(
            change
            for change in plan.to_do
            if (change.kind, change.action, change.with_parent) == (kind, Action.DELETE, "")
        )
    run.skip_what_went_with_nothing()
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
        self._ledger = Ledger(context.state, context.desired, plan.existing, context.backend, context.patience.now)
        self._uploads = Uploads(
            self._ledger,
            Means(
                root=context.root,
                client=context.client,
                storage=context.storage,
                sleep=context.patience.sleep,
                stop=context.stop,
                processing=context.processing,
                watch=context.watch,
            ),
        )
        # While calls wait for their answers, the next are made ready, so that a slot is never empty for long.
        self._workers = context.concurrency + context.concurrency // 4
        self._ready = asyncio.Semaphore(self._workers)
        self._slots = asyncio.Semaphore(context.concurrency)
        self._doubts: dict[str, _Doubt] = {}
        self._board_locks: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._going_along: dict[str, list[Change]] = defaultdict(list)
        for change in plan.to_do:
            if change.with_parent:
                self._going_along[change.with_parent].append(change)
        self._by_address = {change.address: change for change in plan.to_do}
        self._stopped: PinsyncError | None = None
        self._broken: StateError | None = None
        self._adopted: dict[str, Found] = {}
        self._permitted: set[tuple[str, Action]] = set()
        self._denied: dict[tuple[str, Action], list[NotPermitted]] = defaultdict(list)

    def write_what_needs_no_call(self) -> None:
        """Moves, new slots, and what is to be forgotten."""
        self._ledger.open(self._plan)
        for change in self._plan.to_do:
            if change.action in _WITHOUT_CALL:
                self._end(Outcome(change, Result.DONE, change.id))

    def waves(self, changes: Iterable[Change]) -> list[list[Change]]:
        """The changes in groups to be carried out one after the other, nearly always a single one.

        Creations that only differ in what their pictures show are kept apart: should an answer be lost, nothing else
        that is on its way can be taken for what it made.
        """
        waves: list[list[Change]] = [[]]
        media_of: dict[Any, dict[str, int]] = defaultdict(dict)
        for change in changes:
            number = 0
            if change.action in (Action.CREATE, Action.REPLACE):
                desired = self._context.desired[change.address]
                kind = KINDS[change.kind]
                known = media_of[kind.identity(desired.fields, kind.shape(desired))]
                number = known.setdefault(json.dumps(desired.fields.get("media"), sort_keys=True), len(known))
            number = max(number, steps(change, self._by_address))
            while number >= len(waves):
                waves.append([])
            waves[number].append(change)
        return waves

    def uploads(self, changes: Iterable[Change]) -> AbstractAsyncContextManager[None]:
        """Uploads the videos of the changes while the block runs."""
        videos = {change.address: video for change in changes if (video := self._video(change))}
        return self._uploads.under_way(videos, lambda address: self._reason_to_skip(self._by_address[address]))

    def _video(self, change: Change) -> Video | None:
        """The video that has to be at Pinterest before the change is made."""
        if change.action not in (Action.CREATE, Action.REPLACE) or change.observed:
            return None
        return self._context.desired[change.address].video

    async def side_by_side(self, changes: Iterable[Change]) -> None:
        """Carries out changes that do not depend on one another. Those that wait for a video hold back no other."""
        waiting: list[Change] = []
        ready: list[Change] = []
        for change in changes:
            (waiting if self._video(change) else ready).append(change)
        try:
            async with asyncio.TaskGroup() as group:
                for change in waiting:
                    group.create_task(self._carry_out(change))
                await self._in_batches(ready)
        except* PinsyncError as failures:
            raise failures.exceptions[0] from None
        if self._broken:
            raise self._broken

    async def _in_batches(self, left: list[Change]) -> None:
        remote = self._context.backend.remote
        batch = BATCH if remote else len(left)
        while left and not self._broken:
            try:
                if remote:
                    await self._foresee(left[:batch])
            except StateError as error:
                self._broken = error
                return
            await self._carry_out_all(left[:batch])
            del left[:batch]

    async def _foresee(self, changes: Sequence[Change]) -> None:
        """Makes the intents of all these durable at once."""
        for change in changes:
            if not self._reason_to_skip(change):
                if change.action is Action.ADOPT:
                    self._adopt(change)
                if change.fields or change.action is not Action.ADOPT:
                    self._ledger.foresee(change)
        try:
            await self._ledger.secure()
        except StateError:
            for change in changes:
                self._ledger.leave(change.address)  # none of them was sent
            raise

    async def _carry_out_all(self, changes: Iterable[Change]) -> None:
        queue = iter(changes)

        async def work() -> None:
            for change in queue:
                await self._carry_out(change)

        async with asyncio.TaskGroup() as group:
            for _ in range(self._workers):
                group.create_task(work())

    async def settle_doubts(self, kind: str) -> None:
        """Finds out what became of the creations whose answer was lost, and sends again what made nothing."""
        for attempt in range(1, ROUNDS + 1):
            doubts, self._doubts = self._doubts, {}
            if not doubts:
                return
            pendings = {address: doubt.pending for address, doubt in doubts.items()}
            claimed = self._ledger.claimed(kind)
            try:
                verdict = await resolve(self._context.client, kind, pendings, claimed, self._context.patience)
            except ApiError as error:
                # The intents stay in the journal, and the next run looks for what they made.
                for doubt in doubts.values():
                    self._leave_in_doubt(doubt, f"{doubt.error.message}; {error.message}", _LOOK_LATER)
                return
            missing = [doubt for doubt in doubts.values() if not await self._was_made(doubt, verdict)]
            if attempt == ROUNDS:
                for doubt in missing:
                    self._fail(doubt.change, doubt.error)
            else:
                await self.side_by_side(doubt.change for doubt in missing)

    async def _was_made(self, doubt: _Doubt, verdict: Verdict) -> bool:
        """Whether there is something that it made: then it is ours, or a person has to say which one it is."""
        address, matches = doubt.change.address, verdict.matches
        found = matches.adopted.get(address)
        if found:
            self._ledger.settle(doubt.change, doubt.pending.sent, found)
            try:
                self._done(doubt.change, await self._delete_old(doubt.change, found))
            except StateError:
                raise
            except PinsyncError as error:
                self._fail(doubt.change, error)
            return True
        candidates = matches.unclear.get(address) or matches.near.get(address)
        if candidates:
            reason = in_doubt(doubt.change.kind, address, candidates, certain=address in matches.unclear)
            self._leave_in_doubt(doubt, doubt.error.message, reason)
        return bool(candidates)

    async def _carry_out(self, change: Change) -> None:
        reason = self._reason_to_skip(change)
        if reason:
            self._end(Outcome(change, Result.SKIPPED, change.id, message=reason))
            return
        self._context.begin(change.address)
        try:
            found = await self._perform(change)
        except StateError as error:
            # Nothing more may be sent, and the intent has to stay; what is under way ends and is written down if it can be.
            self._broken = self._broken or error
        except InDoubt:
            return  # settle_doubts looks for it once all of its wave were sent
        except Left as error:
            self._end(Outcome(change, Result.SKIPPED, change.id, message=error.message))
        except Interrupted as error:
            self._ledger.abandon(change.address)
            self._end(Outcome(change, Result.SKIPPED, change.id, message=f"not tried: {error.message}"))
        except PinsyncError as error:
            self._fail(change, error)
        else:
            self._permitted.add((change.kind, change.action))
            self._done(change, found)

    def _reason_to_skip(self, change: Change) -> str:
        if self._broken:
            return f"not tried, because of: {self._broken.message}"
        if self._stopped:
            return f"not tried, because of: {self._stopped.message}"
        if self._context.stop.asked:
            return "not tried: the run was stopped"
        desired = self._context.desired.get(change.address)
        for parent in KINDS[change.kind].parents(desired) if desired else ():
            if parent not in self._ledger.ids:
                outcome = self.outcomes.get(parent)
                return f"it needs {parent}, which {_WORDS[outcome.result] if outcome else 'is not there'}"
        for other in change.after:
            outcome = self.outcomes.get(other)
            if outcome is None or outcome.result is not Result.DONE:
                return f"it takes the name that {other} was to give up, which {_WORDS[outcome.result] if outcome else 'did not'}"
        if change.action is Action.DELETE and change.kind != "pin":
            unfinished = [outcome for outcome in self.outcomes.values() if outcome.result is not Result.DONE]
            if unfinished:
                return f"not tried, because {unfinished[0].change.address} {_WORDS[unfinished[0].result]} and may lie in it"
        what = (change.kind, change.action)
        if what not in self._permitted and len(self._denied[what]) >= DENIALS:
            return f"not tried, because of: {self._denied[what][0].message}"
        return ""

    async def _perform(self, change: Change) -> Found:
        """Does what the change says and records it. Raises ApiError, or PinsyncError when a picture cannot be sent."""
        if change.action is Action.DELETE:
            return await self._delete(change)
        if change.action is Action.REPLACE and change.observed:
            return await self._delete_old(change, self._ledger.replaced(change))
        if change.action is Action.ADOPT:
            # The id is ours from here on, whatever becomes of the changes.
            found = self._adopt(change)
            if not change.fields:
                return found
        desired = self._context.desired[change.address]
        fields = self._ledger.resolved(desired)
        if change.kind == "section":
            # Pinterest locks a board while it makes a section on it and refuses a second one meanwhile.
            async with self._board_locks[fields["board"]]:
                return await self._send(change, desired, fields)
        return await self._send(change, desired, fields)

    async def _send(self, change: Change, desired: Desired, fields: dict[str, Value]) -> Found:
        video = await self._uploads.ready(change.address) if self._video(change) else None
        # Pictures wait in memory: only so many at once, however many videos are ready.
        async with self._ready:
            found = await self._send_now(change, desired, fields, video)
        return await self._delete_old(change, found)

    async def _send_now(
        self, change: Change, desired: Desired, fields: dict[str, Value], video: Uploaded | None
    ) -> Found:
        kind, context = KINDS[change.kind], self._context
        call: Any
        if change.action in (Action.CREATE, Action.REPLACE):
            call = kind.create(desired, fields, await asyncio.to_thread(self._payloads, desired), video)
        else:
            call = kind.update(change.id, fields, {name: one.before for name, one in change.fields.items()})
        context.stop.check()
        pending = self._ledger.begin(change, desired, fields, video.media_id if video else "")
        await self._ledger.secure()
        try:
            async with self._slots:
                self._check_once_more(change)
                answer = await context.client.send(call)
        except InDoubt as error:
            self._doubts[change.address] = _Doubt(change, pending, error)
            raise
        except Refused as error:
            if video and not isinstance(error, (CredentialsRefused, NotPermitted)):
                self._ledger.media_refused(video.media_id)
            raise
        found = kind.observe(answer, fields)
        self._ledger.settle(change, fields, found)
        return found

    def _check_once_more(self, change: Change) -> None:
        """Raises Left where something became known since the change was begun that keeps it from being sent."""
        reason = self._reason_to_skip(change)
        if reason and not self._broken:
            self._ledger.abandon(change.address)
        if reason:
            raise Left(reason)

    def _adopt(self, change: Change) -> Found:
        if change.address not in self._adopted:
            self._adopted[change.address] = self._ledger.adopt(change, self._context.desired.get(change.address))
        return self._adopted[change.address]

    async def _delete_old(self, change: Change, found: Found) -> Found:
        """Takes away the pin whose place a new one took; where that fails, the next run does it."""
        if change.action is not Action.REPLACE:
            return found
        await self._ledger.secure()
        for pin_id in [old for old, address in self._ledger.retired.items() if address == change.address]:
            try:
                await self._remove(delete_pin(pin_id))
            except ApiError as error:
                raise PinsyncError(
                    f"the new pin is {found.id}, but the old one, {pin_id}, could not be deleted: {error.message}",
                    error.advice,
                ) from None
            self._ledger.buried(pin_id)
        return found

    async def _remove(self, call: Call[None]) -> None:
        try:
            async with self._slots:
                self._context.stop.check()
                await self._context.client.send(call)
        except Refused as error:
            if error.status != 404:  # gone is what it was meant to be
                raise

    async def _delete(self, change: Change) -> Found:
        """Takes a resource away; what goes with it is done too."""
        fields = self._ledger.begin_delete(change)
        await self._ledger.secure()
        await self._remove(KINDS[change.kind].delete(change.id, fields))
        self._ledger.gone(change)
        for other in self._going_along[change.address]:
            self._ledger.gone(other)
            self._end(Outcome(other, Result.DONE, other.id))
        return Found(change.kind, change.id, {})

    def _payloads(self, desired: Desired) -> list[Payload]:
        return [payload(image, self._context.root / image.source) for image in desired.images if image.sha256]

    def skip_what_went_with_nothing(self) -> None:
        """What was to go with a board or section that is still there."""
        for parent, changes in self._going_along.items():
            for change in changes:
                if change.address not in self.outcomes:
                    reason = f"it goes with {parent}, which {_WORDS[self.outcomes[parent].result]}"
                    self._end(Outcome(change, Result.SKIPPED, change.id, message=reason))

    def _done(self, change: Change, found: Found) -> None:
        url = self._context.pin_url(found.id) if change.kind == "pin" and change.action is not Action.DELETE else ""
        self._end(Outcome(change, Result.DONE, found.id, url))

    def _fail(self, change: Change, error: PinsyncError) -> None:
        self._ledger.abandon(change.address)
        if isinstance(error, (CredentialsRefused, QuotaSpent)):
            self._stopped = self._stopped or error
        elif isinstance(error, NotPermitted):
            self._denied[change.kind, change.action].append(error)
        self._end(Outcome(change, Result.FAILED, change.id, message=error.message, advice=error.advice))

    def _leave_in_doubt(self, doubt: _Doubt, message: str, advice: str) -> None:
        self._end(Outcome(doubt.change, Result.IN_DOUBT, message=message, advice=advice))

    def _end(self, outcome: Outcome) -> None:
        self._ledger.leave(outcome.change.address)
        self.outcomes[outcome.change.address] = outcome
        self._listener(outcome)


_WORDS = {Result.FAILED: "failed", Result.SKIPPED: "was skipped", Result.IN_DOUBT: "is in doubt"}

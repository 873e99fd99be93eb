"""One content root with its settings, state and way to Pinterest: what plan and apply have in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from pinsync.applying.stopping import Stop
from pinsync.content.loading import Content, load_valid
from pinsync.content.settings import with_environment
from pinsync.content.suggesting import nearest
from pinsync.content.watching import Watch, unwatched
from pinsync.errors import StateError, UsageError
from pinsync.model.policies import USUAL, Policies
from pinsync.model.resource import Desired
from pinsync.pinterest.credentials import Access, resolve_access
from pinsync.pinterest.limits import in_words, limits_for
from pinsync.pinterest.operations import WRITE
from pinsync.pinterest.pacing import Pacer, Timing
from pinsync.pinterest.usage import Usage, pacer_for, usage_of
from pinsync.planning.live import NOT_READ, Live
from pinsync.planning.plan import Inputs, Plan
from pinsync.planning.planner import Options, make_plan
from pinsync.planning.rationing import ration
from pinsync.planning.targeting import chosen, unmatched
from pinsync.report.plans import View
from pinsync.report.plans.words import waiting
from pinsync.report.problems import path_shown
from pinsync.report.screen import Screen
from pinsync.state import journal
from pinsync.state.backends import Backend, backend_for
from pinsync.state.document import State

if TYPE_CHECKING:
    import httpx

    from pinsync.applying.outcome import Listener, Outcome, Watcher
    from pinsync.pinterest.client import Client
    from pinsync.refreshing.doubt import Patience

_WORTH_SAYING = 10  # seconds that a call waits for its turn

# What talks to Pinterest is imported by the methods that do: many runs do not, and httpx takes longer than all the rest.


@dataclass(frozen=True)
class Session:
    """Everything is checked by the time this exists; nothing was sent.

    ``policies`` is what pinsync may do by itself. ``now`` tells the time of day with a time zone; ``timing`` is the clock
    that waiting goes by; ``transport``, where given, takes the place of the network; ``tell`` hears why a longer wait is
    made; ``stop`` ends the run in good order. ``targets`` and ``excludes`` are patterns of what a plan is about,
    ``max_writes`` is how much it may write, where pinsync.yaml is not to decide. ``usage`` knows the calls of earlier runs.
    """

    content: Content
    backend: Backend
    access: Access
    concurrency: int
    policies: Policies = USUAL
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    timing: Timing = field(default_factory=Timing)
    transport: httpx.AsyncBaseTransport | None = None
    tell: Callable[[str], None] = lambda sentence: None
    stop: Stop = field(default_factory=Stop)
    targets: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    max_writes: int | None = None
    usage: Usage | None = None

    @property
    def place(self) -> str:
        """The content root as people would call it from where they are."""
        shown = path_shown(self.content.root, "")
        return self.content.root.name if shown == "." else shown

    @property
    def limits(self) -> dict[str, str]:
        """The limit of each rate category, in words."""
        settings = self.content.settings
        limits = limits_for(settings.tier, settings.rates)
        return {category: in_words(category, limits) for category in limits}

    def client(self) -> Client:
        """A client that keeps to the limits of this account's tier."""
        from pinsync.pinterest.client import Client

        return Client(self.access, self.pacer, self._waiting, self.transport)

    @cached_property
    def pacer(self) -> Pacer:
        """Keeps all calls of this session to the limits, with what earlier runs of the day left of them."""
        settings = self.content.settings
        pacer = pacer_for(limits_for(settings.tier, settings.rates), self._waiting, self.usage, self.now)
        pacer.on_wait = self._say_wait
        return pacer

    def _say_wait(self, category: str, seconds: float) -> None:
        if seconds >= _WORTH_SAYING:
            sentence = waiting(category, self.now() + timedelta(seconds=seconds))
            self.tell(f"{sentence[0].upper()}{sentence[1:]}.")

    def time_left(self, plan: Plan) -> Callable[[], float]:
        """What tells how many seconds the calls of the plan that were not made yet take at the least, as the limits go."""
        before = {category: self.pacer.started(category) for category in plan.cost}

        def left() -> float:
            return self.pacer.seconds_for(
                {name: calls - (self.pacer.started(name) - before[name]) for name, calls in plan.cost.items()}
            )

        return left

    def view(self, plan: Plan, screen: Screen | None = None) -> View:
        """How the plan is shown to the people of this session."""
        left = {category: self.pacer.left(category) for category in plan.cost}
        return View(
            self.place,
            self.access.environment,
            self.limits,
            {category: count for category, count in left.items() if count is not None},
            self.pacer.seconds_for(plan.cost),
            screen,
            self.content.root,
            self.access.pin_url,
        )

    def read_state(self) -> State:
        """The state, which must belong to this environment and, as far as is known, account. Raises StateError."""
        state = self.backend.read()
        if state.environment and state.environment != self.access.environment:
            raise StateError(
                f"this state belongs to {state.environment}, but the run is for {self.access.environment}",
                "Set `environment` in pinsync.yaml (or PINTEREST_API_URL) back, or give the other environment a state "
                "file of its own under `state: {path: …}`.",
            )
        _check_account(state, self.access.account)
        return state

    def inputs(self, state: State) -> Inputs:
        """What a plan made now would be made from."""
        return Inputs(self.content.digest, state.lineage, state.serial, self.access.environment)

    def sealed(self, plan: Plan, state: State) -> Plan:
        """The plan, which is of this state, with all that it was made from, for others to check. Plans that stay in this
        process are spared the digest of the content."""
        return replace(plan, inputs=self.inputs(state))

    async def plan(self, state: State, client: Client | None) -> Plan:
        """The plan, not :meth:`sealed`; without a client nothing is read from Pinterest. Raises ApiError."""
        selection = self._selection(state)
        live = await self.look(state, client, selection) if client else NOT_READ
        settings = self.content.settings
        options = Options(self.now(), self.access.environment, "", self.policies, selection, settings.spread)
        plan = make_plan(self.content.resources, state, live, options)
        # What is not there may be another account's, and nothing of that may be written to.
        if client and (plan.cost or live.absent or live.unseen):
            _check_account(state, await client.account())
        left = self.pacer.left(WRITE)
        most, whose = self.max_writes, "--max-writes"
        if most is None:
            most, whose = settings.max_writes, "max_writes in pinsync.yaml"
        if most is not None and (left is None or most <= left):
            return ration(plan, self.content.resources, most, f"{whose} allows {most:,}")
        if left is None:
            return plan
        return ration(plan, self.content.resources, left, f"Pinterest's limits leave {left:,} writes for now")

    def _selection(self, state: State) -> frozenset[str] | None:
        """The addresses that the plan is about, or None for all. Raises UsageError where a pattern fits nothing."""
        if not self.targets and not self.excludes:
            return None
        resources = self.content.resources
        known = [*state.resources, *state.pending, *state.retired.values(), *state.departed]
        for pattern in unmatched([*resources, *known], [*self.targets, *self.excludes]):
            guess = nearest(pattern, [*resources, *known])
            advice = f"Did you mean {guess}?" if guess else "Write it as in the plan; * stands for anything."
            raise UsageError(f"no address fits {pattern}", advice)
        return chosen(resources, known, self.targets, self.excludes)

    async def look(self, state: State, client: Client, selection: frozenset[str] | None = None) -> Live:
        """What is on Pinterest of all that matters to a plan, or to one about ``selection``. Raises ApiError."""
        from pinsync.refreshing.refresh import refresh

        content = self.content
        resources, existing = content.resources, content.existing
        if selection is not None:
            resources = {address: one for address, one in resources.items() if address in selection}
            existing = {address: board for address, board in existing.items() if _is_used(address, resources)}
            # What was declared under another address may be what is looked for.
            known = {
                address: entry
                for address, entry in state.resources.items()
                if address in selection or address not in content.resources
            }
            pending = {
                address: one
                for address, one in state.pending.items()
                if address in selection or address not in content.resources
            }
            # A section counts as gone with its board, so that has to be looked for, too.
            boards = {str(entry.observed.get("board") or entry.applied.get("board")) for entry in known.values()}
            known |= {
                address: one for address, one in state.resources.items() if one.id in boards and one.kind == "board"
            }
            state = replace(state, resources=known, pending=pending)
        return await refresh(
            client,
            resources,
            existing,
            state,
            self.concurrency,
            self._patience(client),
            prune=self.policies.prune,
        )

    def _patience(self, client: Client) -> Patience:
        from pinsync.refreshing.doubt import Patience

        # What is written down and compared with the server's times is the server's time of day.
        return Patience(
            self.content.settings.settling, lambda: self.now() + client.ahead, self._waiting.sleep, self.tell
        )

    @property
    def _waiting(self) -> Timing:
        return self.stop.timing(self.timing)

    async def apply(
        self,
        plan: Plan,
        state: State,
        client: Client,
        listener: Listener,
        watch: Watcher = lambda transfer: None,
        begin: Callable[[str], None] = lambda address: None,
    ) -> list[Outcome]:
        """Carries the plan out; the caller holds the lock. Raises StateError when the state is another account's or cannot be
        written, and ApiError when it cannot be asked whose it is."""
        from pinsync.applying.execute import Context, execute
        from pinsync.pinterest.storage import Storage

        account = await client.account() if plan.cost else self.access.account
        _check_account(state, account)
        if plan.to_do and account and not state.account:
            self.backend.record(journal.note_account(account))
        storage = Storage(local=self.access.environment == "emulator", transport=self.transport)
        context = Context(
            root=self.content.root,
            desired=self.content.resources,
            state=state,
            backend=self.backend,
            client=client,
            pin_url=self.access.pin_url,
            patience=self._patience(client),
            storage=storage,
            processing=self.content.settings.processing,
            concurrency=self.concurrency,
            stop=self.stop,
            watch=watch,
            begin=begin,
        )
        try:
            return await execute(plan, context, listener)
        finally:
            await storage.aclose()


def open_session(
    start: Path,
    environ: Mapping[str, str],
    *,
    concurrency: int | None = None,
    need_token: bool = True,
    prune: bool = False,
    allow_replace: bool = False,
    force: bool = False,
    targets: tuple[str, ...] = (),
    excludes: tuple[str, ...] = (),
    max_writes: int | None = None,
    tell: Callable[[str], None] = lambda sentence: None,
    content: Content | None = None,
    watch: Watch = unwatched,
) -> Session:
    """The session of the content root at or above ``start``, or of ``content``, where it has been loaded and is valid.
    ``watch`` is told how reading a video gets on.

    Raises ContentError, UsageError or StateError.
    """
    content = content or load_valid(start, watch)
    settings = with_environment(content.settings, environ)
    content = replace(content, settings=settings)
    app = ""
    try:
        from pinsync.accounts.signing_in import profile_for, sign_in

        found = sign_in(settings.environment, profile_for(settings.profile, environ), environ, tell)
        access, app = found.access, found.app_id
    except (UsageError, StateError):
        if need_token:
            raise
        access = resolve_access(settings.environment, environ, need_token=False)
    policies = replace(settings.policies, prune=prune or settings.policies.prune, force=force)
    if allow_replace:
        policies = replace(policies, on_media_change="replace")
    return Session(
        content,
        backend_for(settings),
        access,
        concurrency or settings.concurrency,
        policies,
        tell=tell,
        targets=targets,
        excludes=excludes,
        max_writes=max_writes,
        usage=usage_of(access.base_url, app, environ),
    )


def _check_account(state: State, account: str) -> None:
    """Raises StateError where the state is another account's, as far as both are known."""
    if state.account and account and state.account != account:
        raise StateError(
            f"this state belongs to the account {state.account}, but the login is that of {account}",
            "Use the login of that account (`profile` in pinsync.yaml, or --profile), or give the other account a "
            "content folder of its own. `pinsync auth status` says who is logged in.",
        )


def _is_used(existing: str, resources: Mapping[str, Desired]) -> bool:
    return any(existing == one.fields.get("board") for one in resources.values())

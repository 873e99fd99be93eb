"""``pinsync apply``."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pinsync.cli import Terminal
from pinsync.cli.arguments import (
    allow_replace_option,
    concurrency_option,
    exclude_option,
    force_option,
    lock_timeout_option,
    max_writes_option,
    prune_option,
    refresh_option,
    target_option,
)

if TYPE_CHECKING:
    from pinsync.applying.outcome import Outcome
    from pinsync.planning.plan import Plan
    from pinsync.session import Session
    from pinsync.state.document import State


@click.command("apply", short_help="Bring Pinterest to what the content declares.")
@click.argument("path", type=click.Path(path_type=Path), default=Path(), metavar="[PATH | PLANFILE]")
@click.option("--auto-approve", is_flag=True, help="Do not ask. Needed where there is no terminal.")
@click.option(
    "--result",
    "result_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write what came of it to this file, as JSON.",
)
@click.option(
    "--watch", is_flag=True, help="Stay, and apply whenever a pin is due or the content changes. Needs --auto-approve."
)
@lock_timeout_option
@target_option
@exclude_option
@prune_option
@allow_replace_option
@force_option
@refresh_option
@max_writes_option
@concurrency_option
@click.pass_obj
def command(
    terminal: Terminal,
    path: Path,
    auto_approve: bool,
    result_file: Path | None,
    watch: bool,
    lock_timeout: float,
    targets: tuple[str, ...],
    excludes: tuple[str, ...],
    prune: bool,
    allow_replace: bool,
    force: bool,
    refresh: bool,
    max_writes: int | None,
    concurrency: int | None,
) -> None:
    """Shows the plan for the content root at or above PATH, asks, and carries it out. Given a PLANFILE from
    `pinsync plan --out`, carries out exactly that, or refuses if anything changed since.

    What fails is reported at the end and left for the next run; the rest goes on. The first Ctrl-C (or SIGTERM) lets the
    calls under way finish, the second ends the run at once. Exits 0; 1 if anything failed; 3 if Pinterest's limits, or
    --max-writes, left something for a later run; 130 (143) when stopped.
    """
    import asyncio

    from pinsync.applying.outcome import Result
    from pinsync.applying.saved import is_plan_file, load
    from pinsync.errors import UsageError
    from pinsync.planning.rationing import postponed
    from pinsync.session import open_session
    from pinsync.state.lock import take

    if watch:
        _watch(terminal, path, auto_approve)
    if not auto_approve and not sys.stdin.isatty():
        raise UsageError("there is no terminal to ask on", "Add --auto-approve once the plan was reviewed.")
    saved: Plan | None = None
    if is_plan_file(path):
        saved, root = load(path)
        # The plan may have travelled to another checkout, as from one CI job to the next.
        path = root if (root / "pinsync.yaml").is_file() else Path()
    session = open_session(
        path,
        os.environ,
        concurrency=concurrency,
        prune=prune,
        allow_replace=allow_replace,
        force=force,
        targets=targets,
        excludes=excludes,
        max_writes=max_writes,
        tell=terminal.tell,
        watch=terminal.watch,
    )
    lock = take(session.backend, "apply", lock_timeout, terminal.tell)
    try:
        # Folding first gives what an interrupted run recorded a serial, so that an older saved plan is refused.
        session.backend.fold()
        plan, outcomes = asyncio.run(_apply(session, session.read_state(), terminal, saved, auto_approve, refresh))
    finally:
        try:
            session.backend.fold()
        finally:
            session.backend.release(lock)
    if outcomes is not None:
        _summarise(outcomes, terminal)
    if result_file:
        from pinsync.applying.results import results_of, write

        write(results_of(outcomes or (), postponed(plan), session.access.environment), result_file)
    if session.stop.asked:
        raise click.exceptions.Exit(128 + session.stop.signal)
    if any(outcome.result is not Result.DONE for outcome in outcomes or ()):
        raise click.exceptions.Exit(1)
    if postponed(plan):
        raise click.exceptions.Exit(3)


def _watch(terminal: Terminal, path: Path, auto_approve: bool) -> None:
    """Runs the command that was given again and again, without --watch."""
    import time
    from datetime import UTC, datetime

    from pinsync.applying.saved import is_plan_file
    from pinsync.applying.watching import Outlook, watch
    from pinsync.content.loading import load_valid
    from pinsync.errors import UsageError
    from pinsync.planning.agenda import agenda
    from pinsync.state.backends import backend_for

    if not auto_approve:
        raise UsageError("--watch applies without asking", "Add --auto-approve.")
    if is_plan_file(path):
        raise UsageError("--watch makes plans of its own", "Name the content instead of a saved plan.")
    context = click.get_current_context()

    def once() -> int:
        try:
            context.invoke(command, **{**context.params, "watch": False})
        except click.exceptions.Exit as end:
            return int(end.exit_code)
        return 0

    def look() -> Outlook:
        content = load_valid(path)
        moment = datetime.now(UTC)
        state = backend_for(content.settings).read()
        dates = agenda(content.resources, state, moment, state.slots if content.settings.spread else {})
        coming = [date.at for date in dates if date.status == "scheduled"]
        return Outlook(content.digest, sum(date.status == "due" for date in dates), min(coming, default=None))

    raise click.exceptions.Exit(watch(once, look, lambda: datetime.now(UTC), time.sleep, terminal.tell))


async def _apply(
    session: Session, state: State, terminal: Terminal, saved: Plan | None, auto_approve: bool, refresh: bool
) -> tuple[Plan, list[Outcome] | None]:
    """The plan and the outcomes, or None where there was nothing to do."""
    from pinsync.applying.saved import check_fresh, check_sound
    from pinsync.applying.stopping import on_signals
    from pinsync.errors import PlanRefused
    from pinsync.report.plans import render
    from pinsync.report.progress import following
    from pinsync.report.screen import go_on_unread

    async with session.client() as client:
        if saved:
            check_fresh(saved.inputs, session.inputs(state))
            check_sound(saved, session.content.resources, state, session.content.settings.spread)
            plan = saved
        else:
            plan = await session.plan(state, client if refresh else None)
        if not terminal.quiet or plan.errors or not auto_approve:
            try:
                click.echo(render(plan, session.view(plan, terminal.screen), "text"), nl=False)
            except BrokenPipeError:
                go_on_unread(sys.stdout)
                raise PlanRefused("nobody reads the plan; nothing was sent", "Apply without `| head`.") from None
        if plan.errors:
            raise PlanRefused("the plan has errors, and nothing was sent", "Correct what is named above.")
        if not plan.to_do:
            return plan, None
        if not auto_approve:
            _ask(session.access.environment)
        if not terminal.quiet:
            click.echo()
        with (
            on_signals(session.stop, terminal.tell),
            following(
                len(plan.to_do), sys.stdout, terminal.screen, session.time_left(plan), quiet=terminal.quiet
            ) as follower,
        ):
            session.pacer.on_wait = follower.waits
            return plan, await session.apply(plan, state, client, follower.ended, follower.moved, follower.begun)


def _ask(environment: str) -> None:
    """Asks whether to go on. Raises PlanRefused on a no, and KeyboardInterrupt at once on Ctrl-C."""
    import signal

    from pinsync.errors import PlanRefused

    # The event loop would only note a Ctrl-C here and go on waiting for the answer.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        if not click.confirm(f"\nApply this to {environment}?"):
            raise PlanRefused(
                "the plan was not approved; nothing was sent", "Change the content, or run it again and answer y."
            )
    finally:
        signal.signal(signal.SIGINT, before)


def _summarise(outcomes: Sequence[Outcome], terminal: Terminal) -> None:
    from pinsync.report.outcomes import summary
    from pinsync.report.screen import go_on_unread

    try:
        click.echo(summary(outcomes, terminal.screen), nl=False)
    except BrokenPipeError:
        go_on_unread(sys.stdout)  # the exit code still tells

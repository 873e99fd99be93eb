"""``pinsync plan``."""

from __future__ import annotations

import os
from pathlib import Path

import click

from pinsync.cli import Terminal
from pinsync.cli.arguments import (
    allow_replace_option,
    concurrency_option,
    content_path,
    exclude_option,
    force_option,
    max_writes_option,
    prune_option,
    refresh_option,
    target_option,
)
from pinsync.report.plans import FORMATS


@click.command("plan", short_help="Show what apply would do.")
@content_path
@click.option(
    "--format", "format_", type=click.Choice(FORMATS), default="text", show_default=True, help="How to show it."
)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Save the plan for `pinsync apply FILE`.")
@click.option("--detailed-exitcode", is_flag=True, help="Exit 2 when there is something to do.")
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
    format_: str,
    out: Path | None,
    detailed_exitcode: bool,
    targets: tuple[str, ...],
    excludes: tuple[str, ...],
    prune: bool,
    allow_replace: bool,
    force: bool,
    refresh: bool,
    max_writes: int | None,
    concurrency: int | None,
) -> None:
    """Shows what `pinsync apply` would do for the content root at or above PATH. Changes nothing anywhere.

    Exits 0; 1 on an error; with --detailed-exitcode 2 when there is something to do.
    """
    import asyncio

    from pinsync.planning.plan import Plan
    from pinsync.report.plans import render
    from pinsync.report.plans.words import summary
    from pinsync.session import open_session

    session = open_session(
        path,
        os.environ,
        concurrency=concurrency,
        need_token=refresh,
        prune=prune,
        allow_replace=allow_replace,
        force=force,
        targets=targets,
        excludes=excludes,
        max_writes=max_writes,
        tell=terminal.tell,
        watch=terminal.watch,
    )
    state = session.read_state()

    async def make() -> Plan:
        if not refresh:
            return await session.plan(state, None)
        async with session.client() as client:
            return await session.plan(state, client)

    plan = asyncio.run(make())
    if out or format_ == "json":
        plan = session.sealed(plan, state)
    view = session.view(plan, terminal.screen)
    brief = terminal.quiet and format_ == "text" and not plan.errors
    click.echo(f"{summary(plan)}\n" if brief else render(plan, view, format_), nl=False)
    if plan.errors:
        raise click.exceptions.Exit(1)
    if out:
        from pinsync.applying.saved import save
        from pinsync.report.plans.words import cost

        save(plan, session.content.root, out, cost(plan, view))
        terminal.note(f"Saved to {out}. Apply it with: pinsync apply {out}")
    if detailed_exitcode and plan.to_do:
        raise click.exceptions.Exit(2)

"""``pinsync drift``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pinsync.cli import Terminal
from pinsync.cli.arguments import concurrency_option, content_path, exclude_option, target_option

if TYPE_CHECKING:
    from pinsync.planning.plan import Plan


@click.command("drift", short_help="Show what somebody changed or deleted on Pinterest.")
@content_path
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "json", "markdown"]),
    default="text",
    show_default=True,
    help="How to show it.",
)
@target_option
@exclude_option
@concurrency_option
@click.pass_obj
def command(
    terminal: Terminal,
    path: Path,
    format_: str,
    targets: tuple[str, ...],
    excludes: tuple[str, ...],
    concurrency: int | None,
) -> None:
    """Shows what of the content at or above PATH somebody changed or deleted on Pinterest since the last run: what was
    recorded, what is there now and what is declared. Changes nothing anywhere.

    What a policy accepts (`on_drift: accept`, `on_missing: forget`) is shown and does not count. Exits 0 when there is no
    drift, 2 when there is, 1 on an error: made for a nightly job.
    """
    import asyncio

    from pinsync.planning.drifting import counts
    from pinsync.report.drift import FORMATS
    from pinsync.session import open_session

    session = open_session(
        path,
        os.environ,
        concurrency=concurrency,
        targets=targets,
        excludes=excludes,
        tell=terminal.tell,
        watch=terminal.watch,
    )

    async def make() -> Plan:
        async with session.client() as client:
            return await session.plan(session.read_state(), client)

    plan = asyncio.run(make())
    changes = [change for change in plan.changes if change.drift or change.missing]
    resources = session.content.resources
    accepted = {change.address for change in changes if not counts(change, resources, session.policies)}
    click.echo(FORMATS[format_](changes, accepted, session.view(plan, terminal.screen)), nl=False)
    if len(accepted) < len(changes):
        raise click.exceptions.Exit(2)

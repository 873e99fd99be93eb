"""``pinsync refresh``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pinsync.cli import Terminal
from pinsync.cli.arguments import concurrency_option, content_path, lock_timeout_option

if TYPE_CHECKING:
    from pinsync.applying.outcome import Outcome


@click.command("refresh", short_help="Write down what is found on Pinterest, changing nothing there.")
@content_path
@lock_timeout_option
@concurrency_option
@click.pass_obj
def command(terminal: Terminal, path: Path, lock_timeout: float, concurrency: int | None) -> None:
    """Reads the live boards and writes into the state what needs no change on Pinterest: what an interrupted run made,
    what is there already and just as declared, new addresses and slots, and what is neither declared nor there any more.

    What somebody changed stays drift, to be reverted, pulled or accepted. Exits 0; 1 on an error.
    """
    import asyncio

    from pinsync.planning.plan import without_calls
    from pinsync.report.outcomes import line
    from pinsync.session import open_session
    from pinsync.state.writing import writing

    session = open_session(path, os.environ, concurrency=concurrency, tell=terminal.tell, watch=terminal.watch)
    with writing(session.backend, "refresh", lock_timeout, terminal.tell):
        state = session.read_state()

        async def make() -> list[Outcome]:
            async with session.client() as client:
                plan = without_calls(await session.plan(state, client))
                return await session.apply(plan, state, client, lambda outcome: None)

        outcomes = asyncio.run(make())
    screen = terminal.screen
    for outcome in outcomes:
        click.echo(line(outcome, screen))
    if not outcomes:
        click.echo("The state is up to date.")

"""``pinsync pull``."""

from __future__ import annotations

import os
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pinsync.cli import Terminal
from pinsync.cli.arguments import concurrency_option, content_path, lock_timeout_option

if TYPE_CHECKING:
    from pinsync.pulling.pull import Pull


@click.command("pull", short_help="Write what somebody changed on Pinterest into the files.")
@content_path
@click.option(
    "--address", "addresses", multiple=True, metavar="ADDRESS", help="Only this, whatever its policy; may be repeated."
)
@click.option("--dry-run", is_flag=True, help="Only show how the files would change.")
@lock_timeout_option
@concurrency_option
@click.pass_obj
def command(
    terminal: Terminal,
    path: Path,
    addresses: tuple[str, ...],
    dry_run: bool,
    lock_timeout: float,
    concurrency: int | None,
) -> None:
    """Writes what somebody changed on Pinterest into the files of the content root at or above PATH.

    Takes all that drifted, except where `on_drift: revert` says otherwise or the file was changed as well; with --address
    just that, over what the file says. Only the values change: comments, order and formatting stay. What cannot be
    written is named, with the reason; with --address that is an error. Exits 0; 1 on an error.
    """
    import asyncio

    from pinsync.pulling.pull import carry_out, prepare
    from pinsync.session import open_session
    from pinsync.state.writing import writing

    session = open_session(path, os.environ, concurrency=concurrency, tell=terminal.tell, watch=terminal.watch)
    with nullcontext() if dry_run else writing(session.backend, "pull", lock_timeout, terminal.tell):
        state = session.read_state()

        async def look() -> Pull:
            async with session.client() as client:
                return await prepare(session, state, client, addresses)

        pull = asyncio.run(look())
        _show(pull, terminal, files=dry_run or not terminal.quiet)
        if not dry_run:
            carry_out(session, state, pull)
    if not dry_run:
        _summarise(pull)
    if addresses and pull.left_out:
        raise click.exceptions.Exit(1)


def _show(pull: Pull, terminal: Terminal, *, files: bool) -> None:
    from pinsync.report.differences import unified

    for file in pull.files if files else ():
        click.echo(unified(file.file, file.before, file.after, terminal.screen), nl=False)
    for one in pull.left_out:
        what = f", {one.what}" if one.what else ""
        terminal.tell(f"Left out: {one.address}{what}: {one.reason}.")


def _summarise(pull: Pull) -> None:
    from pinsync.report.problems import counted

    if not pull.values:
        click.echo("Nothing to pull.")
        return
    click.echo(f"Pulled {counted(pull.values, 'value')} into {counted(len(pull.files), 'file')}.")

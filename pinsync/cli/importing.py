"""``pinsync import``."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pinsync.cli import Terminal
from pinsync.cli.arguments import concurrency_option, lock_timeout_option

if TYPE_CHECKING:
    from pinsync.importing.fetching import Fetcher
    from pinsync.importing.result import Result
    from pinsync.session import Session

_media_option = click.option(
    "--media",
    type=click.Choice(["download", "link"]),
    default="download",
    show_default=True,
    help="Save the pictures beside the files, or refer to their web addresses.",
)
_into_option = click.option(
    "--into", default="", metavar="FOLDER", help="Where below the content root the files go (default: the root)."
)


@click.group(
    "import",
    short_help="Turn what is on Pinterest, or in a CSV file, into content.",
    invoke_without_command=True,
    subcommand_metavar="[csv FILE]",
)
@click.option(
    "--board", "boards", multiple=True, metavar="NAME", help="Import the board of this name; may be repeated."
)
@click.option("--all", "everything", is_flag=True, help="Import all boards of your own that are not secret.")
@click.option("--pin", metavar="ID", help="Import this pin alone, by its id or its web address.")
@click.option("--to", "address", metavar="ADDRESS", help="With --pin: its address, such as pin.autumn/soup.")
@_media_option
@_into_option
@concurrency_option
@lock_timeout_option
@click.pass_context
def command(
    ctx: click.Context,
    boards: tuple[str, ...],
    everything: bool,
    pin: str | None,
    address: str | None,
    media: str,
    into: str,
    concurrency: int | None,
    lock_timeout: float,
) -> None:
    """Writes boards that exist on Pinterest, with their sections and pins, as files into the content root at or above the
    current folder, and remembers them: the next plan has nothing to do. No file is ever overwritten, nothing changes on
    Pinterest.

    Stopped at any point, the same command goes on where it was. Exits 0; 1 if something could not be imported that another
    run may import; 130 (143) when stopped.
    """
    if ctx.invoked_subcommand:
        return
    if sum((bool(boards), everything, pin is not None)) != 1:
        raise click.UsageError("Say what to import: --board NAME, --all, --pin ID, or csv FILE.", ctx)
    if (pin is None) != (address is None) or (pin and into):
        raise click.UsageError("--pin and --to ADDRESS belong together, without --into.", ctx)
    terminal: Terminal = ctx.obj

    async def work(session: Session, folder: str) -> Result:
        import os
        import sys

        from pinsync.errors import Interrupted
        from pinsync.importing.account import JOURNAL, Importer
        from pinsync.importing.journal import journal_in
        from pinsync.importing.one import import_one
        from pinsync.report.imports import following
        from pinsync.report.screen import screen_on

        with journal_in(session.content.root / JOURNAL) as journal:
            async with session.client() as client, _fetcher(session, media) as fetcher:
                importer = Importer(session, session.read_state(), client, fetcher, journal, folder)
                if pin and address:
                    return await import_one(importer, client, pin, address)
                with following(sys.stderr, screen_on(sys.stderr, os.environ), quiet=terminal.quiet) as listener:
                    try:
                        return await importer.boards(boards, listener)
                    except Interrupted:
                        return importer.result

    _run(terminal, work, into, concurrency, lock_timeout)


@command.command("csv")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_media_option
@_into_option
@click.option(
    "--keywords",
    type=click.Choice(["append", "hashtags", "ignore"]),
    default="ignore",
    show_default=True,
    help="What becomes of keywords, which the API does not take: words or hashtags at the end of the description.",
)
@concurrency_option
@lock_timeout_option
@click.pass_obj
def csv_(
    terminal: Terminal, file: Path, media: str, into: str, keywords: str, concurrency: int | None, lock_timeout: float
) -> None:
    """Writes the rows of FILE, in the format of Pinterest's own bulk upload, as pins into the content root at or above the
    current folder. All mistakes are told before anything is written. Asks nothing of Pinterest's API.

    A row that was imported is not imported again.
    """

    async def work(session: Session, folder: str) -> Result:
        from pinsync.errors import Interrupted
        from pinsync.importing.journal import journal_in
        from pinsync.importing.spreadsheet import JOURNAL, CsvProblems, Spreadsheet
        from pinsync.report.problems import as_text

        with journal_in(session.content.root / JOURNAL) as journal:
            async with _fetcher(session, media) as fetcher:
                spreadsheet = Spreadsheet(session, fetcher, journal, folder, keywords)
                try:
                    return await spreadsheet.run(file)
                except Interrupted:
                    return spreadsheet.result
                except CsvProblems as error:
                    click.echo(as_text(error.problems, Path()), err=True, nl=False)
                    raise

    _run(terminal, work, into, concurrency, lock_timeout, need_token=False)


def _run(
    terminal: Terminal,
    work: Callable[[Session, str], Awaitable[Result]],
    into: str,
    concurrency: int | None,
    lock_timeout: float,
    *,
    need_token: bool = True,
) -> None:
    """Does the work under the lock of the state, says what came of it, and exits."""
    import asyncio
    import os
    from dataclasses import replace

    from pinsync.applying.stopping import on_signals
    from pinsync.importing.placing import folder_below
    from pinsync.report.imports import summary
    from pinsync.report.problems import path_shown
    from pinsync.session import open_session
    from pinsync.state.backends import backend_at
    from pinsync.state.writing import writing

    backend = backend_at(Path())
    with writing(backend, "import", lock_timeout, terminal.tell):
        # Read under the lock: another import may have written files until just now.
        session = open_session(Path(), os.environ, concurrency=concurrency, need_token=need_token, tell=terminal.tell)
        session = replace(session, backend=backend)
        folder = folder_below(session.content.root, into)

        async def guarded() -> Result:
            with on_signals(session.stop, terminal.tell):
                return await work(session, folder)

        result = asyncio.run(guarded())
    place = path_shown(session.content.root, folder)
    click.echo(summary(result, place, terminal.screen, stopped=session.stop.asked), nl=False)
    if session.stop.asked:
        raise click.exceptions.Exit(128 + session.stop.signal)
    if not result.complete:
        raise click.exceptions.Exit(1)


@asynccontextmanager
async def _fetcher(session: Session, media: str) -> AsyncIterator[Fetcher | None]:
    from pinsync.importing.fetching import fetching
    from pinsync.importing.placing import WORK

    if media == "link":
        yield None
        return
    here = session.access.environment == "emulator"
    timing = session.stop.timing(session.timing)
    async with fetching(session.content.root / WORK, timing.sleep, session.transport, here=here) as fetcher:
        yield fetcher

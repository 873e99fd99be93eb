"""``pinsync analytics``."""

from __future__ import annotations

import os
from pathlib import Path

import click

from pinsync.analytics.metrics import DEFAULT
from pinsync.cli import Terminal
from pinsync.cli.arguments import concurrency_option


@click.command("analytics", short_help="Show what Pinterest counts of pins, boards and campaigns.")
@click.argument("addresses", nargs=-1, metavar="[ADDRESS]...")
@click.option(
    "--board",
    "boards",
    multiple=True,
    metavar="KEY",
    help="Pins on this board; * stands for anything; may be repeated.",
)
@click.option(
    "--since",
    default="30d",
    show_default=True,
    metavar="DAYS|DATE",
    help="The last so many days (30d) or weeks (4w), or from this day (2026-11-01); Pinterest answers 90 days back.",
)
@click.option("--until", default="", metavar="DATE", help="The last day. [default: yesterday, in UTC as all days are]")
@click.option(
    "--metrics",
    default=DEFAULT,
    show_default=True,
    metavar="METRIC,...",
    help="What to show, by Pinterest's names, or all.",
)
@click.option(
    "--by",
    type=click.Choice(["pin", "board", "section", "campaign"]),
    default="pin",
    show_default=True,
    help="What a row is; a campaign is the utm_campaign of a pin's link.",
)
@click.option("--sort", default="", metavar="METRIC", help="Most of this first. [default: the first of --metrics]")
@click.option("--limit", type=click.IntRange(1), metavar="N", help="Only the first N rows.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["table", "csv", "json", "html"]),
    help="How to show it. [default: by the ending of --out, else table]",
)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write it to this file.")
@click.option(
    "--max-calls", type=click.IntRange(0), metavar="N", help="Make at most so many calls; 0 shows what is known."
)
@concurrency_option
@click.pass_obj
def command(
    terminal: Terminal,
    addresses: tuple[str, ...],
    boards: tuple[str, ...],
    since: str,
    until: str,
    metrics: str,
    by: str,
    sort: str,
    limit: int | None,
    format_: str | None,
    out: Path | None,
    max_calls: int | None,
    concurrency: int | None,
) -> None:
    """Shows what Pinterest counts of the pins with these ADDRESSes, or on the boards and in the sections with them; * stands
    for anything. Without any, of all pins of the content root at or above the working folder.

    Numbers of days that Pinterest has finished counting are kept, and not asked for again. Exits 0; 1 on an error, or where
    Pinterest failed to answer for some pins; 3 where calls were too few for all pins. What is there is shown all the same.
    """
    import asyncio
    import shutil
    import sys

    from pinsync.analytics.answering import Question, answer
    from pinsync.analytics.fetching import FAILED, LATER
    from pinsync.report.analytics import FORMATS
    from pinsync.report.analytics.saving import ENDINGS, save
    from pinsync.report.analytics.table import Screen
    from pinsync.session import open_session

    session = open_session(Path(), os.environ, concurrency=concurrency, tell=terminal.tell)
    question = Question(addresses, boards, since, until, metrics, by, sort, limit, max_calls)
    report = asyncio.run(
        answer(session, question, lambda sentence: None if terminal.quiet else terminal.tell(sentence))
    )
    format_ = format_ or (ENDINGS.get(out.suffix.lower(), "table") if out else "table")
    encoding = "utf-8" if out else sys.stdout.encoding
    text = FORMATS[format_](report, Screen(shutil.get_terminal_size((100, 24)).columns, encoding))
    if out:
        save(text, out)
        terminal.tell(f"Analytics: {out}")
    else:
        click.echo(text, nl=False)
    kinds = {lack.kind for lack in report.lacks}
    if FAILED in kinds or LATER in kinds:
        raise click.exceptions.Exit(1 if FAILED in kinds else 3)

"""``pinsync schedule``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from pinsync.cli import Terminal
from pinsync.cli.arguments import content_path


@click.command("schedule", short_help="Show when pins are to appear.")
@content_path
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "json", "ics", "html"]),
    default="text",
    show_default=True,
    help="How to show it; ics is what calendars read.",
)
@click.option("--all", "everything", is_flag=True, help="Those that are published already, too.")
@click.pass_obj
def command(terminal: Terminal, path: Path, format_: str, everything: bool) -> None:
    """Shows the pins of the content root at or above PATH that have a `publish_at` or a slot (`spread` in pinsync.yaml), in
    the order of their times: what is due and what is scheduled. Times are those of `timezone` in pinsync.yaml, else of this
    machine. Offline, unless the state is elsewhere.
    """
    from datetime import UTC, datetime

    from pinsync.content.loading import load_valid
    from pinsync.planning.agenda import agenda
    from pinsync.planning.live import NOT_READ
    from pinsync.planning.planner import Options, make_plan
    from pinsync.report.schedules import FORMATS
    from pinsync.state.backends import backend_for

    content = load_valid(path, terminal.watch)
    settings, now = content.settings, datetime.now(UTC)
    state = backend_for(settings).read()
    slots: Mapping[str, str] = {}
    if settings.spread:
        options = Options(now, settings.environment, "", settings.policies, spread=settings.spread)
        slots = make_plan(content.resources, state, NOT_READ, options).slots
    dates = agenda(content.resources, state, now, slots)
    shown = [date for date in dates if everything or date.status != "published"]
    click.echo(FORMATS[format_](shown, settings.timezone, terminal.screen), nl=False)

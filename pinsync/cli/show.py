"""``pinsync show``."""

from __future__ import annotations

from pathlib import Path

import click

from pinsync.cli import Terminal
from pinsync.report.plans import FORMATS


@click.command("show", short_help="Show a saved plan, or what pinsync remembers.")
@click.argument("path", type=click.Path(path_type=Path), default=Path(), metavar="[PLANFILE | PATH]")
@click.option(
    "--format",
    "format_",
    type=click.Choice(FORMATS),
    default="text",
    show_default=True,
    help="How to show it; for the state text or json.",
)
@click.pass_obj
def command(terminal: Terminal, path: Path, format_: str) -> None:
    """Shows the plan that `pinsync plan --out PLANFILE` saved; without one, what is remembered of the content root at or
    above PATH: each address with its id, its title and when it was made and changed last. Offline.
    """
    from pinsync.applying.saved import is_plan_file

    click.echo(_plan(path, format_, terminal) if is_plan_file(path) else _state(path, format_, terminal), nl=False)


def _plan(file: Path, format_: str, terminal: Terminal) -> str:
    from pinsync.applying.saved import load
    from pinsync.report.plans import View, render

    plan, root = load(file)
    return render(plan, View(root.name, plan.inputs.environment, screen=terminal.screen, root=root.resolve()), format_)


def _state(path: Path, format_: str, terminal: Terminal) -> str:
    from pinsync.errors import UsageError
    from pinsync.report.states import FORMATS as STATES
    from pinsync.state.backends import backend_at

    if format_ not in STATES:
        raise UsageError(f"the state has no {format_} form", "Choose text or json, or name a saved plan.")
    return STATES[format_](backend_at(path).read(), terminal.screen)

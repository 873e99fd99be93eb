"""``pinsync workspaces``."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pinsync.cli import Terminal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pinsync.content.workspaces import Workspace
    from pinsync.report.screen import Screen


@click.command("workspaces", short_help="List the content folders of a repository.")
@click.argument("path", type=click.Path(path_type=Path), default=Path(), metavar="[PATH]")
@click.option("--changed-since", metavar="REVISION", help="Only those with changes since the branch left this one.")
@click.option("--json", "as_json", is_flag=True, help="As a JSON array, such as a CI matrix takes.")
@click.pass_obj
def command(terminal: Terminal, path: Path, changed_since: str | None, as_json: bool) -> None:
    """Lists all content roots at or below PATH. Each has a pinsync.yaml with its own environment, limits and state.

    Exits 1 if a pinsync.yaml has mistakes.
    """
    from pinsync.content.workspaces import changed_files, find_workspaces, touched
    from pinsync.report.problems import as_text

    found = find_workspaces(path)
    if changed_since is not None:
        found = touched(found, changed_files(path, changed_since))
    if as_json:
        click.echo(json.dumps([_row(workspace) for workspace in found]))
    else:
        click.echo(_listed(found, terminal.screen), nl=False)
    for workspace in found:
        click.echo(as_text(workspace.problems, workspace.settings.root), err=True, nl=False)
    if any(workspace.problems for workspace in found):
        raise click.exceptions.Exit(1)


def _listed(found: Sequence[Workspace], screen: Screen | None) -> str:
    from pinsync.report.escaping import terminal
    from pinsync.report.screen import Piece

    rows = [
        [terminal(text) for text in (one.path, one.settings.environment, one.settings.tier, one.settings.profile)]
        for one in found
    ]
    if screen and rows:
        return screen.table(("folder", "environment", "tier", "profile"), [[*map(Piece, row)] for row in rows])
    return "".join(
        f"{path}  {environment}, {tier}{f', profile {profile}' if profile else ''}\n"
        for path, environment, tier, profile in rows
    )


def _row(workspace: Workspace) -> dict[str, Any]:
    """One workspace as JSON; ``rates`` are those in force, the published ones included."""
    from pinsync.pinterest.limits import limits_for

    settings = workspace.settings
    rates = limits_for(settings.tier, settings.rates)
    return {
        "path": workspace.path,
        "environment": settings.environment,
        "tier": settings.tier,
        "profile": settings.profile,
        "state_backend": settings.state_backend,
        "state": Path(os.path.relpath(settings.state_path, settings.root)).as_posix(),
        "rates": {
            category: [{"calls": calls, "seconds": seconds} for calls, seconds in windows]
            for category, windows in rates.items()
        },
        "limits": {**settings.policies.limits, "from": settings.policies.limits_from},
        "max_writes": settings.max_writes,
    }

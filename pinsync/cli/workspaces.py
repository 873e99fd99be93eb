"""``pinsync workspaces``."""

from __future__ import annotations

import json
import os
from pathlib import Path

import click


@click.command("workspaces", short_help="List the content folders of a repository.")
@click.argument("path", type=click.Path(path_type=Path), default=Path(), metavar="[PATH]")
@click.option("--changed-since", metavar="REVISION", help="Only those with changes since the branch left this one.")
@click.option("--json", "as_json", is_flag=True, help="As a JSON array, such as a CI matrix takes.")
def command(path: Path, changed_since: str | None, as_json: bool) -> None:
    """Lists all content roots at or below PATH. Each has a pinsync.yaml with its own environment, limits and state.

    Exits 1 if a pinsync.yaml has mistakes.
    """
    from pinsync.content.workspaces import changed_files, find_workspaces, touched
    from pinsync.report.escaping import terminal
    from pinsync.report.problems import as_text

    found = find_workspaces(path)
    if changed_since is not None:
        found = touched(found, changed_files(path, changed_since))
    if as_json:
        rows = [
            {
                "path": workspace.path,
                "environment": workspace.settings.environment,
                "tier": workspace.settings.tier,
                "profile": workspace.settings.profile,
                "state_backend": workspace.settings.state_backend,
                "state": Path(os.path.relpath(workspace.settings.state_path, workspace.settings.root)).as_posix(),
            }
            for workspace in found
        ]
        click.echo(json.dumps(rows))
    else:
        for workspace in found:
            settings = workspace.settings
            click.echo(f"{terminal(workspace.path)}  {terminal(settings.environment)}, {terminal(settings.tier)}")
    for workspace in found:
        click.echo(as_text(workspace.problems, workspace.settings.root), err=True, nl=False)
    if any(workspace.problems for workspace in found):
        raise click.exceptions.Exit(1)

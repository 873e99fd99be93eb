"""``pinsync validate``."""

from __future__ import annotations

from pathlib import Path

import click

from pinsync.cli.arguments import content_path


@click.command("validate", short_help="Check all content and pictures, offline.")
@content_path
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "json", "github"]),
    default="text",
    show_default=True,
    help="github: annotations at the lines of the pull request.",
)
def command(path: Path, format_: str) -> None:
    """Checks every file and picture of the content root at or above PATH and prints all problems at once.

    Works offline and without credentials. Exits 1 if there are errors.
    """
    from pinsync.content.loading import load
    from pinsync.report.problems import FORMATS, counted

    content = load(path)
    click.echo(FORMATS[format_](content.problems, content.root), nl=False)
    errors = len(content.errors)
    if format_ == "text":
        warnings = len(content.problems) - errors
        counts = ", ".join(
            counted(number, noun) for number, noun in ((errors, "error"), (warnings, "warning")) if number
        )
        click.echo(f"{counted(len(content.resources), 'resource')} checked: {counts or 'no problems'}.")
    if errors:
        raise click.exceptions.Exit(1)

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
@click.option("--strict", is_flag=True, help="Exit 1 for warnings, too.")
def command(path: Path, format_: str, strict: bool) -> None:
    """Checks every file and picture of the content root at or above PATH and prints all problems at once.

    Works without credentials, and offline. Exits 1 if there are errors. A warning names its rule in
    brackets; `lints:` in pinsync.yaml, a _defaults.yaml or a pin switches it off or makes it an error.
    """
    from pinsync.content.linting.running import lint
    from pinsync.content.loading import load
    from pinsync.content.problems import ERROR, ordered
    from pinsync.report.problems import FORMATS, counted

    content = load(path)
    problems = ordered([*content.problems, *lint(content)])
    click.echo(FORMATS[format_](problems, content.root), nl=False)
    errors = sum(problem.severity == ERROR for problem in problems)
    warnings = len(problems) - errors
    if format_ == "text":
        counts = ", ".join(
            counted(number, noun) for number, noun in ((errors, "error"), (warnings, "warning")) if number
        )
        click.echo(f"{counted(len(content.resources), 'resource')} checked: {counts or 'no problems'}.")
    if errors or (strict and warnings):
        raise click.exceptions.Exit(1)

"""``pinsync validate``."""

from __future__ import annotations

from pathlib import Path

import click

from pinsync.cli import Terminal
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
@click.option("--links", is_flag=True, help="Ask the hosts whether the links of the pins lead somewhere.")
@click.option(
    "--allow-private-links", is_flag=True, help="With --links, also ask addresses that are not of the public internet."
)
@click.pass_obj
def command(terminal: Terminal, path: Path, format_: str, strict: bool, links: bool, allow_private_links: bool) -> None:
    """Checks every file and picture of the content root at or above PATH and prints all problems at once.

    Works without credentials and, without --links, offline. Exits 1 if there are errors. A warning names its rule in
    brackets; `lints:` in pinsync.yaml, a _defaults.yaml or a pin switches it off or makes it an error.
    """
    from pinsync.content.linting.running import lint
    from pinsync.content.loading import load
    from pinsync.content.problems import ERROR, ordered
    from pinsync.report.problems import FORMATS, as_text, counted

    content = load(path, terminal.watch)
    found = [*content.problems, *lint(content)]
    if links:
        from pinsync.linkchecking.content import check_links

        report = check_links(content, allow_private=allow_private_links)
        found += report.problems
        for note in report.notes:
            terminal.note(note)
    problems = ordered(found)
    if format_ == "text":
        click.echo(as_text(problems, content.root, terminal.screen), nl=False)
    else:
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

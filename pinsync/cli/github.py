"""``pinsync github``."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from pathlib import Path

import click

from pinsync.cli import Terminal, load, root
from pinsync.cli.arguments import content_path

_file = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="PLANFILE|RESULT")


@click.group("github", short_help="Tell GitHub what a plan or an apply came to.")
def command() -> None:
    """For GitHub Actions: comments, summaries and annotations. `run` is what the action itself calls."""


@command.command()
@click.argument("name", metavar="COMMAND", type=click.Choice(["validate", "plan", "apply", "drift"]))
@content_path
@click.option("--comment/--no-comment", default=True, show_default=True, help="Write to the pull request.")
@click.option(
    "--fail-on",
    type=click.Choice(["error", "held", "changes"]),
    default="error",
    show_default=True,
    help="When the step fails: for errors only, also for what is held back, or for any change (or drift).",
)
@click.option("--deployment", is_flag=True, help="After an apply, note a deployment of the commit.")
@click.option("--preview/--no-preview", default=True, show_default=True, help="With a plan, leave a page of its pins.")
@click.option("--flags", default="", metavar="TEXT", help="More options of COMMAND, as in a shell: '--prune --force'.")
@click.pass_obj
def run(
    terminal: Terminal, name: str, path: Path, comment: bool, fail_on: str, deployment: bool, preview: bool, flags: str
) -> None:
    """Runs COMMAND for the content root at or above PATH, and tells GitHub: annotations at the lines of the files, one comment
    in the pull request that is kept up to date, the summary of the job, outputs for other steps.

    Content is checked in any case. In a pull request from a fork, which gets no secrets, that is all.
    """
    from pinsync.errors import UsageError
    from pinsync.github.running import Step, Wishes, exit_code, folder_for

    try:
        more = tuple(shlex.split(flags))
    except ValueError as error:
        raise UsageError(f"--flags cannot be read: {error}", "Quote it as in a shell.") from None
    wishes = Wishes(name, path, more, comment, fail_on, deployment, preview, folder_for(os.environ))
    step = Step(wishes, os.environ, lambda arguments: exit_code(lambda: _call(terminal, arguments)))
    code = exit_code(step.run)
    if code:
        raise click.exceptions.Exit(code)


@command.command()
@_file
@content_path
def comment(file: Path, path: Path) -> None:
    """Writes the saved plan, or the result of `pinsync apply --result`, into the pull request of this run: one comment for each
    content root, updated in place."""
    from pinsync.errors import UsageError
    from pinsync.github.bodies import COMMENT_LIMIT
    from pinsync.github.client import GitHub
    from pinsync.github.surroundings import surroundings
    from pinsync.pinterest.credentials import secret_in

    where = surroundings(os.environ)
    marker, body = _body(file, path, COMMENT_LIMIT)
    token = secret_in(os.environ, "GITHUB_TOKEN")
    if not token.reveal():
        raise UsageError("GITHUB_TOKEN is not set", "Give the step `env: {GITHUB_TOKEN: ${{ github.token }}}`.")
    with GitHub(os.environ.get("GITHUB_API_URL", "https://api.github.com"), where.repository, token) as github:
        number = where.pull_request or github.merged_as(where.sha)
        if not number:
            raise UsageError("this run belongs to no pull request", "Use `pinsync github summary` instead.")
        click.echo(github.put_comment(number, marker, f"{marker}\n{body}"))


@command.command()
@_file
@content_path
def summary(file: Path, path: Path) -> None:
    """Adds the saved plan, or the result of `pinsync apply --result`, to the summary of the job; prints it where there is none."""
    from pinsync.github.bodies import SUMMARY_LIMIT
    from pinsync.github.outputs import append_summary
    from pinsync.github.surroundings import surroundings

    _, body = _body(file, path, SUMMARY_LIMIT)
    where = surroundings(os.environ)
    if where.summary is None:
        click.echo(body, nl=False)
    append_summary(where.summary, body)


def _body(file: Path, path: Path, limit: int) -> tuple[str, str]:
    """The marker and the text of what a file is about."""
    from pinsync.applying import results, saved
    from pinsync.content.loading import load as load_content
    from pinsync.errors import PlanRefused
    from pinsync.github import bodies
    from pinsync.github.running import place_of
    from pinsync.github.surroundings import surroundings

    where = surroundings(os.environ)
    content = load_content(path)
    place = place_of(content.root, where)
    try:
        plan, _ = saved.load(file)
    except PlanRefused:
        found = results.read(file)
        return bodies.marker("apply", f"{place} {where.sha}"), bodies.of_results(found, place, where, limit)
    told = saved.cost_in_words(file)
    return bodies.marker("plan", place), bodies.of_plan(
        plan, place, told, content.resources, content.root, where, limit
    )


def _call(terminal: Terminal, arguments: Sequence[str]) -> object:
    name, *rest = arguments
    return load(name).main(
        args=rest,
        prog_name=f"pinsync {name}",
        standalone_mode=False,
        obj=terminal,
        auto_envvar_prefix=f"PINSYNC_{name.upper()}",
        **root.context_settings,
    )

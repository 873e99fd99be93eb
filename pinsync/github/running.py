"""A whole step of the action: a command of pinsync, and all that GitHub is told of it."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import click

from pinsync.applying import results, saved
from pinsync.content.linting.running import lint
from pinsync.content.loading import Content, load
from pinsync.content.problems import ERROR, Problem, ordered
from pinsync.errors import PinsyncError, UsageError
from pinsync.github import annotating, bodies
from pinsync.github.client import GitHub, GitHubRefused
from pinsync.github.outputs import append_outputs, append_summary
from pinsync.github.surroundings import Surroundings, surroundings
from pinsync.pinterest.credentials import TOKEN, Secret, secret_in
from pinsync.planning.plan import Plan
from pinsync.report.escaping import workflow
from pinsync.report.problems import as_github

COMMANDS = ("validate", "plan", "apply", "drift")
FAIL_ON = ("error", "held", "changes")
_CREDENTIALS = (TOKEN, "PINTEREST_REFRESH_TOKEN", "PINTEREST_APP_ID")


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the inputs of the action say. ``flags`` go to the command as they are, ``fail_on`` is one of :data:`FAIL_ON`,
    ``preview`` says whether a plan comes with a page of its pins,
    ``folder`` is where plans and results are left for other steps."""

    command: str
    path: Path
    flags: tuple[str, ...]
    comment: bool
    fail_on: str
    deployment: bool
    preview: bool
    folder: Path


class Step:
    """One run of the action. ``call`` runs a command of pinsync with arguments and returns its exit code."""

    def __init__(self, wishes: Wishes, environ: Mapping[str, str], call: Callable[[Sequence[str]], int]) -> None:
        self._wishes = wishes
        self._environ = environ
        self._call = call
        self._where = surroundings(environ)
        self._outputs: dict[str, str] = {"has-changes": "false", "plan-file": "", "result-file": "", "preview-file": ""}

    def run(self) -> int:
        """Does the step; returns its exit code. Raises PinsyncError where pinsync itself does."""
        content = load(self._wishes.path)
        self._place = place_of(content.root, self._where)
        try:
            code = self._run(content)
        finally:
            append_outputs(self._where.output, self._outputs)
        return code

    def _run(self, content: Content) -> int:
        problems = ordered([*content.problems, *lint(content)])
        click.echo(as_github(problems, content.root), nl=False)
        if any(problem.severity == ERROR for problem in problems):
            self._tell("plan", lambda limit: bodies.of_problems(problems, self._place, self._where, limit))
            return 1
        if self._wishes.command == "validate":
            return 0
        if self._is_locked_out(content):
            sentence = "The content is valid. There is no plan, because a pull request from a fork gets no secrets."
            self._tell("plan", lambda limit: bodies.note(self._place, sentence, self._where))
            return 0
        return {"plan": self._plan, "apply": self._apply, "drift": self._drift}[self._wishes.command](content)

    def _is_locked_out(self, content: Content) -> bool:
        return self._where.fork and not any(self._environ.get(name) for name in _CREDENTIALS)

    def _plan(self, content: Content) -> int:
        file = self._wishes.folder / f"plan-{_slug(self._place)}.json"
        file.unlink(missing_ok=True)
        code = self._call(["plan", str(self._wishes.path), "--out", str(file), *self._wishes.flags])
        if not file.exists():
            return code or 1
        self._preview(file)
        plan, _ = saved.load(file)
        cost = saved.cost_in_words(file)
        self._note(annotating.of_plan(plan), content)
        self._outputs |= {"plan-file": str(file), **_counted(plan)}
        self._tell(
            "plan",
            lambda limit: bodies.of_plan(plan, self._place, cost, content.resources, content.root, self._where, limit),
        )
        held = any(change.action.value == "held" for change in plan.changes)
        failing = {"error": False, "held": held, "changes": held or bool(plan.to_do)}[self._wishes.fail_on]
        return code or int(failing)

    def _preview(self, plan: Path) -> None:
        """The pins as a page, for the artifact: what can't be shown is no reason to fail."""
        if not self._wishes.preview:
            return
        page = self._wishes.folder / f"preview-{_slug(self._place)}.html"
        with redirect_stdout(io.StringIO()):
            code = self._call(["preview", str(self._wishes.path), "--plan", str(plan), "--out", str(page)])
        if code:
            click.echo("::warning title=pinsync::there is no preview of this plan")
        else:
            self._outputs["preview-file"] = str(page)

    def _apply(self, content: Content) -> int:
        file = self._wishes.folder / f"result-{_slug(self._place)}.json"
        file.unlink(missing_ok=True)
        arguments = ["apply", str(self._wishes.path), "--auto-approve", "--result", str(file), *self._wishes.flags]
        code = self._call(arguments)
        if not file.exists():
            return code or 1
        found = results.read(file)
        self._outputs |= {
            "result-file": str(file),
            "has-changes": str(bool(found.outcomes)).lower(),
            **{result.replace(" ", "-"): str(count) for result, count in found.counts.items()},
            "postponed": str(found.postponed),
        }

        def body(limit: int) -> str:
            return bodies.of_results(found, self._place, self._where, limit)

        append_summary(self._where.summary, body(bodies.SUMMARY_LIMIT))
        if found.outcomes:
            self._on_github(lambda github: self._tell_merged(github, body(bodies.COMMENT_LIMIT)))
        if self._wishes.deployment:
            description = ", ".join(f"{count} {word}" for word, count in found.counts.items()) or "nothing to do"
            self._on_github(
                lambda github: github.deploy(
                    self._where.sha, f"pinterest-{found.environment}", succeeded=code in (0, 3), description=description[:140],
                    log=self._where.run_url,
                )
            )  # fmt: skip
        if code == 3:
            click.echo(
                f"::notice title=pinsync::{workflow('What did not fit into the quota is left for the next run.')}"
            )
            return 0
        return code

    def _drift(self, content: Content) -> int:
        out = io.StringIO()
        with redirect_stdout(out):
            code = self._call(["drift", str(self._wishes.path), "--format", "markdown", *self._wishes.flags])
        append_summary(
            self._where.summary, bodies.of_drift(out.getvalue(), self._place, self._where, bodies.SUMMARY_LIMIT)
        )
        self._outputs["has-changes"] = str(code == 2).lower()
        click.echo(
            f"::{'warning' if code == 2 else 'notice'} title=pinsync::{workflow(out.getvalue().splitlines()[0])}"
        )
        return {2: int(self._wishes.fail_on != "error")}.get(code, code)

    def _tell(self, kind: str, body: Callable[[int], str]) -> None:
        """Writes to the summary, and to the comment of the pull request."""
        append_summary(self._where.summary, body(bodies.SUMMARY_LIMIT))
        number = self._where.pull_request
        if number:
            marker = bodies.marker(kind, self._place)
            text = f"{marker}\n{body(bodies.COMMENT_LIMIT)}"
            self._on_github(lambda github: self._commented(github.put_comment(number, marker, text)))

    def _tell_merged(self, github: GitHub, body: str) -> None:
        number = self._where.pull_request or github.merged_as(self._where.sha)
        if number:
            marker = bodies.marker("apply", f"{self._place} {self._where.sha}")
            self._commented(github.put_comment(number, marker, f"{marker}\n{body}"))

    def _commented(self, address: str) -> None:
        self._outputs["comment-url"] = address

    def _on_github(self, work: Callable[[GitHub], object]) -> None:
        """Writes to GitHub, where that is wanted and possible. That it is not possible never fails the step: what pinsync did is
        done."""
        token = secret_in(self._environ, "GITHUB_TOKEN")
        if not self._wishes.comment or not token.reveal():
            return
        try:
            with self._github(token) as github:
                work(github)
        except GitHubRefused as error:
            if self._where.fork and error.forbidden:
                sentence = "a pull request from a fork may not be commented; the summary of the job has it all"
            else:
                sentence = f"{error.message}. {error.advice}"
            click.echo(f"::warning title=pinsync::{workflow(sentence)}")

    def _github(self, token: Secret) -> GitHub:
        return GitHub(self._environ.get("GITHUB_API_URL", "https://api.github.com"), self._where.repository, token)

    def _note(self, problems: Sequence[Problem], content: Content) -> None:
        click.echo(as_github(problems, content.root), nl=False)


def exit_code(call: Callable[[], object]) -> int:
    """Runs a click command; what it would have exited with. An error that a person can act on is shown as an annotation."""
    from pinsync.cli.failing import explain

    try:
        found = call()
    except click.exceptions.Exit as end:
        return int(end.exit_code)
    except PinsyncError as error:
        click.echo(f"::error title=pinsync::{workflow(f'{error.message}. {error.advice}')}")
        return explain(error)
    return found if isinstance(found, int) else 0


def folder_for(environ: Mapping[str, str]) -> Path:
    """Where plans and results are left for other steps. Raises UsageError where it cannot be made."""
    folder = Path(environ.get("RUNNER_TEMP") or os.curdir) / "pinsync"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise UsageError(
            f"{folder} cannot be made: {error.strerror}", "It has to be below RUNNER_TEMP, which GitHub Actions sets."
        ) from error
    return folder


def place_of(root: Path, where: Surroundings) -> str:
    """The content root as the repository has it."""
    try:
        path = root.resolve().relative_to(where.workspace.resolve()).as_posix()
    except ValueError:
        return root.name
    return where.repository.rpartition("/")[2] if path == "." else path


def _slug(place: str) -> str:
    return "".join(character if character.isalnum() else "-" for character in place)[:80]


def _counted(plan: Plan) -> dict[str, str]:
    counts = {action.replace("no-op", "unchanged"): str(count) for action, count in plan.summary.items()}
    return {"has-changes": str(bool(plan.to_do)).lower(), **counts}

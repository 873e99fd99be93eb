"""What a pull request is told, in GitHub's Markdown. Text from YAML and from the API is data in it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from pinsync.applying.results import Results
from pinsync.content.problems import ERROR, Problem
from pinsync.github.surroundings import Surroundings
from pinsync.model.resource import Desired
from pinsync.planning.plan import Action, Change, Plan
from pinsync.report.escaping import markdown, page
from pinsync.report.plans.markdown import row
from pinsync.report.plans.words import shown_changes, summary
from pinsync.report.problems import counted

COMMENT_LIMIT = 60_000
"""Characters; GitHub takes 65,536 in a comment."""

SUMMARY_LIMIT = 900_000
"""Characters; GitHub takes 1 MiB in the summary of a step."""

_THUMBNAILS = 12
_SENDABLE = (".jpg", ".jpeg", ".png", ".gif", ".webp")


def marker(kind: str, workspace: str) -> str:
    """The first line of a comment, by which the next run finds it. ``workspace`` is the content root as the repository has it."""
    return f"<!-- pinsync {kind} {hashlib.sha256(workspace.encode()).hexdigest()[:16]} -->"


def of_plan(
    plan: Plan, place: str, cost: str, desired: Mapping[str, Desired], root: Path, where: Surroundings, limit: int
) -> str:
    """The sum, what needs attention, new pins with their pictures, and all changes folded away."""
    changes = shown_changes(plan)
    head = [
        f"### pinsync: {markdown(place)} ({markdown(plan.inputs.environment)})",
        "",
        f"**{markdown(summary(plan))}**",
        "",
    ]
    if cost:
        head += [markdown(cost), ""]
    for one in plan.diagnostics:
        head.append(f"- **{one.severity}**: {markdown(_short(one.message))} {markdown(_short(one.advice))}")
    pictures = "".join(_thumbnail(change, desired, root, where) for change in _newest(changes))
    if pictures:
        head += ["", pictures]
    title = f"<details{' open' if len(changes) <= 5 else ''}><summary>{counted(len(changes), 'change')}</summary>"
    table = [row(_shortened(change)) for change in changes]
    return (
        _whole(head, title, "| | what | title | details |\n|---|---|---|---|", table, where, limit)
        if table
        else _plain(head, where)
    )


def of_results(results: Results, place: str, where: Surroundings, limit: int) -> str:
    """What an apply did, with the addresses of its pins, failures first."""
    counts = ", ".join(f"{count:,} {word}" for word, count in results.counts.items()) or "nothing to do"
    head = [
        f"### pinsync applied: {markdown(place)} ({markdown(results.environment)})",
        "",
        f"**{markdown(counts)}**",
        "",
    ]
    if results.postponed:
        head += [f"{counted(results.postponed, 'change')} left for a later run: it did not fit into the quota.", ""]
    failed = [one for one in results.outcomes if one.result in ("failed", "in doubt")]
    for one in failed:
        head.append(
            f"- **{one.result}**: {markdown(one.address)}: {markdown(_short(one.message))} {markdown(_short(one.advice))}"
        )
    table = [
        f"| {one.action} | {_linked(one.address, one.url)} | {markdown(_short(one.title))} | {one.result} |"
        for one in results.outcomes
    ]
    title = f"<details{' open' if len(table) <= 10 else ''}><summary>{counted(len(table), 'change')}</summary>"
    return (
        _whole(head, title, "| | what | title | result |\n|---|---|---|---|", table, where, limit)
        if table
        else _plain(head, where)
    )


def of_problems(problems: Sequence[Problem], place: str, where: Surroundings, limit: int) -> str:
    """What is wrong with the content; its lines are annotated as well."""
    errors = sum(problem.severity == ERROR for problem in problems)
    head = [
        f"### pinsync: {markdown(place)}", "",
        f"**{counted(errors, 'problem')} in the content; there is no plan until it is right.**", "",
    ]  # fmt: skip
    table = [
        f"| {markdown(f'{one.file}:{max(1, one.line)}')} | {markdown(_short(one.message))} | {markdown(_short(one.advice))} |"
        for one in problems
        if one.severity == ERROR
    ]
    return _whole(
        head,
        "<details open><summary>Problems</summary>",
        "| where | what | instead |\n|---|---|---|",
        table,
        where,
        limit,
    )


def of_drift(text: str, place: str, where: Surroundings, limit: int) -> str:
    """What somebody changed on Pinterest. ``text`` is Markdown of the drift report."""
    lines = text.splitlines()
    return _whole([f"### pinsync drift: {markdown(place)}", ""], "<details open><summary>Details</summary>", "\n".join(lines[:4]),
                  lines[4:], where, limit)  # fmt: skip


def note(place: str, sentence: str, where: Surroundings) -> str:
    """A single sentence, where there is nothing to show."""
    return _plain([f"### pinsync: {markdown(place)}", "", markdown(sentence)], where)


def _whole(head: Sequence[str], title: str, columns: str, table: Sequence[str], where: Surroundings, limit: int) -> str:
    """All of it, or as many lines as fit, with the way to the rest."""
    foot = _foot(where)
    start = "\n".join([*_cut(head, limit // 2), "", title, "", columns])
    left = limit - len(start) - len(foot) - 400
    kept: list[str] = []
    for line in table:
        left -= len(line) + 1
        if left < 0:
            break
        kept.append(line)
    end = "\n\n</details>\n"
    if len(kept) < len(table):
        rest = f"{len(table) - len(kept):,} more did not fit here; the plan in full is among the artifacts of the run"
        end += f"\n{f'[{rest}]({where.run_url})' if where.run_url else rest}.\n"
    return "\n".join([start, *kept]) + end + foot


def _plain(head: Sequence[str], where: Surroundings) -> str:
    return "\n".join(head).rstrip("\n") + "\n" + _foot(where)


def _foot(where: Surroundings) -> str:
    run = f", [run]({where.run_url})" if where.run_url else ""
    return f"\n<sub>for {markdown(where.head[:10])}{run}</sub>\n"


def _cut(lines: Sequence[str], limit: int) -> list[str]:
    kept: list[str] = []
    for number, line in enumerate(lines):
        limit -= len(line) + 1
        if limit < 0:
            return [*kept, f"- and {len(lines) - number:,} more lines"]
        kept.append(line)
    return kept


def _newest(changes: Iterable[Change]) -> list[Change]:
    return [one for one in changes if one.kind == "pin" and one.action in (Action.CREATE, Action.REPLACE)][:_THUMBNAILS]


def _thumbnail(change: Change, desired: Mapping[str, Desired], root: Path, where: Surroundings) -> str:
    pin = desired.get(change.address)
    if pin is None or not pin.images:
        return ""
    image = pin.images[0]
    shown = where.raw(root / image.source) if image.sha256 else image.source
    if not shown or (image.sha256 and not image.source.lower().endswith(_SENDABLE)):
        return ""
    words = page(_short(change.title or change.address, 80))
    return f'<img src="{page(shown)}" width="96" alt="{words}" title="{words}"> '


def _linked(address: str, url: str) -> str:
    # Only Pinterest's own addresses, which pinsync made itself from an id, become links.
    return f"[{markdown(address)}]({url})" if url.startswith("https://www.pinterest.com/pin/") else markdown(address)


def _shortened(change: Change) -> Change:
    from dataclasses import replace

    return replace(
        change, title=_short(change.title), reason=_short(change.reason), notes=tuple(map(_short, change.notes))
    )


def _short(text: str, most: int = 500) -> str:
    return text if len(text) <= most else f"{text[:most]}…"


Body = Callable[[int], str]
"""A text that has at most so many characters."""

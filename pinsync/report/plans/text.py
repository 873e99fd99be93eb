"""A plan for the terminal, and for people who read it in a log."""

from __future__ import annotations

import click

from pinsync.planning.plan import Action, Change, Diagnostic, Plan
from pinsync.report.escaping import terminal
from pinsync.report.plans import View
from pinsync.report.plans.words import (
    MARKS,
    cost,
    label,
    shown_changes,
    shown_drift,
    shown_fields,
    summary,
    value,
    verb,
)

_COLOURS = {
    Action.CREATE: "green",
    Action.UPDATE: "yellow",
    Action.REPLACE: "magenta",
    Action.DELETE: "red",
    Action.MOVE: "cyan",
    Action.ADOPT: "cyan",
    Action.FORGET: "cyan",
    Action.SCHEDULED: "blue",
    Action.HELD: "magenta",
    Action.NO_OP: "yellow",
}
_SEVERITIES = {"error": "red", "warning": "yellow", "info": "blue"}


def render(plan: Plan, view: View) -> str:
    """The changes, each with its fields, then what is to be known, the sum and the cost."""
    paint = _Painter(view.colour)
    lines: list[str] = []
    for change in shown_changes(plan):
        lines += _change(change, paint)
        lines.append("")
    for diagnostic in plan.diagnostics:
        lines += [*_diagnostic(diagnostic, paint), ""]
    lines.append(paint(f"{summary(plan)}", bold=True))
    spent = cost(plan, view)
    if spent:
        lines.append(spent)
    head = [f"{terminal(view.place)} ({terminal(view.environment)})", ""] if len(lines) > 1 else []
    return "\n".join([*head, *lines]) + "\n"


class _Painter:
    def __init__(self, colour: bool) -> None:
        self._colour = colour

    def __call__(self, text: str, fg: str | None = None, *, bold: bool = False, dim: bool = False) -> str:
        return click.style(text, fg=fg, bold=bold or None, dim=dim or None) if self._colour else text


def _change(change: Change, paint: _Painter) -> list[str]:
    mark = f"{MARKS[change.action]} {verb(change):<9}"
    title = f'  "{terminal(change.title)}"' if change.title else ""
    where = paint(f"  {terminal(str(change.origin))}", dim=True) if change.origin else ""
    lines = [f"{paint(mark, _COLOURS[change.action], bold=True)} {terminal(change.address)}{title}{where}"]
    if change.moved_from:
        lines.append(f"    was {terminal(change.moved_from)}")
    if change.reason:
        lines.append(f"    {terminal(change.reason)}")
    width = max((len(label(change.kind, name)) for name in shown_fields(change)), default=0)
    for name, field in shown_fields(change).items():
        shown = label(change.kind, name).ljust(width)
        after = terminal(value(name, field.after))
        if change.action is Action.CREATE or (field.before is None and not change.id):
            lines.append(f"    {shown}  {after}")
        else:
            lines.append(f"    {shown}  {terminal(value(name, field.before))}")
            lines.append(f"    {' ' * width}  -> {after}")
    lines += drift_lines(change)
    lines += [f"    {paint(terminal(note), dim=True)}" for note in change.notes]
    return lines


def drift_lines(change: Change) -> list[str]:
    """What somebody changed on Pinterest: three lines a field."""
    lines: list[str] = []
    for name, values in shown_drift(change).items():
        shown = label(change.kind, name)
        for number, (what, given) in enumerate(values):
            lines.append(f"    {'' if number else shown:<{len(shown)}}  {what:<12}  {terminal(given)}")
    return lines


def _diagnostic(diagnostic: Diagnostic, paint: _Painter) -> list[str]:
    where = (
        f"{diagnostic.origin.file}:{diagnostic.origin.line}:{diagnostic.origin.column}: " if diagnostic.origin else ""
    )
    head = paint(f"{diagnostic.severity}:", _SEVERITIES[diagnostic.severity], bold=True)
    lines = [f"{terminal(where)}{head} {terminal(diagnostic.message)}"]
    if diagnostic.advice:
        lines.append(f"    {terminal(diagnostic.advice)}")
    return lines

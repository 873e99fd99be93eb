"""A plan for the terminal, and for people who read it in a log."""

from __future__ import annotations

from collections.abc import Iterator

from pinsync.model.resource import Origin
from pinsync.planning.plan import Action, Change, Diagnostic, Plan
from pinsync.report.comparing import ADDED, GONE, SAME, compared
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
from pinsync.report.screen import EMPTY, Line, Piece, Screen, row, text_of

# Of the sixteen colours that every terminal has those that can be read on light and on dark.
_COLOURS = {
    Action.CREATE: "green",
    Action.UPDATE: "cyan",
    Action.REPLACE: "magenta",
    Action.DELETE: "red",
    Action.SCHEDULED: "cyan",
    Action.HELD: "magenta",
    Action.NO_OP: "magenta",
}
SEVERITIES = {"error": "bold red", "warning": "bold magenta", "info": "bold cyan"}
"""The style of each severity of a problem."""

_ALIKE = 0.3
"""The share of the letters of two texts that has to be the same for it to be worth showing which words are not."""


def render(plan: Plan, view: View) -> str:
    """The changes, each with its fields, then what is to be known, the sum and the cost."""
    lines: list[Line] = []
    for change in shown_changes(plan):
        lines += [*_change(change, view), EMPTY]
    for diagnostic in plan.diagnostics:
        lines += [*_diagnostic(diagnostic, view), EMPTY]
    lines.append(row(Piece(summary(plan), "bold")))
    spent = cost(plan, view)
    if spent:
        lines.append(row(spent))
    head = [row(f"{terminal(view.place)} ({terminal(view.environment)})"), EMPTY] if len(lines) > 1 else []
    return text_of([*head, *lines], view.screen)


def named(change: Change, view: View) -> list[Piece]:
    """What a change is about: its address, its title and where it is declared, with links to what there is."""
    pieces = [
        Piece(terminal(change.address), "", view.pin_url(change.id) if change.kind == "pin" and change.id else "")
    ]
    if change.title:
        pieces.append(Piece(f'  "{terminal(change.title)}"'))
    if change.origin:
        pieces += [Piece("  "), Piece(terminal(str(change.origin)), "dim", _link(change.origin, view))]
    return pieces


def _link(origin: Origin, view: View) -> str:
    return (view.root / origin.file).as_uri() if view.root and view.screen and view.screen.links else ""


def _change(change: Change, view: View) -> Iterator[Line]:
    mark = Piece(f"{MARKS[change.action]} {verb(change):<9} ", f"bold {_COLOURS.get(change.action, '')}".rstrip())
    yield Line((mark,), named(change, view))
    if change.moved_from:
        yield row(f"was {terminal(change.moved_from)}", margin="    ")
    if change.reason:
        yield row(terminal(change.reason), margin="    ")
    width = max((len(label(change.kind, name)) for name in shown_fields(change)), default=0)
    for name, field in shown_fields(change).items():
        shown = label(change.kind, name).ljust(width)
        after = terminal(value(name, field.after))
        if change.action is Action.CREATE or (field.before is None and not change.id):
            yield row(after, margin=f"    {shown}  ")
        else:
            yield from _difference(shown, terminal(value(name, field.before)), after, view.screen)
    yield from drift_lines(change)
    for note in change.notes:
        yield row(Piece(terminal(note), "dim"), margin="    ")


def _difference(shown: str, before: str, after: str, screen: Screen | None) -> Iterator[Line]:
    """Two values of a field, and on a screen which words of them differ."""
    if screen is None:
        yield row(before, margin=f"    {shown}  ")
        yield row(after, margin=f"    {' ' * len(shown)}  -> ")
        return
    parts = compared(before, after)
    same = sum(_letters(text) for what, text in parts if what == SAME)
    if 2 * same < _ALIKE * (_letters(before) + _letters(after)):
        parts = [(GONE, before), (ADDED, after)]
    for margin, what, mark, style, ends in (
        (f"    {shown}  ", GONE, "-", "red", ("[-", "-]")),
        (f"    {' ' * len(shown)}  ", ADDED, "+", "green", ("{+", "+}")),
    ):
        # Where there is no colour, and more than a glance is needed, brackets say which words it is about.
        opening, closing = ends if len(parts) > 2 and not screen.colour else ("", "")
        yield Line(
            (Piece(margin), Piece(f"{mark} ", style)),
            [
                Piece(text) if one == SAME else Piece(f"{opening}{text}{closing}", f"bold {style}")
                for one, text in parts
                if one in (SAME, what)
            ],
        )


def _letters(text: str) -> int:
    return sum(map(str.isalnum, text))


def drift_lines(change: Change) -> Iterator[Line]:
    """What somebody changed on Pinterest: three lines a field."""
    for name, values in shown_drift(change).items():
        shown = label(change.kind, name)
        for number, (what, given) in enumerate(values):
            yield row(terminal(given), margin=f"    {'' if number else shown:<{len(shown)}}  {what:<12}  ")


def _diagnostic(diagnostic: Diagnostic, view: View) -> Iterator[Line]:
    origin = diagnostic.origin
    where = terminal(f"{origin.file}:{origin.line}:{origin.column}: ") if origin else ""
    link = _link(origin, view) if origin else ""
    head = Piece(f"{diagnostic.severity}:", SEVERITIES[diagnostic.severity])
    yield row(Piece(where, "", link), head, f" {terminal(diagnostic.message)}", hang=4)
    if diagnostic.advice:
        yield row(terminal(diagnostic.advice), margin="    ")

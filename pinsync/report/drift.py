"""What somebody changed and deleted on Pinterest: for a terminal, a chat or issue, and programs.

``accepted`` are the addresses of what a policy accepts: it is shown, and does not count.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict

from pinsync.planning.plan import Change
from pinsync.report.escaping import markdown, terminal
from pinsync.report.plans import View
from pinsync.report.plans.markdown import drift_details
from pinsync.report.plans.text import drift_lines, named
from pinsync.report.problems import counted
from pinsync.report.screen import EMPTY, Line, Piece, row, text_of

_MISSING = "somebody deleted it on Pinterest"
_PLAINLY = View("", "")


def as_text(changes: Sequence[Change], accepted: Collection[str], view: View = _PLAINLY) -> str:
    """A paragraph for each resource, then the sum."""
    lines: list[Line] = []
    for change in changes:
        what = Piece(f"{_what(change):<8} ", "bold red" if change.missing else "bold magenta")
        lines.append(Line((what,), named(change, view)))
        lines += [row(terminal(change.reason or _MISSING), margin="    "), *drift_lines(change), EMPTY]
    return text_of([*lines, row(Piece(_sum(changes, accepted), "bold"))], view.screen)


def as_markdown(changes: Sequence[Change], accepted: Collection[str], view: View = _PLAINLY) -> str:
    """The sum and a table."""
    lines = [f"**{_sum(changes, accepted)}**"]
    if changes:
        lines += ["", "| | what | title | details |", "|---|---|---|---|"]
    for change in changes:
        details = "<br>".join([markdown(change.reason or _MISSING), *drift_details(change)])
        lines.append(f"| {_what(change)} | {markdown(change.address)} | {markdown(change.title)} | {details} |")
    return "\n".join(lines) + "\n"


def as_json(changes: Sequence[Change], accepted: Collection[str], view: View = _PLAINLY) -> str:
    """``{"drift": [{"address", "kind", "id", "what", "title", "action", "accepted", "fields"}]}``."""
    document = [
        {
            "address": change.address,
            "kind": change.kind,
            "id": change.missing or change.id,
            "what": _what(change),
            "title": change.title,
            "action": change.action.value,
            "accepted": change.address in accepted,
            "fields": {name: asdict(drift) for name, drift in change.drift.items()},
        }
        for change in changes
    ]
    text = json.dumps({"drift": document}, ensure_ascii=False, indent=2)
    return "".join(f"{terminal(line)}\n" for line in text.split("\n"))


FORMATS: Mapping[str, Callable[[Sequence[Change], Collection[str], View], str]] = {
    "text": as_text,
    "json": as_json,
    "markdown": as_markdown,
}


def _what(change: Change) -> str:
    return "missing" if change.missing else "changed"


def _sum(changes: Sequence[Change], accepted: Collection[str]) -> str:
    count = [change for change in changes if change.address not in accepted]
    missing = sum(bool(change.missing) for change in count)
    parts = [(len(count) - missing, "changed"), (missing, "deleted")]
    shown = " and ".join(f"{counted(number, 'resource')} {word}" for number, word in parts if number)
    rest = f" {len(changes) - len(count):,} more by your leave." if len(count) < len(changes) else ""
    return (f"Drift: {shown} on Pinterest." if count else "No drift: Pinterest is as pinsync left it.") + rest

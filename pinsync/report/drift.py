"""What somebody changed and deleted on Pinterest: for a terminal, a chat or issue, and programs.

``accepted`` are the addresses of what a policy accepts: it is shown, and does not count.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict

from pinsync.planning.plan import Change
from pinsync.report.escaping import markdown, terminal
from pinsync.report.plans.markdown import drift_details
from pinsync.report.plans.text import drift_lines
from pinsync.report.problems import counted

_MISSING = "somebody deleted it on Pinterest"


def as_text(changes: Sequence[Change], accepted: Collection[str]) -> str:
    """A paragraph for each resource, then the sum."""
    lines: list[str] = []
    for change in changes:
        where = f"  {terminal(str(change.origin))}" if change.origin else ""
        title = f'  "{terminal(change.title)}"' if change.title else ""
        lines += [f"{_what(change):<8} {terminal(change.address)}{title}{where}"]
        lines += [f"    {terminal(change.reason or _MISSING)}", *drift_lines(change), ""]
    return "\n".join([*lines, _sum(changes, accepted)]) + "\n"


def as_markdown(changes: Sequence[Change], accepted: Collection[str]) -> str:
    """The sum and a table."""
    lines = [f"**{_sum(changes, accepted)}**"]
    if changes:
        lines += ["", "| | what | title | details |", "|---|---|---|---|"]
    for change in changes:
        details = "<br>".join([markdown(change.reason or _MISSING), *drift_details(change)])
        lines.append(f"| {_what(change)} | {markdown(change.address)} | {markdown(change.title)} | {details} |")
    return "\n".join(lines) + "\n"


def as_json(changes: Sequence[Change], accepted: Collection[str]) -> str:
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


FORMATS: Mapping[str, Callable[[Sequence[Change], Collection[str]], str]] = {
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

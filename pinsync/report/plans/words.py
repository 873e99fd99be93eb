"""The words that all ways to show a plan have in common."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from pinsync.model import KINDS
from pinsync.planning.plan import Action, Change, FieldChange, Plan
from pinsync.planning.rationing import POSTPONED
from pinsync.planning.targeting import LEFT_OUT
from pinsync.report.plans import View
from pinsync.report.problems import counted

MARKS = {
    Action.CREATE: "+",
    Action.UPDATE: "~",
    Action.REPLACE: "±",
    Action.DELETE: "-",
    Action.MOVE: ">",
    Action.ADOPT: "=",
    Action.FORGET: "-",
    Action.SCHEDULED: "@",
    Action.HELD: "!",
    Action.NO_OP: "?",
}
NOUNS = {"org_write": "writes", "org_read": "reads", "org_analytics": "analytics calls", "universal": "calls"}
"""What the rate categories are called."""

_WORTH_SAYING = 60  # seconds
_PHRASES = {
    Action.CREATE: "to create",
    Action.UPDATE: "to update",
    Action.REPLACE: "to replace",
    Action.DELETE: "to delete",
    Action.MOVE: "renamed, without a call",
    Action.ADOPT: "to adopt",
    Action.FORGET: "to forget, without a call",
    Action.SCHEDULED: "scheduled for later",
    Action.HELD: "held back",
}


def shown_changes(plan: Plan) -> list[Change]:
    """The changes worth showing, in the order of application: also where only somebody on Pinterest did something."""
    return [
        change
        for change in plan.changes
        if (change.action is not Action.NO_OP or change.drift) and change.reason not in (LEFT_OUT, POSTPONED)
    ]


def verb(change: Change) -> str:
    """What happens to it, in a word."""
    return "drift" if change.action is Action.NO_OP else change.action.value


def kinds_counted(changes: Iterable[Change]) -> str:
    """``2 boards and 5 pins``."""
    counts = Counter(change.kind for change in changes)
    parts = [counted(counts[name], name, kind.plural) for name, kind in KINDS.items() if counts[name]]
    return " and ".join(parts) if len(parts) < 3 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def summary(plan: Plan) -> str:
    """One sentence on what would be done."""
    parts = []
    for action, phrase in _PHRASES.items():
        changes = [change for change in plan.changes if change.action is action]
        if changes:
            slots = [one for one in changes if action is Action.SCHEDULED and one.is_to_do and not one.moved_from]
            new = f" ({len(slots):,} with a new slot)" if slots else ""
            parts.append(f"{kinds_counted(changes)} {phrase}{new}")
    drifted = sum(change.action is Action.NO_OP and bool(change.drift) for change in plan.changes)
    given_up = sum(change.action is Action.NO_OP and bool(change.missing) for change in plan.changes)
    unchanged = sum(change.action is Action.NO_OP for change in plan.changes) - drifted - given_up
    ends = [f"; {drifted:,} changed on Pinterest"] if drifted else []
    ends += [f"; {given_up:,} deleted on Pinterest and given up"] if given_up else []
    if not parts:
        end = f"; {counted(drifted, 'resource')} changed on Pinterest" if drifted else ""
        return (
            f"Nothing to do: {counted(unchanged, 'resource')} as declared{end}."
            if unchanged
            else "Nothing is declared."
        )
    lead = "Plan" if plan.to_do else "Nothing to do"
    rest = "".join([f"; {unchanged:,} unchanged"] * bool(unchanged) + ends)
    return f"{lead}: {'; '.join(parts)}{rest}."


def cost(plan: Plan, view: View) -> str:
    """What applying spends, in people's terms; empty where it spends nothing."""
    total = sum(plan.cost.values())
    if not total:
        return ""
    estimated = {category for change in plan.to_do for category in change.media_calls} - {"org_write"}
    shares = [
        f"{'about ' if category in estimated else ''}{calls:,} of {_limit(view, category, NOUNS[category])}"
        for category, calls in sorted(plan.cost.items())
        if calls
    ]
    pace = f"; about {_duration(view.seconds)} at this pace" if view.seconds >= _WORTH_SAYING else ""
    return f"Cost: {counted(total, 'call')}, {' and '.join(shares)}{pace}."


def waiting(category: str, until: datetime) -> str:
    """What is waited for, and how long."""
    return f"waiting for the quota of {NOUNS[category]} until {until.astimezone():%H:%M:%S}"


def _limit(view: View, category: str, noun: str) -> str:
    calls, _, per = view.limits.get(category, "").partition(" ")
    left = view.left.get(category)
    if left is not None and f"{left:,}" != calls:
        return f"the {left:,} {noun} left {'today' if per == 'a day' else 'for now'}"
    return f"your {calls} {noun} {per}" if per else f"your {noun}"


def _duration(seconds: float) -> str:
    return f"{math.ceil(seconds / 60)} minutes" if seconds < 5_400 else f"{seconds / 3_600:.0f} hours"


def shown_fields(change: Change) -> dict[str, FieldChange]:
    """The fields worth showing: pictures that the notes describe are not shown as hashes as well, and what somebody changed
    on Pinterest is shown by :func:`shown_drift`."""
    return {
        name: field
        for name, field in change.fields.items()
        if (name != "media" or not change.notes) and name not in change.drift
    }


def shown_drift(change: Change) -> dict[str, list[tuple[str, str]]]:
    """The three values of each field that somebody changed on Pinterest, each with what it is; not yet escaped."""
    return {
        name: [
            ("recorded", value(name, drift.recorded)),
            ("on Pinterest", value(name, drift.live)),
            ("becomes" if name in change.fields else "declared", value(name, drift.desired)),
        ]
        for name, drift in change.drift.items()
    }


def label(kind: str, name: str) -> str:
    """A field's name to people."""
    return KINDS[kind].fields[name].label


def value(name: str, given: Any) -> str:
    """A field's value to people, on one line, not yet escaped."""
    if given is None:
        return "none"
    if name == "media":
        return "; ".join(
            f"{key}: " + ", ".join(map(_source, content if isinstance(content, list) else [content]))
            for key, content in given.items()
        )
    if name == "slots":
        return "; ".join(
            f"{number}. " + (", ".join(f'{key} "{text}"' for key, text in slot.items() if text) or "no text")
            for number, slot in enumerate(given, 1)
        )
    if name in ("board", "section", "privacy"):
        return str(given)
    return f'"{given}"'


def _source(fingerprint: str) -> str:
    return fingerprint[:19] if fingerprint.startswith("sha256:") else fingerprint

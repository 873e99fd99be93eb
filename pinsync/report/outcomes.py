"""What came of an apply, for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from pinsync.applying.outcome import Outcome, Result
from pinsync.planning.plan import Action
from pinsync.report.escaping import terminal

_PAST = {
    "create": "created",
    "update": "updated",
    "replace": "replaced",
    "delete": "deleted",
    "adopt": "adopted",
    "move": "renamed",
    "forget": "forgotten",
    "scheduled": "scheduled",
}


def line(outcome: Outcome) -> str:
    """One outcome on one line."""
    word = _PAST[outcome.change.action.value] if outcome.result is Result.DONE else outcome.result.value
    when = outcome.change.reason if outcome.change.action is Action.SCHEDULED else ""
    tail = when or outcome.url or (f"id {outcome.id}" if outcome.result is Result.DONE and outcome.id else "")
    return f"{word:<9} {terminal(outcome.change.address)}  {terminal(outcome.message or tail)}".rstrip()


def summary(outcomes: Sequence[Outcome]) -> str:
    """What was done; then what was not, each with its place and what to do."""
    counts = Counter(outcome.result for outcome in outcomes)
    parts = [f"{counts[result]:,} {result.value}" for result in Result if counts[result]]
    lines = ["", f"Applied: {', '.join(parts)}."]
    for outcome in outcomes:
        if outcome.result in (Result.FAILED, Result.IN_DOUBT):
            where = f"{terminal(str(outcome.change.origin))}: " if outcome.change.origin else ""
            lines.append(
                f"{where}{outcome.result.value}: {terminal(outcome.change.address)}: {terminal(outcome.message)}"
            )
            if outcome.advice:
                lines.append(f"    {terminal(outcome.advice)}")
    if len(counts) > 1 or Result.DONE not in counts:
        lines.append("What is done is recorded; the next plan holds only what is left.")
    return "\n".join(lines) + "\n"

"""What came of an apply, for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from pinsync.applying.outcome import Outcome, Result
from pinsync.planning.plan import Action
from pinsync.report.escaping import terminal
from pinsync.report.screen import EMPTY, Line, Piece, Screen, row, text_of

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
_STYLES = {
    Result.DONE: "green",
    Result.FAILED: "bold red",
    Result.SKIPPED: "magenta",
    Result.IN_DOUBT: "bold magenta",
}


def line(outcome: Outcome, screen: Screen | None = None) -> str:
    """One outcome on one line, or on a screen on as many as it takes."""
    word = _PAST[outcome.change.action.value] if outcome.result is Result.DONE else outcome.result.value
    when = outcome.change.reason if outcome.change.action is Action.SCHEDULED else ""
    tail = when or outcome.url or (f"id {outcome.id}" if outcome.result is Result.DONE and outcome.id else "")
    more = terminal(outcome.message or tail)
    body = [Piece(terminal(outcome.change.address)), Piece("  " if more else ""), Piece(more, "", outcome.url)]
    return text_of([Line((Piece(f"{word:<9} ", _STYLES[outcome.result]),), body)], screen).rstrip()


def summary(outcomes: Sequence[Outcome], screen: Screen | None = None) -> str:
    """What was done; then what was not, each with its place and what to do."""
    counts = Counter(outcome.result for outcome in outcomes)
    parts = [f"{counts[result]:,} {result.value}" for result in Result if counts[result]]
    lines = [EMPTY, row(Piece(f"Applied: {', '.join(parts)}.", "bold"))]
    for outcome in outcomes:
        if outcome.result in (Result.FAILED, Result.IN_DOUBT):
            where = f"{terminal(str(outcome.change.origin))}: " if outcome.change.origin else ""
            what = Piece(f"{outcome.result.value}:", _STYLES[outcome.result])
            about = f" {terminal(outcome.change.address)}: {terminal(outcome.message)}"
            lines.append(row(where, what, about, hang=4))
            if outcome.advice:
                lines.append(row(terminal(outcome.advice), margin="    "))
    if len(counts) > 1 or Result.DONE not in counts:
        lines.append(row("What is done is recorded; the next plan holds only what is left."))
    return text_of(lines, screen)

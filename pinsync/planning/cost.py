"""How many calls a plan makes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from pinsync.pinterest.operations import WRITE
from pinsync.planning.plan import Action, Change


def cost_of(changes: Iterable[Change]) -> dict[str, int]:
    """The calls that applying the changes makes, by rate category: one write for whatever is created or changed.

    What goes with its board or section costs nothing of its own. How often Pinterest is asked whether it is done with a video
    is an estimate.
    """
    calls: Counter[str] = Counter()
    for change in changes:
        calls[WRITE] += _writes(change)
        calls.update(change.media_calls)
    return {category: count for category, count in calls.items() if count}


def _writes(change: Change) -> int:
    match change.action:
        case Action.CREATE | Action.UPDATE:
            return 1
        case Action.REPLACE:
            return 1 if change.observed else 2  # the new one may be there already
        case Action.ADOPT:
            return 1 if change.fields else 0
        case Action.DELETE:
            return 0 if change.with_parent else 1
        case _:
            return 0

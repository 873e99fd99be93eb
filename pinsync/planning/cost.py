"""How many calls a plan makes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from pinsync.pinterest.operations import WRITE
from pinsync.planning.plan import Action, Change


def cost_of(changes: Iterable[Change]) -> dict[str, int]:
    """The calls that applying the changes makes, by rate category: one write for whatever is created or changed.

    What goes with its board or section costs nothing of its own.
    """
    calls: Counter[str] = Counter()
    for change in changes:
        if (
            change.action in (Action.CREATE, Action.UPDATE)
            or (change.action is Action.ADOPT and change.fields)
            or (change.action is Action.DELETE and not change.with_parent)
        ):
            calls[WRITE] += 1
    return dict(calls)

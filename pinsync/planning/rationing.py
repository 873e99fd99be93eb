"""What of a plan fits into so many writes: what is due longest first, and nothing without what it needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from pinsync.model import KINDS
from pinsync.model.resource import Desired
from pinsync.pinterest.operations import WRITE
from pinsync.planning.cost import cost_of
from pinsync.planning.plan import Action, Change, Diagnostic, Plan
from pinsync.state.document import slot_of

POSTPONED = "postponed: it does not fit into the writes of this run"
_LATEST = datetime.max.replace(tzinfo=UTC)


def ration(plan: Plan, desired: Mapping[str, Desired], writes: int, why: str) -> Plan:
    """The plan with at most so many writes; the rest is held until the next run. ``why`` says where the limit is from."""
    if plan.cost.get(WRITE, 0) <= writes:
        return plan
    changes = {change.address: change for change in plan.to_do}
    costs = {address: cost_of([change]).get(WRITE, 0) for address, change in changes.items()}
    chosen: set[str] = {address for address, cost in costs.items() if not cost and not changes[address].with_parent}
    left = writes
    for change in sorted(plan.to_do, key=lambda change: _urgency(change, desired)):
        wanted = _with_needs(change, changes, desired) - chosen
        price = sum(costs[address] for address in wanted)
        if price <= left:
            left -= price
            chosen |= wanted
    kept = tuple(
        change if change.address not in changes or _goes(change, chosen) else _postponed(change)
        for change in plan.changes
    )
    count = sum(change.reason == POSTPONED for change in kept)
    told = Diagnostic(
        "info", "postponed", f"{count:,} {'change is' if count == 1 else 'changes are'} postponed: {why}",
        "Run apply again then: only what is left will be planned.",
    )  # fmt: skip
    return replace(plan, changes=kept, diagnostics=(*plan.diagnostics, told), cost=cost_of(kept))


def postponed(plan: Plan) -> int:
    """How many changes wait for a later run because of the quota."""
    return sum(change.reason == POSTPONED for change in plan.changes)


def _urgency(change: Change, desired: Mapping[str, Desired]) -> tuple[bool, datetime, bool]:
    wanted = desired.get(change.address)
    slot = slot_of(change.slot.after) if change.slot else None
    # What goes away goes last, and a board that no pin waits for just before: they are nobody's publication.
    return change.action is Action.DELETE, (wanted and wanted.publish_at) or slot or _LATEST, change.kind != "pin"


def _with_needs(change: Change, changes: Mapping[str, Change], desired: Mapping[str, Desired]) -> set[str]:
    """The change with all that has to go before it."""
    needs: set[str] = set()
    open_: list[str] = [change.address]
    while open_:
        address = open_.pop()
        if address in needs or address not in changes:
            continue
        needs.add(address)
        wanted = desired.get(address)
        open_ += changes[address].after
        open_ += KINDS[wanted.kind].parents(wanted) if wanted else ()
    return needs


def _goes(change: Change, chosen: set[str]) -> bool:
    return (change.with_parent or change.address) in chosen


def _postponed(change: Change) -> Change:
    return replace(
        change, action=Action.HELD, reason=POSTPONED, fields={}, notes=(), after=(), with_parent="", media_calls={}
    )

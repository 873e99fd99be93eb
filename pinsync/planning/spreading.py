"""Slots for new pins that have no time of their own.

A slot that the state has stays with its pin, whatever else comes and goes; only what has none gets one of those that are free.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from pinsync.model.resource import Desired
from pinsync.model.spread import Spread
from pinsync.planning.plan import Action, Change, FieldChange
from pinsync.state.document import State, slot_of, slot_text


def with_slots(
    changes: Iterable[Change], desired: Mapping[str, Desired], state: State, spread: Spread | None, now: datetime
) -> list[Change]:
    """The changes, where there is a ``spread`` with the slots of the pins that have one or get one: what is to be created and
    is not due is scheduled.

    What has a time, is made again or may have been made already gets no slot.
    """
    changes = list(changes)
    if spread is None:
        return changes
    slots = {change.address: recorded(desired.get(change.address), state) for change in changes}
    taken = {slot_of(slot) for slot in slots.values() if slot} | {one.publish_at for one in desired.values()}
    free = (slot_text(slot) for slot in spread.after(now) if slot not in taken)
    told = []
    for change in changes:
        slot, before = slots[change.address], state.slots.get(change.address)
        if _is_to_be_spread(change, desired, state) and not (slot and slot_of(slot) <= now):
            source = desired[change.address].moved_from if slot and not before else None
            if slot is None or slot_of(slot) not in spread:
                slot = next(free)
            reason, given = reason_for(slots[change.address], slot, spread), FieldChange(before, slot)
            change = replace(change, action=Action.SCHEDULED, reason=reason, moved_from=source, slot=given)
        elif slot and change.action in (Action.CREATE, Action.HELD):
            change = replace(change, slot=FieldChange(before, slot))
        told.append(change)
    return told


def recorded(one: Desired | None, state: State) -> str | None:
    """The slot that the state has for a pin that does not exist yet, if only under the address that it had before."""
    if one is None or one.publish_at or one.at_once or one.address in state.resources:
        return None
    return state.slots.get(one.address) or state.slots.get(one.moved_from or "")


def reason_for(before: str | None, slot: str, spread: Spread) -> str:
    """When a pin appears that has this slot, which lies ahead, and what it had before."""
    if slot == before:
        which = "slot"
    else:
        which = f"new slot; it was {spread.shown(slot_of(before))}, which is none any more" if before else "new slot"
    return f"appears {spread.shown(slot_of(slot))} ({which})"


def _is_to_be_spread(change: Change, desired: Mapping[str, Desired], state: State) -> bool:
    one = desired.get(change.address)
    return (
        change.action is Action.CREATE
        and change.kind == "pin"
        and one is not None
        and not (one.publish_at or one.at_once)
        and not change.missing
        and (change.moved_from or change.address) not in state.pending
    )

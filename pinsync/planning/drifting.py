"""Drift: what somebody changed on Pinterest since pinsync looked last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pinsync.model import KINDS
from pinsync.model.address import EXISTING_SECTION, kind_of
from pinsync.model.resource import Desired, Origin, Value
from pinsync.planning.diffing import Names, drift
from pinsync.planning.live import Live
from pinsync.state.document import State


@dataclass(frozen=True, slots=True)
class Drift:
    """One field: what was recorded, what is live, what is wanted; references as addresses."""

    recorded: Value
    live: Value
    desired: Value


@dataclass(frozen=True, slots=True)
class Drifted:
    """A resource whose live fields differ from the recorded ones, or that is missing."""

    address: str
    kind: str
    id: str
    title: str
    origin: Origin
    fields: Mapping[str, Drift]
    missing: bool
    policy: str


def find_drift(desired: Mapping[str, Desired], state: State, live: Live) -> list[Drifted]:
    """The drift of all declared resources."""
    names = Names()
    for address, known in state.resources.items():
        names.settle(address, known.kind, known.id)
    for address, found_id in {**state.existing, **live.existing}.items():
        names.settle(address, "section" if kind_of(address) == EXISTING_SECTION else "board", found_id)
    result = []
    for address, one in desired.items():
        if address not in state.resources:
            continue
        known = state.resources[address]
        missing = (one.kind, known.id) in live.absent
        found = live.found.get((one.kind, known.id))
        changed = drift(one, known, found, names) if found else {}
        if changed or missing:
            fields = {name: Drift(c.before, c.after, one.fields[name]) for name, c in changed.items()}
            title = KINDS[one.kind].describe(one)
            result.append(Drifted(address, one.kind, known.id, title, one.origin, fields, missing, "report"))
    return result

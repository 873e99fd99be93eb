"""Drift: what somebody changed or deleted on Pinterest since pinsync looked last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pinsync.model import KINDS
from pinsync.model.policies import Policies
from pinsync.model.resource import Desired, Found, Origin
from pinsync.planning.diffing import Names, names_of
from pinsync.planning.live import Live
from pinsync.planning.plan import Change, Drift
from pinsync.state.document import Known, State


@dataclass(frozen=True, slots=True)
class Drifted:
    """A declared resource whose live fields differ from the recorded ones, or that is missing. ``policy`` is what is to be
    done about it: revert, report or accept."""

    address: str
    kind: str
    id: str
    title: str
    origin: Origin
    fields: Mapping[str, Drift]
    missing: bool
    policy: str


def on_drift(desired: Desired, policies: Policies) -> str:
    """What is to be done about what somebody changed on Pinterest: revert, report or accept."""
    return desired.lifecycle.on_drift or policies.on_drift


def on_missing(desired: Desired, policies: Policies) -> str:
    """What is to be done about what somebody deleted on Pinterest: hold, recreate or forget."""
    return desired.lifecycle.on_missing or policies.on_missing


def drift(desired: Desired, known: Known, found: Found, names: Names) -> dict[str, Drift]:
    """The declared fields that are live neither as the server answered them last nor as they are wanted."""
    changed: dict[str, Drift] = {}
    table, observed = KINDS[desired.kind].fields, known.observed
    for name, wanted in desired.fields.items():
        field = table[name]
        if not field.readable or name not in observed:
            continue
        recorded, live = observed[name], found.fields.get(name)
        if field.same(recorded, live) or field.same(names.resolved(desired).get(name), live):
            continue
        if field.reference:
            recorded, live = names.shown(name, recorded), names.shown(name, live)
        changed[name] = Drift(recorded, live, wanted)
    return changed


def find_drift(desired: Mapping[str, Desired], state: State, live: Live, policies: Policies) -> list[Drifted]:
    """All declared resources that somebody changed or deleted on Pinterest."""
    names = names_of(state, live.existing)
    drifted: list[Drifted] = []
    for address, one in desired.items():
        entry = state.resources.get(address)
        if entry is None:
            continue
        found = live.found.get((one.kind, entry.id))
        fields = drift(one, entry, found, names) if found else {}
        missing = (one.kind, entry.id) in live.absent
        if fields or missing:
            title, policy = KINDS[one.kind].describe(one), on_drift(one, policies)
            drifted.append(Drifted(address, one.kind, entry.id, title, one.origin, fields, missing, policy))
    return drifted


def counts(change: Change, desired: Mapping[str, Desired], policies: Policies) -> bool:
    """Whether a change shows drift that no policy accepts."""
    wanted = desired.get(change.address)
    if wanted is None:
        return False
    if change.missing:
        return on_missing(wanted, policies) != "forget"
    return bool(change.drift) and on_drift(wanted, policies) != "accept"

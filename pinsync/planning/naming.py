"""Names that only one resource can have at a time: what frees a name goes before what takes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pinsync.model import KINDS
from pinsync.model.equality import same_name
from pinsync.model.resource import Desired
from pinsync.planning.diffing import Names
from pinsync.planning.live import Live
from pinsync.planning.plan import Action, Change
from pinsync.state.document import Known

_NOTE = "after {}, which gives up the name"
_SENT = (Action.CREATE, Action.UPDATE, Action.ADOPT)


def in_turn(
    changes: Sequence[Change], desired: Mapping[str, Desired], known: Mapping[str, Known], live: Live, names: Names
) -> list[Change]:
    """The changes of one kind, each with those that it has to wait for; held are those whose name will not be free.

    ``known`` are the resources of this kind that the state knows.
    """
    kind = changes[0].kind if changes else ""
    if kind not in ("board", "section"):
        return list(changes)
    identity = KINDS[kind].identity
    holders = {identity(entry.observed, ()): entry.id for entry in known.values() if "name" in entry.observed}
    gone = {entry.id for entry in known.values() if (kind, entry.id) in live.absent}
    found = {identity(one.fields, ()): one.id for (name, _), one in live.found.items() if name == kind}
    holders = {key: one for key, one in holders.items() if one not in gone and (kind, one) not in live.found} | found
    addresses = {entry.id: address for address, entry in known.items()}
    addresses |= {change.id: change.address for change in changes if change.id}
    result = {change.address: change for change in changes}
    for change in changes:
        if change.action not in _SENT or "name" not in change.fields:
            continue
        holder = holders.get(identity(names.resolved(desired[change.address]), ()))
        if holder is None or holder == change.id:
            continue
        other = result.get(addresses.get(holder, ""))
        if other and other.action in _SENT and _renames(other):
            result[change.address] = replace(
                change, after=(other.address,), notes=(*change.notes, _NOTE.format(other.address))
            )
        else:
            result[change.address] = _held(change, addresses.get(holder, f"the {kind} {holder}"))
    return _without_circles(result)


def _renames(change: Change) -> bool:
    """Whether it frees a name: one that differs only as Pinterest does not see stays taken."""
    name = change.fields.get("name")
    return name is not None and not same_name(name.before, name.after)


def _held(change: Change, holder: str) -> Change:
    reason = (
        f'"{change.fields["name"].after}" is the name of {holder} on Pinterest, which keeps it in this run, and no two can '
        "share one: rename or delete that one first, and apply"
    )
    return replace(change, action=Action.HELD, reason=reason)


def _without_circles(changes: dict[str, Change]) -> list[Change]:
    """Holds what waits for itself in the end, and what waits for something that is held."""
    for address in changes:
        way = [address]
        while (after := changes[way[-1]].after) and after[0] not in way:
            way.append(after[0])
        last = changes[way[-1]]
        if last.after:
            circle = way[way.index(last.after[0]) :]
            reason = (
                f"{_listed(circle)} hand their names on to one another, and no two can have the same name even for a "
                "moment: give one of them another name first, apply, then give it the name it is to have"
            )
            for one in way:
                changes[one] = replace(changes[one], action=Action.HELD, reason=reason, after=(), notes=())
        elif last.action is Action.HELD:
            for one in way[:-1]:
                reason = f"it waits for {changes[one].after[0]}, which is held, to give up its name"
                changes[one] = replace(changes[one], action=Action.HELD, reason=reason, after=(), notes=())
    return sorted(changes.values(), key=lambda change: steps(change, changes))


def steps(change: Change, changes: Mapping[str, Change]) -> int:
    """How many others have to be made one after the other before this one."""
    count = 0
    while change.after and change.after[0] in changes and count < len(changes):
        change = changes[change.after[0]]
        count += 1
    return count


def _listed(addresses: Iterable[Any]) -> str:
    return " and ".join(sorted(addresses))

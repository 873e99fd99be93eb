"""What is known and declared no more: deleted where that is allowed, forgotten where it is gone already, else held."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from pinsync.model import KINDS
from pinsync.model.policies import Policies
from pinsync.model.resource import Found
from pinsync.planning.live import Live
from pinsync.planning.plan import Action, Change
from pinsync.planning.targeting import leave_out
from pinsync.state.document import Known, State

UNSEEN = (
    "its board does not list it any more or is gone, as with many others: somebody deleted or moved them on Pinterest. "
    "pinsync looks for a few of them in each run"
)
_NOT_PRUNED = (
    "no longer declared, but still on Pinterest: --prune (or `policies: {prune: true}`) deletes it there, `pinsync state "
    "forget` only here"
)
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class _Contents:
    """What is in each board and section, by its id: pins that pinsync does not know, and known ones that stay."""

    strangers: Mapping[str, list[Found]]
    staying: Mapping[str, list[str]]


def leave(
    gone: Mapping[str, Known],
    state: State,
    changes: Iterable[Change],
    live: Live,
    policies: Policies,
    selection: frozenset[str] | None = None,
) -> list[Change]:
    """What happens to the resources in ``gone``, in the order of application: pins, then sections, then boards.

    ``changes`` is what the plan does to what is declared, ``selection`` what the run is about, None for all.
    """
    changes = list(changes)
    first = {
        address: leave_out(_leave(address, entry, live, policies), selection) for address, entry in sorted(gone.items())
    }
    _suggest_moves(first, gone, changes)
    contents = _contents(state, {change.address: change for change in changes} | first, live)
    for address, change in first.items():
        if change.action is Action.DELETE and change.kind != "pin":
            board = change.id if change.kind == "board" else str(gone[address].applied.get("board"))
            first[address] = _container(change, contents, board in live.listed, policies)
    _take_along(first, gone, live)
    return [first[address] for kind in reversed(KINDS) for address in first if first[address].kind == kind]


def _leave(address: str, entry: Known, live: Live, policies: Policies) -> Change:
    title = str(entry.applied.get("title") or entry.applied.get("name") or "")
    change = Change(address, entry.kind, Action.HELD, title, id=entry.id)
    if (entry.kind, entry.id) in live.absent:
        return replace(change, action=Action.FORGET, reason="no longer declared, and no longer on Pinterest")
    if (entry.kind, entry.id) in live.unseen:
        return replace(change, reason=f"no longer declared; {UNSEEN}")
    if entry.protected:
        return replace(
            change,
            reason="no longer declared, but it was declared with `protect: true`, so it stays. Declare it without first, "
            "or say `pinsync state forget` to leave it on Pinterest",
        )
    if not policies.prune:
        return replace(change, reason=_NOT_PRUNED)
    return replace(change, action=Action.DELETE, reason="no longer declared")


def _suggest_moves(first: dict[str, Change], gone: Mapping[str, Known], changes: Iterable[Change]) -> None:
    """Says where a pin of the same media is about to be made: it may be the same pin in another file."""
    made = {
        json.dumps(change.fields["media"].after, sort_keys=True): change.address
        for change in changes
        if change.action is Action.CREATE and "media" in change.fields
    }
    for address, change in first.items():
        new = made.get(json.dumps(gone[address].applied.get("media"), sort_keys=True))
        if new and change.action in (Action.HELD, Action.DELETE):
            hint = (
                f"{change.reason}. {new} has the same media: if it is the same pin, write `moved_from: {address}` there"
            )
            first[address] = replace(change, reason=hint)


def _contents(state: State, changes: Mapping[str, Change], live: Live) -> _Contents:
    addresses = {entry.id: address for address, entry in state.resources.items() if entry.kind == "pin"}
    moved = {str(change.moved_from): change for change in changes.values() if change.moved_from}
    strangers: dict[str, list[Found]] = defaultdict(list)
    staying: dict[str, list[str]] = defaultdict(list)
    for (kind, pin_id), found in live.found.items():
        if kind != "pin" or pin_id in state.retired:
            continue
        address = addresses.get(pin_id)
        change = moved.get(address or "") or changes.get(address or "")
        for field in ("board", "section"):
            container = found.fields.get(field)
            if not container:
                continue
            if address is None:
                strangers[container].append(found)
            elif change and not _leaves(change, field):
                staying[container].append(change.address)
    return _Contents(strangers, staying)


def _leaves(change: Change, field: str) -> bool:
    return change.action in (Action.DELETE, Action.FORGET) or (
        change.action in (Action.UPDATE, Action.ADOPT) and (field in change.fields or "board" in change.fields)
    )


def _container(change: Change, contents: _Contents, listed: bool, policies: Policies) -> Change:
    """A board or section that nobody declares any more; what lies in it goes with it."""
    if not listed:
        return replace(change, action=Action.HELD, reason="no longer declared; only a look at what is in it can tell "
                       "whether it may be deleted (without --refresh=false)")  # fmt: skip
    staying = contents.staying.get(change.id, [])
    if staying:
        shown = ", ".join(sorted(staying)[:_SHOWN]) + (" …" if len(staying) > _SHOWN else "")
        return replace(change, action=Action.HELD, reason=f"no longer declared, but {shown} would go with it")
    strangers = contents.strangers.get(change.id, [])
    if strangers and policies.foreign_pins != "delete":
        count = f"{len(strangers)} pin{'' if len(strangers) == 1 else 's'}"
        return replace(
            change,
            action=Action.HELD,
            reason=f"no longer declared, but {count} on it that pinsync did not make would go with it: "
            "`policies: {foreign_pins: delete}` allows that",
        )
    notes = (f"{len(strangers)} pins that pinsync did not make go with it",) if strangers else ()
    return replace(change, notes=notes)


def _take_along(changes: dict[str, Change], gone: Mapping[str, Known], live: Live) -> None:
    """Lets the deletion of a board or section take along what lies in it: one call instead of many."""
    containers = {
        change.id: address
        for address, change in changes.items()
        if change.action is Action.DELETE and change.kind != "pin"
    }
    for address, change in changes.items():
        if change.action is not Action.DELETE:
            continue
        found = live.found.get((change.kind, change.id))
        place = found.fields if found else {**gone[address].applied, **gone[address].observed}
        for field in ("board", "section"):
            container = containers.get(str(place.get(field)))
            if container and not change.with_parent:
                changes[address] = replace(changes[address], with_parent=container, reason=f"it goes with {container}")
                break

"""What is true of every run of pinsync, whatever happened before: measured at Pinterest, not at what pinsync remembers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pinsync.applying.outcome import Outcome, Result
from pinsync.model import KINDS
from pinsync.model.policies import Policies
from pinsync.model.resource import Desired, Found
from pinsync.planning.drifting import on_drift
from pinsync.planning.plan import Action, Change, Plan
from pinsync.state.document import Known, State
from tests.world import World

Key = tuple[str, str]
Sight = dict[Key, Found]
"""All that is live, by kind and id."""


def look(world: World) -> Sight:
    """Everything on Pinterest, read past pinsync."""
    boards = [KINDS["board"].observe(answer, {}) for answer in world.live("/boards")]
    sections = [
        KINDS["section"].observe(answer, {"board": board.id})
        for board in boards
        for answer in world.live(f"/boards/{board.id}/sections")
    ]
    pins = [KINDS["pin"].observe(answer, {}) for answer in world.live("/pins")]
    return {(found.kind, found.id): found for found in (*boards, *sections, *pins)}


@dataclass(frozen=True)
class Run:
    """One apply without faults: what it was about, what it did, and what was live before and after it."""

    plan: Plan
    policies: Policies
    desired: Mapping[str, Desired]
    outcomes: Sequence[Outcome]
    calls: Mapping[str, int]
    before: Sight
    after: Sight
    known: State
    """What was remembered before the run."""
    remembered: State
    """What is after it."""

    def known_as(self, change: Change) -> Known | None:
        """What was remembered of a change's resource before."""
        return self.known.resources.get(change.moved_from or change.address)

    def resolved(self, address: str) -> dict[str, Any]:
        """The declared fields of an address, references as the ids that they have after the run."""
        ids = {**self.remembered.existing, **{one: entry.id for one, entry in self.remembered.resources.items()}}
        one = self.desired[address]
        return {
            name: ids.get(value, value) if KINDS[one.kind].fields[name].reference and value is not None else value
            for name, value in one.fields.items()
        }


@dataclass
class People:
    """What others did and what the files said, as far as the promises depend on it.

    ``ours`` are the ids of the pins that pinsync made or took over. ``said`` is what the files said of a live resource
    when a run last looked at it, ``outside`` the fields that somebody else changed since pinsync wrote them.
    """

    ours: set[str] = field(default_factory=set)
    said: dict[Key, dict[str, Any]] = field(default_factory=dict)
    outside: dict[Key, set[str]] = field(default_factory=dict)

    def changed(self, before: Sight, after: Sight) -> None:
        """Somebody did something."""
        for key, found in after.items():
            if key in before:
                fields = {name for name, value in found.fields.items() if value != before[key].fields.get(name)}
                self.outside.setdefault(key, set()).update(fields)

    def ran(self, run: Run) -> None:
        """pinsync ran to its end."""
        for outcome in run.outcomes:
            change = outcome.change
            if change.kind == "pin" and change.action in (Action.CREATE, Action.ADOPT, Action.REPLACE):
                self.ours.add(outcome.id)
        for change in run.plan.changes:
            entry = run.remembered.resources.get(change.address)
            if entry is None or change.address not in run.desired or change.action is Action.HELD:
                continue
            key = entry.kind, entry.id
            self.said.setdefault(key, {}).update(run.resolved(change.address))
            self.outside.get(key, set()).difference_update(
                change.fields, {"section"} if "board" in change.fields else ()
            )


def keep(run: Run, people: People) -> None:
    """Asserts every promise of a run in which nothing failed."""
    assert dict(run.calls) == run.plan.cost
    _is_the_truth(run)
    _spares_strangers(run, people)
    _deletes_with_permission_only(run)
    _overwrites_nobody(run, people)
    _loses_nothing(run, people)


def _is_the_truth(run: Run) -> None:
    """What is live afterwards is what was live before, changed as the plan says and in no other way."""
    expected = {key: dict(found.fields) for key, found in run.before.items()}
    made: set[Key] = set()
    for outcome in run.outcomes:
        change, key = outcome.change, (outcome.change.kind, outcome.id)
        if change.action is Action.DELETE:
            _take_away(expected, key)
        elif change.action in (Action.CREATE, Action.REPLACE):
            assert key in run.after
            if not change.observed:
                assert key not in run.before, "made, but it was there"
                made.add(key)
            _shows(run, change, run.after[key], run.desired[change.address].fields if not change.observed else {})
            if change.action is Action.REPLACE:
                entry = run.known_as(change)
                assert entry is not None
                _take_away(expected, ("pin", entry.id))
        elif change.action in (Action.UPDATE, Action.ADOPT):
            _shows(run, change, run.after[key], change.fields)
            for name, one in change.fields.items():
                table = KINDS[change.kind].fields[name]
                if table.readable and not table.reference:
                    assert one.before == run.before[key].fields[name], "the plan shows another value than the live one"
                expected[key][name] = run.after[key].fields.get(name)
            if "board" in change.fields and "section" not in change.fields:
                expected[key]["section"] = run.after[key].fields["section"]
    live = {key: dict(found.fields) for key, found in run.after.items() if key not in made}
    assert live == expected


def _take_away(expected: dict[Key, dict[str, Any]], key: Key) -> None:
    expected.pop(key, None)
    for other in [other for other, fields in expected.items() if key[0] != "pin" and fields.get(key[0]) == key[1]]:
        del expected[other]


def _shows(run: Run, change: Change, found: Found, names: Mapping[str, Any]) -> None:
    """A live resource is in these fields as its declaration says."""
    if change.address not in run.desired:
        return
    resolved = run.resolved(change.address)
    for name in names:
        table = KINDS[change.kind].fields[name]
        if table.readable:
            assert table.same(resolved[name], found.fields.get(name)), (change, found)


def _spares_strangers(run: Run, people: People) -> None:
    """What pinsync did not make stays as it is, if it is not taken over, and goes with its board only with permission."""
    adopted = {change.id for change in run.plan.to_do if change.action is Action.ADOPT}
    for (kind, one), found in run.before.items():
        if kind != "pin" or one in people.ours or one in adopted:
            continue
        if (kind, one) in run.after:
            assert run.after[kind, one] == found
            continue
        assert run.policies.prune, f"{found} is gone"
        assert run.policies.foreign_pins == "delete", f"{found} is gone"


def _deletes_with_permission_only(run: Run) -> None:
    for change in run.plan.to_do:
        if change.action is Action.DELETE and change.id not in run.known.retired and "@" not in change.address:
            assert run.policies.prune, change
    for address, entry in run.known.resources.items():
        desired = run.desired.get(address)
        protected = desired.lifecycle.protect if desired else entry.protected
        moved = any(change.moved_from == address for change in run.plan.changes)
        if protected and not moved and (entry.kind, entry.id) in run.before:
            assert (entry.kind, entry.id) in run.after, f"{address} is protected"


def _overwrites_nobody(run: Run, people: People) -> None:
    """What somebody changed stays, unless it is to be reverted or the file changed, too."""
    for change in run.plan.to_do:
        if change.action is not Action.UPDATE or on_drift(run.desired[change.address], run.policies) == "revert":
            continue
        key = change.kind, change.id
        said, resolved = people.said.get(key, {}), run.resolved(change.address)
        said = {**said, "board": None} if said.get("section") != resolved.get("section") else said  # they are one place
        for name in people.outside.get(key, set()) & change.fields.keys():
            assert name not in said or said[name] != resolved[name], f"{name} is overwritten: {change}"


def _loses_nothing(run: Run, people: People) -> None:
    """Each live pin that pinsync made is known, each address has one of its own, and nothing known is missing."""
    known = [entry.id for entry in run.remembered.resources.values() if entry.kind == "pin"]
    assert len(known) == len(set(known))
    live = {one for kind, one in run.after if kind == "pin"}
    lost = live & people.ours - set(known) - run.remembered.retired.keys()
    begun = sum(one.action == "create" and one.kind == "pin" for one in run.remembered.pending.values())
    assert len(lost) <= begun, lost
    assert not run.remembered.retired
    if run.plan.to_do:
        given = {one: slot for one, slot in run.plan.slots.items() if one not in run.remembered.resources}
        assert run.remembered.slots == given
    for outcome in run.outcomes:
        assert outcome.result is Result.DONE

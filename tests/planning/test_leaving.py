"""What is declared no more: each combination of what is allowed and what lies in it has one outcome."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pinsync.model.policies import Policies
from pinsync.model.resource import Desired, Found
from pinsync.planning.plan import Plan
from pinsync.state.document import State
from tests.planning.builders import (
    board,
    known_board,
    known_pin,
    known_section,
    live_board,
    live_pin,
    live_section,
    pin,
    plan,
    section,
    state,
)
from tests.world import actions

PRUNE = Policies(prune=True)
EVERYTHING = state(
    board__soups=known_board(), section__soups_in_autumn=known_section(), pin__soup=known_pin(title="Soup")
)
LIVE = [live_board(), live_section(), live_pin(title="Soup")]
OTHER = live_pin("77", title="Somebody else's")
KEPT = board("kept", name="Kept")


def known(**changed: Any) -> State:
    return replace(EVERYTHING, resources={**EVERYTHING.resources, **{
        key.replace("__", ".").replace("_in_", "/"): value for key, value in changed.items()
    }})  # fmt: skip


def in_section(found: Found) -> Found:
    return replace(found, fields={**found.fields, "section": "2"})


CASES: list[tuple[str, list[Desired], State, list[Found], Policies, list[str], dict[str, str]]] = [
    ("not allowed", [board(), section()], EVERYTHING, LIVE, Policies(), ["1"], {"pin.soup": "held"}),
    ("a pin", [board(), section()], EVERYTHING, LIVE, PRUNE, [], {"pin.soup": "delete"}),
    ("a protected pin", [board(), section()], known(pin__soup=replace(known_pin(title="Soup"), protected=True)), LIVE, PRUNE,
     [], {"pin.soup": "held"}),
    ("a section and its pin", [board()], EVERYTHING, [live_board(), live_section(), in_section(live_pin(title="Soup"))], PRUNE,
     ["1"], {"section.soups/autumn": "delete", "pin.soup": "delete"}),
    ("a section that was not looked into", [board()], EVERYTHING, LIVE, PRUNE, [],
     {"section.soups/autumn": "held", "pin.soup": "delete"}),
    ("a board and all in it", [], EVERYTHING, LIVE, PRUNE, ["1"],
     {"board.soups": "delete", "section.soups/autumn": "delete", "pin.soup": "delete"}),
    ("a board with a protected pin", [], known(pin__soup=replace(known_pin(title="Soup"), protected=True)), LIVE, PRUNE, ["1"],
     {"board.soups": "held", "section.soups/autumn": "delete", "pin.soup": "held"}),
    ("a protected board", [], known(board__soups=replace(known_board(), protected=True)), LIVE, PRUNE, ["1"],
     {"board.soups": "held", "section.soups/autumn": "delete", "pin.soup": "delete"}),
    ("a board with somebody else's pin", [], EVERYTHING, [*LIVE, OTHER], PRUNE, ["1"],
     {"board.soups": "held", "section.soups/autumn": "delete", "pin.soup": "delete"}),
    ("a board with somebody else's pin, allowed", [], EVERYTHING, [*LIVE, OTHER], Policies(prune=True, foreign_pins="delete"),
     ["1"], {"board.soups": "delete", "section.soups/autumn": "delete", "pin.soup": "delete"}),
    ("a section with somebody else's pin", [board()], EVERYTHING, [*LIVE, in_section(OTHER)], PRUNE, ["1"],
     {"section.soups/autumn": "held", "pin.soup": "delete"}),
    ("a board that its pin leaves in this plan", [KEPT, pin(on="board.kept", title="Soup")],
     known(board__kept=known_board("8", name="Kept")), [*LIVE, live_board("8", name="Kept")], PRUNE, ["1"],
     {"pin.soup": "update", "section.soups/autumn": "delete", "board.soups": "delete"}),
    ("a section that its pin leaves in this plan", [board(), pin(title="Soup", section=None)], EVERYTHING,
     [live_board(), live_section(), in_section(live_pin(title="Soup"))], PRUNE, ["1"],
     {"pin.soup": "update", "section.soups/autumn": "delete"}),
    ("a section in which a declared pin stays", [board(), pin(title="Soup")], EVERYTHING,
     [live_board(), live_section(), in_section(live_pin(title="Soup"))], PRUNE, ["1"],
     {"section.soups/autumn": "held"}),
]  # fmt: skip


@pytest.mark.parametrize(("desired", "before", "live", "policies", "listed", "expected"), [case[1:] for case in CASES],
                         ids=[case[0] for case in CASES])  # fmt: skip
def test_what_is_declared_no_more(
    desired: list[Desired],
    before: State,
    live: list[Found],
    policies: Policies,
    listed: list[str],
    expected: dict[str, str],
) -> None:
    made = plan(desired, before, live, policies=replace(policies, force=True), listed=listed)
    found = {address: action for address, action in actions(made).items() if action != "no-op"}
    assert found == expected
    for change in made.changes:
        assert change.reason or change.action in ("no-op", "update"), change


def calls(made: Plan) -> int:
    return made.cost.get("org_write", 0)


def test_what_goes_with_its_board_costs_no_call_of_its_own() -> None:
    made = plan([], EVERYTHING, LIVE, policies=replace(PRUNE, force=True), listed=["1"])
    assert calls(made) == 1
    assert {change.address: change.with_parent for change in made.changes} == {
        "board.soups": "", "section.soups/autumn": "board.soups", "pin.soup": "board.soups",
    }  # fmt: skip
    assert [change.kind for change in made.changes] == ["pin", "section", "board"], "what is inside goes first"


def test_a_pin_that_somebody_moved_to_another_board_does_not_go_with_the_old_one() -> None:
    moved = live_pin(title="Soup", on="8")
    made = plan([KEPT], known(board__kept=known_board("8", name="Kept")), [live_board(), live_section(),
                live_board("8", name="Kept"), moved], policies=PRUNE, listed=["1"])  # fmt: skip
    assert {change.address: change.with_parent for change in made.changes if change.action == "delete"} == {
        "board.soups": "", "section.soups/autumn": "board.soups", "pin.soup": "",
    }  # fmt: skip


def many(count: int, gone: int = 0, changed: int = 0, **policies: Any) -> Plan:
    """A board with pins of which the first are declared no more, and the next have another title."""
    pins = {f"pin__p{number:03}": known_pin(str(100 + number), title=f"Pin {number}") for number in range(count - 1)}
    desired = [board()] + [
        pin(f"p{number:03}", title=f"{'New' if number < gone + changed else 'Pin'} {number}")
        for number in range(gone, count - 1)
    ]
    live = [live_board(), *(live_pin(str(100 + number), title=f"Pin {number}") for number in range(count - 1))]
    return plan(desired, state(board__soups=known_board(), **pins), live, policies=Policies(prune=True, **policies))


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (many(10, gone=3), ""),
        (many(10, gone=4), "the plan deletes 4 of 10 known resources (40%); at most 30% are allowed"),
        (many(9, gone=8), ""),
        (many(100, gone=20, changed=30), ""),
        (many(100, changed=31), "the plan updates 31 of 100 known resources (31%)"),
        (many(100, gone=2, limits={"delete": 1}), "deletes 2 of 100 known resources (2%); at most 1 are allowed"),
        (many(100, gone=60, limits={"delete": 0.6}), ""),
        (many(5, gone=2, limits_from=5), "deletes 2 of 5"),
    ],
)
def test_a_plan_that_changes_too_much_is_refused_as_a_whole(made: Plan, words: str) -> None:
    assert len(made.errors) == bool(words)
    if words:
        assert words in made.errors[0].message
        assert "--force" in made.errors[0].advice
        assert "limits: {" in made.errors[0].advice


def test_force_makes_a_warning_of_it() -> None:
    made = many(10, gone=9, force=True)
    assert made.errors == ()
    assert [one.severity for one in made.diagnostics] == ["warning"]


def test_a_content_that_declares_nothing_deletes_nothing() -> None:
    made = plan([], state(board__soups=known_board()), [live_board()], policies=PRUNE, listed=["1"])
    assert "declares nothing" in made.errors[0].message
    assert plan([], state(board__soups=known_board()), [live_board()]).errors == ()

"""What goes first where not all of a plan fits."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from pinsync.model.policies import Policies
from pinsync.planning.plan import Plan
from pinsync.planning.rationing import POSTPONED, postponed, ration
from tests.planning.builders import NOW, board, pin, plan, section
from tests.world import BOARDS, World

DESIRED = [
    board(),
    board("bakes"),
    section(),
    pin("a"),
    pin("b", "board.bakes", title="B", publish_at=NOW - timedelta(hours=1)),
    pin("c", section="section.soups/autumn", title="C", publish_at=NOW - timedelta(hours=2)),
]


def rationed(writes: int) -> Plan:
    return ration(plan(DESIRED), {one.address: one for one in DESIRED}, writes, "there are no more")


@pytest.mark.parametrize(
    ("writes", "expected"),
    [
        (0, []),
        (2, ["board.bakes", "pin.b"]),  # the oldest one does not fit with what it needs
        (3, ["board.soups", "pin.c", "section.soups/autumn"]),
        (4, ["board.soups", "pin.a", "pin.c", "section.soups/autumn"]),
        (5, ["board.bakes", "board.soups", "pin.b", "pin.c", "section.soups/autumn"]),
        (6, ["board.bakes", "board.soups", "pin.a", "pin.b", "pin.c", "section.soups/autumn"]),
    ],
)
def test_what_is_due_longest_goes_first_with_all_that_it_needs(writes: int, expected: list[str]) -> None:
    made = rationed(writes)
    assert sorted(change.address for change in made.to_do) == expected
    assert made.cost.get("org_write", 0) == len(expected)
    assert postponed(made) == 6 - len(expected)
    assert {change.reason for change in made.changes if change.action.value == "held"} <= {POSTPONED}
    assert [one.code for one in made.diagnostics] == (["postponed"] if len(expected) < 6 else [])


def test_run_after_run_brings_all(tmp_path: Path) -> None:
    world = World(tmp_path).write({"boards.yaml": BOARDS})
    for number in range(5):
        world.pin(f"p{number}", f"board: soups\nsection: autumn\ntitle: P{number}\n")
    world.write({"pinsync.yaml": "environment: emulator\ntier: standard\nmax_writes: 4\n"})
    world.max_writes = 2  # the option goes before the file
    assert world.plan().cost["org_write"] == 2
    world.max_writes = None
    assert any("max_writes in pinsync.yaml allows 4" in one.message for one in world.plan().diagnostics)
    for expected in (4, 4, 1, 0):
        assert world.plan().cost.get("org_write", 0) == expected
        assert {outcome.result.value for outcome in world.apply()} <= {"done"}
    assert len(world.live("/pins")) == 5


def test_what_goes_with_its_board_waits_with_it(tmp_path: Path) -> None:
    world = World(tmp_path).write({"boards.yaml": BOARDS}).pin("p", "board: bakes\ntitle: P\n")
    world.apply()
    (world.root / "p.yaml").unlink()
    world.write({"boards.yaml": BOARDS.partition("  - key: bakes")[0]}).pin("new", "board: soups\ntitle: New\n")
    world.policies, world.max_writes = Policies(prune=True), 1
    assert [change.address for change in world.plan().to_do] == ["pin.new"]
    world.apply()
    assert {change.address for change in world.plan().to_do} == {"board.bakes", "pin.p"}
    world.apply()
    assert world.plan().to_do == ()

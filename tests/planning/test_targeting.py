"""Runs about a part of the content."""

from __future__ import annotations

from pathlib import Path

import pytest

from pinsync.errors import UsageError
from pinsync.model.policies import Policies
from pinsync.planning.targeting import LEFT_OUT, chosen
from tests.planning.builders import board, pin, section
from tests.world import BOARDS, World, actions

ALL = {one.address: one for one in (board(), board("bakes"), section(), pin("a/soup", section="section.soups/autumn"),
                                    pin("a/[x]"), pin("b", "board.bakes", moved_from="pin.old"))}  # fmt: skip


@pytest.mark.parametrize(
    ("targets", "excludes", "expected"),
    [
        ((), (), set(ALL) | {"pin.gone"}),
        (("board.soups",), (), {"board.soups"}),
        (("pin.a/*",), (), {"board.soups", "section.soups/autumn", "pin.a/soup", "pin.a/[x]"}),
        (("pin.a/[x]",), (), {"board.soups", "pin.a/[x]"}),
        (("pin.old",), (), {"board.bakes", "pin.b"}),
        (("pin.gone",), (), {"pin.gone"}),
        ((), ("pin.*",), {"board.soups", "board.bakes", "section.soups/autumn"}),
        (("pin.a/*",), ("pin.a/soup",), {"board.soups", "section.soups/autumn", "pin.a/[x]"}),
        (("pin.a/*",), ("board.soups",), {"section.soups/autumn", "pin.a/soup", "pin.a/[x]"}),
    ],
)
def test_what_a_run_is_about(targets: tuple[str, ...], excludes: tuple[str, ...], expected: set[str]) -> None:
    assert chosen(ALL, ["pin.gone"], targets, excludes) == expected


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path).write({"boards.yaml": BOARDS})
    return world.pin("a", "board: soups\ntitle: A\n").pin("b", "board: bakes\ntitle: B\n", "blue")


def test_only_what_is_chosen_is_made_and_the_rest_later(world: World) -> None:
    world.targets = ("pin.a",)
    plan = world.plan()
    assert {change.address for change in plan.to_do} == {"board.soups", "pin.a"}
    assert plan.cost == {"org_write": 2}
    world.apply()
    assert world.plan().to_do == ()
    assert [pin["title"] for pin in world.live("/pins")] == ["A"]
    world.targets = ()
    assert {change.address for change in world.plan().to_do} == {
        "board.bakes", "section.soups/autumn", "section.soups/winter", "pin.b"
    }  # fmt: skip


def test_what_needs_something_left_out_waits(world: World) -> None:
    world.excludes = ("board.bakes",)
    held = {change.address: change.reason for change in world.plan().changes if change.action.value == "held"}
    assert held == {"board.bakes": LEFT_OUT, "pin.b": "it waits for board.bakes, which is left out"}


def test_only_the_boards_of_what_is_chosen_are_read(world: World) -> None:
    world.apply()
    world.targets = ("pin.a",)
    world.plan()
    assert world.calls.total() == 2, "the board and its pins"


def test_a_board_is_not_deleted_with_a_pin_that_is_left_out(world: World) -> None:
    world.apply()
    for name in ("b.yaml", "boards.yaml"):
        (world.root / name).unlink()
    world.write({"boards.yaml": BOARDS.partition("  - key: bakes")[0]})
    world.policies = Policies(prune=True)
    assert {change.address for change in world.plan().to_do} == {"board.bakes", "pin.b"}
    world.excludes = ("pin.b",)
    assert world.plan().to_do == ()
    world.excludes, world.targets = (), ("pin.b",)
    world.apply()
    assert world.calls.total() == 1
    world.targets = ()
    assert {change.address for change in world.plan().to_do} == {"board.bakes"}


def test_a_new_address_is_written_down_whatever_is_chosen(world: World) -> None:
    world.apply()
    world.write({"boards.yaml": BOARDS.replace("key: bakes", "key: cakes")})
    world.pin("b", "board: cakes\ntitle: B\n", "blue").pin("a", "board: soups\ntitle: Other\n")
    world.targets = ("pin.a",)
    assert actions(world.plan())["board.cakes"] == "move"


def test_a_pattern_that_fits_nothing_is_a_mistake(world: World) -> None:
    world.targets = ("pin.aa",)
    with pytest.raises(UsageError, match=r"no address fits pin\.aa") as caught:
        world.plan()
    assert "pin.a" in caught.value.advice


def test_the_sections_of_a_board_that_is_left_out_are_not_taken_for_deleted(world: World) -> None:
    world.apply()
    world.policies, world.excludes = Policies(on_missing="forget"), ("board.soups",)
    assert {action for address, action in actions(world.plan()).items()} == {"no-op"}

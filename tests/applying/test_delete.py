"""Deleting on Pinterest what is declared no more, with permission and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.world import BOARDS, World, actions

PRUNE = "environment: emulator\npolicies: {prune: true}\nlimits: {from: 1000}\n"


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path).write({"boards.yaml": BOARDS, "pinsync.yaml": PRUNE})
    for name, place in (("soup", "soups\nsection: autumn"), ("stew", "soups"), ("tart", "bakes")):
        world.pin(name, f"board: {place}\ntitle: {name}\n")
    world.apply()
    return world


def titles(world: World) -> set[str]:
    return {pin["title"] for pin in world.live("/pins")}


def settled(world: World) -> bool:
    return set(actions(world.plan()).values()) <= {"no-op"}


def test_a_pin_is_deleted_by_one_call(world: World) -> None:
    (world.root / "tart.yaml").unlink()
    assert world.plan().cost == {"org_write": 1}
    world.apply()
    assert dict(world.calls) == {"org_write": 1}
    assert titles(world) == {"soup", "stew"}
    assert "pin.tart" not in world.state().resources
    assert settled(world)


def test_a_board_is_deleted_with_all_in_it_by_one_call(world: World) -> None:
    for name in ("soup", "stew"):
        (world.root / f"{name}.yaml").unlink()
    world.write({"boards.yaml": "boards: [{key: bakes, name: Bakes}]\n"})
    plan = world.plan()
    assert plan.summary == {"delete": 5, "no-op": 2}
    assert plan.cost == {"org_write": 1}
    outcomes = world.apply()
    assert {outcome.result for outcome in outcomes} == {"done"}
    assert dict(world.calls) == {"org_write": 1}
    assert titles(world) == {"tart"}
    assert [board["name"] for board in world.live("/boards")] == ["Bakes"]
    assert settled(world)


def test_a_section_is_deleted_after_its_pin_left_it(world: World) -> None:
    world.pin("soup", "board: soups\nsection: null\ntitle: soup\n")
    world.write({"boards.yaml": BOARDS.replace("      - {key: autumn, name: Autumn}\n", "")})
    world.apply()
    assert titles(world) == {"soup", "stew", "tart"}
    assert settled(world)


def test_a_section_stays_where_its_pin_could_not_leave_it(world: World) -> None:
    world.pin("soup", "board: soups\nsection: null\ntitle: soup\n")
    world.write({"boards.yaml": BOARDS.replace("      - {key: autumn, name: Autumn}\n", "")})
    world.restart("pins/update:429:first=1000")
    outcomes = {outcome.change.address: outcome for outcome in world.apply()}
    assert outcomes["pin.soup"].result == "failed"
    assert outcomes["section.soups/autumn"].result == "skipped"
    assert "pin.soup failed" in outcomes["section.soups/autumn"].message
    world.restart()
    assert titles(world) == {"soup", "stew", "tart"}
    world.apply()
    assert titles(world) == {"soup", "stew", "tart"}
    assert settled(world)


def test_somebody_elses_pin_keeps_its_board(world: World) -> None:
    (board,) = [board for board in world.live("/boards") if board["name"] == "Bakes"]
    tart = next(pin for pin in world.live("/pins") if pin["title"] == "tart")
    world.request("POST", f"/pins/{tart['id']}/save", {"board_id": board["id"]})
    (world.root / "tart.yaml").unlink()
    world.write({"boards.yaml": BOARDS.replace("  - key: bakes\n    name: Bakes\n", "")})
    plan = world.plan()
    assert actions(plan)["board.bakes"] == "held"
    assert actions(plan)["pin.tart"] == "delete"
    world.apply()
    assert len(world.live("/pins")) == 3
    assert len(world.live("/boards")) == 2


def test_what_was_protected_when_it_was_declared_last_stays(world: World) -> None:
    world.pin("tart", "board: bakes\ntitle: tart\nlifecycle: {protect: true}\n")
    world.pin("new", "board: bakes\ntitle: new\n")
    world.apply()
    (world.root / "tart.yaml").unlink()
    assert actions(world.plan())["pin.tart"] == "held"
    world.apply()
    assert "tart" in titles(world)


def test_what_somebody_deleted_meanwhile_is_a_success(world: World) -> None:
    (world.root / "tart.yaml").unlink()
    session = world.session()
    plan = world.plan()
    (tart,) = [pin for pin in world.live("/pins") if pin["title"] == "tart"]
    world.request("DELETE", f"/pins/{tart['id']}")

    import asyncio

    async def run() -> list[str]:
        async with session.client() as client:
            outcomes = await session.apply(plan, session.read_state(), client, lambda outcome: None)
            return [outcome.result.value for outcome in outcomes]

    assert asyncio.run(run()) == ["done"]
    assert settled(world)


@pytest.mark.parametrize("effect", ["drop-after", "500-after", "drop-before", "500-before"])
def test_a_deletion_whose_answer_was_lost_is_repeated(world: World, effect: str) -> None:
    (world.root / "tart.yaml").unlink()
    world.restart(f"pins/delete:{effect}:nth=1")
    assert [outcome.result for outcome in world.apply()] == ["done"]
    assert titles(world) == {"soup", "stew"}
    assert settled(world)


@pytest.mark.parametrize("verb", ["begin", "forget"])
def test_a_killed_deletion_is_finished_by_the_next_run(world: World, verb: str) -> None:
    (world.root / "tart.yaml").unlink()
    world.apply_and_die(verb)
    assert actions(world.plan())["pin.tart"] == ("delete" if verb == "begin" else "forget")
    world.apply()
    assert titles(world) == {"soup", "stew"}
    assert world.state().pending == {}
    assert settled(world)


def test_nothing_is_deleted_where_nothing_is_declared(world: World) -> None:
    for file in world.root.glob("*.yaml"):
        if file.name != "pinsync.yaml":
            file.unlink()
    plan = world.plan()
    assert plan.errors
    assert plan.summary["delete"] == 7

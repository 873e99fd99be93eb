"""Reading what a plan needs, in the fewest calls."""

from __future__ import annotations

import json
from pathlib import Path

import httpx

from tests.world import BOARDS, World, actions, drifted, picture

LIST = "pins:\n"


def _many(world: World, count: int, board: str = "bakes", name: str = "many") -> World:
    entries = "".join(
        f"  - {{id: n{number}, board: {board}, title: Pin {number}, image: p.jpg}}\n" for number in range(count)
    )
    return world.write({f"{name}.yaml": LIST + entries, "p.jpg": picture()})


def test_a_no_op_plan_reads_whole_listings(tmp_path: Path) -> None:
    world = _many(World(tmp_path).write({"boards.yaml": BOARDS}), 260)
    world.apply()
    plan = world.plan()
    assert plan.summary == {"no-op": 264}
    # One listing of boards, two pages of pins, and one of sections that no pin proves to exist.
    assert dict(world.calls) == {"org_read": 4}


def test_a_section_that_a_pin_lies_in_needs_no_look(tmp_path: Path) -> None:
    boards = "boards: [{key: soups, name: Soups, sections: [{key: autumn, name: Autumn}]}]\n"
    world = World(tmp_path).write({"boards.yaml": boards})
    world.pin("soup", "board: soups\nsection: autumn\n").apply()
    assert world.plan().to_do == ()
    # One board alone is read by itself; then its pins.
    assert dict(world.calls) == {"org_read": 2}


def test_few_known_pins_on_a_large_board_are_read_one_by_one(tmp_path: Path) -> None:
    world = World(tmp_path)
    crowd = _many(World(tmp_path).write({"boards.yaml": BOARDS}), 520)
    crowd.apply()
    # Another content root that adds one pin to the same, now crowded, board.
    other = World(tmp_path / "content").write({"mine.yaml": "board: {existing: Bakes}\ntitle: Mine\nimage: p.jpg\n"})
    other.write({"p.jpg": picture()})
    other.network = world.network
    other.apply()
    assert other.plan().to_do == ()
    assert dict(other.calls) == {"org_read": 2}, "the board, and the pin"


def test_boards_that_do_not_matter_are_not_read(tmp_path: Path) -> None:
    world = World(tmp_path).write({"boards.yaml": BOARDS})
    stranger = world.request("POST", "/boards", {"name": "Strangers"})
    world.apply()
    world.network.requests.clear()
    world.plan()
    assert not [request for request in world.network.requests if stranger["id"] in request.url.path]


def test_an_empty_content_root_reads_nothing(tmp_path: Path) -> None:
    world = World(tmp_path)
    assert world.plan().changes == ()
    assert not world.calls


def test_a_pin_that_a_person_moved_to_another_board_is_drift_and_not_loss(tmp_path: Path) -> None:
    world = World(tmp_path).write({"boards.yaml": BOARDS})
    world.pin("soup", "board: soups\ntitle: Soup\n").apply()
    (pin,) = world.live("/pins")
    stranger = world.request("POST", "/boards", {"name": "Strangers"})
    world.request("PATCH", f"/pins/{pin['id']}", {"board_id": stranger["id"]})
    plan = world.plan()
    assert actions(plan)["pin.soup"] == "no-op"
    assert drifted(plan) == ["pin.soup"]


def test_many_missing_pins_are_not_each_read(tmp_path: Path) -> None:
    world = _many(World(tmp_path).write({"boards.yaml": BOARDS}), 60)
    world.apply()
    for pin in world.live("/pins"):
        world.request("DELETE", f"/pins/{pin['id']}")
    plan = world.plan()
    assert plan.summary["held"] == 60
    assert world.calls["org_read"] < 40


def test_a_count_of_pins_that_lags_behind_hides_no_pin(tmp_path: Path) -> None:
    world = World(tmp_path).write({"boards.yaml": BOARDS})
    world.pin("soup", "board: soups\ntitle: Soup\n").apply()
    (world.root / ".pinsync" / "state.json").unlink()
    inner = world.network.handle_async_request

    async def without_counts(request: httpx.Request) -> httpx.Response:
        response = await inner(request)
        if request.url.path != "/v5/boards":
            return response
        boards = json.loads(await response.aread())
        return httpx.Response(200, json={**boards, "items": [{**board, "pin_count": 0} for board in boards["items"]]})

    world.network.handle_async_request = without_counts  # type: ignore[method-assign]
    assert actions(world.plan())["pin.soup"] == "adopt"

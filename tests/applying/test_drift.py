"""What people do on Pinterest, and what becomes of it by policy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pinsync.model.policies import Policies
from pinsync.planning.plan import Drift, Plan
from tests.world import BOARDS, World, actions, drifted

SOUP = "board: soups\nsection: autumn\ntitle: Soup\ndescription: One pot.\n"


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path).write({"boards.yaml": BOARDS}).pin("soup", SOUP)
    world.apply()
    return world


def policy(world: World, text: str) -> None:
    """Replaces the policies in pinsync.yaml."""
    world.write({"pinsync.yaml": f"environment: emulator\ntier: standard\npolicies: {text}\n"})


def edit(world: World, **fields: Any) -> None:
    """Somebody changes the pin."""
    world.request("PATCH", f"/pins/{world.live('/pins')[0]['id']}", fields)


def board_id(world: World, name: str) -> str:
    return str(next(board["id"] for board in world.live("/boards") if board["name"] == name))


def settled(world: World) -> Plan:
    """An apply in which nothing fails, and the empty plan after it."""
    expected = world.plan().cost.get("org_write", 0)
    outcomes = world.apply()
    assert {outcome.result.value for outcome in outcomes} <= {"done"}
    assert world.calls["org_write"] == expected or world.calls.total() == expected
    plan = world.plan()
    assert plan.to_do == ()
    return plan


@pytest.mark.parametrize("how", ["report", "accept"])
def test_what_somebody_changed_stays_unless_it_is_to_be_reverted(world: World, how: str) -> None:
    edit(world, title="Theirs")
    policy(world, f"{{on_drift: {how}}}")
    assert drifted(settled(world)) == ["pin.soup"]
    assert world.live("/pins")[0]["title"] == "Theirs"
    policy(world, "{on_drift: revert}")
    (change,) = world.plan().to_do
    assert change.drift == {"title": Drift("Soup", "Theirs", "Soup")}
    assert set(change.fields) == {"title"}
    assert drifted(settled(world)) == []
    assert world.live("/pins")[0]["title"] == "Soup"


def test_a_text_that_somebody_gave_to_a_slot_is_taken_away_again(world: World) -> None:
    world.write({"soup.yaml": "board: soups\ncarousel: [{image: soup.jpg}, {image: soup.jpg, title: Two}]\nlifecycle: "
                 "{on_media_change: replace}\n"})  # fmt: skip
    world.apply()
    edit(world, carousel_slots=[{"title": "Theirs", "link": "https://example.com/theirs"}, {"title": "Zwei"}])
    policy(world, "{on_drift: revert}")
    (change,) = world.plan().to_do
    assert set(change.fields) == {"slots"}
    assert drifted(settled(world)) == []
    items = world.live("/pins")[0]["media"]["items"]
    assert [(item["title"], item["link"]) for item in items] == [(None, None), ("Two", None)]


def test_what_was_so_when_it_was_declared_is_theirs_where_it_is_not_any_more(world: World) -> None:
    world.pin("stew", "board: soups\ntitle: Stew\n", "brown").apply()
    world.pin("stew", "board: bakes\nsection: null\ntitle: Stew\n", "brown").apply()
    (stew,) = [pin for pin in world.live("/pins") if pin["title"] == "Stew"]
    (soup,) = [pin for pin in world.live("/pins") if pin["title"] == "Soup"]
    place = {name: soup[name] for name in ("board_id", "board_section_id")}
    world.request("PATCH", f"/pins/{stew['id']}", place)
    policy(world, "{on_drift: report}")
    assert drifted(settled(world)) == ["pin.stew"]
    assert world.request("GET", f"/pins/{stew['id']}")["board_section_id"] == soup["board_section_id"]


def test_a_resource_of_its_own_mind(world: World) -> None:
    policy(world, "{on_drift: revert}")
    world.write({"soup.yaml": f"image: soup.jpg\n{SOUP}lifecycle: {{on_drift: report}}\n"})
    world.write(
        {"boards.yaml": BOARDS.replace("    name: Bakes", "    name: Bakes\n    lifecycle: {on_drift: accept}")}
    )
    edit(world, title="Theirs")
    world.request("PATCH", f"/boards/{board_id(world, 'Bakes')}", {"name": "Cakes"})
    world.request("PATCH", f"/boards/{board_id(world, 'Weeknight soups')}", {"description": "Theirs."})
    assert [change.address for change in world.plan().to_do] == ["board.soups"]
    assert set(drifted(settled(world))) == {"board.bakes", "pin.soup"}


def test_a_pin_that_was_moved_away_comes_back_to_its_section(world: World) -> None:
    policy(world, "{on_drift: revert}")
    edit(world, board_id=board_id(world, "Bakes"), board_section_id=None)
    (change,) = world.plan().to_do
    assert {name: drift.live for name, drift in change.drift.items()} == {"board": "board.bakes", "section": None}
    assert drifted(settled(world)) == []


def test_the_file_wins_where_both_changed_and_the_plan_says_so(world: World) -> None:
    edit(world, title="Theirs", description="Theirs too.")
    world.pin("soup", SOUP.replace("Soup", "Ours"))
    (change,) = world.plan().to_do
    assert change.drift["title"] == Drift("Soup", "Theirs", "Ours")
    assert set(change.fields) == {"title"}
    assert drifted(settled(world)) == ["pin.soup"]
    assert [world.live("/pins")[0][name] for name in ("title", "description")] == ["Ours", "Theirs too."]


def test_what_cannot_be_changed_back_is_held(world: World) -> None:
    world.write({"boards.yaml": BOARDS.replace("Bakes", "Breads\n    privacy: protected").replace("bakes", "breads")})
    world.apply()
    policy(world, "{on_drift: revert}")
    world.request("PATCH", f"/boards/{board_id(world, 'Breads')}", {"privacy": "SECRET"})
    assert actions(world.plan())["board.breads"] == "held"


def test_what_is_put_back_counts_towards_no_limit(tmp_path: Path) -> None:
    world = World(tmp_path).write({"boards.yaml": BOARDS})
    for number in range(12):
        world.pin(f"p{number}", f"board: soups\ntitle: P{number}\n")
    world.apply()
    for pin in world.live("/pins"):
        world.request("PATCH", f"/pins/{pin['id']}", {"title": "Theirs"})
    world.policies = Policies(on_drift="revert")
    plan = world.plan()
    assert (plan.errors, len(plan.to_do)) == ((), 12)
    world.policies = Policies()
    for number in range(12):
        world.pin(f"p{number}", f"board: soups\ntitle: Q{number}\n")
    assert [error.code for error in world.plan().errors] == []


def delete(world: World) -> str:
    """Somebody deletes the pin."""
    pin = world.live("/pins")[0]["id"]
    world.request("DELETE", f"/pins/{pin}")
    return str(pin)


def test_what_somebody_deleted_is_made_again_where_that_is_wanted(world: World) -> None:
    old = delete(world)
    assert actions(world.plan())["pin.soup"] == "held"
    policy(world, "{on_missing: recreate}")
    change = world.plan().to_do[0]
    assert (change.action.value, change.missing) == ("create", old)
    settled(world)
    assert [pin["title"] for pin in world.live("/pins")] == ["Soup"]


@pytest.mark.parametrize("verb", ["forget", "begin", "settle"])
def test_a_kill_while_it_is_made_again_makes_no_second_one(world: World, verb: str) -> None:
    delete(world)
    policy(world, "{on_missing: recreate}")
    world.apply_and_die(verb)
    world.wait(60)
    settled(world)
    assert [pin["title"] for pin in world.live("/pins")] == ["Soup"]


def test_a_board_with_all_that_was_on_it_is_made_again(world: World) -> None:
    world.request("DELETE", f"/boards/{board_id(world, 'Weeknight soups')}")
    policy(world, "{on_missing: recreate}")
    assert {address: action for address, action in actions(world.plan()).items() if action != "no-op"} == dict.fromkeys(
        ("board.soups", "section.soups/autumn", "section.soups/winter", "pin.soup"), "create"
    )
    settled(world)
    policy(world, "{on_missing: hold}")
    world.request("DELETE", f"/boards/{board_id(world, 'Weeknight soups')}")
    world.write({"soup.yaml": f"image: soup.jpg\n{SOUP}lifecycle: {{on_missing: recreate}}\n"})
    assert world.plan().to_do == (), "a pin cannot be made again on a board that is held"


def test_what_was_given_up_stays_so_until_a_person_says_otherwise(world: World) -> None:
    delete(world)
    policy(world, "{on_missing: forget}")
    assert actions(world.plan())["pin.soup"] == "forget"
    settled(world)
    policy(world, "{on_missing: hold}")
    plan = world.plan()
    assert (plan.to_do, actions(plan)["pin.soup"]) == ((), "no-op")
    for file in ("soup.yaml", "soup.jpg"):
        (world.root / file).rename(world.root / file.replace("soup", "stew"))
    world.write({"stew.yaml": f"image: stew.jpg\n{SOUP}"})
    assert actions(world.plan())["pin.stew"] == "move"
    settled(world)
    assert world.live("/pins") == []
    (world.root / "stew.yaml").unlink()
    assert actions(world.plan())["pin.stew"] == "forget"
    settled(world)
    world.write({"stew.yaml": f"image: stew.jpg\n{SOUP}"})
    assert actions(world.plan())["pin.stew"] == "create"


def test_what_was_given_up_is_made_again_where_the_policy_changes(world: World) -> None:
    delete(world)
    policy(world, "{on_missing: forget}")
    settled(world)
    policy(world, "{on_missing: recreate}")
    assert actions(world.plan())["pin.soup"] == "create"
    settled(world)
    assert world.state().departed == {}


def test_nothing_is_made_on_a_board_that_was_given_up(world: World) -> None:
    world.request("DELETE", f"/boards/{board_id(world, 'Weeknight soups')}")
    policy(world, "{on_missing: forget}")
    world.pin("new", SOUP.replace("Soup", "New"), "blue")
    settled(world)
    plan = world.plan()
    assert actions(plan)["pin.new"] == "held"
    assert world.live("/pins") == []

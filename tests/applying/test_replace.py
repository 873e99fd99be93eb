"""A changed picture: held, or a new pin in the place of the old one, which is deleted and never forgotten."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.world import BOARDS, World, actions

SOUP = "board: soups\nsection: autumn\ntitle: Pumpkin soup\n"
ALLOWED = "environment: emulator\npolicies: {on_media_change: replace}\n"


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A pin that is live with an orange picture, declared with a blue one."""
    world = World(tmp_path).write({"boards.yaml": BOARDS, "pinsync.yaml": ALLOWED})
    world.pin("soup", SOUP).apply()
    return world.pin("soup", SOUP, colour="blue")


def only_pin(world: World) -> dict[str, str]:
    (pin,) = world.live("/pins")
    assert world.state().resources["pin.soup"].id == pin["id"]
    assert world.state().retired == {}
    assert world.state().pending == {}
    return dict(pin)


def is_blue(pin: dict[str, str]) -> bool:
    return int(pin["dominant_color"][5:7], 16) > 200


def settled(world: World) -> bool:
    return set(actions(world.plan()).values()) == {"no-op"}


def test_a_new_pin_takes_the_place_of_the_old_one(world: World) -> None:
    (before,) = world.live("/pins")
    plan = world.plan()
    (change,) = plan.to_do
    assert change.action == "replace"
    assert set(change.fields) == {"media"}
    assert "saves" in change.reason
    assert plan.cost == {"org_write": 2}
    assert [outcome.result for outcome in world.apply()] == ["done"]
    assert dict(world.calls) == {"org_write": 2}
    assert only_pin(world)["id"] != before["id"]
    assert is_blue(only_pin(world))
    assert settled(world)


@pytest.mark.parametrize(
    ("policy", "lifecycle", "expected"),
    [
        ("hold", "", "held"),
        ("hold", "lifecycle: {on_media_change: replace}\n", "replace"),
        ("replace", "lifecycle: {on_media_change: hold}\n", "held"),
        ("replace", "lifecycle: {protect: true}\n", "held"),
        ("replace", "lifecycle: {protect: false}\n", "replace"),
    ],
)
def test_it_is_held_unless_it_is_allowed(world: World, policy: str, lifecycle: str, expected: str) -> None:
    world.write({"pinsync.yaml": ALLOWED.replace("replace", policy)})
    world.pin("soup", f"{SOUP}{lifecycle}", colour="blue")
    plan = world.plan()
    assert actions(plan)["pin.soup"] == expected
    (change,) = [change for change in plan.changes if change.address == "pin.soup"]
    if expected == "held":
        assert "protect" in change.reason or "--allow-replace" in change.reason


def test_a_text_that_changed_with_the_picture_goes_with_it(world: World) -> None:
    world.pin("soup", SOUP.replace("Pumpkin", "Squash"), colour="blue")
    world.apply()
    assert only_pin(world)["title"] == "Squash soup"
    assert settled(world)


def test_a_file_that_was_renamed_as_well_is_a_replacement_too(world: World) -> None:
    for name in ("soup.yaml", "soup.jpg"):
        (world.root / name).unlink()
    world.pin("stew", f"{SOUP}moved_from: pin.soup\n", colour="blue")
    assert actions(world.plan())["pin.stew"] == "replace"
    world.apply()
    (pin,) = world.live("/pins")
    assert world.state().resources["pin.stew"].id == pin["id"]
    assert settled(world)


def test_an_old_pin_that_cannot_be_deleted_is_remembered(world: World) -> None:
    (before,) = world.live("/pins")
    world.restart("pins/delete:429:first=1000")
    (outcome,) = world.apply()
    assert outcome.result == "failed"
    assert f"the old one, {before['id']}, could not be deleted" in outcome.message
    assert world.state().retired == {before["id"]: "pin.soup"}
    assert len(world.live("/pins")) == 2
    world.restart()
    plan = world.plan()
    assert [(change.action, change.id) for change in plan.to_do] == [("delete", before["id"])]
    assert plan.cost == {"org_write": 1}
    world.apply()
    assert is_blue(only_pin(world))
    assert settled(world)


@pytest.mark.parametrize("effect", ["500-before", "500-after", "drop-after", "drop-before", "truncate"])
@pytest.mark.parametrize("operation", ["pins/create", "pins/delete"])
def test_a_lost_answer_makes_no_third_pin(world: World, operation: str, effect: str) -> None:
    world.restart(f"{operation}:{effect}:nth=1")
    assert [outcome.result for outcome in world.apply()] == ["done"]
    assert is_blue(only_pin(world))
    assert settled(world)


@pytest.mark.parametrize("verb", ["begin", "replace", "bury"])
def test_a_killed_replacement_is_finished_by_the_next_run(world: World, verb: str) -> None:
    for _ in range(2):
        world.apply_and_die(verb)
        assert len(world.live("/pins")) <= 2
    world.apply()
    assert is_blue(only_pin(world))
    assert settled(world)


def test_a_killed_replacement_that_is_taken_back_leaves_the_old_pin_alone(world: World) -> None:
    (before,) = world.live("/pins")
    world.apply_and_die("replace")
    assert len(world.live("/pins")) == 2
    world.pin("soup", SOUP)
    plan = world.plan()
    assert [change.action for change in plan.to_do] == ["delete"]
    assert "not wanted any more" in plan.to_do[0].reason
    world.apply_and_die("abandon")
    world.apply()
    assert only_pin(world)["id"] == before["id"]
    assert settled(world)


def test_without_a_look_an_interrupted_replacement_is_held(world: World) -> None:
    world.apply_and_die("replace")
    assert actions(world.plan(refresh=False))["pin.soup"] == "held"

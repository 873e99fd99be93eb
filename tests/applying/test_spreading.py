"""Slots in a world: recorded before the first call, published once, the same after every crash."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from pinsync.applying.saved import check_fresh, check_sound, load, save
from pinsync.errors import PlanRefused
from pinsync.planning.plan import FieldChange, without_calls
from pinsync.report.states import as_text
from pinsync.state.document import slot_of
from tests.applying.test_watching import Watching
from tests.world import World, actions

CONFIG = "environment: emulator\ntier: standard\ntimezone: Europe/Berlin\nconcurrency: 1\n"
SPREAD = CONFIG + "spread: {every: 45m, between: 08:00-21:00}\n"
BOARDS = "boards: [{key: soups, name: Soups}]\n"
SLOTS = {
    f"pin.{name}": f"2026-11-24T{time}:00+00:00" for name, time in {"a": "12:15", "b": "13:00", "c": "13:45"}.items()
}


@pytest.fixture
def world(tmp_path: Path) -> World:
    return spreading(tmp_path)


def spreading(folder: Path) -> World:
    """A world with slots, three pins that wait for theirs, and one that does not."""
    world = World(folder).write({"pinsync.yaml": SPREAD, "boards.yaml": BOARDS})
    for name in "abc":
        world.pin(name, f"board: soups\ntitle: {name}\n", f"#{ord(name):02x}4080")
    return world.pin("now", "board: soups\ntitle: now\npublish_at: now\n", "red")


def titles(world: World) -> list[str]:
    return sorted(pin["title"] for pin in world.live("/pins"))


def test_slots_are_recorded_and_the_pins_made_when_they_have_come(world: World) -> None:
    planned = world.plan(refresh=False)
    assert planned.slots == SLOTS
    world.apply()
    assert (titles(world), world.state().slots) == (["now"], SLOTS)
    for refresh in (True, False):
        assert not world.plan(refresh=refresh).to_do
    assert "pin.b  slot 2026-11-24T13:00:00+00:00\n" in as_text(world.state())

    world.pin("aa", "board: soups\ntitle: aa\n", "blue")
    (world.root / "c.yaml").unlink()
    world.wait(3_700)
    world.apply()  # late for two of them
    assert titles(world) == ["a", "b", "now"]
    assert world.state().slots == {"pin.aa": SLOTS["pin.c"]}
    assert not world.plan().to_do


def test_a_run_that_is_about_others_keeps_the_slots(world: World) -> None:
    world.apply()
    world.targets = ("pin.now",)
    (world.root / "now.yaml").write_text("board: soups\ntitle: Now\nimage: now.jpg\n")
    assert actions(world.plan())["pin.a"] == "held"
    world.apply()
    assert world.state().slots == SLOTS


def test_what_the_quota_leaves_out_keeps_its_slot_and_the_oldest_goes_first(world: World) -> None:
    world.apply()
    world.pin("aa", "board: soups\ntitle: aa\n", "blue").apply()
    world.wait(10_000)  # all have come, that of aa last
    world.max_writes = 2
    world.apply()
    assert titles(world) == ["a", "b", "now"]
    assert world.state().slots == {"pin.aa": "2026-11-24T14:30:00+00:00", "pin.c": SLOTS["pin.c"]}


def test_without_spread_all_is_published(world: World) -> None:
    world.apply()
    world.write({"pinsync.yaml": CONFIG})
    assert sum(change.action == "create" for change in world.plan().changes) == 3
    world.apply()
    assert titles(world) == ["a", "b", "c", "now"]
    assert world.state().slots == {}


def test_a_refresh_writes_slots_down_as_it_does_addresses(world: World) -> None:
    world.apply()
    world.pin("d", "board: soups\ntitle: d\n", "blue").wait(1_000)
    (world.root / "c.yaml").rename(world.root / "e.yaml")
    with (world.root / "e.yaml").open("a") as file:
        file.write("moved_from: pin.c\n")
    assert {change.address: change.action.value for change in without_calls(world.plan()).to_do} == {
        "pin.d": "scheduled", "pin.e": "scheduled"}  # fmt: skip


def test_killed_before_any_record_the_next_run_publishes_once_at_the_same_slots(tmp_path: Path) -> None:
    def run(world: World, when: int) -> bool:
        """A run that is killed, if it gets so far, and one that is not."""
        try:
            world.apply_and_die(when)
        except pytest.fail.Exception:
            return False
        world.apply()
        return True

    number, died = 0, True
    while died:
        (tmp_path / str(number)).mkdir()
        world = spreading(tmp_path / str(number))
        died = run(world, number)
        assert world.state().slots == SLOTS
        world.moment = slot_of(SLOTS["pin.b"]) + timedelta(minutes=5)
        died |= run(world, number)
        assert titles(world) == ["a", "b", "now"]
        assert world.state().slots == {"pin.c": SLOTS["pin.c"]}
        assert not world.plan().to_do
        number += 1
    assert number > 5


def test_staying_publishes_each_at_its_slot(world: World) -> None:
    start = world.moment
    watching = Watching(world, start + timedelta(minutes=62))
    watching.run()
    assert [round((run - start).total_seconds() / 60) for run in watching.runs] == [0, 15, 60]
    assert titles(world) == ["a", "b", "now"]


def test_a_saved_plan_gives_exactly_the_slots_that_it_showed(world: World, tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    save(world.plan(), world.root, file)
    world.wait(5_000)  # in which two of them passed
    plan, session = load(file)[0], world.session()
    state, spread = session.read_state(), session.content.settings.spread
    check_fresh(plan.inputs, session.inputs(state))
    check_sound(plan, session.content.resources, state, spread)
    assert plan.slots == SLOTS
    first = next(change for change in plan.changes if change.address == "pin.a")
    for slot in (FieldChange(None, SLOTS["pin.b"]), FieldChange(SLOTS["pin.a"], SLOTS["pin.a"])):
        changes = tuple(replace(one, slot=slot) if one is first else one for one in plan.changes)
        with pytest.raises(PlanRefused, match="somebody changed it"):
            check_sound(replace(plan, changes=changes), session.content.resources, state, spread)
    world.write({"pinsync.yaml": SPREAD.replace("45m", "30m")})
    with pytest.raises(PlanRefused, match="the content"):
        check_fresh(plan.inputs, world.session().inputs(state))

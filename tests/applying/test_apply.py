"""Plan and apply against the emulator: what is declared comes to exist, once, and then nothing is left to do."""

from __future__ import annotations

import asyncio
import base64
import json
import os
from collections import Counter
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from pinsync.applying.outcome import Outcome
from pinsync.errors import StateError
from pinsync.model.policies import USUAL
from pinsync.planning.plan import Drift
from pinsync.state.journal import Record
from tests.world import BOARDS, World, actions, drifted, picture

SOUP = "board: soups\nsection: autumn\ntitle: Pumpkin soup\ndescription: One pot.\nlink: https://Example.com/soup\n"


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path).write({"boards.yaml": BOARDS})


def test_everything_declared_is_created_once_and_the_second_plan_is_empty(world: World) -> None:
    world.pin("autumn/soup", SOUP).pin("tart", "board: bakes\ntitle: Lemon &amp; lime tart\nalt_text: ' a  tart '\n")
    plan = world.plan()
    assert plan.summary == {"create": 6}
    assert plan.cost == {"org_write": 6}

    outcomes = world.apply()

    assert [outcome.result for outcome in outcomes] == ["done"] * 6
    assert dict(world.calls) == plan.cost
    assert {pin["title"] for pin in world.live("/pins")} == {"Pumpkin soup", "Lemon & lime tart"}
    assert set(actions(world.plan()).values()) == {"no-op"}


def test_a_plan_without_refresh_calls_nobody_and_is_empty_too(world: World) -> None:
    world.pin("soup", SOUP).apply()
    assert set(actions(world.plan(refresh=False)).values()) == {"no-op"}
    assert not world.calls


def test_a_changed_title_is_one_patch_with_just_that_field(world: World) -> None:
    world.pin("soup", SOUP).apply()
    world.pin("soup", SOUP.replace("Pumpkin", "Red pumpkin"))
    world.network.requests.clear()

    world.apply()

    (patch,) = [request for request in world.network.requests if request.method != "GET"]
    assert patch.method == "PATCH"
    assert json.loads(patch.content) == {"title": "Red pumpkin soup"}
    assert set(actions(world.plan()).values()) == {"no-op"}


def test_null_clears_a_field_and_an_undeclared_field_is_left_alone(world: World) -> None:
    world.pin("soup", SOUP).apply()
    world.pin("soup", "board: soups\nsection: autumn\ndescription: null\nlink: https://Example.com/soup\n")
    assert dict(world.plan().changes[-1].fields).keys() == {"description"}
    world.apply()
    (pin,) = world.live("/pins")
    assert (pin["title"], pin["description"]) == ("Pumpkin soup", None)


def test_a_pin_moves_to_another_board_and_section_by_one_update(world: World) -> None:
    world.pin("soup", SOUP).apply()
    (before,) = world.live("/pins")
    world.pin("soup", SOUP.replace("section: autumn", "section: winter"))
    assert actions(world.plan())["pin.soup"] == "update"
    world.apply()
    world.pin("soup", SOUP.replace("board: soups\nsection: autumn", "board: bakes\nsection: null"))
    assert world.plan().cost == {"org_write": 1}
    world.apply()
    (after,) = world.live("/pins")
    assert after["id"] == before["id"]
    assert after["board_id"] != before["board_id"]
    assert after["board_section_id"] is None
    assert set(actions(world.plan()).values()) == {"no-op"}


def test_a_renamed_file_is_a_move_without_a_call(world: World) -> None:
    world.pin("soup", SOUP).apply()
    (world.root / "soup.yaml").rename(world.root / "autumn-soup.yaml")
    plan = world.plan()
    assert actions(plan)["pin.autumn-soup"] == "move"
    assert plan.cost == {}
    world.apply()
    assert not world.calls
    assert "pin.autumn-soup" in world.state().resources
    assert set(actions(world.plan()).values()) == {"no-op"}


def test_moved_from_keeps_the_pin_where_the_content_changed_too(world: World) -> None:
    world.pin("soup", SOUP).apply()
    (world.root / "soup.yaml").unlink()
    world.write({"new.yaml": f"image: soup.jpg\nmoved_from: pin.soup\n{SOUP.replace('Pumpkin', 'Squash')}"})
    (change,) = [change for change in world.plan().changes if change.kind == "pin"]
    assert (change.action, change.moved_from) == ("update", "pin.soup")
    world.apply()
    (pin,) = world.live("/pins")
    assert pin["title"] == "Squash soup"
    assert set(actions(world.plan()).values()) == {"no-op"}


def test_a_renamed_board_key_takes_its_sections_and_pins_along(world: World) -> None:
    world.pin("soup", SOUP).apply()
    world.write({"boards.yaml": BOARDS.replace("key: soups", "key: stews")})
    world.pin("soup", SOUP.replace("board: soups", "board: stews"))
    plan = world.plan()
    assert plan.summary == {"move": 3, "no-op": 2}
    world.apply()
    assert not world.calls
    assert set(actions(world.plan()).values()) == {"no-op"}


def test_carousels_of_files_and_of_addresses_and_saved_pins(world: World) -> None:
    world.write({
        "1.jpg": picture("red"), "2.jpg": picture("green"),
        "files.yaml": "board: soups\ntitle: Three ways\ncarousel:\n"
        "  - {image: 1.jpg, title: One, link: https://example.com/1}\n  - {image: 2.jpg, description: Two}\n",
        "addresses.yaml": "board: soups\ncarousel:\n"
        "  - {image: 'https://example.com/1.jpg'}\n  - {image: 'https://example.com/2.jpg', title: Two}\n",
        "address.yaml": "board: bakes\ntitle: From the web\nimage: https://example.com/3.jpg\n",
    })  # fmt: skip
    world.apply()
    assert set(actions(world.plan()).values()) == {"no-op"}
    pins = {pin["title"]: pin for pin in world.live("/pins")}
    assert [item["title"] for item in pins["Three ways"]["media"]["items"]] == ["One", None]

    saved = pins["From the web"]["id"]
    world.write({"saved.yaml": f"board: soups\nsave: https://www.pinterest.com/pin/{saved}/\n"})
    assert world.plan().summary["create"] == 1
    world.apply()
    assert [pin["parent_pin_id"] for pin in world.live("/pins")].count(saved) == 1
    assert set(actions(world.plan()).values()) == {"no-op"}

    text = (world.root / "files.yaml").read_text()
    world.write({"files.yaml": text.replace("description: Two", "description: Twice")})
    plan = world.plan()
    assert plan.summary["update"] == 1
    world.apply()
    pins = {pin["title"]: pin for pin in world.live("/pins")}
    assert [item["description"] for item in pins["Three ways"]["media"]["items"]] == [None, "Twice"]
    assert set(actions(world.plan()).values()) == {"no-op"}


def test_a_text_that_is_taken_out_of_a_slot_is_taken_off_the_pin(world: World) -> None:
    whole = "- {image: 1.jpg, title: One, description: Eins, link: https://example.com/1}\n"
    world.write({"1.jpg": picture("red"), "2.jpg": picture("green")})
    world.write({"three.yaml": f"board: soups\ncarousel:\n{whole}- {{image: 2.jpg, title: Two}}\n"})
    world.apply()
    world.write(
        {"three.yaml": "board: soups\ncarousel:\n- {image: 1.jpg, description: Uno}\n- {image: 2.jpg, title: Two}\n"}
    )
    (change,) = world.plan().to_do
    assert change.fields["slots"].after == [{"description": "Uno"}, {"title": "Two"}]
    assert world.plan(refresh=False).to_do[0].fields == change.fields
    world.apply()
    (pin,) = world.live("/pins")
    texts = [[item[name] for name in ("title", "description", "link")] for item in pin["media"]["items"]]
    assert texts == [[None, "Uno", None], ["Two", None, None]]
    (sent,) = [json.loads(request.content) for request in world.network.requests if request.method == "PATCH"]
    # What a slot never had is not sent.
    assert sent == {"carousel_slots": [{"title": "", "description": "Uno", "link": ""}, {"title": "Two"}]}
    assert set(actions(world.plan()).values()) == {"no-op"}


def test_a_board_that_is_only_read_gets_pins_and_nothing_else(world: World) -> None:
    board = world.request("POST", "/boards", {"name": "Family favourites"})
    section = world.request("POST", f"/boards/{board['id']}/sections", {"name": "Sundays"})
    world.pin("roast", "board: {existing: Family favourites}\nsection: Sundays\ntitle: Roast\n")
    plan = world.plan()
    assert "board.Family favourites" not in actions(plan)
    world.apply()
    (pin,) = world.live("/pins")
    assert (pin["board_id"], pin["board_section_id"]) == (board["id"], section["id"])
    assert set(actions(world.plan()).values()) == {"no-op"}
    assert set(actions(world.plan(refresh=False)).values()) == {"no-op"}


def test_a_board_that_is_only_read_and_does_not_exist_is_an_error_before_anything_is_sent(world: World) -> None:
    world.pin("roast", "board: {existing: Nowhere}\ntitle: Roast\n")
    (error,) = world.plan().errors
    assert "Nowhere" in error.message
    assert str(error.origin) == "roast.yaml:1"


def test_changed_media_and_undeclared_resources_are_held_and_shown(world: World) -> None:
    world.pin("soup", SOUP).pin("tart", "board: bakes\n").apply()
    world.pin("soup", SOUP, colour="purple")
    (world.root / "tart.yaml").unlink()
    plan = world.plan()
    assert actions(plan)["pin.soup"] == "held"
    assert actions(plan)["pin.tart"] == "held"
    assert not plan.to_do
    assert world.apply() == []
    assert len(world.live("/pins")) == 2


def test_what_people_deleted_on_pinterest_is_held_and_forgotten_once_undeclared(world: World) -> None:
    world.pin("soup", SOUP).apply()
    (pin,) = world.live("/pins")
    world.request("DELETE", f"/pins/{pin['id']}")
    plan = world.plan()
    assert actions(plan)["pin.soup"] == "held"
    assert "deleted" in plan.changes[-1].reason
    (world.root / "soup.yaml").unlink()
    assert actions(world.plan())["pin.soup"] == "forget"
    world.apply()
    assert "pin.soup" not in world.state().resources


def test_a_board_deleted_on_pinterest_holds_all_that_was_on_it(world: World) -> None:
    world.pin("soup", SOUP).apply()
    (board,) = [board for board in world.live("/boards") if board["name"] == "Weeknight soups"]
    world.request("DELETE", f"/boards/{board['id']}")
    world.pin("stew", "board: soups\n")
    held = {address for address, action in actions(world.plan()).items() if action == "held"}
    assert held == {"board.soups", "section.soups/autumn", "section.soups/winter", "pin.soup", "pin.stew"}


def test_drift_is_reported_and_left_as_it_is(world: World) -> None:
    world.pin("soup", SOUP).apply()
    (pin,) = world.live("/pins")
    world.request("PATCH", f"/pins/{pin['id']}", {"title": "Edited by a person"})
    plan = world.plan()
    assert set(actions(plan).values()) == {"no-op"}
    (change,) = [change for change in plan.changes if change.drift]
    assert change.drift == {"title": Drift("Pumpkin soup", "Edited by a person", "Pumpkin soup")}
    world.pin("soup", SOUP.replace("One pot", "Two pots"))
    world.apply()
    assert drifted(world.plan()) == ["pin.soup"], "an update of one field accepts no other drift"


def test_publish_at_waits_for_its_time(world: World) -> None:
    world.pin("soup", SOUP + "publish_at: 2026-11-24T14:00+01:00\n")
    assert actions(world.plan())["pin.soup"] == "scheduled"
    world.apply()
    assert world.live("/pins") == []
    world.wait(3600)
    assert actions(world.plan())["pin.soup"] == "create"


def test_a_lost_state_adopts_what_is_there_instead_of_making_it_again(world: World) -> None:
    world.pin("soup", SOUP).pin("tart", "board: bakes\ntitle: Tart &amp; cream\n").pin(
        "plain", "board: bakes\n"
    ).apply()
    (world.root / ".pinsync" / "state.json").unlink()
    plan = world.plan()
    assert plan.summary == {"adopt": 6, "held": 1}
    (held,) = [change for change in plan.changes if change.action == "held"]
    assert "pinsync state adopt pin.plain ID" in held.reason, "a picture alone tells no pin from another"
    assert plan.cost == {}
    world.apply()
    assert len(world.live("/pins")) == 3
    assert world.plan().summary == {"no-op": 6, "held": 1}


def test_two_pins_that_are_wanted_equal_stay_two(world: World) -> None:
    world.pin("one", "board: soups\ntitle: Twin\n").pin("two", "board: soups\ntitle: Twin\n").apply()
    assert len(world.live("/pins")) == 2
    (world.root / ".pinsync" / "state.json").unlink()
    world.apply()
    assert len(world.live("/pins")) == 2
    state = world.state()
    assert state.resources["pin.one"].id != state.resources["pin.two"].id


def test_more_lookalikes_than_are_wanted_hold_the_creation(world: World) -> None:
    world.pin("one", "board: soups\ntitle: Twin\n").pin("two", "board: soups\ntitle: Twin\n").apply()
    (world.root / ".pinsync" / "state.json").unlink()
    (world.root / "two.yaml").unlink()
    plan = world.plan()
    assert actions(plan)["pin.one"] == "held"
    assert "look just like it" in plan.changes[-1].reason


def test_an_adopted_board_is_brought_to_what_is_declared(world: World) -> None:
    world.request("POST", "/boards", {"name": "weeknight soups", "description": "Old."})
    (change,) = [change for change in world.plan().changes if change.address == "board.soups"]
    assert change.action == "adopt"
    assert change.fields["description"].before == "Old."
    world.apply()
    assert len([board for board in world.live("/boards") if board["name"].lower() == "weeknight soups"]) == 1
    assert set(actions(world.plan()).values()) == {"no-op"}


def test_adoption_can_be_forbidden(world: World) -> None:
    world.request("POST", "/boards", {"name": "Weeknight soups"})
    world.write({"pinsync.yaml": "environment: emulator\npolicies: {on_existing: hold}\n"})
    assert actions(world.plan())["board.soups"] == "held"


def test_a_failure_leaves_the_rest_and_skips_only_what_depends_on_it(world: World) -> None:
    world.pin("autumn/soup", SOUP).pin("tart", "board: bakes\n")
    world.restart("board_sections/create:429:first=1000")
    by_result: dict[str, set[str]] = {}
    for outcome in world.apply():
        by_result.setdefault(outcome.result.value, set()).add(outcome.change.address)
    assert by_result["failed"] == {"section.soups/autumn", "section.soups/winter"}
    assert by_result["skipped"] == {"pin.autumn/soup"}
    assert by_result["done"] == {"board.soups", "board.bakes", "pin.tart"}

    world.restart()
    assert world.plan().summary["create"] == 3
    world.apply()
    assert set(actions(world.plan()).values()) == {"no-op"}


LOST = ["500-after", "502-after", "drop-after", "truncate", "html-after"]
NOTHING_DONE = ["500-before", "503-before", "drop-before", "html"]


@pytest.mark.parametrize("effect", LOST)
def test_what_was_made_although_the_answer_was_lost_is_found_within_the_run(world: World, effect: str) -> None:
    world.restart(*(f"{kind}/create:{effect}:nth=1" for kind in ("boards", "board_sections", "pins")))
    world.pin("soup", SOUP)
    started = world.moment
    outcomes = world.apply()
    assert {outcome.result for outcome in outcomes} == {"done"}
    assert dict(world.calls) == {"org_write": 5, "org_read": 3}, "each is sent once, and one listing settles each doubt"
    assert world.moment == started, "what is found at once is not waited for"
    assert len(world.live("/pins")) == 1
    assert set(actions(world.plan()).values()) == {"no-op"}


@pytest.mark.parametrize("effect", NOTHING_DONE)
def test_what_was_not_made_is_sent_again_after_a_second_look(world: World, effect: str) -> None:
    world.apply()
    world.restart(f"pins/create:{effect}:nth=1")
    world.pin("soup", SOUP)
    started = world.moment
    (outcome,) = world.apply()
    assert outcome.result == "done"
    assert dict(world.calls) == {"org_write": 2, "org_read": 2}
    assert (world.moment - started).total_seconds() == pytest.approx(30, abs=1)
    assert len(world.live("/pins")) == 1
    assert set(actions(world.plan()).values()) == {"no-op"}


def test_a_listing_that_lags_behind_makes_no_second_pin(world: World) -> None:
    world.apply()
    world.restart("pins/create:drop-after:nth=1", "boards/list_pins:stale=20")
    world.pin("soup", SOUP)
    (outcome,) = world.apply()
    assert outcome.result == "done"
    assert dict(world.calls) == {"org_write": 1, "org_read": 2}
    assert len(world.live("/pins")) == 1


def test_what_fails_each_time_is_sent_a_few_times_and_never_blindly(world: World) -> None:
    world.apply()
    world.restart("pins/create:500-before")
    world.pin("soup", SOUP)
    (outcome,) = world.apply()
    assert outcome.result == "failed"
    assert dict(world.calls) == {"org_write": 4, "org_read": 8}
    assert world.state().pending == {}
    world.restart()
    world.apply()
    assert len(world.live("/pins")) == 1


def test_where_nobody_can_look_the_doubt_stays_until_the_next_run(world: World) -> None:
    world.apply()
    world.restart("pins/create:drop-after:nth=1", "boards/list_pins:500-before:from=2")
    world.pin("soup", SOUP)
    (outcome,) = world.apply()
    assert outcome.result == "in doubt"
    assert "before it sends anything again" in outcome.advice
    assert "pin.soup" in world.state().pending
    world.restart()
    assert actions(world.plan())["pin.soup"] == "adopt"
    world.apply()
    assert len(world.live("/pins")) == 1
    assert world.state().pending == {}


def test_several_that_may_be_it_are_left_to_a_person(world: World) -> None:
    world.apply()
    (board,) = [board for board in world.live("/boards") if board["name"] == "Bakes"]
    source = {"source_type": "image_base64", "content_type": "image/jpeg", "data": base64.b64encode(picture()).decode()}
    world.restart("pins/create:drop-after:nth=2")
    world.pin("tart", "board: bakes\ntitle: Tart\n")
    body = {"board_id": board["id"], "title": "Tart", "media_source": source}
    session = world.session()
    plan = world.plan()
    world.request("POST", "/pins", body)

    async def run() -> list[Outcome]:
        async with session.client() as client:
            return await session.apply(plan, session.read_state(), client, lambda outcome: None)

    (outcome,) = asyncio.run(run())
    assert outcome.result == "in doubt"
    assert "pinsync state adopt pin.tart ID" in outcome.advice
    assert len(world.live("/pins")) == 2
    world.restart()
    (held,) = [change for change in world.plan().changes if change.address == "pin.tart"]
    assert held.action == "held"
    assert "pinsync state adopt pin.tart ID" in held.reason


@pytest.mark.parametrize("verb", ["begin", "settle"])
def test_what_a_killed_run_began_is_found_or_made_by_the_next_one(world: World, verb: str) -> None:
    world.pin("soup", SOUP).pin("tart", "board: bakes\ntitle: Tart\n")
    for _ in range(4):
        world.apply_and_die(verb)
    world.apply()
    assert len(world.live("/pins")) == 2
    assert set(actions(world.plan()).values()) == {"no-op"}


def test_after_a_kill_a_plan_waits_until_the_listings_have_settled(world: World) -> None:
    world.apply()
    world.pin("soup", SOUP).apply_and_die("settle")
    world.restart("boards/list_pins:stale=20")
    said: list[str] = []
    started = world.moment
    plan = world.plan(tell=said.append)
    assert actions(plan)["pin.soup"] == "adopt"
    assert (world.moment - started).total_seconds() == pytest.approx(30, abs=1)
    assert "1 of the pins that were begun" in said[0]
    assert dict(world.calls) == {"org_read": 4}, "the boards, their pins, their sections, and the second look"


def test_two_pins_of_one_text_and_different_pictures_are_never_taken_for_each_other(world: World) -> None:
    world.apply()
    world.restart("pins/create:500-before:nth=1", "pins/create:drop-after:nth=2")
    for colour in ("red", "green", "blue"):
        world.pin(colour, "board: bakes\ntitle: Tart\n", colour=colour)
    assert {outcome.result for outcome in world.apply()} == {"done"}
    colours = {pin["id"]: pin["dominant_color"] for pin in world.live("/pins")}
    found = {address: colours[known.id] for address, known in world.state().resources.items() if known.kind == "pin"}
    assert len(set(found.values())) == 3
    assert int(found["pin.red"][1:3], 16) > 200
    assert int(found["pin.blue"][5:7], 16) > 200


def test_an_interrupted_pin_that_was_edited_meanwhile_is_adopted_and_updated(world: World) -> None:
    world.apply()
    world.pin("soup", SOUP).apply_and_die("settle")
    world.pin("soup", SOUP.replace("Pumpkin", "Squash"))
    (change,) = [change for change in world.plan().changes if change.address == "pin.soup"]
    assert change.action == "adopt"
    assert list(change.fields) == ["title"]
    world.apply()
    (pin,) = world.live("/pins")
    assert pin["title"] == "Squash soup"
    assert set(actions(world.plan()).values()) == {"no-op"}


def test_an_interrupted_pin_whose_picture_changed_meanwhile_is_not_taken_for_the_new_one(world: World) -> None:
    world.apply()
    world.pin("soup", SOUP).apply_and_die("settle")
    world.pin("soup", SOUP, colour="blue")
    (change,) = [change for change in world.plan().changes if change.address == "pin.soup"]
    assert (change.action, dict(change.fields)) == ("adopt", {})
    assert "media of that time" in change.reason
    world.apply()
    assert actions(world.plan())["pin.soup"] == "held"
    assert len(world.live("/pins")) == 1


def test_an_interrupted_pin_that_is_declared_no_more_is_not_lost(world: World) -> None:
    world.apply()
    world.pin("soup", SOUP).apply_and_die("settle")
    (world.root / "soup.yaml").unlink()
    assert actions(world.plan())["pin.soup"] == "adopt"
    world.apply()
    (pin,) = world.live("/pins")
    assert world.state().resources["pin.soup"].id == pin["id"]
    assert actions(world.plan())["pin.soup"] == "held"


@pytest.mark.parametrize(("made", "action"), [(False, "create"), (True, "adopt")])
def test_an_interrupted_pin_whose_file_was_renamed_meanwhile_is_made_once(
    world: World, made: bool, action: str
) -> None:
    world.apply()
    world.pin("soup", SOUP).apply_and_die("settle")
    if not made:
        world.request("DELETE", f"/pins/{world.live('/pins')[0]['id']}")
    (world.root / "soup.yaml").rename(world.root / "stew.yaml")
    changes = {change.address: change for change in world.plan().changes if change.kind == "pin"}
    assert {address: change.action for address, change in changes.items()} == {"pin.stew": action}
    assert changes["pin.stew"].moved_from == "pin.soup"
    world.apply()
    assert len(world.live("/pins")) == 1
    assert set(actions(world.plan()).values()) == {"no-op"}
    assert not world.state().pending


def test_a_pin_that_was_begun_takes_nobody_elses_place(world: World) -> None:
    world.pin("soup", SOUP).apply()
    world.write({"stew.yaml": f"image: soup.jpg\n{SOUP}"}).apply_and_die("settle")
    (world.root / "soup.yaml").unlink()
    assert {address: action for address, action in actions(world.plan()).items() if "pin" in address} == {
        "pin.soup": "held",
        "pin.stew": "adopt",
    }
    world.apply()
    assert len(world.live("/pins")) == 2
    assert world.plan().to_do == ()


def test_a_state_that_cannot_be_written_stops_the_run_and_keeps_the_intent(world: World) -> None:
    world.apply()
    world.pin("soup", SOUP)
    session = world.session()
    real, failed = session.backend.record, list[str]()

    def record(change: Record) -> None:
        if change["do"] == "settle" and not failed:
            failed.append(change["do"])
            raise StateError("the disk is full")
        real(change)

    session.backend.record = record  # type: ignore[method-assign]

    async def run() -> None:
        async with session.client() as client:
            state = session.read_state()
            await session.apply(await session.plan(state, client), state, client, lambda outcome: None)

    with pytest.raises(StateError, match="disk is full"):
        asyncio.run(run())
    assert "pin.soup" in world.state().pending
    world.apply()
    assert len(world.live("/pins")) == 1


def test_a_picture_changed_after_the_plan_is_not_sent(world: World) -> None:
    world.apply()
    world.pin("soup", SOUP)
    session = world.session()
    world.write({"soup.jpg": picture("blue")})

    async def run() -> list[Outcome]:
        async with session.client() as client:
            state = session.read_state()
            plan = await session.plan(state, client)
            return await session.apply(plan, state, client, lambda outcome: None)

    (outcome,) = asyncio.run(run())
    assert outcome.result == "failed"
    assert "changed after the plan" in outcome.message
    assert world.live("/pins") == []


class Forbidding(httpx.AsyncBaseTransport):
    """The network, on which one method is not permitted on paths that hold these words."""

    def __init__(self, inner: httpx.AsyncBaseTransport, method: str, words: tuple[str, ...]) -> None:
        self._inner, self._method, self._words = inner, method, words
        self.refused = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == self._method and any(words in request.url.path for words in self._words):
            self.refused += 1
            return httpx.Response(403, json={"code": 29, "message": "You are not permitted to access that resource."})
        return await self._inner.handle_async_request(request)


def apply_forbidden(world: World, words: tuple[str, ...]) -> tuple[Forbidding, dict[str, Outcome]]:
    network = Forbidding(world.network, "PATCH", words)
    session = replace(world.session(), transport=network, concurrency=1)

    async def run() -> list[Outcome]:
        async with session.client() as client:
            state = session.read_state()
            return await session.apply(await session.plan(state, client), state, client, lambda outcome: None)

    return network, {outcome.change.address: outcome for outcome in asyncio.run(run())}


def test_an_app_that_may_not_change_pins_is_told_so_and_spends_few_calls_on_it(world: World) -> None:
    for number in range(6):
        world.pin(f"p{number}", f"board: bakes\ntitle: Pin {number}\n")
    world.apply()
    for number in range(6):
        world.pin(f"p{number}", f"board: bakes\ntitle: Bun {number}\n")
    world.pin("new", "board: bakes\ntitle: New\n")
    network, outcomes = apply_forbidden(world, ("/pins/",))
    assert network.refused == 3
    assert outcomes["pin.new"].result == "done"
    assert [outcomes[f"pin.p{number}"].result for number in range(6)] == ["failed"] * 3 + ["skipped"] * 3
    assert "beta" in outcomes["pin.p0"].advice
    assert world.state().pending == {}


def test_one_pin_that_may_not_be_changed_keeps_none_of_the_others(world: World) -> None:
    for number in range(6):
        world.pin(f"p{number}", f"board: bakes\ntitle: Pin {number}\n")
    world.apply()
    forbidden = world.state().resources["pin.p2"].id
    for number in range(6):
        world.pin(f"p{number}", f"board: bakes\ntitle: Bun {number}\n")
    _, outcomes = apply_forbidden(world, (forbidden,))
    assert [address for address, outcome in outcomes.items() if outcome.result != "done"] == ["pin.p2"]


@pytest.mark.parametrize("title", ["Pumpkin soup", "Squash soup", "Lentil &amp; chard soup"])
def test_a_change_that_was_interrupted_is_measured_by_what_is_live(world: World, title: str) -> None:
    world.pin("soup", SOUP).apply()
    world.pin("soup", SOUP.replace("Pumpkin", "Squash")).apply_and_die("settle")
    world.pin("soup", SOUP.replace("Pumpkin soup", title))
    assert actions(world.plan())["pin.soup"] == ("no-op" if title == "Squash soup" else "update")
    assert drifted(world.plan()) == []
    world.apply()
    world.pin("soup", SOUP)
    world.apply()
    (pin,) = world.live("/pins")
    assert pin["title"] == "Pumpkin soup"
    assert set(actions(world.plan()).values()) == {"no-op"}
    assert world.state().pending == {}


@pytest.mark.parametrize("on_missing", ["hold", "recreate", "forget"])
def test_a_pin_that_somebody_moved_from_a_board_and_the_board_deleted_since_is_not_lost(
    world: World, on_missing: str
) -> None:
    world.pin("tart", f"board: bakes\ntitle: Tart\nlifecycle: {{on_missing: {on_missing}}}\n").apply()
    (pin,) = world.live("/pins")
    elsewhere = world.request("POST", "/boards", {"name": "Elsewhere"})["id"]
    world.request("PATCH", f"/pins/{pin['id']}", {"board_id": elsewhere})
    world.request("DELETE", f"/boards/{pin['board_id']}")
    assert drifted(world.plan()) == ["pin.tart"]
    world.apply()
    assert [one["id"] for one in world.live("/pins")] == [pin["id"]]
    assert world.state().resources["pin.tart"].id == pin["id"]


def test_a_section_that_the_file_changed_wins_over_another_board_that_somebody_chose(world: World) -> None:
    world.pin("soup", SOUP).apply()
    (pin,) = world.live("/pins")
    bakes = next(board["id"] for board in world.live("/boards") if board["name"] == "Bakes")
    world.request("PATCH", f"/pins/{pin['id']}", {"board_id": bakes})
    world.pin("soup", SOUP.replace("section: autumn", "section: winter"))
    (change,) = world.plan().to_do
    assert list(change.fields) == ["board", "section"]
    assert [outcome.result for outcome in world.apply()] == ["done"]
    assert world.live("/pins")[0]["board_id"] == pin["board_id"]
    assert world.plan().to_do == ()


def test_no_call_leaves_before_its_intent_is_on_the_disk(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    file, on_disk, left = world.root / ".pinsync" / "state.json.journal", [b""], []
    monkeypatch.setattr(os, "fsync", lambda handle: on_disk.append(file.read_bytes() if file.exists() else b""))
    send = world.network.handle_async_request

    async def checked(request: httpx.Request) -> httpx.Response:
        if request.method != "GET":
            body = json.loads(request.content or "{}")
            records = [json.loads(line) for line in on_disk[-1].splitlines()]
            begun = [one["pending"] for one in records if one["do"] == "begin"]
            names = {name for one in begun for name in (one["sent"].get("title"), one["sent"].get("name"))}
            ids = {one["id"] for one in begun} | {one["retired"] for one in records if one["do"] == "replace"}
            assert (body.get("title") or body.get("name")) in names or request.url.path.rpartition("/")[2] in ids
            left.append(request.method)
        return await send(request)

    monkeypatch.setattr(world.network, "handle_async_request", checked)
    for number in range(12):
        world.pin(f"p{number}", f"board: bakes\ntitle: Number {number}\n")
    world.apply()
    world.pin("p0", "board: bakes\ntitle: Number 0\n", colour="blue").pin("p1", "board: bakes\ntitle: Other\n")
    (world.root / "p2.yaml").unlink()
    world.policies = replace(USUAL, prune=True, force=True, on_media_change="replace")
    world.apply()
    assert Counter(left) == {"POST": 4 + 12 + 1, "PATCH": 1, "DELETE": 2}

"""Plans in files: read back as they were, private, and refused when anything they were made from has changed."""

from __future__ import annotations

import json
import os
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pinsync import __version__
from pinsync.applying.saved import check_fresh, check_sound, is_plan_file, load, save
from pinsync.errors import PlanRefused, UsageError
from pinsync.model.resource import Origin
from pinsync.planning.plan import Action, Change, Diagnostic, FieldChange, Inputs, Plan, from_json, to_json
from tests.report.plans import INPUTS, everywhere, plan_of
from tests.report.test_plans import MIXED
from tests.world import BOARDS, World

words = st.text(max_size=12)
values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), words),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=5,
)
objects = st.dictionaries(words, values, max_size=2)
origins = st.none() | st.builds(Origin, words, st.integers(1, 99), st.integers(1, 99))
changes = st.builds(
    Change, words, words, st.sampled_from(Action), words, words,
    st.dictionaries(words, st.builds(FieldChange, values, values), max_size=2), words, st.none() | words, origins,
    st.lists(words, max_size=2).map(tuple), words, objects, words, slot=st.none() | st.builds(FieldChange, words, words),
)  # fmt: skip
diagnostics = st.builds(Diagnostic, words, words, words, words, words, origins)
plans = st.builds(
    Plan, st.lists(changes, max_size=3).map(tuple), st.lists(diagnostics, max_size=2).map(tuple),
    st.dictionaries(words, st.integers(0, 99), max_size=2),
    st.builds(Inputs, words, words, st.integers(0, 99), words), st.dictionaries(words, words, max_size=2),
)  # fmt: skip


@settings(deadline=None)
@given(plans)
def test_a_plan_is_read_back_from_json_as_it_was(plan: Plan) -> None:
    assert from_json(json.loads(json.dumps(to_json(plan)))) == plan


def test_a_saved_plan_is_read_back_with_its_root(tmp_path: Path) -> None:
    for number, plan in enumerate([MIXED, everywhere("\x1b[31m<b>\u202e|\n")]):
        file = tmp_path / str(number)
        save(plan, tmp_path / "content", file)
        assert load(file) == (plan, tmp_path / "content")
        assert json.loads(file.read_text("utf-8"))["pinsync_version"] == __version__
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0", "1"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no modes")
def test_a_saved_plan_is_for_its_owner_only_and_replaces_what_was_there(tmp_path: Path) -> None:
    file = tmp_path / "plan"
    save(plan_of(), tmp_path, file)
    file.chmod(0o666)
    before = os.umask(0)
    try:
        save(MIXED, tmp_path, file)
    finally:
        os.umask(before)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert load(file)[0] == MIXED


@pytest.mark.parametrize("name", ["boards.yaml", "soup.yml", "state.json", "soup.jpg"])
def test_nothing_but_a_plan_is_overwritten_and_no_plan_is_called_like_content(name: str, tmp_path: Path) -> None:
    file = tmp_path / name
    file.write_text("{}")
    with pytest.raises(UsageError):
        save(MIXED, tmp_path, file)
    assert file.read_text() == "{}"


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be written: No such file"):
        save(MIXED, tmp_path, tmp_path / "nowhere" / "plan")


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"content": "other"}, "the content or a picture changed"),
        ({"lineage": "other"}, "it belongs to another state"),
        ({"lineage": "other", "serial": 9}, "it belongs to another state"),
        ({"serial": 4}, "something was applied"),
        ({"serial": 2}, "something was applied"),
        ({"environment": "production"}, "it was made for sandbox, not production"),
        ({"content": "other", "serial": 4}, "the content or a picture changed and something was applied"),
    ],
)
def test_a_plan_made_from_something_else_is_refused_and_says_what(changed: dict[str, Any], words: str) -> None:
    check_fresh(INPUTS, INPUTS)
    with pytest.raises(PlanRefused) as caught:
        check_fresh(INPUTS, replace(INPUTS, **changed))
    assert caught.value.message.endswith(f"since it was made, {words}")
    assert caught.value.advice == "Plan again."


SOUND = {**to_json(MIXED), "root": "/content"}
CHANGE = SOUND["changes"][0]
GARBAGE: dict[str, bytes] = {
    "empty": b"",
    "not JSON": b"board: soups\n",
    "not text": b"\xff\xfe\x00",
    "a picture": b"\x89PNG\r\n\x1a\n" + bytes(200),
    "cut off": json.dumps(SOUND).encode()[:-30],
    **{
        name: json.dumps(value).encode()
        for name, value in {
            "null": None,
            "a number": 7,
            "a text": "plan",
            "a list": [SOUND],
            "an empty object": {},
            "another object": {"name": "package", "version": "1.0"},
            "of a newer format": {**SOUND, "format_version": 2},
            "of no format": {**SOUND, "format_version": None},
            **{
                f"without {key}": {name: value for name, value in SOUND.items() if name != key}
                for key in SOUND
                if key != "summary"
            },
            "changes null": {**SOUND, "changes": None},
            "changes a number": {**SOUND, "changes": 7},
            "a change null": {**SOUND, "changes": [None]},
            "a change a text": {**SOUND, "changes": ["pin.a"]},
            "an unknown action": {**SOUND, "changes": [{**CHANGE, "action": "explode"}]},
            "a change without fields": {**SOUND, "changes": [{**CHANGE, "fields": None}]},
            "a field without after": {**SOUND, "changes": [{**CHANGE, "fields": {"title": {"before": 1}}}]},
            "inputs null": {**SOUND, "inputs": None},
            "inputs with more": {**SOUND, "inputs": {**SOUND["inputs"], "more": 1}},
            "a diagnostic a text": {**SOUND, "diagnostics": ["oh"]},
            "root null": {**SOUND, "root": None},
        }.items()
    },
}


def refused(content: bytes, folder: Path) -> None:
    file = folder / "plan"
    file.write_bytes(content)
    with pytest.raises(PlanRefused, match="is not a plan that this pinsync can read") as caught:
        load(file)
    assert str(file) in caught.value.message
    assert "pinsync plan --out" in caught.value.advice


@pytest.mark.parametrize("name", GARBAGE)
def test_what_is_no_plan_is_refused_with_a_message(name: str, tmp_path: Path) -> None:
    refused(GARBAGE[name], tmp_path)


UNCHECKED: dict[str, bytes] = {
    "nested without end": b"[" * 100_000,
    **{
        name: json.dumps({**SOUND, **value}).encode()
        for name, value in {
            "an unknown kind": {"changes": [{**CHANGE, "kind": "video"}]},
            "an address that is a number": {"changes": [{**CHANGE, "address": 5}]},
            "an unknown field": {"changes": [{**CHANGE, "fields": {"colour": {"before": None, "after": "red"}}}]},
            "notes that are a number": {"changes": [{**CHANGE, "notes": [5]}]},
            "costs that are a list": {"cost": [1]},
            "costs of an unknown category": {"cost": {"org_party": 5}},
            "a serial that is a text": {"inputs": {**SOUND["inputs"], "serial": "3"}},
        }.items()
    },
}


@pytest.mark.parametrize("name", UNCHECKED)
def test_what_is_nearly_a_plan_is_refused_with_a_message(name: str, tmp_path: Path) -> None:
    refused(UNCHECKED[name], tmp_path)


def test_a_missing_file_or_a_folder_is_refused_with_a_message(tmp_path: Path) -> None:
    for place in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(PlanRefused, match="is not a plan"):
            load(place)


def test_content_is_told_from_a_plan_by_its_name(tmp_path: Path) -> None:
    for name in ("soup.yaml", "soup.yml", "plan.json", "plan"):
        (tmp_path / name).touch()
        assert is_plan_file(tmp_path / name) is name.startswith("plan")
    assert not is_plan_file(tmp_path)
    assert not is_plan_file(tmp_path / "nowhere")


def fresh(world: World, plan: Plan) -> None:
    session = world.session()
    check_fresh(plan.inputs, session.inputs(session.read_state()))


def test_the_first_plan_of_all_can_be_saved_and_applied_and_is_out_of_date_afterwards(tmp_path: Path) -> None:
    world = World(tmp_path).write({"boards.yaml": BOARDS})
    file = tmp_path / "plan"
    save(world.plan(), world.root, file)
    plan, root = load(file)
    assert root == world.root
    fresh(world, plan)
    world.apply()
    with pytest.raises(PlanRefused):
        fresh(world, plan)


def test_a_saved_plan_is_out_of_date_when_content_or_a_picture_changes(tmp_path: Path) -> None:
    world = World(tmp_path).write({"boards.yaml": BOARDS}).pin("soup", "board: soups\n")
    world.apply()
    plan = world.plan()
    fresh(world, plan)
    world.pin("soup", "board: soups\n", colour="blue")
    with pytest.raises(PlanRefused, match="the content or a picture changed"):
        fresh(world, plan)
    world.pin("soup", "board: soups\n")
    fresh(world, plan)
    world.write({"boards.yaml": BOARDS.replace("Quick", "Slow")})
    with pytest.raises(PlanRefused, match="the content or a picture changed"):
        fresh(world, plan)


def sound(world: World, plan: Plan) -> None:
    session = world.session()
    check_sound(plan, session.content.resources, session.read_state(), session.content.settings.spread)


def tampered(world: World) -> dict[str, Plan]:
    """A plan of one update and a board as it is, and what somebody may have made of it."""
    plan = world.plan()
    (update,) = plan.to_do
    others = [change for change in plan.changes if change is not update]
    stew = world.state().resources["pin.stew"]

    def with_change(**changed: Any) -> Plan:
        return replace(plan, changes=(*others, replace(update, **changed)))

    title = {"title": FieldChange("Soup", "HACKED")}
    created = [replace(one, action=Action.CREATE, id="") if one.address == "pin.stew" else one for one in others]
    return {
        "another text": with_change(fields=title),
        "another pin": with_change(id=stew.id),
        "a path for an id": with_change(id="../boards/1"),
        "a deletion": with_change(action=Action.DELETE),
        "a creation of what is there": replace(plan, changes=(*created, update), cost={"org_write": 2}),
        "an adoption": with_change(action=Action.ADOPT),
        "a forgotten resource": with_change(action=Action.FORGET),
        "another cost": replace(plan, cost={"org_write": 7}),
        "nothing": replace(plan, changes=(), cost={}),
        "something twice": replace(plan, changes=(*plan.changes, update), cost={"org_write": 2}),
        "an undeclared address": with_change(address="pin.other"),
    }


def test_a_plan_that_somebody_changed_is_refused(tmp_path: Path) -> None:
    world = World(tmp_path).write({"boards.yaml": BOARDS}).pin("soup", "board: soups\ntitle: Soup\n")
    world.pin("stew", "board: soups\ntitle: Stew\n").apply()
    world.pin("soup", "board: soups\ntitle: Squash soup\n")
    sound(world, world.plan())
    for name, plan in tampered(world).items():
        print(name)
        with pytest.raises(PlanRefused, match="somebody changed it"):
            sound(world, plan)


def test_every_kind_of_change_that_pinsync_plans_is_sound(tmp_path: Path) -> None:
    world = World(tmp_path).write({"boards.yaml": BOARDS})
    config = "environment: emulator\npolicies: {prune: true, on_media_change: replace}\nlimits: {from: 1000}\n"
    world.write({"pinsync.yaml": config})
    for name in ("soup", "stew", "tart", "bun"):
        world.pin(name, f"board: soups\ntitle: {name}\n")
    sound(world, world.plan())
    world.apply()
    world.pin("soup", "board: soups\ntitle: Squash soup\n").pin("stew", "board: soups\ntitle: stew\n", colour="blue")
    (world.root / "tart.yaml").rename(world.root / "cake.yaml")
    (world.root / "bun.yaml").unlink()
    plan = world.plan()
    assert plan.summary == {"update": 1, "replace": 1, "move": 1, "delete": 1, "no-op": 4}
    sound(world, plan)
    (world.root / ".pinsync" / "state.json").unlink()
    sound(world, world.plan())
    world.apply_and_die("settle")
    sound(world, world.plan())

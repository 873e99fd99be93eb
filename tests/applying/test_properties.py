"""For any content: applying the plan and planning again gives an empty plan, and the plan's cost is the calls made."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.world import World, drifted, picture

# Text that the server changes on its way in: blanks, entities, decomposed letters; and text that must stay data.
_PIECES = [
    "soup", " ", "  ", "&amp;", "&lt;b&gt;", "\u0065\u0301", "ä", "🍅", "\n", "\t", "'", '"', "#", ": ", "-", "null", "12:30",
]  # fmt: skip
_TEXT = st.lists(st.sampled_from(_PIECES), max_size=8).map("".join)
_LINK = st.sampled_from([
    None, "https://example.com", "HTTPS://Example.COM/a?b=c", "https://example.com/a#part", "https://example.com:443/x/",
])  # fmt: skip
_MAYBE_TEXT = st.one_of(st.none(), _TEXT)
_PLACES = st.sampled_from([("soups", None), ("soups", "autumn"), ("soups", "winter"), ("bakes", None)])
_FILES = [f"{colour}.jpg" for colour in ("red", "green", "blue")]


@st.composite
def _pin(draw: st.DrawFn) -> dict[str, Any]:
    board, section = draw(_PLACES)
    pin: dict[str, Any] = {"board": board}
    if section or draw(st.booleans()):
        pin["section"] = section
    for name, strategy in (
        ("title", _MAYBE_TEXT),
        ("description", _MAYBE_TEXT),
        ("alt_text", _MAYBE_TEXT),
        ("link", _LINK),
    ):
        if draw(st.booleans()):
            pin[name] = draw(strategy)
    if draw(st.integers(0, 3)) == 0:
        slot = st.fixed_dictionaries(
            {"image": st.sampled_from(_FILES)}, optional={"title": _TEXT, "description": _TEXT}
        )
        pin["carousel"] = draw(st.lists(slot, min_size=2, max_size=5))
    else:
        pin["image"] = draw(st.sampled_from([*_FILES, "https://example.com/1.jpg"]))
    return pin


_PINS = st.dictionaries(st.sampled_from(["a", "b", "c", "d", "e", "f"]), _pin(), max_size=5)
_BOARD_TEXTS = st.fixed_dictionaries(
    {}, optional={"description": _MAYBE_TEXT, "privacy": st.sampled_from(["public", "secret"])}
)


def _write(world: World, pins: dict[str, dict[str, Any]], board: dict[str, Any]) -> None:
    sections = [{"key": "autumn", "name": "Autumn"}, {"key": "winter", "name": "Winter &amp; ice"}]
    boards = [{"key": "soups", "name": "Soups", "sections": sections, **board}, {"key": "bakes", "name": "Bakes"}]
    for file in world.root.glob("pins/*.yaml"):
        file.unlink()
    # JSON is YAML, so any text arrives as it was drawn.
    world.write({"boards.yaml": json.dumps({"boards": boards}, ensure_ascii=False)})
    for name, pin in pins.items():
        images = [pin["image"]] if "image" in pin else [slot["image"] for slot in pin["carousel"]]
        world.write({f"pins/{image}": picture(image[:-4]) for image in images if image in _FILES})
        world.write({f"pins/{name}.yaml": json.dumps(pin, ensure_ascii=False)})


def _apply_and_check(world: World) -> None:
    plan = world.plan()
    outcomes = world.apply()
    assert [outcome.result for outcome in outcomes] == ["done"] * len(outcomes), outcomes
    assert {outcome.change.address for outcome in outcomes} == {change.address for change in plan.to_do}
    assert dict(world.calls) == plan.cost
    after = world.plan()
    assert after.to_do == ()
    assert drifted(after) == []
    assert world.plan(refresh=False).to_do == ()
    resources = world.state().resources
    ids = [entry.id for entry in resources.values() if entry.kind == "pin"]
    assert len(ids) == len(set(ids))
    assert {pin["id"] for pin in world.live("/pins")} == set(ids)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(first=_PINS, second=_PINS, board=_BOARD_TEXTS, later=_BOARD_TEXTS)
def test_apply_then_plan_is_empty(
    first: dict[str, Any], second: dict[str, Any], board: dict[str, Any], later: dict[str, Any]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder))
        _write(world, first, board)
        _apply_and_check(world)
        _write(world, second, later)
        _apply_and_check(world)


@settings(max_examples=9, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(pins=_PINS, board=_BOARD_TEXTS)
def test_a_lost_state_makes_nothing_twice(pins: dict[str, Any], board: dict[str, Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder))
        _write(world, pins, board)
        world.apply()
        before = {pin["id"] for pin in world.live("/pins")}
        (world.root / ".pinsync" / "state.json").unlink()
        world.apply()
        assert {pin["id"] for pin in world.live("/pins")} == before
        assert world.plan().to_do == ()

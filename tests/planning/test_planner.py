"""Each combination of desired, known and live has one action."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from pinsync.model.policies import Policies
from pinsync.model.resource import Desired, Found, Image
from pinsync.planning.plan import Drift, FieldChange, Plan, from_json, to_json
from pinsync.state.document import Pending, State
from tests.planning.builders import (
    MEDIA,
    NOW,
    SHAPE,
    board,
    known_board,
    known_pin,
    known_section,
    live_board,
    live_pin,
    live_section,
    pin,
    plan,
    section,
    state,
)
from tests.world import actions

OTHER = {"image": "sha256:" + "b" * 64}
BOTH = {"board__soups": known_board(), "pin__soup": known_pin(title="Soup")}
LIVE = [live_board(), live_pin(title="Soup")]

CASES: list[tuple[str, list[Desired], State, list[Found] | None, list[str], dict[str, str]]] = [
    ("nothing anywhere", [], state(), [], [], {}),
    ("new everything", [board(), section(), pin()], state(), [], [],
     {"board.soups": "create", "section.soups/autumn": "create", "pin.soup": "create"}),
    ("as declared", [board(), pin(title="Soup")], state(**BOTH), LIVE, [], {"board.soups": "no-op", "pin.soup": "no-op"}),
    ("as declared, not read", [board(), pin(title="Soup")], state(**BOTH), None, [],
     {"board.soups": "no-op", "pin.soup": "no-op"}),
    ("text changed", [board(), pin(title="Stew")], state(**BOTH), LIVE, [], {"board.soups": "no-op", "pin.soup": "update"}),
    ("text changed to what a person made it already", [board(), pin(title="Stew")], state(**BOTH),
     [live_board(), live_pin(title="Stew")], [], {"board.soups": "no-op", "pin.soup": "no-op"}),
    ("text declared for the first time", [board(), pin(title="Soup", link="https://example.com/")], state(**BOTH), LIVE, [],
     {"board.soups": "no-op", "pin.soup": "update"}),
    ("text no longer declared", [board(), pin()], state(**BOTH), LIVE, [], {"board.soups": "no-op", "pin.soup": "no-op"}),
    ("media changed", [board(), replace(pin(title="Soup"), fields={"board": "board.soups", "media": OTHER})],
     state(**BOTH), LIVE, [], {"board.soups": "no-op", "pin.soup": "held"}),
    ("pin deleted by a person", [board(), pin(title="Soup")], state(**BOTH), [live_board()], ["pin:3"],
     {"board.soups": "no-op", "pin.soup": "held"}),
    ("pin undeclared", [board()], state(**BOTH), LIVE, [], {"board.soups": "no-op", "pin.soup": "held"}),
    ("pin undeclared, not read", [board()], state(**BOTH), None, [], {"board.soups": "no-op", "pin.soup": "held"}),
    ("pin undeclared and deleted", [board()], state(**BOTH), [live_board()], ["pin:3"],
     {"board.soups": "no-op", "pin.soup": "forget"}),
    ("board deleted by a person", [board(), pin(title="Soup"), pin("new")], state(**BOTH), [], ["board:1", "pin:3"],
     {"board.soups": "held", "pin.soup": "held", "pin.new": "held"}),
    ("board undeclared with its pin", [], state(**BOTH), LIVE, [], {"board.soups": "held", "pin.soup": "held"}),
    ("renamed file", [board(), pin("stew", title="Soup")], state(**BOTH), LIVE, [],
     {"board.soups": "no-op", "pin.stew": "move"}),
    ("two renamed files that look alike", [board(), pin("a", title="Soup"), pin("b", title="Soup")],
     state(board__soups=known_board(), pin__c=known_pin("3", title="Soup"), pin__d=known_pin("4", title="Soup")),
     [live_board(), live_pin("3", title="Soup"), live_pin("4", title="Soup")], [],
     {"board.soups": "no-op", "pin.a": "move", "pin.b": "move"}),
    ("one file renamed and copied", [board(), pin("a", title="Soup"), pin("b", title="Soup")],
     state(board__soups=known_board(), pin__c=known_pin("3", title="Soup")), [live_board(), live_pin("3", title="Soup")], [],
     {"board.soups": "no-op", "pin.a": "move", "pin.b": "create"}),
    ("two alike, one of them gone and the other renamed", [board(), pin("a", title="Soup")],
     state(board__soups=known_board(), pin__c=known_pin("3", title="Soup"), pin__d=known_pin("4", title="Soup")),
     [live_board(), live_pin("3", title="Soup"), live_pin("4", title="Soup")], [],
     {"board.soups": "no-op", "pin.a": "move", "pin.d": "held"}),
    ("renamed and changed, told by moved_from", [board(), pin("stew", title="Stew", moved_from="pin.soup")], state(**BOTH),
     LIVE, [], {"board.soups": "no-op", "pin.stew": "update"}),
    ("renamed and changed, not told", [board(), pin("stew", title="Stew")], state(**BOTH), LIVE, [],
     {"board.soups": "no-op", "pin.stew": "create", "pin.soup": "held"}),
    ("unknown board that is live", [board()], state(), [live_board()], [], {"board.soups": "adopt"}),
    ("unknown pin that is live", [board(), pin(title="Soup")], state(board__soups=known_board()), LIVE, [],
     {"board.soups": "no-op", "pin.soup": "adopt"}),
    ("unknown pin whose lookalike is another's", [board(), pin(title="Soup"), pin("b", title="Soup")],
     state(board__soups=known_board(), pin__b=known_pin(title="Soup")), LIVE, [],
     {"board.soups": "no-op", "pin.soup": "create", "pin.b": "no-op"}),
    ("lookalike of other proportions", [board(), pin(title="Soup")], state(board__soups=known_board()),
     [live_board(), live_pin(title="Soup", shape=("image", None, (1.0,)))], [],
     {"board.soups": "no-op", "pin.soup": "create"}),
    ("lookalike of another kind", [board(), pin(title="Soup")], state(board__soups=known_board()),
     [live_board(), live_pin(title="Soup", shape=("video", None, (2 / 3,)))], [],
     {"board.soups": "no-op", "pin.soup": "create"}),
    ("section renamed", [board(), section(name="Fall")],
     state(board__soups=known_board(), section__soups_in_autumn=known_section()), [live_board(), live_section()], [],
     {"board.soups": "no-op", "section.soups/autumn": "update"}),
    ("section unknown that is live", [board(), section()], state(board__soups=known_board()), [live_board(), live_section()], [],
     {"board.soups": "no-op", "section.soups/autumn": "adopt"}),
    ("board cannot become protected", [board(privacy="protected")], state(board__soups=known_board(privacy="public")),
     [live_board()], [], {"board.soups": "held"}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "desired", "known", "live", "absent", "expected"), CASES, ids=[case[0] for case in CASES]
)
def test_action(
    name: str,
    desired: list[Desired],
    known: State,
    live: list[Found] | None,
    absent: list[str],
    expected: dict[str, str],
) -> None:
    made = plan(desired, known, live, absent)
    assert actions(made) == expected
    assert made.cost.get("org_write", 0) == sum(action in ("create", "update") for action in expected.values())
    assert all(change.reason for change in made.changes if change.action in ("held", "forget", "adopt"))
    assert from_json(to_json(made)) == made


def _only(made: Plan, address: str) -> Any:
    return next(change for change in made.changes if change.address == address)


def test_parents_come_before_children_whatever_the_order_of_declaration() -> None:
    made = plan([pin(), section(), board()])
    assert [change.kind for change in made.changes] == ["board", "section", "pin"]


def test_an_update_shows_what_is_live_before_and_names_references_by_address() -> None:
    desired = [board(), board("bakes"), pin(on="board.bakes", title="Stew")]
    known = state(
        board__soups=known_board(), board__bakes=known_board("9", name="Bakes"), pin__soup=known_pin(title="Soup")
    )
    live = [live_board(), live_board("9", name="Bakes"), live_pin(title="Soup, normalised")]
    change = _only(plan(desired, known, live), "pin.soup")
    assert change.fields == {
        "board": FieldChange("board.soups", "board.bakes"),
        "title": FieldChange("Soup, normalised", "Stew"),
    }


def test_normalised_text_is_neither_change_nor_drift() -> None:
    known = known_pin(title="Salt  &amp; pepper ")
    known = replace(known, observed={**known.observed, "title": "Salt & pepper"})
    made = plan(
        [board(), pin(title="Salt  &amp; pepper ")],
        state(board__soups=known_board(), pin__soup=known),
        [live_board(), live_pin(title="Salt & pepper")],
    )
    assert made.to_do == ()
    assert made.diagnostics == ()


def test_drift_names_all_three_values() -> None:
    made = plan([board(), pin(title="Soup")], state(**BOTH), [live_board(), live_pin(title="Other")])
    assert made.to_do == ()
    assert made.changes[-1].drift == {"title": Drift("Soup", "Other", "Soup")}


def test_drift_of_a_field_that_is_not_declared_is_nobodys_business() -> None:
    made = plan([board(), pin()], state(**BOTH), [live_board(), live_pin(title="Other")])
    assert made.diagnostics == ()


def test_publish_at_holds_a_creation_until_then_and_no_update() -> None:
    later = NOW + timedelta(hours=1)
    assert actions(plan([board(), pin(publish_at=later)]))["pin.soup"] == "scheduled"
    assert actions(plan([board(), pin(publish_at=later)], now=later))["pin.soup"] == "create"
    assert actions(plan([board(), pin(title="Stew", publish_at=later)], state(**BOTH), LIVE))["pin.soup"] == "update"


def test_moved_from_an_unknown_address_is_said() -> None:
    made = plan([board(), pin(moved_from="pin.gone")])
    assert actions(made)["pin.soup"] == "create"
    assert [one.code for one in made.diagnostics] == ["moved-from"]


def test_adoption_can_be_held() -> None:
    made = plan([board()], state(), [live_board()], on_existing="hold")
    assert actions(made) == {"board.soups": "held"}
    assert "on_existing" in made.changes[0].reason


def _interrupted(**fields: Any) -> dict[str, Pending]:
    at = (NOW - timedelta(seconds=90)).isoformat()
    return {"pin.soup": Pending("create", "pin", {"board": "1", "media": MEDIA, **fields}, at, "", SHAPE)}


@pytest.mark.parametrize(
    ("created_at", "expected"),
    [("2026-11-24T11:58:31+00:00", "adopt"), ("2026-11-20T08:00:00", "adopt"), ("", "adopt")],
)
def test_an_interrupted_creation_is_recognised_whatever_the_clocks_say(created_at: str, expected: str) -> None:
    known = state(_interrupted(title="Soup"), board__soups=known_board())
    live = [live_board(), live_pin(title="Soup", created_at=created_at)]
    assert actions(plan([board(), pin(title="Soup")], known, live))["pin.soup"] == expected


def test_an_interrupted_creation_that_made_nothing_is_sent_again_once_somebody_looked() -> None:
    known = state(_interrupted(), board__soups=known_board())
    assert actions(plan([board(), pin()], known, [live_board()]))["pin.soup"] == "create"
    assert actions(plan([board(), pin()], known, None))["pin.soup"] == "held", "without a look nothing can be said"


@pytest.mark.parametrize(
    ("live", "expected"),
    [
        ({"title": "Pumpkin soup, the classic."}, "held"),
        ({"title": "Pumpkin soup - the classic", "link": "https://example.com/soup?utm_source=x"}, "held"),
        ({"title": "Lemon tart"}, "create"),
        ({"title": "Pumpkin soup, the classic.", "created_at": "2020-01-01T00:00:00"}, "create"),
        ({"title": "Pumpkin soup, the classic.", "shape": ("image", None, (1.5,))}, "create"),
        ({"title": "Pumpkin soup, the classic.", "on": "9"}, "create"),
        ({}, "create"),
    ],
)
def test_a_new_pin_that_resembles_an_interrupted_one_is_left_to_a_person(live: dict[str, Any], expected: str) -> None:
    texts = {"title": "Pumpkin soup — the classic", "link": "https://example.com/soup"}
    seen = live_pin("8", **{"link": texts["link"], **live})
    known = state(_interrupted(**texts), board__soups=known_board())
    made = plan([board(), pin(**texts)], known, [live_board(), seen])
    assert actions(made)["pin.soup"] == expected
    if expected == "held":
        assert "pinsync state forget pin.soup" in made.changes[-1].reason


def test_of_pins_with_one_text_and_different_pictures_none_is_taken_where_some_are_missing() -> None:
    one, other = pin("a", title="Soup"), replace(pin("b"), fields={**pin("b", title="Soup").fields, "media": OTHER})
    known = state(board__soups=known_board())
    some = plan([board(), one, other], known, [live_board(), live_pin("3", title="Soup")])
    assert actions(some) == {"board.soups": "no-op", "pin.a": "held", "pin.b": "held"}
    every = plan([board(), one, other], known, [live_board(), live_pin("3", title="Soup"), live_pin("4", title="Soup")])
    assert actions(every) == {"board.soups": "no-op", "pin.a": "adopt", "pin.b": "adopt"}


def test_a_picture_alone_does_not_tell_one_pin_from_another() -> None:
    known = state(board__soups=known_board())
    made = plan([board(), pin()], known, [live_board(), live_pin("3")])
    assert actions(made)["pin.soup"] == "held"
    assert "pinsync state adopt pin.soup ID" in made.changes[-1].reason
    begun = state(_interrupted(), board__soups=known_board())
    assert actions(plan([board(), pin()], begun, [live_board(), live_pin("3")]))["pin.soup"] == "adopt"


def test_an_interrupted_creation_is_adopted_even_where_adoption_is_held() -> None:
    known = state(_interrupted(title="Soup"), board__soups=known_board())
    made = plan([board(), pin(title="Soup")], known, LIVE, on_existing="hold")
    assert actions(made)["pin.soup"] == "adopt"


def test_an_interrupted_creation_that_is_declared_no_more_is_adopted_or_forgotten() -> None:
    known = state(_interrupted(title="Soup"), board__soups=known_board())
    assert actions(plan([board()], known, LIVE))["pin.soup"] == "adopt"
    assert actions(plan([board()], known, [live_board()]))["pin.soup"] == "forget"


def test_twins_take_a_live_pin_each_and_the_rest_is_created() -> None:
    desired = [board(), pin("a", title="Soup"), pin("b", title="Soup"), pin("c", title="Soup")]
    live = [live_board(), live_pin("3", title="Soup"), live_pin("4", title="Soup")]
    made = plan(desired, state(board__soups=known_board()), live)
    assert actions(made) == {"board.soups": "no-op", "pin.a": "adopt", "pin.b": "adopt", "pin.c": "create"}
    assert {change.id for change in made.changes if change.action == "adopt"} == {"3", "4"}


def test_a_conversion_is_said() -> None:
    image = Image("steam.webp", "c" * 64, 1000, 1500, "WEBP", 345_678, "WEBP to JPEG")
    change = _only(plan([board(), pin(images=(image,))]), "pin.soup")
    assert change.notes == ("steam.webp: 1000×1500 WEBP, 346 kB, sent as: WEBP to JPEG",)


def test_of_two_that_look_alike_an_interrupted_creation_takes_what_was_made_since() -> None:
    known = state(_interrupted(title="Soup"), board__soups=known_board())
    old, new = live_pin("3", title="Soup", created_at="2020-01-01T00:00:00"), live_pin("4", title="Soup")
    made = plan([board(), pin(title="Soup")], known, [live_board(), old, new])
    assert [(change.action, change.id) for change in made.changes][1] == ("adopt", "4")


def test_a_renamed_file_keeps_the_pin_of_its_own_board() -> None:
    desired = [board(), board("bakes", name="Bakes"), pin("a", title="Soup"), pin("b", on="board.bakes", title="Soup")]
    known = state(board__soups=known_board(), board__bakes=known_board("8", name="Bakes"),
                  pin__y=known_pin("3", title="Soup"), pin__x=known_pin("4", on="8", title="Soup"))  # fmt: skip
    live = [
        live_board(),
        live_board("8", name="Bakes"),
        live_pin("3", title="Soup"),
        live_pin("4", title="Soup", on="8"),
    ]
    moved = {change.address: change.moved_from for change in plan(desired, known, live).changes if change.moved_from}
    assert moved == {"pin.a": "pin.y", "pin.b": "pin.x"}


def test_where_a_renamed_file_was_edited_too_moved_from_is_suggested() -> None:
    made = plan([board(), pin("stew", title="Stew")], state(**BOTH), LIVE)
    (held,) = [change for change in made.changes if change.action == "held"]
    assert "pin.stew has the same media: if it is the same pin, write `moved_from: pin.soup` there" in held.reason


def test_a_picture_is_not_replaced_on_a_board_that_is_held() -> None:
    known = state(
        board__soups=known_board(), board__bakes=known_board("8", name="Bakes"), pin__soup=known_pin(title="Soup")
    )
    moved = pin(on="board.bakes", title="Soup")
    changed = replace(moved, fields={**moved.fields, "media": OTHER})
    desired = [board(), board("bakes", name="Bakes"), changed]
    made = plan(desired, known, LIVE, ["board:8"], policies=Policies(on_media_change="replace"))
    assert actions(made) == {"board.soups": "no-op", "board.bakes": "held", "pin.soup": "held"}
    assert "it waits for board.bakes" in made.changes[-1].reason


def test_a_pin_moves_to_a_section_that_is_yet_to_be_made() -> None:
    known = state(board__soups=known_board(), pin__soup=known_pin(title="Soup"))
    wanted = [board(), section(), pin(title="Soup", section="section.soups/autumn")]
    made = plan(wanted, known, [live_board(), live_pin(title="Soup")])
    assert [(change.address, change.action.value) for change in made.to_do] == [
        ("section.soups/autumn", "create"),
        ("pin.soup", "update"),
    ]
    assert made.to_do[1].fields == {"section": FieldChange(None, "section.soups/autumn")}


def test_a_section_that_is_declared_on_another_board_is_held() -> None:
    known = state(
        board__soups=known_board(),
        board__bakes=known_board("4", name="Bakes"),
        section__bakes_in_autumn=known_section(),
    )
    live = [live_board(), live_board("4", name="Bakes"), live_section()]
    made = plan([board(), board("bakes"), section(of="bakes")], known, live)
    assert made.to_do == ()
    assert "cannot move a section" in made.changes[-1].reason


def test_carousel_texts_that_are_left_out_are_what_pinterest_answers_as_null() -> None:
    wanted = pin(slots=[{"title": "B"}, {}], media={"carousel": ["x", "y"]})
    entry = known_pin(media={"carousel": ["x", "y"]}, slots=[{"title": "A"}, {}])
    answered = [{"title": "B", "description": None, "link": None}, {"title": None, "description": None, "link": None}]
    known = state(board__soups=known_board(), pin__soup=entry)
    assert plan([board(), wanted], known, [live_board(), live_pin(slots=answered)]).to_do == ()

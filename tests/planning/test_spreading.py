"""Slots: which there are, and that each pin keeps its own whatever becomes of others."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pinsync.model.policies import Policies
from pinsync.model.spread import DAY, Spread
from pinsync.planning.plan import Change, Plan
from pinsync.state.document import Pending, State, slot_of
from tests.planning.builders import (
    MEDIA,
    NOW,
    SHAPE,
    board,
    known_board,
    known_pin,
    live_board,
    live_pin,
    pin,
    plan,
    state,
)
from tests.world import actions

BERLIN = ZoneInfo("Europe/Berlin")
SPREAD = Spread(45, 8 * 60, 21 * 60, BERLIN)
SLOTS = [f"2026-11-24T{time}:00+00:00" for time in ("12:15", "13:00", "13:45", "14:30")]

minutes = st.integers(0, DAY - 1)
spreads = st.builds(
    lambda every, ends, zone: Spread(every, min(ends), max(ends), ZoneInfo(zone)),
    st.integers(1, DAY),
    st.tuples(minutes, minutes),
    st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Africa/Casablanca"]),
)
moments = st.one_of(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),
    st.sampled_from([datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 10, 25, tzinfo=UTC), datetime(2011, 12, 29, tzinfo=UTC)]),
)  # fmt: skip


@settings(deadline=None)
@given(spreads, moments)
def test_slots_are_distinct_within_the_hours_and_none_is_left_out(spread: Spread, moment: datetime) -> None:
    moment = moment.replace(second=0, microsecond=0)
    slots = list(islice(spread.after(moment), 3))
    for earlier, later in pairwise([moment, *slots]):
        assert earlier < later
        local = later.astimezone(spread.zone)
        assert spread.start <= 60 * local.hour + local.minute <= spread.end
        assert later in spread
        between = range(1, min((later - earlier) // timedelta(minutes=1), DAY))
        assert not any(earlier + timedelta(minutes=minute) in spread for minute in between)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (datetime(2026, 3, 29, tzinfo=BERLIN), ["01:30 CET", "03:00 CEST", "03:30 CEST"]),
        (datetime(2026, 10, 25, tzinfo=BERLIN), ["01:30 CEST", "02:00 CEST", "02:30 CEST", "03:00 CET", "03:30 CET"]),
    ],
)
def test_what_the_clocks_skip_is_no_slot_and_what_they_show_twice_is_one(day: datetime, expected: list[str]) -> None:
    slots = islice(Spread(30, 90, 210, BERLIN).after(day), len(expected) + 1)
    *shown, following = [slot.astimezone(BERLIN) for slot in slots]
    assert [f"{one:%H:%M %Z}" for one in shown] == expected
    assert following.date() == day.date() + timedelta(days=1)


def applied(made: Plan, before: State) -> State:
    """The state after an apply of what the plan does with pins, and of new slots."""
    new = [change.address for change in made.to_do if change.action == "create"]
    done = {
        address: known_pin(str(ord(address[-1])), title=address[-1]) for address in new if address.startswith("pin.")
    }
    resources = {**before.resources, **done, "board.soups": known_board()}
    slots = (
        {address: slot for address, slot in made.slots.items() if address not in done} if made.to_do else before.slots
    )
    return replace(before, resources=resources, slots=slots)


edits = st.lists(
    st.tuples(st.frozensets(st.sampled_from("abcdef")), st.sampled_from([0, 5, 40, 100, 1000])), min_size=1, max_size=6
)


@settings(deadline=None)
@given(spreads, moments, edits)
def test_a_pin_keeps_its_slot_and_no_two_have_the_same(
    spread: Spread, now: datetime, history: list[tuple[frozenset[str], int]]
) -> None:
    known = state(board__soups=known_board())
    for names, later in history:
        now += timedelta(minutes=later)
        desired = [board(), *(pin(name, title=name) for name in sorted(names))]
        made = plan(desired, known, None, now=now, spread=spread)
        for change in made.changes:
            if change.slot is None:
                continue
            if change.slot.before:
                assert change.slot.after == change.slot.before
                assert change.action == ("create" if slot_of(change.slot.after) <= now else "scheduled")
            else:
                assert slot_of(change.slot.after) > now
                assert slot_of(change.slot.after) in spread
        assert len(set(made.slots.values())) == len(made.slots)
        assert {f"pin.{name}" for name in names} <= made.slots.keys() | known.resources.keys()
        known = applied(made, known)
        assert not plan(desired, known, None, now=now, spread=spread).to_do


def scheduled(made: Plan) -> dict[str, str]:
    return {change.address: change.reason for change in made.changes if change.action == "scheduled"}


def find(made: Plan, address: str) -> Change:
    return next(change for change in made.changes if change.address == address)


def test_new_pins_get_the_next_slots_in_the_order_of_their_addresses() -> None:
    made = plan([board(), pin("b"), pin("a"), pin("now", at_once=True)], spread=SPREAD)
    assert actions(made) == {"board.soups": "create", "pin.b": "scheduled", "pin.a": "scheduled", "pin.now": "create"}
    assert scheduled(made) == {
        "pin.b": "appears Tue 24 Nov 2026, 13:15 Europe/Berlin (new slot)",
        "pin.a": "appears Tue 24 Nov 2026, 14:00 Europe/Berlin (new slot)",
    }
    assert [change.address for change in made.to_do] == ["board.soups", "pin.b", "pin.a", "pin.now"]
    assert made.cost == {"org_write": 2}


def test_a_time_of_the_file_is_not_given_to_another() -> None:
    made = plan([board(), pin("a"), pin("b", publish_at=slot_of(SLOTS[0]))], spread=SPREAD)
    assert made.slots == {"pin.a": SLOTS[1]}


PENDING = Pending("create", "pin", {"board": "1", "media": MEDIA}, "2026-11-24T11:00:00+00:00", shape=SHAPE)


@pytest.mark.parametrize(
    ("one", "known", "live", "expected"),
    [
        ({}, {"pin__soup": known_pin()}, [live_pin()], "no-op"),
        ({"title": "B"}, {"pin__soup": known_pin(title="A")}, [live_pin(title="A")], "update"),
        ({"title": "A", "moved_from": "pin.old"}, {"pin__old": known_pin(title="A")}, [live_pin(title="A")], "move"),
        ({"title": "A"}, {"pin__old": known_pin(title="A")}, [live_pin(title="A")], "move"),
        ({"title": "A"}, {}, [live_pin(title="A")], "adopt"),
        ({}, {"pending": {"pin.soup": PENDING}}, [], "create"),
        ({"publish_at": NOW}, {}, [], "create"),
        ({"on": "existing-board.None"}, {}, [], "held"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_new_pin_or_may_be_there_already_waits_for_no_slot(
    one: dict[str, Any], known: dict[str, Any], live: list[Any], expected: str
) -> None:
    before = replace(state(board__soups=known_board(), **known), slots={"pin.other": SLOTS[0]})
    made = plan([board(), pin(**one)], before, [live_board(), *live], spread=SPREAD)
    assert actions(made)["pin.soup"] == expected
    assert made.slots == {}


def test_what_somebody_deleted_is_made_again_at_once() -> None:
    known = state(board__soups=known_board(), pin__soup=known_pin())
    policies = Policies(on_missing="recreate")
    made = plan([board(), pin()], known, [live_board()], ["pin:3"], policies=policies, spread=SPREAD)
    assert actions(made)["pin.soup"] == "create"
    assert made.slots == {}


def with_slots(**slots: str) -> State:
    return replace(state(board__soups=known_board()), slots={f"pin.{name}": slot for name, slot in slots.items()})


def test_a_slot_that_has_come_makes_the_pin_due_and_one_ahead_is_nothing_to_do() -> None:
    made = plan(
        [board(), pin("a"), pin("b")], with_slots(a=SLOTS[0], b=SLOTS[1]), None, now=slot_of(SLOTS[0]), spread=SPREAD
    )
    assert [(change.address, change.action) for change in made.to_do] == [("pin.a", "create")]
    assert scheduled(made) == {"pin.b": "appears Tue 24 Nov 2026, 14:00 Europe/Berlin (slot)"}


def test_a_slot_that_is_none_any_more_is_replaced_and_what_was_recorded_stays() -> None:
    made = plan(
        [board(), pin("a"), pin("b")], with_slots(a="2026-11-24T13:10:00+00:00", b=SLOTS[0]), None, spread=SPREAD
    )
    assert scheduled(made)["pin.a"] == (
        "appears Tue 24 Nov 2026, 14:00 Europe/Berlin (new slot; it was Tue 24 Nov 2026, 14:10 Europe/Berlin, which is none "
        "any more)"
    )
    assert [change.address for change in made.to_do] == ["pin.a"]
    assert made.slots == {"pin.a": SLOTS[1], "pin.b": SLOTS[0]}


def test_a_pin_takes_its_slot_along_and_that_of_what_is_gone_is_free() -> None:
    known = with_slots(old=SLOTS[1], gone=SLOTS[0])
    made = plan([board(), pin("a"), pin("new", moved_from="pin.old")], known, None, spread=SPREAD)
    assert made.slots == {"pin.a": SLOTS[0], "pin.new": SLOTS[1]}
    assert find(made, "pin.new").moved_from == "pin.old"
    assert len(made.to_do) == 2
    assert not made.diagnostics, "moved_from is founded"


def test_without_spread_nothing_waits() -> None:
    made = plan([board(), pin("a")], with_slots(a=SLOTS[0]), None)
    assert actions(made)["pin.a"] == "create"
    assert made.slots == {}


def test_a_pin_that_turns_out_to_be_another_that_was_renamed_gives_its_slot_back() -> None:
    known = with_slots(new=SLOTS[0])
    known = replace(known, resources={**known.resources, "pin.old": known_pin(title="A")})
    made = plan([board(), pin("new", title="A")], known, [live_board(), live_pin(title="A")], spread=SPREAD)
    assert actions(made)["pin.new"] == "move"
    assert made.slots == {}


def test_a_pin_that_is_held_keeps_its_slot() -> None:
    known = replace(with_slots(a=SLOTS[0]), resources={})
    made = plan([pin("a", on="existing-board.None"), pin("b", on="existing-board.None")], known, spread=SPREAD)
    assert actions(made) == {"pin.a": "held", "pin.b": "held"}
    assert made.slots == {"pin.a": SLOTS[0]}

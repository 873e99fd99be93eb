"""What a question is answered with, and which calls that takes."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pinsync.analytics import remembering
from pinsync.analytics.metrics import METRICS
from pinsync.errors import ApiError, UsageError
from tests.analytics.asking import ask, counted, forget, publish
from tests.world import World

DAY = 86_400
CACHE = ".pinsync/cache/analytics.json"
OLD = {"since": "2026-12-01", "until": "2026-12-20"}  # it is 2027-01-03


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> World:
    return publish(tmp_path_factory.mktemp("published"))


@pytest.fixture
def world(published: World) -> World:
    forget(published)
    published.beta = True
    published.restart()
    return published


@pytest.fixture
def fresh(tmp_path: Path) -> Callable[[int], World]:
    return lambda pins: publish(tmp_path, pins)


def without_bulk(world: World, *faults: str) -> None:
    """The emulator again, for an app without betas."""
    world.beta = False
    world.restart(*faults)


def test_numbers_are_pinterests_joined_with_addresses_and_campaigns(world: World) -> None:
    asked = ask(world, metrics="IMPRESSION,SAVE", **OLD)
    for address in ("pin.p0", "pin.p1", "pin.p2", "pin.moving"):
        for metric in ("IMPRESSION", "SAVE"):
            assert asked.totals[address][metric] == counted(world, address, metric, *OLD.values())
    rows = {row.key: row.subject for row in asked.report.rows}
    one = rows["pin.p1"]
    assert one is not None
    assert (one.title, one.board, one.section, one.campaign) == ("Pin 1", "board.soups", "section.soups/autumn", "b")
    assert one.link_params == {"utm_source": "pinterest", "utm_campaign": "b"}
    assert asked.lacks == {"pin.later": ("absent", "never published")}
    impressions = [numbers["IMPRESSION"] for numbers in asked.totals.values()]
    assert impressions == sorted(impressions, reverse=True)
    assert [row.key for row in ask(world, metrics="SAVE", sort="IMPRESSION", limit=2, **OLD).report.rows] == list(
        asked.totals
    )[:2]


def test_rates_are_quotients_of_sums_and_not_sums_of_quotients(world: World) -> None:
    by_pin = ask(world, metrics="SAVE,IMPRESSION,SAVE_RATE,VIDEO_AVG_WATCH_TIME,VIDEO_START", **OLD).totals
    by_board = ask(world, metrics="SAVE_RATE,VIDEO_AVG_WATCH_TIME", by="board", **OLD).totals
    bakes = [by_pin[address] for address in ("pin.p0", "pin.p2", "pin.moving")]
    saves, impressions = (sum(one[name] or 0 for one in bakes) for name in ("SAVE", "IMPRESSION"))
    assert by_board["board.bakes"]["SAVE_RATE"] == pytest.approx(saves / impressions)
    assert by_board["board.soups"] == {"SAVE_RATE": by_pin["pin.p1"]["SAVE_RATE"], "VIDEO_AVG_WATCH_TIME": None}
    assert by_pin["pin.p0"]["VIDEO_START"] is None
    moving = counted(world, "pin.moving", "VIDEO_AVG_WATCH_TIME", *OLD.values())
    assert by_board["board.bakes"]["VIDEO_AVG_WATCH_TIME"] == pytest.approx(moving, rel=1e-4)


def test_a_call_answers_many_pins_and_finished_days_are_not_asked_for_again(world: World) -> None:
    first = ask(world)
    assert first.calls == ["/pins/analytics"]
    assert first.said == ["Asking Pinterest for 4 pins: 1 call."]
    assert [day.isoformat() for day in first.report.may_change] == ["2027-01-01", "2027-01-02"]
    assert ask(world, by="board", sort="IMPRESSION").calls == []
    longer = ask(world, since="33d")
    assert [dict(one.url.params)["end_date"] for one in longer.requests] == ["2026-12-03"]
    earlier = world.moment
    try:
        world.wait(DAY)
        later = ask(world, since="2026-12-04")
        assert [dict(one.url.params)["start_date"] for one in later.requests] == ["2027-01-01"]
        forget(world)
        assert ask(world, since="2026-12-04").totals == later.totals
    finally:
        world.moment = earlier


def test_videos_are_asked_for_what_only_they_have(world: World) -> None:
    asked = ask(world, metrics="IMPRESSION,VIDEO_START,PROFILE_VISIT,TOTAL_COMMENTS", **OLD)
    sent = {request.url.path.count("/"): request.url.params["metric_types"] for request in asked.requests}
    assert sent == {3: "IMPRESSION,PROFILE_VISIT,TOTAL_COMMENTS", 4: "IMPRESSION,VIDEO_START,TOTAL_COMMENTS"}
    assert asked.totals["pin.moving"]["PROFILE_VISIT"] is None
    assert asked.totals["pin.p0"]["VIDEO_START"] is None
    # Comments are those of today, whatever the period is.
    assert ask(world, metrics="TOTAL_COMMENTS", since="2026-12-30").calls == []


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 60), st.integers(0, 30), st.sets(st.sampled_from(list(METRICS)), min_size=1, max_size=4)
        ),
        min_size=2,
        max_size=3,
    ),
    st.sampled_from(["board", "section", "campaign"]),
)
def test_what_is_remembered_changes_nothing_and_parts_add_up(
    world: World, questions: list[tuple[int, int, set[str]]], by: str
) -> None:
    forget(world)
    session = world.session()
    today = world.moment.date().toordinal()
    for length, ago, names in questions:
        end = world.moment.date().fromordinal(today - ago)
        start = world.moment.date().fromordinal(today - ago - length)
        question: dict[str, Any] = {"since": str(start), "until": str(end), "metrics": ",".join(sorted(names))}
        warm = ask(world, session, **question)
        grouped = ask(world, session, by=by, **question)
    assert grouped.calls == []
    kept = (world.root / CACHE).read_bytes()
    forget(world)
    cold = ask(world, session, **question)
    (world.root / CACHE).write_bytes(kept)
    assert [cold.totals, cold.report.may_change] == [warm.totals, warm.report.may_change]
    for metric in cold.report.metrics:
        assert [row.daily(metric) for row in cold.report.rows] == [row.daily(metric) for row in warm.report.rows]
        if not metric.per:
            parts = [[row.total(metric) or 0 for row in one.report.rows] for one in (warm, grouped)]
            assert sum(parts[0]) == sum(parts[1]) == (warm.report.whole.total(metric) or 0)
            for one in (warm.report.whole, *grouped.report.rows):
                daily = one.daily(metric)
                assert metric.lifetime or sum(value or 0 for value in daily) == (one.total(metric) or 0)
    assert sum(row.pins for row in grouped.report.rows) == warm.report.whole.pins == 4


def test_an_app_without_the_beta_is_asked_pin_by_pin_and_not_refused_each_day(world: World) -> None:
    expected = ask(world, **OLD).totals
    forget(world)
    without_bulk(world)
    asked = ask(world, **OLD)
    assert asked.totals == expected
    assert len(asked.calls) == 5
    assert asked.calls.count("/pins/analytics") == 1
    assert asked.said[-1] == ("Asking Pinterest for 4 pins: 4 calls, one a pin because this app has no bulk analytics.")
    before = world.moment
    try:
        world.wait(6 * DAY)
        assert "/pins/analytics" not in ask(world, since="2026-12-21", until="2026-12-22").calls
        world.wait(2 * DAY)
        assert "/pins/analytics" in ask(world, since="2026-12-23", until="2026-12-24").calls
    finally:
        world.moment = before


def test_a_pin_that_is_gone_costs_no_other_its_numbers(fresh: Callable[[int], World]) -> None:
    world = fresh(3)
    expected = ask(world, **OLD).totals
    forget(world)
    world.request("DELETE", f"/pins/{world.state().resources['pin.p1'].id}")
    asked = ask(world, **OLD)
    assert asked.lacks["pin.p1"] == ("absent", "not on Pinterest any more")
    assert asked.totals == {address: numbers for address, numbers in expected.items() if address != "pin.p1"}
    for pin in ("p0", "p2", "moving"):
        world.request("DELETE", f"/pins/{world.state().resources[f'pin.{pin}'].id}")
    # What is known of a pin that is gone stays known.
    assert ask(world, **OLD).totals == asked.totals
    forget(world)
    assert ask(world, **OLD).totals == {}


def test_a_login_that_sees_nothing_is_an_error_after_a_few_calls(fresh: Callable[[int], World]) -> None:
    world = fresh(7)
    for pin in world.live("/pins"):
        world.request("DELETE", f"/pins/{pin['id']}")
    without_bulk(world)
    with pytest.raises(ApiError, match="none of the first 5 pins") as error:
        ask(world, replace(world.session(), concurrency=1), **OLD)
    assert "pinsync auth status" in error.value.advice
    assert len(world.network.requests) == 1 + 5
    assert not (world.root / CACHE).exists()  # so that this is not taken for the app's fault


@pytest.mark.parametrize("by_flag", [True, False])
def test_the_calls_that_there_may_be_are_not_exceeded(world: World, by_flag: bool) -> None:
    without_bulk(world)
    configuration = world.root / "pinsync.yaml"
    before = configuration.read_text()
    if not by_flag:
        configuration.write_text(f"{before}rates: {{org_analytics: {{calls: 3, seconds: 86400}}}}\n")
    try:
        asked = ask(world, **OLD, **({"max_calls": 3} if by_flag else {}))
    finally:
        configuration.write_text(before)
    whose = "--max-calls allows" if by_flag else "Pinterest's limit (3 a day) leaves"
    assert len(asked.calls) == 3
    assert asked.said[0] == f"Asking Pinterest for 4 pins: 1 call; {whose} 3."
    assert asked.said[1].endswith(f"no bulk analytics; {whose} 2, so that 2 calls must wait.")
    late = [address for address, (kind, _) in asked.lacks.items() if kind == "later"]
    assert len(late) == len(asked.totals) == 2
    assert asked.lacks[late[0]][1] == f"{whose} no more calls for now"
    # The next run begins with those that had to wait.
    rest = ask(world, **OLD, max_calls=2)
    assert len(rest.totals) == 4


def test_failures_are_named_and_none_at_all_is_an_error(world: World) -> None:
    without_bulk(world, "pins/analytics:500-before:from=2")
    asked = ask(world, **OLD)
    assert len(asked.totals) == 1
    assert {kind for address, (kind, _) in asked.lacks.items() if address != "pin.later"} == {"failed"}
    forget(world)
    world.restart("*:500-before")
    with pytest.raises(ApiError):
        ask(world, **OLD)


@pytest.mark.parametrize(
    "content",
    [
        "", "null", "[]", "{", "\x00", '{"version": "0", "numbers": {}}', *(
            json.dumps({"version": "VERSION", "numbers": numbers}) for numbers in (
                None, [], {"pins": []}, {"pins": {"PIN": 1}, "bulk_refused": "soon"}, {"bulk_refused": 1e18},
                *({"pins": {"PIN": {"IMPRESSION": series}}} for series in (
                    None, [1, 2], ["a", 1, []], [1, 1.5, [1]], [1, 739_000, {}], [1, 739_000, ["9"] * 999],
                    [1, 739_000, [True] * 999], [1, 739_000, [[]] * 999], [1, 739_000, [[1, 2]] * 999], [1e300, 1, [[5]] * 9],
                    [10**400, 1, [10**400]], [1, 1, [5] * 9], [1, 10**400, [5]], [1, 739_980, [5] * 999],
                )),
            )
        ),
    ],
)  # fmt: skip
def test_a_damaged_memory_is_forgotten(world: World, content: str) -> None:
    known = world.state()
    expected = ask(world, **OLD).totals
    content = content.replace("VERSION", f"1 {known.lineage}").replace("PIN", known.resources["pin.p0"].id)
    (world.root / CACHE).write_text(content)
    assert ask(world, **OLD).totals == expected


def test_memory_is_bounded_and_of_one_state_and_of_days_that_pinterest_still_answers(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(world, **OLD)
    before = world.moment
    try:
        world.wait(80 * DAY)
        ask(world, since="1d")
        kept = json.loads((world.root / CACHE).read_text())["numbers"]["pins"]
        assert len(kept) == 4
        oldest = min(series[1] for of_pin in kept.values() for series in of_pin.values())
        assert oldest >= world.moment.date().toordinal() - 90
    finally:
        world.moment = before
    text = (world.root / CACHE).read_text().replace(world.state().lineage, "other")
    (world.root / CACHE).write_text(text)
    assert ask(world, **OLD).calls != []
    monkeypatch.setattr(remembering, "_MOST", 3 * 21 * 4)
    ask(world, since="2026-12-01", until="2026-12-21")
    assert len(json.loads((world.root / CACHE).read_text())["numbers"]["pins"]) == 3


@pytest.mark.parametrize(
    ("question", "rows"),
    [
        ({"patterns": ("pin.p*",)}, ["pin.p0", "pin.p1", "pin.p2"]),
        ({"patterns": ("board.soups",)}, ["pin.p1"]),
        ({"patterns": ("section.soups/autumn", "pin.p0")}, ["pin.p0", "pin.p1"]),
        ({"boards": ("bakes",)}, ["pin.moving", "pin.p0", "pin.p2"]),
        ({"by": "section"}, ["board.bakes", "section.soups/autumn"]),
        ({"by": "campaign"}, ["", "a", "b"]),
    ],
)
def test_who_is_meant_and_what_a_row_is(world: World, question: dict[str, Any], rows: list[str]) -> None:
    assert sorted(ask(world, **question, **OLD).totals) == rows


@pytest.mark.parametrize(
    ("question", "says"),
    [
        ({"since": "91d"}, "91 days back, and Pinterest answers 90 / Write --since 2026-10-05 or --since 90d."),
        ({"since": "2026-01-01", "until": "2026-02-01"}, "answers 90 / Write --since 2026-10-05."),
        ({"since": "13w", "until": "2027-01-01"}, "begins on 2026-10-03, 92 days back / --since 89d."),
        ({"since": "0d"}, "no time at all"),
        ({"since": "soon"}, "--since soon is not understood / a day such as 2026-11-01, 30d or 4w"),
        ({"until": "30d"}, "--until 30d is not understood"),
        ({"until": "2027-01-04"}, "in the future / Today is 2027-01-03 in UTC"),
        ({"since": "2026-12-20", "until": "2026-12-10"}, "comes after the end"),
        ({"metrics": "saves,impresion"}, "no metric is called SAVES or IMPRESION / Did you mean SAVE, IMPRESSION?"),
        ({"metrics": ","}, "names no metric"),
        ({"sort": "all"}, "--sort takes one metric"),
        ({"patterns": ("pin.p9",)}, "no pin fits pin.p9 / Did you mean pin.p"),
        ({"boards": ("soup",)}, "no pin is on a board soup / Did you mean soups?"),
    ],
)
def test_what_cannot_be_asked_is_explained_before_any_call(world: World, question: dict[str, Any], says: str) -> None:
    before = len(world.network.requests)
    with pytest.raises(UsageError) as error:
        ask(world, **question)
    for part in says.split(" / "):
        assert part in f"{error.value.message} {error.value.advice}"
    assert len(world.network.requests) == before

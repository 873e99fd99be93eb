from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pinsync.emulator.measuring import OF_PINS
from tests.emulator.client import Client, Clock, emulator, refusal, shown_video, upload
from tests.videos import video

DAY = 86_400
IMAGE = {"IMPRESSION", "OUTBOUND_CLICK", "PIN_CLICK", "SAVE", "SAVE_RATE", "USER_FOLLOW", "PROFILE_VISIT"}


def days(clock: Clock, first: int, last: int) -> dict[str, str]:
    """A period, by how many days ago it begins and ends."""
    today = datetime.fromtimestamp(clock.now, UTC).date()
    start, end = (today - timedelta(days=ago) for ago in (first, last))
    return {"start_date": start.isoformat(), "end_date": end.isoformat()}


def by_day(
    client: Client, pin: str, clock: Clock, first: int, last: int, metrics: str = "IMPRESSION", **more: str
) -> Any:
    """What is counted of a pin each day, by date."""
    query = {**days(clock, first, last), "metric_types": metrics, **more}
    answer = client.get(f"/pins/{pin}/analytics", params=query).json()
    return {one["date"]: (one["data_status"], one["metrics"]) for one in answer["all"]["daily_metrics"]}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def client(tmp_path: Path, clock: Clock) -> Iterator[Client]:
    with emulator(tmp_path, clock=clock, media_processing=0) as client:
        yield client


def test_numbers_are_the_same_each_time_and_begin_with_the_pin(client: Client, clock: Clock) -> None:
    pin = client.pin(client.board(), link="https://example.com")
    born = datetime.fromtimestamp(clock.now, UTC).date()
    clock.now += 30 * DAY
    found = by_day(client, pin, clock, 40, 0, "IMPRESSION,PIN_CLICK,OUTBOUND_CLICK,SAVE,SAVE_RATE")
    statuses = [status for status, _ in found.values()]
    assert statuses == ["BEFORE_PIN_CREATED"] * 10 + ["READY"] * 29 + ["ESTIMATE", "PROCESSING"]
    assert found[(born - timedelta(days=1)).isoformat()][1]["IMPRESSION"] == 0
    counts = [metrics for _, metrics in found.values()]
    assert counts[-1] == {}
    for one in counts[10:-1]:
        assert one["IMPRESSION"] > one["PIN_CLICK"] >= one["OUTBOUND_CLICK"] >= 0
        assert one["SAVE_RATE"] == pytest.approx(one["SAVE"] / one["IMPRESSION"], abs=1e-6)
    assert sum(one["IMPRESSION"] for one in counts[10:17]) > 2 * sum(one["IMPRESSION"] for one in counts[32:39])
    clock.now += DAY
    later = by_day(client, pin, clock, 32, 2, "IMPRESSION,PIN_CLICK,OUTBOUND_CLICK,SAVE,SAVE_RATE")
    ready = list(found.items())[10:39]
    assert ready == [(day, one) for day, one in later.items() if day in dict(ready)]
    yesterday = (date.fromisoformat(max(found)) - timedelta(days=1)).isoformat()
    assert later[yesterday][1]["IMPRESSION"] > found[yesterday][1]["IMPRESSION"]  # it was an estimate


def test_several_pins_are_answered_as_each_is_alone(client: Client, clock: Clock) -> None:
    board = client.board()
    media_id, _ = upload(client, video())
    pins = [client.pin(board), client.pin(board, media_source=shown_video(media_id))]
    clock.now += 9 * DAY
    query = {**days(clock, 9, 1), "metric_types": ",".join(OF_PINS)}
    answer = client.get("/pins/analytics", params={**query, "pin_ids": pins}).json()
    assert answer == {pin: client.get(f"/pins/{pin}/analytics", params=query).json() for pin in pins}
    image, moving = (answer[pin]["all"] for pin in pins)
    assert set(image["summary_metrics"]) == IMAGE
    assert set(moving["summary_metrics"]) == (IMAGE - {"USER_FOLLOW", "PROFILE_VISIT"}) | {
        name for name in OF_PINS if name.startswith(("VIDEO", "QUARTILE"))
    }
    assert set(image["lifetime_metrics"]) == {"TOTAL_COMMENTS", "TOTAL_REACTIONS"}
    for one in (image, moving):
        for metric in ("IMPRESSION", "SAVE", "PIN_CLICK"):
            daily = [day["metrics"][metric] for day in one["daily_metrics"]]
            assert one["summary_metrics"][metric] == sum(daily)


def test_devices_and_pins_add_up_to_all(client: Client, clock: Clock) -> None:
    pins = [client.pin(client.board(name)) for name in ("a", "b")]
    clock.now += 40 * DAY
    new = client.pin(client.board("c"))
    period = days(clock, 20, 2)

    def sums(path: str, **query: str) -> dict[str, int]:
        answer = client.get(path, params={**period, "metric_types": "IMPRESSION", **query}).json()
        return {group: found["summary_metrics"]["IMPRESSION"] for group, found in answer.items()}

    each = [sums(f"/pins/{pin}/analytics")["all"] for pin in pins]
    split = sums(f"/pins/{pins[0]}/analytics", split_field="APP_TYPE")
    assert set(split) == {"mobile", "tablet", "web"}
    assert sum(split.values()) == each[0] > split["mobile"] > split["tablet"]
    assert sums(f"/pins/{pins[0]}/analytics", app_types="WEB") == {"all": split["web"]}
    assert sums("/user_account/analytics") == {"all": sum(each)}
    assert sum(sums("/user_account/analytics", split_field="APP_TYPE").values()) == sum(each)
    assert sums("/user_account/analytics", split_field="SOURCE") == {"your_pins": sum(each), "other_pins": 0}
    assert sums("/user_account/analytics", split_field="PIN_FORMAT")["organic_image"] == sum(each)
    assert sums("/user_account/analytics", content_type="PAID") == {"all": 0}
    query = {**period, "sort_by": "IMPRESSION"}
    top = client.get("/user_account/analytics/top_pins", params={**query, "num_of_pins": 2}).json()["pins"]
    assert [one["metrics"]["IMPRESSION"] for one in top] == sorted(each, reverse=True)
    newest = client.get("/user_account/analytics/top_pins", params={**query, "created_in_last_n_days": 30}).json()
    assert [one["pin_id"] for one in newest["pins"]] == [new]


def test_pins_can_count_as_older_than_they_are(tmp_path: Path, clock: Clock) -> None:
    with emulator(tmp_path, clock=clock, pin_age=30 * DAY) as client:
        found = by_day(client, client.pin(client.board()), clock, 31, 2)
    assert [status for status, _ in found.values()] == ["BEFORE_PIN_CREATED"] + ["READY"] * 29


def test_an_app_without_betas(tmp_path: Path, clock: Clock) -> None:
    with emulator(tmp_path, clock=clock, beta=False) as client:
        pin = client.pin(client.board())
        query = {**days(clock, 2, 1), "metric_types": "SAVE"}
        assert refusal(client.get("/pins/analytics", params={**query, "pin_ids": pin}))[:2] == (403, 29)
        assert refusal(client.patch(f"/pins/{pin}", json={"title": "a"}))[:2] == (403, 29)
        assert client.get(f"/pins/{pin}/analytics", params=query).is_success


@pytest.mark.parametrize(
    ("path", "change", "says"),
    [
        ("/pins/PIN/analytics", {"start_date": "2025-10-02"}, "more than 90 days back"),
        ("/pins/PIN/analytics", {"start_date": "2025-12-32"}, "has to be a date"),
        ("/pins/PIN/analytics", {"start_date": ""}, "has to be a date"),
        ("/pins/PIN/analytics", {"end_date": "2025-12-01"}, "before 'start_date'"),
        ("/pins/PIN/analytics", {"end_date": "2026-06-01"}, "more than 90 days past"),
        ("/pins/PIN/analytics", {"metric_types": ""}, "is required"),
        ("/pins/PIN/analytics", {"metric_types": "SAVES"}, "has no 'SAVES'"),
        ("/pins/PIN/analytics", {"app_types": "PHONE"}, "MOBILE"),
        ("/pins/analytics", {}, "1 to 100 ids"),
        ("/pins/analytics", {"pin_ids": "a"}, "1 to 100 ids"),
        ("/pins/analytics", {"pin_ids": ",".join(["1"] * 101)}, "1 to 100 ids"),
        ("/user_account/analytics", {"metric_types": "USER_FOLLOW"}, "has no 'USER_FOLLOW'"),
        ("/user_account/analytics/top_pins", {}, "'sort_by'"),
        ("/user_account/analytics/top_pins", {"sort_by": "SAVE", "num_of_pins": "51"}, "1 to 50"),
    ],
)
def test_what_is_refused(client: Client, path: str, change: dict[str, str], says: str) -> None:
    pin = client.pin(client.board())
    query = {"start_date": "2025-12-20", "end_date": "2025-12-25", "metric_types": "SAVE"}
    status, code, message = refusal(client.get(path.replace("PIN", pin), params={**query, **change}))
    assert (status, code) == (400, 1)
    assert says in message


def test_one_pin_that_is_not_there_is_enough(client: Client, clock: Clock) -> None:
    query = {**days(clock, 2, 1), "metric_types": "SAVE"}
    pins = [client.pin(client.board()), "1"]
    assert refusal(client.get("/pins/analytics", params={**query, "pin_ids": pins}))[:2] == (404, 50)
    assert refusal(client.get("/pins/1/analytics", params=query))[:2] == (404, 50)

from __future__ import annotations

from pathlib import Path

import pytest

from tests.emulator.client import Client, Clock, emulator, refusal

NOON = 1_767_268_800.0  # 12:00 UTC


def _told(client: Client, path: str = "/boards") -> tuple[str, str, str]:
    headers = client.get(path).headers
    return headers["x-ratelimit-limit"], headers["x-ratelimit-remaining"], headers["x-ratelimit-reset"]


def test_the_headers_tell_the_tightest_window(tmp_path: Path) -> None:
    with emulator(tmp_path, limits=None, clock=Clock(NOON)) as client:
        assert _told(client) == ("1000, 1000;w=60, 100;w=1", "99", "1")
        written = client.post("/boards", json={"name": "a"}).headers
        assert written["x-ratelimit-limit"] == "100, 100;w=60, 100;w=1"


def test_a_trial_app_has_300_writes_a_day(tmp_path: Path) -> None:
    clock = Clock(NOON)
    with emulator(tmp_path, limits=None, tier="trial", clock=clock) as client:
        pin = client.pin(client.board())
        for number in range(298):
            assert client.patch(f"/pins/{pin}", json={"title": str(number)}).status_code == 200
        over = client.patch(f"/pins/{pin}", json={"title": "one too many"})
        assert refusal(over)[:2] == (429, 8)
        assert over.headers["x-ratelimit-limit"] == "300, 300;w=86400, 1000;w=86400"
        assert over.headers["x-ratelimit-remaining"] == "0"
        assert over.headers["x-ratelimit-reset"] == over.headers["retry-after"] == str(12 * 3600)
        assert client.get(f"/pins/{pin}").json()["title"] == "297"
        clock.now += 12 * 3600
        assert client.patch(f"/pins/{pin}", json={"title": "a new day"}).status_code == 200


def test_counts_survive_a_restart(tmp_path: Path) -> None:
    limits = {"org_read": ((2, 3600.0),)}
    for expected in ("1", "0"):
        with emulator(tmp_path, limits=limits, clock=Clock(NOON)) as client:
            assert _told(client)[1] == expected
    with emulator(tmp_path, limits=limits, clock=Clock(NOON)) as client:
        assert client.get("/boards").status_code == 429


def test_every_window_of_a_category_counts(tmp_path: Path) -> None:
    clock = Clock(NOON)
    limits = {"org_read": ((2, 1.0), (3, 60.0)), "universal": ()}
    with emulator(tmp_path, limits=limits, clock=clock) as client:
        assert [client.get("/boards").status_code for _ in range(3)] == [200, 200, 429]
        clock.now += 1
        # What was over a limit was not counted: one call is left in the minute.
        assert [client.get("/boards").status_code for _ in range(2)] == [200, 429]
        assert client.get("/boards").headers["x-ratelimit-reset"] == "59"


def test_the_universal_limit_spans_categories(tmp_path: Path) -> None:
    limits = {"universal": ((2, 60.0),)}
    with emulator(tmp_path, limits=limits, clock=Clock(NOON)) as client:
        client.board()
        client.get("/boards")
        assert client.get("/boards").status_code == client.post("/boards", json={"name": "b"}).status_code == 429


def test_refused_calls_count_and_unknown_callers_do_not(tmp_path: Path) -> None:
    limits = {"org_read": ((2, 60.0),)}
    with emulator(tmp_path, limits=limits, clock=Clock(NOON)) as client:
        assert client.get("/boards", headers={"authorization": "Bearer other"}).status_code == 401
        missing = client.get("/pins/1")
        assert (missing.status_code, missing.headers["x-ratelimit-remaining"]) == (404, "1")
        assert client.get("/pins/1").status_code == 404
        assert client.get("/pins/1").status_code == 429


def test_without_limits_there_are_no_headers(client: Client) -> None:
    assert not [name for name in client.get("/boards").headers if name.startswith("x-ratelimit")]


def test_an_unknown_tier_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="the tiers are trial, standard"):
        emulator(tmp_path, tier="gold")

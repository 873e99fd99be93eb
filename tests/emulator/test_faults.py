from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from pinsync.emulator.effects import EFFECTS, MOMENTS, Work
from pinsync.emulator.faults import Fault, parse_fault
from pinsync.emulator.misbehaving import ConnectionDropped, NoAnswerInTime
from pinsync.emulator.server import running
from pinsync.emulator.settings import EmulatorSettings
from tests.emulator.client import NO_LIMITS, Client, emulator, refusal, source


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("pins/create:500-before", Fault("pins/create", "500-before")),
        ("pins/create:500-after:nth=3", Fault("pins/create", "500-after", 0.0, "nth", 3)),
        ("*:429:p=0.1", Fault("*", "429", 1.0, "p", 0.1)),
        ("*:429=0", Fault("*", "429", 0.0)),
        ("boards/list_pins:drop-after", Fault("boards/list_pins", "drop-after")),
        ("boards/list:slow=0.5:first=2", Fault("boards/list", "slow", 0.5, "first", 2)),
        (" * : stale=30 : every=5 ", Fault("*", "stale", 30.0, "every", 5)),
        ("*:401:from=4", Fault("*", "401", 0.0, "from", 4)),
        ("pins/create:hang-after", Fault("pins/create", "hang-after")),
        ("pins/create:die-before:nth=2", Fault("pins/create", "die-before", 0.0, "nth", 2)),
    ],
)
def test_how_faults_are_written(text: str, fault: Fault) -> None:
    assert parse_fault(text) == fault


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "OPERATION:EFFECT"),
        ("pins/create", "OPERATION:EFFECT"),
        ("a:b:c:d", "OPERATION:EFFECT"),
        ("pins/creat:429", "did you mean 'pins/create'"),
        ("pins/create:drop-befor", "did you mean 'drop-before'"),
        ("pins/create:501-before", "the effects are"),
        ("pins/create:slow", "slow=2"),
        ("pins/create:stale=long", "stale=2"),
        ("pins/create:429=-1", "429=2"),
        ("pins/create:409=2", "unknown effect"),
        ("pins/create:drop-after=2", "unknown effect"),
        ("pins/create:401:form=2", "from=4"),
        ("pins/create:401:from=0", "counts calls from 1"),
        ("pins/create:slow=1" + "0" * 400, "slow=2"),
        ("pins/create:429:3", "nth=3"),
        ("pins/create:429:always=1", "nth=3"),
        ("pins/create:429:nth=0", "counts calls from 1"),
        ("pins/create:429:every=1.5", "counts calls from 1"),
        ("pins/create:429:p=2", "from 0 to 1"),
    ],
)
def test_what_is_wrong_with_a_fault_is_said(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        parse_fault(text)


@pytest.mark.parametrize(
    ("effect", "status"),
    [(f"{status}-{moment}", status) for status in (500, 502, 503, 504) for moment in ("before", "after")]
    + [("401", 401), ("429", 429), ("429-bare", 429), ("409", 409)],
)
def test_faults_that_answer_with_an_error(tmp_path: Path, effect: str, status: int) -> None:
    with emulator(tmp_path, f"boards/create:{effect}:nth=1") as client:
        assert refusal(client.post("/boards", json={"name": "a"}))[0] == status
        done = [board["name"] for board in client.get("/boards").json()["items"]]
        assert done == (["a"] if effect.endswith("-after") else [])
        client.board("b")


def test_a_429_tells_when_to_come_back_unless_bare(tmp_path: Path) -> None:
    with emulator(tmp_path, "boards/get:429=7", "boards/list:429-bare", limits=None) as client:
        told = client.get("/boards/1").headers
        assert (told["x-ratelimit-remaining"], told["x-ratelimit-reset"], told["retry-after"]) == ("0", "7", "7")
        assert told["x-ratelimit-limit"] == "1000, 1000;w=60, 100;w=1"
        bare = client.get("/boards").headers
        assert "retry-after" not in bare
        assert "x-ratelimit-limit" not in bare


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize(
    ("way", "met"), [("drop", ConnectionDropped), ("die", ConnectionDropped), ("hang", NoAnswerInTime)]
)
def test_no_answer_in_process(tmp_path: Path, way: str, moment: str, met: type[httpx.RequestError]) -> None:
    with emulator(tmp_path, f"boards/create:{way}-{moment}:first=1") as client:
        with pytest.raises(met):
            client.post("/boards", json={"name": "a"})
        assert len(client.get("/boards").json()["items"]) == (moment == "after")


def test_every_effect_and_moment_can_be_written_and_strikes(tmp_path: Path) -> None:
    for effect in EFFECTS.values():
        text = effect.form.replace("[", "").replace("]", "").replace("SECONDS", effect.seconds)
        assert parse_fault(f"{effect.only or '*'}:{text}").effect == effect.name
        if effect.work is Work.UNTOUCHED or effect.only:
            continue
        with emulator(tmp_path / effect.name, f"boards/create:{effect.name}") as client:
            client.checking = False
            try:
                answered = client.post("/boards", json={"name": "a"})
                assert not answered.is_success or effect.name == "truncate"
            except httpx.RequestError:
                assert effect.name.split("-")[0] in ("drop", "hang", "die")
            assert len(client.get("/boards").json()["items"]) == (effect.work is Work.DONE), effect.name
    for moment in MOMENTS.values():
        assert parse_fault(f"*:409:{moment.name}={moment.example}").when == moment.name
    with pytest.raises(ValueError, match="the effects are") as told:
        parse_fault("*:burp")
    assert all(effect.form in str(told.value) for effect in EFFECTS.values())


@pytest.mark.parametrize("effect", ["hang-before", "hang-after"])
def test_a_call_that_hangs_ends_when_the_client_gives_up(tmp_path: Path, effect: str) -> None:
    settings = EmulatorSettings(tmp_path, faults=(parse_fault(f"boards/create:{effect}:nth=1"),))
    with running(settings) as origin, httpx.Client(base_url=f"{origin}/v5", timeout=0.2) as client:
        client.headers["authorization"] = "Bearer emulator"
        with pytest.raises(httpx.ReadTimeout):
            client.post("/boards", json={"name": "a"})
        assert len(client.get("/boards", timeout=20).json()["items"]) == (effect == "hang-after")


def test_a_background_emulator_told_to_die_takes_nobody_along(tmp_path: Path) -> None:
    settings = EmulatorSettings(tmp_path, faults=(parse_fault("boards/create:die-after:nth=1"),))
    with running(settings) as origin, httpx.Client(base_url=f"{origin}/v5") as client:
        client.headers["authorization"] = "Bearer emulator"
        with pytest.raises(httpx.RemoteProtocolError):
            client.post("/boards", json={"name": "a"})
        assert len(client.get("/boards").json()["items"]) == 1


@pytest.mark.parametrize("effect", ["drop-before", "drop-after"])
def test_a_dropped_connection_over_http(tmp_path: Path, effect: str) -> None:
    settings = EmulatorSettings(tmp_path, faults=(parse_fault(f"pins/create:{effect}:nth=2"),))
    with running(settings) as origin, httpx.Client(base_url=f"{origin}/v5") as client:
        client.headers["authorization"] = "Bearer emulator"
        board = client.post("/boards", json={"name": "a"}).json()["id"]
        body = {"board_id": board, "media_source": source(b"\xff" * 3_000_000)}
        assert client.post("/pins", json=body).status_code == 400
        body = {"board_id": board, "media_source": source()}
        with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
            client.post("/pins", json=body)
        assert len(client.get(f"/boards/{board}/pins").json()["items"]) == (effect == "drop-after")


def test_a_truncated_answer(tmp_path: Path) -> None:
    with emulator(tmp_path, "boards/create:truncate") as client:
        client.checking = False
        response = client.post("/boards", json={"name": "a"})
        assert response.status_code == 201
        with pytest.raises(json.JSONDecodeError):
            response.json()
        assert len(client.get("/boards").json()["items"]) == 1


@pytest.mark.parametrize(("effect", "done"), [("html", 0), ("html-after", 1)])
def test_a_page_instead_of_json(tmp_path: Path, effect: str, done: int) -> None:
    with emulator(tmp_path, f"boards/create:{effect}") as client:
        client.checking = False
        response = client.post("/boards", json={"name": "a"})
        assert (response.status_code, response.headers["content-type"]) == (502, "text/html; charset=utf-8")
        assert len(client.get("/boards").json()["items"]) == done


def _pattern(folder: Path, when: str, calls: int, **settings: Any) -> str:
    with emulator(folder, f"boards/list:503-before:{when}", **settings) as client:
        return "".join("x" if client.get("/boards").status_code == 503 else "." for _ in range(calls))


@pytest.mark.parametrize(
    ("when", "pattern"),
    [
        ("nth=3", "..x..."),
        ("first=2", "xx...."),
        ("from=4", "...xxx"),
        ("every=2", ".x.x.x"),
        ("p=0", "......"),
        ("p=1", "xxxxxx"),
    ],
)
def test_when_a_fault_strikes(tmp_path: Path, when: str, pattern: str) -> None:
    assert _pattern(tmp_path, when, 6) == pattern


def test_chance_is_repeatable(tmp_path: Path) -> None:
    one, again, other = (_pattern(tmp_path, "p=0.3", 40, seed=seed) for seed in (1, 1, 2))
    assert one == again != other
    assert 4 <= one.count("x") <= 20


def test_a_fault_only_befalls_its_operation(tmp_path: Path) -> None:
    with emulator(tmp_path, "boards/list:500-before", "*:409:nth=3") as client:
        assert [client.get(path).status_code for path in ("/boards", "/pins", "/pins", "/pins")] == [500, 200, 409, 200]


def test_slowness_and_latency_add_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr("anyio.sleep", sleep)
    with emulator(tmp_path, "boards/list:slow=2", "*:slow=3:nth=2", latency=1_000) as client:
        client.get("/pins")
        client.get("/boards")
    latency, slow, more = waited
    assert slow == 5
    assert 900 < latency < 1_000 > more > 900, "what the call took is part of its latency"


def test_faults_leave_the_page_alone(tmp_path: Path) -> None:
    with emulator(tmp_path, "*:drop-before", limits=NO_LIMITS) as client:
        assert isinstance(client, Client)
        assert client.page().status_code == 200

from __future__ import annotations

import logging
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from pinsync.cli.emulator import command
from pinsync.emulator.registration import APP_ID, APP_SECRET
from pinsync.emulator.server import DIED, running
from pinsync.emulator.settings import EmulatorSettings
from pinsync.emulator.store import FILE, Store, StoreError
from pinsync.errors import UsageError
from tests.emulator.client import NO_LIMITS, emulator, source


def _client(origin: str) -> httpx.Client:
    return httpx.Client(base_url=f"{origin}/v5", headers={"authorization": "Bearer emulator"})


@contextmanager
def _started(*arguments: str, said: list[str] | None = None) -> Iterator[tuple[subprocess.Popen[str], str]]:
    program = "from pinsync.cli.emulator import command; command()"
    process = subprocess.Popen(
        [sys.executable, "-c", program, *(() if "--port" in arguments else ("--port", "0")), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            assert process.stdout is not None
            # All six lines: what is read ahead of the first would be lost to communicate().
            lines = [process.stdout.readline() for _ in range(6)]
            if said is not None:
                said += lines
            yield process, lines[0].split()[1].rstrip("/")
        finally:
            process.kill()


def test_what_was_answered_survives_a_kill(tmp_path: Path) -> None:
    with _started("--data", str(tmp_path)) as (process, origin), _client(origin) as client:
        board = client.post("/boards", json={"name": "a"}).json()["id"]
        pin = client.post("/pins", json={"board_id": board, "media_source": source()}).json()
        process.kill()
    with running(EmulatorSettings(tmp_path)) as origin, _client(origin) as client:
        found = client.get(f"/pins/{pin['id']}").json()
        assert (found["id"], found["created_at"]) == (pin["id"], pin["created_at"])
        assert client.get(found["media"]["images"]["600x"]["url"]).status_code == 200
        assert int(client.post("/boards", json={"name": "b"}).json()["id"]) > int(pin["id"])


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_end_it_in_good_order(number: signal.Signals) -> None:
    said: list[str] = []
    with (
        _started("--latency", "1ms", "--fault", "*:slow=0", said=said) as (process, origin),
        _client(origin) as client,
    ):
        assert client.get("/boards").status_code == 200
        process.send_signal(number)
        _, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (0, "")
    out = "".join(said)
    assert f"PINTEREST_API_URL={origin}/v5 PINTEREST_ACCESS_TOKEN=emulator" in out
    assert f"id {APP_ID}, secret {APP_SECRET}; people allow it at {origin}/oauth/" in out
    folder = re.search(r"Data: +(\S+) \(temporary", out)
    assert folder is not None
    assert not Path(folder[1]).exists()


@pytest.mark.parametrize("moment", ["before", "after"])
def test_an_emulator_that_dies_goes_on_when_started_again(tmp_path: Path, moment: str) -> None:
    fault = f"boards/create:die-{moment}:nth=2"
    with _started("--data", str(tmp_path), "--fault", fault) as (process, origin), _client(origin) as client:
        first = client.post("/boards", json={"name": "a"}).json()["id"]
        with pytest.raises(httpx.RemoteProtocolError):
            client.post("/boards", json={"name": "b"})
        assert process.wait(20) == DIED
        with pytest.raises(httpx.TransportError):
            client.get("/boards")
    port = origin.rpartition(":")[2]
    with _started("--data", str(tmp_path), "--port", port) as (_, again), _client(again) as client:
        assert again == origin
        names = {board["name"]: board["id"] for board in client.get("/boards").json()["items"]}
        assert names.pop("a") == first
        assert list(names) == (["b"] if moment == "after" else [])
        assert client.get(f"{again}/").status_code == 200
        assert int(client.post("/boards", json={"name": "c"}).json()["id"]) > max(map(int, [first, *names.values()]))


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_a_call_that_hangs_does_not_keep_the_emulator_from_ending(tmp_path: Path) -> None:
    scenario = tmp_path / "scenario.yaml"
    scenario.write_text("faults: ['boards/list:hang-before', 'pins/list:hang-after']\n", "utf-8")
    with _started("--scenario", str(scenario)) as (process, origin), _client(origin) as client:
        address = ("127.0.0.1", int(origin.rpartition(":")[2]))
        calls = [socket.create_connection(address, timeout=20) for _ in range(2)]
        for call, path in zip(calls, ("boards", "pins"), strict=True):
            call.sendall(f"GET /v5/{path} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer emulator\r\n\r\n".encode())
        assert client.get("/user_account").status_code == 200
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=20)
        for call in calls:
            with call, suppress(ConnectionResetError):
                assert call.recv(1) == b""
    assert (process.returncode, err) == (0, "")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--fault", "*:die-after"], "needs --data"),
        (["--scenario", "nowhere.yaml"], "nowhere.yaml"),
        (["--fault", "pins/creat:429"], "did you mean 'pins/create'"),
        (["--latency", "soon"], "write 100ms"),
        (["--tier", "gold"], "standard"),
        (["--port", "70000"], "65535"),
    ],
)
def test_wrong_options_are_explained(arguments: list[str], says: str) -> None:
    result = CliRunner().invoke(command, arguments)
    assert result.exit_code == 2
    assert says in result.output


def test_a_taken_port_is_explained(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        result = CliRunner().invoke(command, ["--port", port, "--data", str(tmp_path)])
    assert isinstance(result.exception, UsageError)
    assert f"127.0.0.1:{port}" in result.exception.message


def test_a_newer_store_is_not_touched(tmp_path: Path) -> None:
    Store(tmp_path).close()
    database = sqlite3.connect(tmp_path / FILE)
    database.execute("PRAGMA user_version = 99")
    database.close()
    with pytest.raises(StoreError, match="newer pinsync"):
        Store(tmp_path)


def test_many_writers_at_once(tmp_path: Path) -> None:
    with running(EmulatorSettings(tmp_path, limits=NO_LIMITS)) as origin, _client(origin) as client:
        board = client.post("/boards", json={"name": "a"}).json()["id"]

        def create(number: int) -> int:
            body = {"board_id": board, "title": str(number), "media_source": source()}
            same_name = client.post("/boards", json={"name": "b"}).status_code
            return same_name if client.post("/pins", json=body).status_code == 201 else 0

        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(create, range(40)))
        assert sorted(answers) == [201, *[400] * 39]
        assert client.get(f"/boards/{board}").json()["pin_count"] == 40


def test_ids_are_never_given_twice(tmp_path: Path) -> None:
    given = []
    for _ in range(3):
        with emulator(tmp_path) as client:
            board = client.board()
            given.append(board)
            client.delete(f"/boards/{board}")
    assert given == sorted(set(given), key=int)


def test_the_log_never_holds_the_token(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="pinsync")
    caplog.set_level(logging.DEBUG, logger="uvicorn")
    with running(EmulatorSettings(tmp_path)) as origin, httpx.Client(base_url=f"{origin}/v5") as client:
        for scheme in ("Bearer", "Basic"):
            client.get("/boards?access_token=hush-hush", headers={"authorization": f"{scheme} hush-hush"})
    told = [record.getMessage() for record in caplog.records if record.name == "pinsync.emulator"]
    assert told == ["GET /v5/boards 401 boards/list"] * 2
    assert "hush-hush" not in "".join(record.getMessage() for record in caplog.records if record.name != "httpx")


def test_two_emulators_side_by_side(tmp_path: Path) -> None:
    with running(EmulatorSettings(tmp_path / "a")) as one, running(EmulatorSettings(tmp_path / "b")) as two:
        assert one != two
        with _client(one) as client:
            client.post("/boards", json={"name": "a"})
        with _client(two) as client:
            assert client.get("/boards").json()["items"] == []
    for origin in (one, two):
        with _client(origin) as client, pytest.raises(httpx.ConnectError):
            client.get("/boards")

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from pinsync.emulator.faults import parse_fault
from pinsync.emulator.server import running
from pinsync.emulator.settings import EmulatorSettings
from tests.conformance.proxy import validating


def test_what_conforms_passes_and_what_does_not_is_told(tmp_path: Path) -> None:
    settings = EmulatorSettings(
        tmp_path,
        faults=(parse_fault("pins/list:html"), parse_fault("user_account/get:drop-after")),
    )
    told: list[str] = []
    with (
        running(settings) as upstream,
        validating(upstream, tell=told.append) as proxy,
        httpx.Client(base_url=f"{proxy.origin}/v5", headers={"authorization": "Bearer emulator"}) as client,
    ):
        board = client.post("/boards", json={"name": "Soups"})
        assert board.status_code == 201
        assert client.get("/boards", params={"page_size": 2}).json()["items"] == [board.json()]
        deleted = client.delete(f"/boards/{board.json()['id']}")
        assert (deleted.status_code, deleted.content) == (204, b"")
        assert httpx.get(proxy.origin).text.startswith("<!doctype html>")
        assert proxy.violations == []

        client.post("/boards", json={"name": "Soups", "colour": "red"})
        client.get("/pins")
        with pytest.raises(httpx.RemoteProtocolError):
            client.get("/user_account")
    assert [violation.split(":")[0] for violation in proxy.violations] == [
        "request POST /v5/boards",
        "answer GET /v5/pins 502",
    ]
    assert told == proxy.violations


def test_an_upstream_that_is_away(tmp_path: Path) -> None:
    with running(EmulatorSettings(tmp_path)) as upstream:
        pass
    with validating(upstream) as proxy:
        assert httpx.get(f"{proxy.origin}/v5/boards").status_code == 502

"""What every operation refuses, whatever it does."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pinsync.emulator import dispatch
from pinsync.emulator.operations import OPERATIONS
from pinsync.emulator.tokens import ACCOUNT, SCOPES, Identity
from tests.emulator.client import Client, emulator, refusal


class Scoped:
    """Any token opens the usual account, with the scopes that it names."""

    def identify(self, token: str) -> Identity | None:
        return replace(ACCOUNT, scopes=frozenset(token.split(",")))


@pytest.mark.parametrize(
    "header", [None, "", "emulator", "Bearer", "Bearer other", "Basic emulator", "Bearer ü".encode()]
)
def test_without_the_token_nothing_is_answered(tmp_path: Path, header: str | bytes | None) -> None:
    with emulator(tmp_path, token=None) as client:
        headers = {} if header is None else {"authorization": header}
        for operation in OPERATIONS:
            if operation.scopes:
                path = operation.path.replace("{", "").replace("}", "").replace("_id", "").replace("board", "boards", 0)
                path = "/".join(
                    "1" if part in ("board", "section", "pin", "media_id") else part for part in path.split("/")
                )
                path = path.replace("/media/media", "/media/1")
                answer = client.request(operation.method, path, headers=headers)
                assert refusal(answer) == (401, 2, "Authentication failed."), operation.id


def test_the_scheme_is_read_in_any_case(tmp_path: Path) -> None:
    with emulator(tmp_path, token=None) as client:
        client.checking = True
        assert client.get("/boards", headers={"authorization": "bearer emulator"}).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "missing"),
    [
        ("GET", "/user_account", "user_accounts:read"),
        ("GET", "/boards", "boards:read"),
        ("POST", "/boards", "boards:write"),
        ("GET", "/pins", "pins:read"),
        ("POST", "/pins", "pins:write"),
    ],
)
def test_a_missing_scope_is_named(tmp_path: Path, method: str, path: str, missing: str) -> None:
    with emulator(tmp_path, tokens=Scoped(), token=",".join(SCOPES.keys() - {missing})) as client:
        assert refusal(client.request(method, path)) == (403, 29, f"Your token lacks the scope {missing}.")


def test_secret_boards_need_their_own_scope(tmp_path: Path) -> None:
    with emulator(tmp_path) as client:
        public, secret = client.board("a"), client.board("b", privacy="SECRET")
        pin = client.pin(secret)
    with emulator(tmp_path, tokens=Scoped(), token="boards:read,pins:read") as client:
        assert [board["id"] for board in client.get("/boards").json()["items"]] == [public]
        assert client.get("/pins").json()["items"] == []
        assert refusal(client.get(f"/boards/{secret}"))[:2] == (404, 40)
        assert refusal(client.get(f"/pins/{pin}"))[:2] == (404, 50)


@pytest.mark.parametrize("path", ["/nothing", "/boards/1/nothing", "/ad_accounts", "/pins/1/2/3", "/boards/"])
def test_unknown_paths(client: Client, path: str) -> None:
    assert refusal(client.get(path))[0] == 404
    assert refusal(client.page(path))[0] == 404


@pytest.mark.parametrize(("method", "path"), [("PUT", "/pins"), ("DELETE", "/boards"), ("POST", "/user_account")])
def test_unknown_methods(client: Client, method: str, path: str) -> None:
    answer = client.request(method, path)
    assert refusal(answer)[0] == 405
    assert answer.headers["allow"]


@pytest.mark.parametrize(
    "content",
    [b"{", b"\xff\xfe\xfa", b'{"name": NaN}', b"[" * 100_000, b'{"name": "a"} b', b"name=a", b'"text"', b"[1]"],
)
def test_bodies_that_are_no_object_in_json(client: Client, content: bytes) -> None:
    answer = client.post("/boards", content=content, headers={"content-type": "application/json"})
    assert refusal(answer)[:2] == (400, 1)


def test_text_that_no_text_can_hold(client: Client) -> None:
    body = b'{"name": "a\\ud800\\u0000\\u0007b", "description": "\\udfff"}'
    board = client.post("/boards", content=body, headers={"content-type": "application/json"}).json()
    assert (board["name"], board["description"]) == ("ab", None)
    odd = b'{"name": "c", "\\ud800": 1}'
    assert refusal(client.post("/boards", content=odd, headers={"content-type": "application/json"}))[0] == 400


def test_a_body_has_to_say_that_it_is_json(client: Client) -> None:
    assert refusal(client.post("/boards", content=b"{}", headers={"content-type": "text/plain"}))[0] == 415


def test_too_large_a_body_is_not_read(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatch, "LARGEST_BODY", 1000)
    assert refusal(client.post("/boards", json={"name": "x" * 1000}))[0] == 413
    announced = client.post("/boards", json={"name": "x"}, headers={"content-length": "1001"})
    assert refusal(announced)[0] == 413
    assert client.post("/boards", json={"name": "x" * 100}).status_code == 201


def test_there_are_no_ad_accounts(client: Client) -> None:
    assert refusal(client.get("/boards?ad_account_id=123")) == (404, 2, "AdAccount not found.")

from __future__ import annotations

import base64
import logging
import sqlite3
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from pinsync.emulator.grants import CODE_LIFETIME
from pinsync.emulator.misbehaving import ConnectionDropped
from pinsync.emulator.registration import APP_ID, APP_SECRET
from pinsync.emulator.server import running
from pinsync.emulator.settings import EmulatorSettings
from pinsync.emulator.store import FILE
from pinsync.emulator.tokens import SCOPES
from tests.conformance.proxy import validating
from tests.emulator.client import Client, Clock, emulator, refusal
from tests.emulator.granting import APP, ASKED, REDIRECT, allowed, exchange, granted, sent_back, status

DAY = 86_400
INVALID_GRANT = (400, 283, "The authorization grant is invalid")


def _bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def test_a_code_becomes_tokens_with_the_scopes_that_were_allowed(tmp_path: Path) -> None:
    clock = Clock()
    with emulator(tmp_path, clock=clock) as client:
        tokens = granted(client, "pins:read,boards:read")
        access, refresh = tokens.pop("access_token"), tokens.pop("refresh_token")
        assert tokens == {
            "response_type": "authorization_code",
            "token_type": "bearer",
            "expires_in": 30 * DAY,
            "refresh_token_expires_in": 60 * DAY,
            "refresh_token_expires_at": int(clock.now) + 60 * DAY,
            "scope": "boards:read pins:read",
        }
        assert access.startswith("pina_")
        assert refresh.startswith("pinr_")
        assert status(client, access) == 200
        refused = client.post("/boards", json={"name": "a"}, headers=_bearer(access))
        assert refusal(refused) == (403, 29, "Your token lacks the scope boards:write.")
        for other in (refresh, access[:-1], access.removeprefix("pina_"), allowed(client)):
            assert status(client, other) == 401


def test_a_token_acts_for_the_account_of_the_everyday_token(client: Client) -> None:
    board = client.board()
    tokens = granted(client, ",".join(SCOPES))
    assert client.get(f"/boards/{board}", headers=_bearer(tokens["access_token"])).status_code == 200


def test_a_code_is_good_once_and_its_second_use_ends_what_came_of_it(client: Client) -> None:
    code = allowed(client)
    tokens = exchange(client, code=code, redirect_uri=REDIRECT).json()
    assert status(client, tokens["access_token"]) == 200
    assert refusal(exchange(client, code=code, redirect_uri=REDIRECT)) == INVALID_GRANT
    assert status(client, tokens["access_token"]) == 401
    assert refusal(exchange(client, refresh_token=tokens["refresh_token"])) == INVALID_GRANT


def test_a_code_is_good_for_its_address_only_and_not_for_long(tmp_path: Path) -> None:
    clock = Clock()
    with emulator(tmp_path, clock=clock) as client:
        early, late = allowed(client), allowed(client)
        assert refusal(exchange(client, code=early, redirect_uri="http://localhost:8085/other")) == INVALID_GRANT
        clock.now += CODE_LIFETIME - 1
        assert exchange(client, code=early, redirect_uri=REDIRECT).status_code == 200
        clock.now += 1
        assert refusal(exchange(client, code=late, redirect_uri=REDIRECT)) == INVALID_GRANT


def test_refresh_tokens_rotate_and_an_old_one_ends_the_chain(client: Client) -> None:
    first, other = granted(client), granted(client)
    answer = exchange(client, refresh_token=first["refresh_token"], continuous_refresh="true")
    second = answer.json()
    assert second["response_type"] == "refresh_token"
    assert set(second) == set(first)
    assert second["refresh_token"] != first["refresh_token"]
    third = exchange(client, refresh_token=second["refresh_token"]).json()
    alive = [tokens["access_token"] for tokens in (first, second, third)]
    assert [status(client, token) for token in alive] == [200, 200, 200]
    assert refusal(exchange(client, refresh_token=first["refresh_token"])) == INVALID_GRANT
    assert [status(client, token) for token in alive] == [401, 401, 401]
    assert refusal(exchange(client, refresh_token=third["refresh_token"])) == INVALID_GRANT
    assert status(client, other["access_token"]) == 200


def test_a_refresh_may_ask_for_less_but_not_for_more(client: Client) -> None:
    tokens = granted(client)
    refused = exchange(client, refresh_token=tokens["refresh_token"], scope="boards:read,boards:write")
    assert refusal(refused) == INVALID_GRANT
    less = exchange(client, refresh_token=tokens["refresh_token"], scope="boards:read").json()
    assert less["scope"] == "boards:read"
    assert exchange(client, refresh_token=less["refresh_token"]).json()["scope"] == "boards:read pins:read"


def test_lifetimes_can_be_set(tmp_path: Path) -> None:
    clock = Clock()
    with emulator(tmp_path, clock=clock, token_lifetime=2, refresh_token_lifetime=5) as client:
        tokens = granted(client)
        assert (tokens["expires_in"], tokens["refresh_token_expires_in"]) == (2, 5)
        clock.now += 1.5
        assert status(client, tokens["access_token"]) == 200
        clock.now += 0.5
        expired = client.get("/boards", headers=_bearer(tokens["access_token"]))
        assert refusal(expired) == (401, 2, "Authentication failed.")
        assert status(client, "emulator") == 200
        tokens = exchange(client, refresh_token=tokens["refresh_token"]).json()
        assert status(client, tokens["access_token"]) == 200
        clock.now += 5
        assert refusal(exchange(client, refresh_token=tokens["refresh_token"])) == INVALID_GRANT


def test_an_app_by_itself_gets_a_token_that_is_not_enough_for_everything(client: Client) -> None:
    answer = exchange(client, "client_credentials", scope=" ".join(SCOPES)).json()
    assert set(answer) == {"response_type", "access_token", "token_type", "expires_in", "scope"}
    client.headers.update(_bearer(answer["access_token"]))
    board = client.board()
    pin = client.pin(board)
    for method, path, body in (
        ("POST", f"/boards/{board}/sections", {"name": "a"}),
        ("POST", f"/pins/{pin}/save", {"board_id": board}),
        ("DELETE", f"/boards/{board}", None),
    ):
        refused = refusal(client.request(method, path, json=body))
        assert refused[:2] == (403, 29)
        assert "client_credentials" in refused[2]
    assert client.delete(f"/pins/{pin}").status_code == 204


def test_revoking(client: Client) -> None:
    tokens = granted(client)
    renewed = exchange(client, refresh_token=tokens["refresh_token"]).json()

    def revoke(token: str, **hint: str) -> httpx.Response:
        return client.post("/oauth/token/revoke", data={"token": token, **hint}, auth=APP)

    # A wrong hint is only a hint, and a code is no token.
    code = allowed(client)
    for token in (tokens["access_token"], "unknown", code):
        answer = revoke(token, token_type_hint="refresh_token")
        assert (answer.status_code, answer.content) == (200, b"")
    assert [status(client, each["access_token"]) for each in (tokens, renewed)] == [401, 200]
    assert exchange(client, code=code, redirect_uri=REDIRECT).status_code == 200
    assert revoke(renewed["refresh_token"]).status_code == 200
    assert status(client, renewed["access_token"]) == 401
    assert refusal(exchange(client, refresh_token=renewed["refresh_token"])) == INVALID_GRANT


@pytest.mark.parametrize("path", ["/oauth/token", "/oauth/token/revoke"])
@pytest.mark.parametrize(
    "header",
    [
        None,
        "Basic",
        "Basic !",
        "Bearer emulator",
        f"Basic {APP_ID}:{APP_SECRET}",
        *(
            f"Basic {base64.b64encode(pair.encode()).decode()}"
            for pair in (f"{APP_ID}:other", f"{APP_ID}", f"1:{APP_SECRET}", f"{APP_ID}:{APP_SECRET}:", ":", "ü:ü")
        ),
    ],
)
def test_only_the_app_gets_tokens(client: Client, path: str, header: str | None) -> None:
    client.headers.pop("authorization")
    data = {"grant_type": "client_credentials", "scope": "boards:read"}
    answer = client.post(path, data=data, headers={"authorization": header} if header else None)
    assert refusal(answer) == (401, 2, "Authentication failed.")
    assert answer.headers["www-authenticate"] == "Basic"


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ("", "'grant_type' has to be one of"),
        ("grant_type=password", "authorization_code, refresh_token, client_credentials"),
        ("grant_type=authorization_code&code=a", "'redirect_uri' is required"),
        ("grant_type=authorization_code&code=&redirect_uri=a", "'code' is required"),
        ("grant_type=authorization_code&code=a&redirect_uri=a&client_id=1", "no property 'client_id'"),
        ("grant_type=refresh_token", "'refresh_token' is required"),
        ("grant_type=refresh_token&refresh_token=a&continuous_refresh=maybe", "'continuous_refresh'"),
        ("grant_type=refresh_token&refresh_token=a&refresh_token=b", "twice"),
        ("grant_type=client_credentials", "'scope' is required"),
        ("grant_type=client_credentials&scope=boards:read,all", "no scope 'all'"),
        ("grant_type=client_credentials&scope=%2C", "'scope' is required"),
        ("grant_type=\xff", "not a valid form"),
        ("&".join(f"a{number}=" for number in range(200)), "not a valid form"),
    ],
)
def test_what_is_wrong_with_a_request_is_said(client: Client, form: str, says: str) -> None:
    headers = {"content-type": "application/x-www-form-urlencoded"}
    answer = client.post("/oauth/token", content=form.encode("latin-1"), headers=headers, auth=APP)
    assert refusal(answer)[:2] == (400, 1)
    assert says in answer.json()["message"]


def test_a_request_has_to_be_a_form(client: Client) -> None:
    for path in ("/oauth/token", "/oauth/token/revoke"):
        assert refusal(client.post(path, json={"token": "a"}, auth=APP))[0] == 415


def test_tokens_outlive_the_emulator_as_hashes_only(tmp_path: Path) -> None:
    with emulator(tmp_path) as client:
        tokens, code = granted(client), allowed(client)
    kept = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    for secret in (tokens["access_token"], tokens["refresh_token"], code):
        assert secret.encode() not in kept
    with emulator(tmp_path) as client:
        assert status(client, tokens["access_token"]) == 200
        assert exchange(client, refresh_token=tokens["refresh_token"]).status_code == 200
        assert exchange(client, code=code, redirect_uri=REDIRECT).status_code == 200


def test_data_of_an_older_format_goes_on(tmp_path: Path) -> None:
    with emulator(tmp_path) as client:
        board = client.board()
    database = sqlite3.connect(tmp_path / FILE)
    for statement in (
        "DROP TABLE tokens",
        "DROP TABLE media",
        "DROP TABLE storage",
        "ALTER TABLE pins DROP COLUMN media_id",
    ):
        database.execute(statement)
    database.execute("PRAGMA user_version = 1")
    database.close()
    with emulator(tmp_path) as client:
        assert [found["id"] for found in client.get("/boards").json()["items"]] == [board]
        assert status(client, granted(client)["access_token"]) == 200


@pytest.mark.parametrize(
    ("effect", "again"), [("drop-before", 200), ("drop-after", 400), ("500-before", 200), ("500-after", 400)]
)
def test_a_lost_answer_may_have_used_the_grant_up(tmp_path: Path, effect: str, again: int) -> None:
    with emulator(tmp_path, f"oauth/token:{effect}:nth=2") as client:
        refresh = granted(client)["refresh_token"]
        with suppress(ConnectionDropped):
            assert exchange(client, refresh_token=refresh).status_code == 500
        assert exchange(client, refresh_token=refresh).status_code == again


@pytest.mark.parametrize(
    ("lacking", "status", "method", "path", "body"),
    [
        ("boards:write_secret", 403, "POST", "/boards", {"name": "b", "privacy": "SECRET"}),
        ("boards:write_secret", 403, "PATCH", "/boards/{public}", {"privacy": "SECRET"}),
        ("boards:write_secret", 403, "PATCH", "/boards/{secret}", {"name": "b"}),
        ("boards:write_secret", 403, "POST", "/boards/{secret}/sections", {"name": "b"}),
        ("boards:write_secret", 403, "DELETE", "/boards/{secret}", None),
        ("pins:write_secret", 403, "POST", "/pins/{pin}/save", {"board_id": "{secret}"}),
        ("pins:write_secret", 403, "PATCH", "/pins/{hidden}", {"title": "b"}),
        ("pins:write_secret", 403, "PATCH", "/pins/{pin}", {"board_id": "{secret}"}),
        ("pins:write_secret", 403, "DELETE", "/pins/{hidden}", None),
        ("pins:read_secret", 403, "GET", "/boards/{secret}/pins", None),
        ("pins:read_secret", 404, "GET", "/pins/{hidden}", None),
        ("boards:read_secret", 404, "GET", "/boards/{secret}/sections", None),
        ("boards:read_secret", 404, "DELETE", "/boards/{secret}", None),
    ],
)
def test_what_is_secret_needs_the_secret_scopes(
    client: Client, lacking: str, status: int, method: str, path: str, body: dict[str, str] | None
) -> None:
    ids = {"public": client.board("public"), "secret": client.board("a secret", privacy="SECRET")}
    ids |= {"pin": client.pin(ids["public"]), "hidden": client.pin(ids["secret"])}
    filled = body and {name: value.format(**ids) for name, value in body.items()}
    path = path.format(**ids)

    def answer(scopes: list[str]) -> httpx.Response:
        token = granted(client, ",".join(scopes))["access_token"]
        return client.request(method, path, json=filled, headers=_bearer(token))

    refused = refusal(answer([scope for scope in SCOPES if scope != lacking]))
    assert refused[0] == status
    assert status == 404 or lacking in refused[2]
    assert answer(list(SCOPES)).is_success


def test_the_whole_way_conforms_and_leaves_no_secret_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="pinsync")
    caplog.set_level(logging.DEBUG, logger="uvicorn")
    with running(EmulatorSettings(tmp_path)) as origin, validating(origin) as proxy, httpx.Client() as client:
        client.base_url = httpx.URL(f"{proxy.origin}/v5")
        code = sent_back(client.post(f"{proxy.origin}/oauth/", data={**ASKED, "decision": "allow"}))["code"]
        tokens = exchange(client, code=code, redirect_uri=REDIRECT).json()
        renewed = exchange(client, refresh_token=tokens["refresh_token"], continuous_refresh="true").json()
        assert status(client, renewed["access_token"]) == 200
        client.post("/oauth/token/revoke", data={"token": renewed["access_token"]}, auth=APP)
        assert status(client, renewed["access_token"]) == 401
    assert proxy.violations == []
    told = "\n".join(record.getMessage() for record in caplog.records if not record.name.startswith("http"))
    assert "POST /v5/oauth/token 200 oauth/token" in told
    for secret in (code, APP_SECRET, *(each[name] for each in (tokens, renewed) for name in each if "_token" in name)):
        assert str(secret) not in told

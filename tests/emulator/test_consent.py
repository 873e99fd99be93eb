from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.emulator.client import Client, emulator
from tests.emulator.elements import Elements
from tests.emulator.granting import ASKED, REDIRECT, allowed, decide, exchange, granted, sent_back

EVIL = "\"><script>alert(1)</script>'&<img src=x>"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with emulator(tmp_path_factory.mktemp("consent")) as client:
        yield client


def _ask(client: Client, **fields: str) -> httpx.Response:
    return client.get("http://emulator/oauth/", params={**ASKED, **fields})


def test_the_page_says_what_is_asked_and_its_form_can_be_answered(client: Client) -> None:
    response = _ask(client, scope="pins:write boards:read")
    assert response.status_code == 200
    elements = Elements(response.text)
    assert "see its public boards" in response.text
    assert "pins:write" in response.text
    assert "pins:read" not in response.text
    assert elements.all("button", "value") == ["allow", "deny"]
    assert (elements.all("form", "method"), elements.all("form", "action")) == (["post"], ["/oauth/"])
    # Browsers hold the redirect after a form to this as well.
    assert "form-action 'self' http: https:;" in response.headers["content-security-policy"]
    assert "form-action 'none'" in client.page().headers["content-security-policy"]
    fields = dict(zip(elements.all("input", "name"), elements.all("input", "value"), strict=True))
    back = sent_back(client.post("http://emulator/oauth/", data={**fields, "decision": "allow"}))
    assert back["state"] == "a1"
    assert exchange(client, code=back["code"], redirect_uri=REDIRECT).json()["scope"] == "boards:read pins:write"


def test_a_person_may_say_no(client: Client) -> None:
    for decision in ("deny", "", "ALLOW"):
        assert sent_back(decide(client, decision)) == {"error": "access_denied", "state": "a1"}


@given(state=st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
@settings(max_examples=40)
def test_the_state_comes_back_whatever_it_is(client: Client, state: str) -> None:
    elements = Elements(_ask(client, state=state).text)
    assert elements.all("input", "value")[-1] == state
    assert sent_back(decide(client, "deny", state=state))["state"] == state


def test_without_a_state_none_comes_back(client: Client) -> None:
    asked = {name: value for name, value in ASKED.items() if name != "state"}
    back = sent_back(client.post("http://emulator/oauth", data={**asked, "decision": "allow"}))
    assert set(back) == {"code"}


@pytest.mark.parametrize(
    "address",
    [
        "http://localhost/",
        "http://localhost:1",
        "https://localhost:8443/a/b",
        "http://127.0.0.1:8085/callback?app=1&b=%20",
        "http://[::1]:8085/",
    ],
)
def test_any_port_and_path_of_this_machine_may_be_led_back_to(client: Client, address: str) -> None:
    response = decide(client, redirect_uri=address)
    location = response.headers["location"]
    assert location.startswith(f"{address}{'&' if '?' in address else '?'}code=")
    assert exchange(client, code=sent_back(response)["code"], redirect_uri=address).status_code == 200


@pytest.mark.parametrize(
    "fields",
    [
        {"client_id": "1"},
        {"client_id": EVIL},
        *(
            {"redirect_uri": address}
            for address in (
                "",
                EVIL,
                "https://example.com/",
                "http://localhost.example.com/",
                "http://localhost@example.com/",
                "http://localhost:80@example.com/",
                "http://example.com\\@localhost/",
                "http://localhost\\.example.com/",
                "http://localhost/\\example.com",
                "http://localhost:8085/a\r\nset-cookie: a=b",
                "http://localhost:8085/\n",
                "http://localhost:8085/#fragment",
                "http://localhost:8085/ü",
                "//localhost/",
                "javascript:alert(1)//localhost/",
            )
        ),
    ],
)
def test_unknown_apps_and_other_addresses_are_refused_without_leading_there(
    client: Client, fields: dict[str, str]
) -> None:
    for response in (_ask(client, **fields), decide(client, **fields)):
        assert response.status_code == 400
        assert "location" not in response.headers
        assert {"script", "img", "form"}.isdisjoint(element for element, _ in Elements(response.text).found)


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": EVIL}, "unsupported_response_type"),
        ({"scope": ""}, "invalid_scope"),
        ({"scope": "boards:read,everything"}, "invalid_scope"),
        ({"scope": EVIL}, "invalid_scope"),
    ],
)
def test_what_cannot_be_granted_is_told_to_the_app(client: Client, fields: dict[str, str], error: str) -> None:
    for response in (_ask(client, **fields), decide(client, **fields)):
        assert sent_back(response) == {"error": error, "state": "a1"}


def test_hostile_parameters_stay_text(client: Client) -> None:
    address = "http://localhost/\"><script>alert(1)</script>'"
    response = _ask(client, redirect_uri=address, state=EVIL, more=EVIL)
    elements = Elements(response.text)
    assert {"script", "img"}.isdisjoint(element for element, _ in elements.found)
    assert not [name for _, attributes in elements.found for name in attributes if name.startswith("on")]
    assert {address, EVIL} <= set(elements.all("input", "value"))
    assert "more" not in elements.all("input", "name")


def test_an_answer_that_is_no_form(client: Client) -> None:
    assert client.post("http://emulator/oauth/", json=ASKED).status_code == 415
    assert client.post("http://emulator/oauth/").status_code == 400


def test_no_page_shows_a_code_or_a_token(tmp_path: Path) -> None:
    with emulator(tmp_path) as client:
        secrets = [allowed(client), *(str(value) for name, value in granted(client).items() if name.endswith("_token"))]
        shown = client.page().text + _ask(client).text
        assert len(secrets) == 3
        assert not [secret for secret in secrets if secret in shown]

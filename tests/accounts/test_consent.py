"""The answer of a browser on the loopback interface, and the one that is pasted."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from pinsync.accounts.consent import Redirect, code_in, consent_url, new_state
from pinsync.errors import UsageError
from pinsync.pinterest.credentials import Access, Secret

STATE = "the-state-of-this-login"


@pytest.fixture
def redirect() -> Iterator[Redirect]:
    with Redirect(0, STATE) as redirect:
        yield redirect


def get(redirect: Redirect, path: str, method: str = "GET") -> httpx.Response:
    with httpx.Client(trust_env=False) as http:
        return http.request(method, f"http://127.0.0.1:{redirect.port}{path}")


def test_the_question_is_as_documented() -> None:
    url = consent_url(
        Access("production", "https://api.pinterest.com/v5", Secret("")), "1", 8085, ("a:b", "c:d"), STATE
    )
    parts = urlsplit(url)
    assert (parts.scheme, parts.netloc, parts.path) == ("https", "www.pinterest.com", "/oauth/")
    assert parse_qs(parts.query) == {
        "client_id": ["1"],
        "redirect_uri": ["http://localhost:8085/"],
        "response_type": ["code"],
        "scope": ["a:b,c:d"],
        "state": [STATE],
    }
    here = Access("emulator", "http://127.0.0.1:8321/v5", Secret(""))
    assert consent_url(here, "1", 8085, (), STATE).startswith("http://127.0.0.1:8321/oauth/?")
    assert len({new_state() for _ in range(3)} - {STATE}) == 3


def test_the_right_answer_gives_the_code_and_a_plain_page(redirect: Redirect) -> None:
    response = get(redirect, f"/?code=c0de&state={STATE}")
    assert response.status_code == 200
    assert "terminal" in response.text
    assert "c0de" not in response.text
    assert response.headers["cache-control"] == "no-store"
    assert redirect.wait(5) == Secret("c0de")


@pytest.mark.parametrize(
    "path",
    [
        "/", "/?code=evil", "/?code=evil&state=", "/?code=evil&state=wrong", f"/?state={STATE}", f"/x?code=evil&state={STATE}",
        f"/?code=evil&state={STATE}x", f"/?code=evil&state={STATE[:-1]}", f"/?code=evil&state=%00&x={STATE}",
        f"/?code=evil&state=%C3%A9{STATE}", "/?" + "a=b&" * 50 + f"code=evil&state={STATE}", "/favicon.ico",
    ],
)  # fmt: skip
def test_anything_else_is_turned_away_and_the_wait_goes_on(redirect: Redirect, path: str) -> None:
    assert get(redirect, path).status_code == 400
    get(redirect, f"/?code=right&state={STATE}")
    assert redirect.wait(5) == Secret("right")


@pytest.mark.parametrize("method", ["POST", "PUT", "HEAD", "OPTIONS"])
def test_only_get_is_answered(redirect: Redirect, method: str) -> None:
    assert get(redirect, f"/?code=evil&state={STATE}", method).status_code == 501
    with pytest.raises(UsageError, match="no answer came"):
        redirect.wait(0)


def test_a_connection_that_says_nothing_keeps_nobody_waiting(redirect: Redirect) -> None:
    with socket.create_connection(("127.0.0.1", redirect.port)):
        get(redirect, f"/?code=c0de&state={STATE}")
        assert redirect.wait(5) == Secret("c0de")


def test_who_declines_is_believed(redirect: Redirect) -> None:
    get(redirect, f"/?error=access_denied&state={STATE}")
    with pytest.raises(UsageError, match="no permission"):
        redirect.wait(5)


def test_a_port_that_somebody_has_is_not_shared(redirect: Redirect) -> None:
    with pytest.raises(UsageError, match="cannot be used") as caught:
        Redirect(redirect.port, STATE)
    assert "--port" in caught.value.advice
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with pytest.raises(OSError, match="in use"):
            other.bind(("127.0.0.1", redirect.port))


def test_nobody_listens_any_more_once_it_is_over() -> None:
    with Redirect(0, STATE) as redirect:
        port = redirect.port
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", port))


def test_a_pasted_address_has_to_belong_to_this_login() -> None:
    assert code_in(f" http://localhost:8085/?code=c0de&state={STATE}\n", STATE) == Secret("c0de")
    for pasted in (
        "",
        "c0de",
        STATE,
        "http://localhost:8085/?code=c0de",
        f"http://localhost:8085/?code=c0de&state={STATE}x",
    ):
        with pytest.raises(UsageError, match="not the address") as caught:
            code_in(pasted, STATE)
        assert "c0de" not in f"{caught.value}{caught.value.advice}"
    with pytest.raises(UsageError, match="no permission"):
        code_in(f"http://localhost:8085/?error=access_denied&state={STATE}", STATE)

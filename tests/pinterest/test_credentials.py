"""Where a token may be sent, and that it shows itself nowhere on the way."""

from __future__ import annotations

import asyncio
import copy
import dataclasses
import logging
import traceback
from collections.abc import Callable, Iterator, Mapping
from functools import partial

import httpx
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pinsync.errors import ApiError, UsageError
from pinsync.pinterest import operations
from pinsync.pinterest.client import Client
from pinsync.pinterest.credentials import BASE_URLS, TOKEN, URL, Access, Secret, resolve_access
from pinsync.pinterest.pacing import Pacer, Timing
from tests.pinterest.wire import GENEROUS, Clock, client_of, network
from tests.pinterest.wire import TOKEN as SECRET


def access_to(url: str) -> Access:
    return resolve_access("production", {TOKEN: SECRET, URL: url})


@pytest.mark.parametrize("environment", BASE_URLS)
def test_each_environment_has_its_address(environment: str) -> None:
    access = resolve_access(environment, {TOKEN: f"  {SECRET}\n"})
    assert (access.environment, access.base_url) == (environment, BASE_URLS[environment])
    assert access.token.reveal() == SECRET


def test_the_published_addresses_are_the_official_ones() -> None:
    assert BASE_URLS["production"] == "https://api.pinterest.com/v5"
    assert BASE_URLS["sandbox"] == "https://api-sandbox.pinterest.com/v5"


@pytest.mark.parametrize(
    ("url", "environment", "base"),
    [
        ("https://api.pinterest.com/v5", "production", "https://api.pinterest.com/v5"),
        ("https://api-sandbox.pinterest.com/v5/", "sandbox", "https://api-sandbox.pinterest.com/v5"),
        ("  https://API.pinterest.com/v5///  ", "production", "https://API.pinterest.com/v5"),
        ("http://127.0.0.1:8321/v5", "emulator", "http://127.0.0.1:8321/v5"),
        ("http://localhost/v5", "emulator", "http://localhost/v5"),
        ("http://LOCALHOST:9/v5", "emulator", "http://LOCALHOST:9/v5"),
        ("https://localhost:9/v5", "emulator", "https://localhost:9/v5"),
        ("http://[::1]:8321/v5/", "emulator", "http://[::1]:8321/v5"),
        ("https://proxy.example/v5", "proxy.example", "https://proxy.example/v5"),
        ("https://proxy.example:8443/v5", "proxy.example:8443", "https://proxy.example:8443/v5"),
        ("", "production", "https://api.pinterest.com/v5"),
        ("   ", "production", "https://api.pinterest.com/v5"),
    ],
)
def test_an_address_in_the_environment_wins(url: str, environment: str, base: str) -> None:
    access = access_to(url)
    assert (access.environment, access.base_url) == (environment, base)


@pytest.mark.parametrize(
    "url",
    [
        "http://api.pinterest.com/v5", "http://192.168.0.1/v5", "http://0.0.0.0/v5", "http://example.com",
        "http://localhost.evil.example/v5", "http://127.0.0.1.evil.example/v5", "http://[::2]/v5",
        "ftp://127.0.0.1/v5", "file:///etc/passwd", "//127.0.0.1/v5", "127.0.0.1:8321", "localhost", "api.pinterest.com",
        "https://", "https:///v5", "http://", "nonsense", "/v5", "https://[::1", "http://[::1/v5", "http://]/v5",
        "http://127.0.0.1:99999/v5", "http://127.0.0.1:x/v5", "http://127.0.0.1:-1/v5",
        "https://user:hunter2@api.pinterest.com/v5", "https://api.pinterest.com@evil.example/v5",
        "http://evil.example@127.0.0.1/v5", "http://127.0.0.1@evil.example/v5", "http://127.0.0.1\\@evil.example/v5",
        "http://127.0.0.1#@evil.example/v5", "http://127.0.0.1?@evil.example", "https://api.pinterest.com/v5?x=1",
        "https://api.pinterest.com/v5#x", "https://api.pinterest.com\n.evil.example/v5", "http://127.0.0.1\t.evil/v5",
        "https://api.pinterest.com /v5", "https://api.pínterest.com/v5", "https://api.pinterest.com/v5\x00",
        "javascript:alert(1)", "http:\\\\evil.example/v5", "https:/api.pinterest.com/v5",
    ],
)  # fmt: skip
def test_an_address_that_no_token_may_go_to_is_refused_with_advice(url: str) -> None:
    with pytest.raises(UsageError, match=URL) as caught:
        access_to(url)
    assert "https" in caught.value.advice
    assert "hunter2" not in caught.value.message


HOSTS = ["127.0.0.1", "localhost", "::1", "[::1]", "evil.example", "api.pinterest.com", "。", "é"]
MARKS = [
    "http",
    "https",
    ":",
    "/",
    "//",
    "\\",
    "@",
    "#",
    "?",
    "[",
    "]",
    ".",
    ";",
    "-",
    "_",
    " ",
    "\t",
    "\n",
    "%40",
    "%2f",
    "%00",
]
pieces = st.lists(st.sampled_from([*HOSTS, *MARKS, "8321", "99999", "0", "v5"]), max_size=9).map("".join)


@settings(deadline=None)
@given(st.one_of(pieces, pieces.map("http://{}".format), pieces.map("https://{}".format), st.text(max_size=40)))
@example("http://127.0.0.1:80/v5")
@example("https://a..b/v5")
@example("https://xn--/v5")
@example("https://00.0.0.0")
@example("https://1/v5")
def test_an_accepted_address_means_the_same_host_to_the_http_library(url: str) -> None:
    try:
        access = access_to(url)
    except UsageError:
        return
    parsed = httpx.URL(access.base_url)
    assert parsed.scheme == "https" or parsed.host in ("127.0.0.1", "localhost", "::1")
    assert not parsed.userinfo
    if access.environment in ("production", "sandbox"):
        assert parsed.host in ("api.pinterest.com", "api-sandbox.pinterest.com")


def test_a_missing_token_is_explained() -> None:
    for environ in ({}, {TOKEN: ""}, {TOKEN: " \n"}):
        with pytest.raises(UsageError, match=f"{TOKEN} is not set") as caught:
            resolve_access("sandbox", environ)
        assert "sandbox" in caught.value.advice
        assert TOKEN in caught.value.advice


def test_no_token_is_needed_offline_or_for_the_emulator() -> None:
    assert resolve_access("production", {}, need_token=False).token.reveal() == ""
    assert resolve_access("emulator", {}).token.reveal() == "emulator"
    assert resolve_access("production", {URL: "http://[::1]:1/v5"}).token.reveal() == "emulator"
    assert resolve_access("emulator", {TOKEN: "mine"}).token.reveal() == "mine"


@pytest.mark.parametrize("bad", [f"{SECRET} x", f"{SECRET}\nx", f"{SECRET}\t{SECRET}", f"{SECRET}\x00", f"{SECRET}é",
                                 f"{SECRET}\x7f", f"{SECRET}\u200b", f"{SECRET}\u00a0x", f"Bearer {SECRET}"])  # fmt: skip
def test_what_cannot_be_a_token_is_refused_without_being_shown(bad: str) -> None:
    error = _error(partial(resolve_access, "production", Hidden({TOKEN: bad})))
    assert isinstance(error, UsageError)
    assert error.advice
    _assert_hidden(error)


class Hidden(Mapping[str, str]):
    """An environment that does not print itself, so that a test sees what others print."""

    def __init__(self, values: dict[str, str]) -> None:
        self._values = values

    def __getitem__(self, name: str) -> str:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return "Hidden"


def _error(act: Callable[[], object]) -> Exception:
    with pytest.raises(Exception) as caught:  # noqa: PT011 - any at all, to look at what it shows
        act()
    return caught.value


def _assert_hidden(error: BaseException) -> None:
    """Neither the error nor anything that led to it, with the variables of every frame, has the token."""
    shown = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
    assert SECRET not in shown
    seen: BaseException | None = error
    while seen is not None:
        for text in (str(seen), repr(seen), repr(seen.args), repr(vars(seen))):
            assert SECRET not in text
        # Reports of crashes follow the context even where Python's own does not print it.
        trace = traceback.TracebackException(type(seen), seen, seen.__traceback__, capture_locals=True)
        assert SECRET not in "".join(trace.format(chain=False))
        seen = seen.__cause__ or seen.__context__


def test_the_token_is_in_no_printed_form_of_what_holds_it() -> None:
    access = resolve_access("production", {TOKEN: SECRET})
    client = Client(access, Pacer(GENEROUS, Timing()))
    call = operations.create_pin({"media_source": {"source_type": "image_url"}, "title": SECRET})
    holders = [access, access.token, client, call, copy.copy(access), [access], {"access": access}]
    for holder in holders:
        for shown in (str(holder), repr(holder), f"{holder}", f"{holder!r:>9}", ascii(holder)):
            assert SECRET not in shown
    assert [field.repr for field in dataclasses.fields(Secret)] == [False]


def test_a_secret_is_equal_to_itself_and_can_be_taken_out_of_a_text() -> None:
    assert Secret("a") == Secret("a") != Secret("b")
    assert Secret("abc").hide("1 abc 2 abc") == "1 … 2 …"
    assert Secret("").hide("abc") == "abc"


FAILURES: dict[str, object] = {
    "connect": httpx.ConnectError(f"no route for {SECRET}"),
    "lost": httpx.ReadTimeout(f"late: {SECRET}"),
    "illegal header": httpx.LocalProtocolError(f"Illegal header value b'Bearer {SECRET}'"),
    "401": httpx.Response(401, json={"code": 2, "message": f"{SECRET} is not valid"}),
    "403": httpx.Response(403, json={"code": 29, "message": f"{SECRET} may not"}),
    "429": httpx.Response(429, json={"code": 8, "message": f"{SECRET} is too fast"}),
    "500": httpx.Response(500, json={"code": 8, "message": f"{SECRET} broke it"}),
    "not JSON": httpx.Response(200, text=f"<html>{SECRET}</html>"),
    "of another shape": httpx.Response(200, json=[1]),
}


@pytest.mark.parametrize("call", [operations.get_pin("1"), operations.create_section("1", "A")], ids=["GET", "POST"])
@pytest.mark.parametrize("failure", FAILURES)
def test_no_error_and_no_log_record_shows_the_token(
    failure: str, call: operations.Call[object], caplog: pytest.LogCaptureFixture
) -> None:
    def act(request: httpx.Request) -> httpx.Response:
        effect = FAILURES[failure]
        if isinstance(effect, httpx.Response):
            return httpx.Response(effect.status_code, content=effect.content)
        raise effect  # type: ignore[misc]

    api = network()
    api.route().mock(side_effect=act)

    async def run() -> None:
        async with client_of(Clock(), api=api) as client:
            await client.send(call)

    with caplog.at_level(logging.DEBUG, logger="pinsync"):
        error = _error(lambda: asyncio.run(run()))
    assert isinstance(error, ApiError)
    _assert_hidden(error)
    for record in caplog.records:
        if record.name.startswith("pinsync"):
            assert SECRET not in f"{record.getMessage()}{record.args!r}{vars(record)!r}"


def test_a_connection_that_breaks_while_the_request_is_written_shows_no_token(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The frames of the HTTP library then hold the bytes of the request, and with them the token."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.transport.abort()

    async def run() -> None:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with server, client_of(Clock(), base=f"http://127.0.0.1:{port}/v5") as client:
            await client.send(operations.create_board({"name": "x", "description": "y" * 3_000_000}))

    with caplog.at_level(logging.DEBUG, logger="pinsync"):
        error = _error(lambda: asyncio.run(run()))
    assert type(error).__name__ == "InDoubt"
    _assert_hidden(error)
    assert SECRET not in caplog.text


def test_people_are_shown_the_pin_where_it_is() -> None:
    assert resolve_access("production", {TOKEN: "x"}).pin_url("5") == "https://www.pinterest.com/pin/5/"
    assert resolve_access("sandbox", {TOKEN: "x"}).pin_url("5") == "https://www.pinterest.com/pin/5/"
    assert resolve_access("emulator", {}).pin_url("5") == "http://127.0.0.1:8321/#pin-5"

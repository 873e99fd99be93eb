"""What a failure means, whether the call is sent again, and how long that waits."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx
import pytest

from pinsync.errors import ApiError, CredentialsRefused, InDoubt, NotDone, NotPermitted, QuotaSpent, Refused
from pinsync.pinterest import operations
from pinsync.pinterest.client import ATTEMPTS
from pinsync.pinterest.operations import Call
from tests.pinterest.wire import GENEROUS, TOKEN, Clock, Effect, client_of, network, ok, refusal, send

READ = operations.get_pin("1")
CHANGE = operations.update_pin("1", {"title": "Soup"})
MAKE = operations.create_pin({"board_id": "1", "media_source": {"source_type": "image_base64"}})
FETCH = operations.create_pin({"board_id": "1", "media_source": {"source_type": "image_url"}})
SECTION = operations.create_section("1", "Autumn")
REPEATABLE = pytest.mark.parametrize("call", [READ, CHANGE], ids=["GET", "PATCH"])
ANY = pytest.mark.parametrize("call", [READ, CHANGE, MAKE], ids=["GET", "PATCH", "POST"])

NEVER_SENT = [httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError]
LOST = [
    httpx.ReadTimeout, httpx.WriteTimeout, httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError,
    httpx.CloseError, httpx.LocalProtocolError, httpx.DecodingError,
]  # fmt: skip
UNUSABLE = {
    "truncated": b'{"id": "1", "title": "So',
    "empty": b"",
    "a page": b"<html><body>Bad gateway</body></html>",
    "not text": b'{"id": "\xff\xfe\xfa"}',
    "nothing but noise": bytes(range(256)),
    "a list": b'[{"id": "1"}]',
    "a text": b'"1"',
    "a number": b"1",
    "null": b"null",
    "nested without end": b"[" * 100_000,
    "a number without end": b'{"id": ' + b"9" * 10_000 + b"}",
    "an object without an id": b"{}",
    "an id that is null": b'{"id": null}',
    "an id that is empty": b'{"id": ""}',
    "an id that is an object": b'{"id": {"a": 1}}',
    "an error": b'{"code": 1, "message": "No."}',
}


@ANY
@pytest.mark.parametrize("failure", NEVER_SENT)
def test_what_never_left_is_sent_again(call: Call[Any], failure: type[Exception]) -> None:
    assert send(call, failure, failure, ok()).answer["id"] == "1"
    gave_up = send(call, failure)
    assert (gave_up.kind, gave_up.times) == ("NotDone", ATTEMPTS)
    assert "could not be reached" in str(gave_up.error)


@REPEATABLE
@pytest.mark.parametrize("failure", LOST)
def test_a_lost_answer_to_a_repeatable_call_is_no_doubt(call: Call[Any], failure: type[Exception]) -> None:
    assert send(call, failure, failure, ok()).answer["id"] == "1"
    gave_up = send(call, failure)
    assert (gave_up.kind, gave_up.times) == ("NotDone", ATTEMPTS)


@pytest.mark.parametrize("call", [MAKE, FETCH, SECTION], ids=["pin", "pin from an address", "section"])
@pytest.mark.parametrize("failure", LOST)
def test_a_creation_whose_answer_was_lost_is_in_doubt_and_not_sent_again(
    call: Call[Any], failure: type[Exception]
) -> None:
    sent = send(call, failure)
    assert (sent.kind, sent.times, sent.waits) == ("InDoubt", 1, [])
    assert sent.error is not None
    assert sent.error.operation == call.operation
    assert failure.__name__ in str(sent.error)


def test_a_creation_that_is_lost_on_its_second_way_is_in_doubt_too() -> None:
    sent = send(MAKE, httpx.ConnectError, refusal(429), httpx.ReadTimeout, ok())
    assert (sent.kind, sent.times) == ("InDoubt", 3)


@REPEATABLE
@pytest.mark.parametrize("status", [500, 502, 503, 504, 520, 599, 408])
def test_a_server_error_is_tried_again_where_repeating_is_safe(call: Call[Any], status: int) -> None:
    assert send(call, refusal(status), httpx.Response(status, html="<h1>Oops</h1>"), ok()).answer["id"] == "1"
    assert send(call, refusal(status)).kind == "NotDone"


@pytest.mark.parametrize("status", [500, 502, 503, 504, 520, 599, 408])
@pytest.mark.parametrize("call", [MAKE, FETCH, SECTION], ids=["pin", "pin from an address", "section"])
def test_a_server_error_on_a_creation_is_in_doubt(call: Call[Any], status: int) -> None:
    for answer in (refusal(status, 12, "Sorry! Something went wrong on our end."), httpx.Response(status)):
        sent = send(call, answer, ok())
        assert (sent.kind, sent.times) == ("InDoubt", 1)
        assert sent.error is not None
        assert sent.error.status == status
        assert f"HTTP {status}" in str(sent.error)


@pytest.mark.parametrize("body", UNUSABLE.values(), ids=UNUSABLE.keys())
def test_an_unusable_answer_is_in_doubt_for_a_creation_and_else_asked_for_again(body: bytes) -> None:
    broken = httpx.Response(200, content=body)
    assert send(READ, broken, ok()).answer["id"] == "1"
    assert send(CHANGE, broken, ok()).answer["id"] == "1"
    assert send(READ, broken).kind == "NotDone"
    for call in (MAKE, operations.create_board({"name": "Soups"}), SECTION):
        made = send(call, httpx.Response(201, content=body), ok())
        assert (made.kind, made.times) == ("InDoubt", 1)
        assert call.operation in str(made.error)


def test_an_answer_without_content_where_one_is_described_is_unusable() -> None:
    assert send(MAKE, httpx.Response(204)).kind == "InDoubt"
    assert send(READ, httpx.Response(204), ok()).answer["id"] == "1"


def test_a_deletion_has_no_content_to_answer() -> None:
    sent = send(Call("pins/delete", "DELETE", "/pins/1", "org_write"), httpx.Response(204))
    assert (sent.answer, sent.error, sent.times) == (None, None, 1)


@pytest.mark.parametrize("call", [operations.create_board({"name": "Soups"}), SECTION], ids=["board", "section"])
def test_a_board_or_section_without_a_name_is_unusable(call: Call[Any]) -> None:
    assert send(call, httpx.Response(201, json={"id": "1"})).kind == "InDoubt"


def test_a_body_that_cannot_be_decompressed_is_a_lost_answer() -> None:
    def broken(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers={"content-encoding": "gzip"}, stream=httpx.ByteStream(b"not gzip at all"))

    assert send(MAKE, broken).kind == "InDoubt"
    assert send(READ, broken, ok()).answer["id"] == "1"


@ANY
@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, 1, Refused), (401, 2, CredentialsRefused), (401, 7, NotPermitted), (403, 29, NotPermitted), (403, 7, NotPermitted),
        (404, 50, Refused), (405, 1, Refused), (410, 1, Refused), (413, 1, Refused), (422, 1, Refused),
        (451, 1, Refused), (301, 1, Refused), (304, 1, Refused),
    ],
)  # fmt: skip
def test_a_refusal_is_final(call: Call[Any], status: int, code: int, kind: type[ApiError]) -> None:
    sent = send(call, refusal(status, code, "It is so."), ok())
    assert (sent.kind, sent.times, sent.waits) == (kind.__name__, 1, [])
    error = sent.error
    assert error is not None
    assert (error.status, error.code, error.operation) == (status, code, call.operation)
    assert "It is so." in error.message
    assert f"HTTP {status}, code {code}" in error.message


@pytest.mark.parametrize(
    ("call", "status", "code", "words"),
    [
        (READ, 401, 2, "PINTEREST_ACCESS_TOKEN"),
        (CHANGE, 403, 29, "beta"),
        (CHANGE, 403, 7, "beta"),
        (MAKE, 403, 29, "environment: sandbox"),
        (operations.save_pin("1", {}), 403, 29, "environment: sandbox"),
        (SECTION, 403, 29, "scopes"),
        (READ, 403, 7, "scopes"),
        (MAKE, 404, 40, "board is not there any more"),
        (READ, 404, 50, "pin is not there any more"),
        (MAKE, 404, 2031, "section is not there any more"),
        (MAKE, 400, 1, "what Pinterest names"),
    ],
)
def test_the_advice_fits_the_refusal(call: Call[Any], status: int, code: int, words: str) -> None:
    error = send(call, refusal(status, code)).error
    assert error is not None
    assert words in error.advice


@pytest.mark.parametrize(
    "body",
    [
        b"", b"<html>", b"null", b"[]", b'"text"', b"{}", b'{"code": "x", "message": "y"}', b'{"message": "y"}',
        b'{"code": null, "message": "y"}', b'{"code": 1e999, "message": "y"}', b'{"code": NaN, "message": "y"}',
        b'{"code": [], "message": "y"}', b"\xff\xfe", b"[" * 100_000, b'{"code": ' + b"1" * 9_000 + b', "message": ""}',
    ],
)  # fmt: skip
def test_a_refusal_that_does_not_explain_itself_is_one_all_the_same(body: bytes) -> None:
    sent = send(MAKE, httpx.Response(400, content=body))
    assert (sent.kind, sent.times) == ("Refused", 1)
    assert sent.error is not None
    assert (sent.error.status, sent.error.code) == (400, None)
    assert "HTTP 400" in str(sent.error)


def test_a_very_long_explanation_is_cut() -> None:
    error = send(MAKE, refusal(400, 1, "x" * 1_000_000)).error
    assert error is not None
    assert len(error.message) < 600


@ANY
def test_a_locked_board_is_tried_again(call: Call[Any]) -> None:
    assert send(call, refusal(409, 1, "Board is locked."), ok()).times == 2
    gave_up = send(call, refusal(409, 1, "Board is locked."))
    assert (gave_up.kind, gave_up.times) == ("NotDone", ATTEMPTS)


def test_a_picture_that_pinterest_could_not_fetch_is_tried_again_and_nothing_else_is() -> None:
    failed = refusal(400, 1, "Sorry we could not fetch the image.")
    assert send(FETCH, failed, ok()).answer["id"] == "1"
    assert send(FETCH, failed).kind == "NotDone"
    assert send(MAKE, failed, ok()).kind == "Refused", "nothing was to be fetched"
    assert send(FETCH, refusal(400, 1, "Invalid link."), ok()).kind == "Refused"
    assert send(FETCH, refusal(400, 2, "Sorry we could not fetch the image."), ok()).kind == "Refused"


def test_a_server_error_that_speaks_of_fetching_is_in_doubt_all_the_same() -> None:
    sent = send(FETCH, refusal(500, 1, "Sorry we could not fetch the image."), ok())
    assert (sent.kind, sent.times) == ("InDoubt", 1)


def test_pauses_grow_and_are_bounded() -> None:
    waits = send(READ, httpx.ConnectError).waits
    assert waits == [0.5, 1.0, 2.0, 4.0]


@ANY
@pytest.mark.parametrize("header", ["retry_after", "x_ratelimit_reset"])
def test_a_rate_limit_is_waited_for_as_long_as_the_server_asks(call: Call[Any], header: str) -> None:
    sent = send(call, refusal(429, 8, "Too many.", **{header: "30"}), ok())
    assert sent.answer["id"] == "1"
    assert sum(sent.waits) == 30.0


def test_retry_after_comes_before_the_reset_of_the_limit() -> None:
    assert sum(send(READ, refusal(429, retry_after="7", x_ratelimit_reset="30"), ok()).waits) == 7.0


def test_retry_after_may_be_a_date() -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=300), usegmt=True)
    assert 290 < sum(send(READ, refusal(429, retry_after=date), ok()).waits) <= 300
    past = format_datetime(datetime.now(UTC) - timedelta(days=9), usegmt=True)
    assert sum(send(READ, refusal(429, retry_after=past), ok()).waits) == 0.5


HOSTILE = [
    "", " ", "-1", "-1e308", "nan", "NaN", "-inf", "garbage", "1,2", "0x10", "١٢", "Mon", "Mon, 99 Foo 9999 99:99:99",
    "Mon, 01 Jan 99999999999999999999 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 -2359", "x" * 100_000,
    "Mon, 01 Jan 0001 00:00:00 +2359", "Mon, 01 Jan 2026 00:00:00 +99999999999999999999", "0", "0.0", "1e-300",
]  # fmt: skip


@pytest.mark.parametrize("header", ["retry_after", "x_ratelimit_reset"])
@pytest.mark.parametrize("value", HOSTILE)
def test_a_nonsensical_wait_is_neither_an_error_nor_without_end(header: str, value: str) -> None:
    raw = [(header.replace("_", "-").encode(), value.encode())]

    def limited(request: httpx.Request) -> httpx.Response:
        return httpx.Response(429, headers=raw, json={"code": 8, "message": "Too many."})

    sent = send(READ, limited)
    assert sent.kind in ("NotDone", "QuotaSpent")
    assert sent.times <= ATTEMPTS
    again = send(READ, limited, ok())
    assert again.answer == {"id": "1", "name": "Soups"} or again.kind == "QuotaSpent"
    assert sum(again.waits) <= 900


@pytest.mark.parametrize("value", ["86400", "1e9", "1e400", "inf", "9" * 5_000])
def test_a_wait_beyond_patience_ends_with_words_instead_of_sleeping(value: str) -> None:
    sent = send(MAKE, refusal(429, 8, "Daily limit.", retry_after=value), ok())
    assert (sent.kind, sent.times, sum(sent.waits)) == ("QuotaSpent", 1, 0)
    assert sent.error is not None
    assert "24 hours" in str(sent.error)
    assert sent.error.advice


def test_a_rate_limit_without_any_header_is_tried_again_with_growing_pauses() -> None:
    sent = send(MAKE, refusal(429, 8, "Too many."))
    assert (sent.kind, sent.times, sent.waits) == ("NotDone", ATTEMPTS, [0.5, 1.0, 2.0, 4.0])
    assert isinstance(sent.error, NotDone)
    assert sent.error.status == 429


def test_not_done_at_last_says_how_long_the_server_wants_to_be_left_alone() -> None:
    error = send(READ, refusal(429, retry_after="9")).error
    assert isinstance(error, NotDone)
    assert error.wait == 9.0


def test_the_last_call_of_a_window_closes_the_gate_before_a_refusal() -> None:
    clock = Clock()

    spent = httpx.Response(200, json={"id": "1"}, headers={"x-ratelimit-remaining": "0", "x-ratelimit-reset": "12"})
    api = network()
    api.get("/pins/1").mock(return_value=spent)
    api.post("/pins").mock(return_value=ok())

    async def run() -> None:
        async with client_of(clock, api=api) as client:
            await client.send(READ)
            await client.send(MAKE)
            assert clock.moment == 1_000.0, "only reads are at an end"
            await client.send(READ)

    asyncio.run(run())
    assert clock.moment == 1_012.0


@ANY
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed_and_the_token_goes_nowhere_else(call: Call[Any], status: int) -> None:
    targets = ["https://evil.example/", "http://api-sandbox.pinterest.com/v5/pins/1", "//evil.example/v5", "/v5/pins/2"]
    for target in targets:
        sent = send(call, httpx.Response(status, headers={"location": target}))
        assert (sent.kind, sent.times) == ("Refused", 1)
        assert {request.url.host for request in sent.requests} == {"api-sandbox.pinterest.com"}


def test_a_certificate_that_cannot_be_verified_is_final_and_explained() -> None:
    reason = "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate (_ssl.c:1006)"
    sent = send(MAKE, httpx.ConnectError(reason))
    assert (sent.kind, sent.times) == ("Refused", 1)
    assert sent.error is not None
    assert "self-signed certificate" in sent.error.message
    assert "TLS" in sent.error.advice


def test_calls_that_left_are_counted_by_category() -> None:
    api = network()
    api.route().mock(side_effect=[ok(), httpx.ConnectError, ok(), ok()])

    async def run() -> dict[str, int]:
        async with client_of(Clock(), api=api) as client:
            await client.send(READ)
            await client.send(CHANGE)
            await client.send(READ)
            return dict(client.sent)

    assert asyncio.run(run()) == {"org_read": 2, "org_write": 2}


def test_a_quota_that_is_spent_sends_nothing() -> None:
    api = network()
    route = api.post("/pins").mock(return_value=ok())

    async def run() -> int:
        async with client_of(Clock(), {**GENEROUS, "org_write": ((1, 86_400.0),)}, api=api) as client:
            await client.send(MAKE)
            with pytest.raises(QuotaSpent, match=r"org_write leaves no call for 24 hours"):
                await client.send(MAKE)
            return client.sent["org_write"]

    assert asyncio.run(run()) == 1
    assert route.call_count == 1


def test_an_interrupted_call_is_not_sent_again() -> None:
    arrived = 0

    async def run() -> None:
        started = asyncio.Event()

        async def hang(request: httpx.Request) -> httpx.Response:
            nonlocal arrived
            arrived += 1
            started.set()
            await asyncio.Event().wait()
            raise AssertionError

        api = network()
        api.post("/pins").mock(side_effect=hang)
        async with client_of(Clock(), api=api) as client:
            task = asyncio.create_task(client.send(MAKE))
            await started.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    asyncio.run(run())
    assert arrived == 1


Behaviour = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def _drop(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")


async def _cut_the_head(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 201 Cre")


async def _cut_the_body(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b'HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{"id": "1"')


async def _babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"\x00\x01\x02 this is no web server\r\n\r\n")


def over_a_socket(call: Call[Any], behave: Behaviour) -> tuple[ApiError, int]:
    """How a call ends against a server on this machine that behaves like this, and how often it was asked."""
    asked = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        asked += 1
        try:
            await behave(reader, writer)
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def run() -> ApiError:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with server, client_of(Clock(), base=f"http://127.0.0.1:{port}/v5") as client:
            with pytest.raises(ApiError) as caught:
                await client.send(call)
        return caught.value

    return asyncio.run(run()), asked


@pytest.mark.parametrize("behave", [_drop, _cut_the_head, _cut_the_body, _babble])
def test_a_connection_that_really_breaks_is_in_doubt_for_a_creation_and_repeated_for_a_read(behave: Behaviour) -> None:
    error, asked = over_a_socket(MAKE, behave)
    assert (type(error), asked) == (InDoubt, 1)
    error, asked = over_a_socket(READ, behave)
    assert (type(error), asked) == (NotDone, ATTEMPTS)


def test_a_port_where_nobody_listens_is_surely_not_done() -> None:
    async def run() -> None:
        server = await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        server.close()
        await server.wait_closed()
        async with client_of(Clock(), base=f"http://127.0.0.1:{port}/v5") as client:
            with pytest.raises(NotDone, match="could not be reached"):
                await client.send(MAKE)

    asyncio.run(run())


def test_many_calls_at_once_each_get_their_own_answer() -> None:
    def echo(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"id": request.url.path.rpartition("/")[2]})

    api = network()
    api.route().mock(side_effect=echo)

    async def run() -> list[str]:
        async with client_of(Clock(), api=api) as client:
            answers = await asyncio.gather(*(client.send(operations.get_pin(str(n))) for n in range(200)))
            return [answer["id"] for answer in answers]

    assert asyncio.run(run()) == [str(number) for number in range(200)]


def test_the_server_that_repeats_the_token_does_not_get_it_into_a_message() -> None:
    effects: list[Effect] = [
        refusal(401, 2, f"Bearer {TOKEN} is not valid"),
        refusal(400, 1, "x" * 490 + TOKEN),
        httpx.ConnectError(f"proxy said: {TOKEN}"),
    ]
    for effect in effects:
        error = send(MAKE, effect).error
        assert error is not None
        assert TOKEN not in json.dumps([str(error), repr(error), error.advice])
        assert "pina_" not in str(error)

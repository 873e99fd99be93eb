"""Every operation sends what the official description allows, and reads what it promises."""

from __future__ import annotations

import asyncio
import json
from datetime import date
from typing import Any

import httpx
import pytest

from pinsync.pinterest import operations
from pinsync.pinterest.operations import Call
from tests.conformance.description import Description
from tests.pinterest.wire import TOKEN, Clock, client_of, network, ok, send

BOARD, SECTION, PIN = "549755885175", "7681735813", "813744226420795884"
PICTURE = {"source_type": "image_base64", "content_type": "image/jpeg", "data": "/9j/4AAQSkZJRgABAQAA"}
PERIOD = (date(2026, 10, 1), date(2026, 10, 30))
PIN_BODIES: dict[str, dict[str, Any]] = {
    "file": {"media_source": PICTURE},
    "everything": {
        "board_section_id": SECTION, "title": "Soup", "description": "One pot.", "alt_text": "A bowl",
        "link": "https://example.com/soup", "media_source": PICTURE,
    },
    "address": {"media_source": {"source_type": "image_url", "url": "https://example.com/1.jpg"}},
    "carousel of files": {
        "media_source": {
            "source_type": "multiple_image_base64",
            "items": [
                {"content_type": "image/png", "data": "iVBORw0KGgo=", "title": "One"},
                {"content_type": "image/jpeg", "data": "/9j/4AAQ", "link": "https://example.com/2"},
            ],
        }
    },
    "carousel of addresses": {
        "media_source": {
            "source_type": "multiple_image_urls",
            "items": [{"url": "https://example.com/1.jpg"}, {"url": "https://example.com/2.jpg", "description": "Two"}],
        }
    },
}  # fmt: skip

CALLS: dict[str, Call[Any]] = {
    "user_account/get": operations.get_account(),
    "boards/list": operations.list_boards(),
    "boards/get": operations.get_board(BOARD),
    "boards/create": operations.create_board({"name": "Soups", "description": "Quick ones.", "privacy": "SECRET"}),
    "boards/update": operations.update_board(BOARD, {"name": "Stews", "description": "Slow.", "privacy": "PUBLIC"}),
    "boards/list_pins": operations.list_board_pins(BOARD),
    "board_sections/list": operations.list_sections(BOARD),
    "board_sections/create": operations.create_section(BOARD, "Autumn"),
    "board_sections/update": operations.update_section(BOARD, SECTION, "Winter"),
    "pins/get": operations.get_pin(PIN),
    "pins/analytics": operations.pin_analytics(PIN, *PERIOD, ["IMPRESSION", "VIDEO_START"]),
    "multi_pins/analytics": operations.pins_analytics([PIN, "1"], *PERIOD, ["SAVE"]),
    "pins/save": operations.save_pin(PIN, {"board_id": BOARD, "board_section_id": SECTION}),
    "pins/update": operations.update_pin(
        PIN,
        {
            "title": None, "description": "New.", "alt_text": None, "link": None, "board_id": BOARD,
            "board_section_id": None, "carousel_slots": [{"title": "One", "description": "", "link": ""}],
        },
    ),
    **{
        f"pins/create ({name})": operations.create_pin({"board_id": BOARD, **body})
        for name, body in PIN_BODIES.items()
    },
}  # fmt: skip


def answer_to(call: Call[Any]) -> dict[str, Any]:
    resource = {"id": "1", "name": "Soups"} if "board" in call.operation else {"id": "1"}
    return {"items": [resource], "bookmark": None} if "page_size" in call.query else resource


@pytest.mark.parametrize("name", CALLS)
def test_what_is_sent_is_what_the_official_description_allows(name: str) -> None:
    call = CALLS[name]
    sent = send(call, httpx.Response(200, json=answer_to(call)))
    (request,) = sent.requests
    description = Description.load()
    target = request.url.raw_path.decode()
    assert description.check_request(request.method, target, request.headers, request.content) == []
    found = description.operation(request.method, request.url.path)
    assert not isinstance(found, str)
    assert found.id == call.operation == name.partition(" ")[0]
    assert sent.answer == answer_to(call)


@pytest.mark.parametrize("name", CALLS)
def test_every_request_bears_the_token_and_says_who_is_calling(name: str) -> None:
    call = CALLS[name]
    (request,) = send(call, httpx.Response(200, json=answer_to(call))).requests
    assert request.headers["authorization"] == f"Bearer {TOKEN}"
    assert request.headers["user-agent"].startswith("pinsync/")
    assert request.headers["accept"] == "application/json"
    assert (request.content == b"") is (call.body is None)
    if call.body is not None:
        assert json.loads(request.content) == call.body


@pytest.mark.parametrize("name", CALLS)
def test_the_rate_category_is_the_one_the_description_names(name: str) -> None:
    call = CALLS[name]
    (operation,) = [one for one in Description.load().operations if one.id == call.operation]
    named = operation.definition.get("x-ratelimit-category")
    assert named in (None, call.category)
    reads = "org_analytics" if "analytics" in call.operation else "org_read"
    assert call.category == (reads if call.method == "GET" else "org_write")


def test_only_what_makes_something_new_is_not_repeatable() -> None:
    once = {call.operation for call in CALLS.values() if not call.repeatable}
    assert once == {"boards/create", "board_sections/create", "pins/create", "pins/save"}


def test_only_pins_from_addresses_make_pinterest_fetch() -> None:
    fetching = {name for name, call in CALLS.items() if call.fetches_urls}
    assert fetching == {"pins/create (address)", "pins/create (carousel of addresses)"}


@pytest.mark.parametrize("status", [200, 201])
def test_both_statuses_of_success_are_success(status: int) -> None:
    sent = send(CALLS["boards/create"], httpx.Response(status, json={"id": "7", "name": "Soups", "news": [1]}))
    assert sent.answer["id"] == "7"


def test_text_is_sent_as_it_is_whatever_its_language() -> None:
    name = "Süße Suppen 🥣 <b>&amp;</b> \u202e'\"\\"
    (request,) = send(operations.create_board({"name": name}), ok()).requests
    assert json.loads(request.content) == {"name": name}


def test_the_shape_of_a_call_hides_its_body() -> None:
    assert "9j" not in repr(CALLS["pins/create (file)"])


def pages(*answers: httpx.Response, limit: int = 50) -> tuple[list[list[str]], list[httpx.Request], Exception | None]:
    """The ids of each page of a listing of pins, the requests for them, and how it ended."""
    found: list[list[str]] = []
    api = network()
    route = api.get(f"/boards/{BOARD}/pins").mock(side_effect=answers)

    async def run() -> None:
        async with client_of(Clock(), api=api) as client:
            async for page in client.pages(operations.list_board_pins(BOARD)):
                found.append([pin["id"] for pin in page])
                assert len(found) < limit, "the listing does not end"

    try:
        asyncio.run(run())
        error = None
    except Exception as problem:  # noqa: BLE001 - the test says which it wants
        error = problem
    return found, [call.request for call in route.calls], error


def page(*ids: str, **more: Any) -> httpx.Response:
    return httpx.Response(200, json={"items": [{"id": one} for one in ids], **more})


def test_a_listing_is_followed_by_its_bookmarks_to_the_end() -> None:
    found, requests, error = pages(page("1", "2", bookmark="a=&?/#"), page(bookmark="b"), page("3", bookmark=None))
    assert (found, error) == ([["1", "2"], [], ["3"]], None)
    assert [request.url.params.get("bookmark") for request in requests] == [None, "a=&?/#", "b"]
    assert {request.url.params["page_size"] for request in requests} == {"250"}
    for request in requests:
        target = request.url.raw_path.decode()
        assert Description.load().check_request("GET", target, request.headers, b"") == []


@pytest.mark.parametrize("end", [{}, {"bookmark": None}, {"bookmark": ""}])
def test_a_listing_ends_where_there_is_no_bookmark(end: dict[str, Any]) -> None:
    found, requests, error = pages(page("1", **end))
    assert (found, len(requests), error) == ([["1"]], 1, None)


@pytest.mark.parametrize("bookmarks", [["a", "a"], ["a", "b", "a"], ["a", "b", "c", "b"]])
def test_a_listing_that_goes_in_circles_is_refused_and_not_followed_for_ever(bookmarks: list[str]) -> None:
    answers = [page("1", bookmark=bookmark) for bookmark in bookmarks]
    _, requests, error = pages(*answers)
    assert len(requests) == len(bookmarks)
    assert "repeats itself" in str(error)


@pytest.mark.parametrize(
    "answer",
    [
        {}, {"items": None}, {"items": {}}, {"items": "abc"}, {"items": [1]}, {"items": [None]}, {"items": [{}]},
        {"items": [{"id": None}]}, {"items": [{"id": ""}]}, {"items": [{"id": 7}]}, {"items": [[]]},
        {"items": [], "bookmark": 7}, {"items": [], "bookmark": ["a"]}, {"items": [], "bookmark": {}}, {"id": "1"},
    ],
)  # fmt: skip
def test_a_page_of_another_shape_is_an_error_and_not_an_empty_board(answer: dict[str, Any]) -> None:
    sent = send(operations.list_board_pins(BOARD), httpx.Response(200, json=answer))
    assert sent.kind == "NotDone"
    assert "not what the API describes" in str(sent.error)

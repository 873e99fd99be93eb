from __future__ import annotations

import json
from typing import Any

import pytest

from tests.conformance.description import Description

JSON = {"content-type": "application/json", "authorization": "Bearer x"}
PICTURE = {"source_type": "image_base64", "content_type": "image/png", "data": "AAAA"}


def _request(method: str, url: str, body: Any = None, headers: dict[str, str] | None = None) -> list[str]:
    content = b"" if body is None else json.dumps(body).encode()
    return Description.load().check_request(method, url, JSON if headers is None else headers, content)


def _answer(method: str, url: str, status: int, body: Any, content_type: str = "application/json") -> list[str]:
    content = b"" if body is None else json.dumps(body).encode()
    return Description.load().check_response(method, url, status, {"Content-Type": content_type}, content)


@pytest.mark.parametrize(
    ("method", "url", "body"),
    [
        ("GET", "/v5/boards?page_size=250&bookmark=a&privacy=ALL", None),
        ("GET", "/v5/pins?creative_types=REGULAR&creative_types=VIDEO&pin_metrics=true", None),
        (
            "GET",
            "/v5/pins/analytics?pin_ids=1&start_date=2026-01-01&end_date=2026-01-02&metric_types=SAVE,PIN_CLICK",
            None,
        ),
        ("POST", "/v5/boards", {"name": "a", "privacy": "SECRET", "description": None}),
        ("POST", "/v5/pins", {"board_id": "1", "title": None, "media_source": PICTURE}),
        ("POST", "/v5/pins", {"media_source": {"source_type": "pin_url", "is_affiliate_link": True}}),
        (
            "POST",
            "/v5/pins",
            {"media_source": {"source_type": "video_id", "media_id": "1", "cover_image_key_frame_time": 2}},
        ),
        ("PATCH", "/v5/pins/1", {"carousel_slots": [{"title": "a"}], "link": None}),
        ("DELETE", "/v5/boards/1/sections/2", None),
    ],
)
def test_requests_that_conform(method: str, url: str, body: Any) -> None:
    assert _request(method, url, body) == []


@pytest.mark.parametrize(
    ("method", "url", "body", "says"),
    [
        ("GET", "/boards", None, "not below /v5"),
        ("GET", "/v5/nothing", None, "unknown path"),
        ("PUT", "/v5/boards", None, "no method PUT"),
        ("GET", "/v5/boards?page=2", None, "unknown parameter page"),
        ("GET", "/v5/boards?page_size=251", None, "maximum"),
        ("GET", "/v5/boards?page_size=ten", None, "integer"),
        ("GET", "/v5/boards?page_size=1&page_size=2", None, "2 times"),
        ("GET", "/v5/boards?privacy=HIDDEN", None, "HIDDEN"),
        ("GET", "/v5/pins?pin_metrics=1", None, "boolean"),
        ("GET", "/v5/pins/analytics", None, "query pin_ids: required"),
        ("GET", "/v5/pins/soup", None, "path pin_id"),
        ("GET", "/v5/pins/1", {"a": 1}, "no body is described"),
        ("POST", "/v5/boards", None, "a body is required"),
        ("POST", "/v5/boards", {}, "'name' is a required property"),
        ("POST", "/v5/boards", {"name": None}, "null|None is not of type"),
        ("POST", "/v5/boards", {"name": "a", "colour": "red"}, "colour"),
        ("PATCH", "/v5/boards/1", {"privacy": "PROTECTED"}, "PROTECTED"),
        ("POST", "/v5/boards/1/sections", {"name": "a", "id": "1"}, "id"),
        ("POST", "/v5/boards/1/sections", {"name": "x" * 181}, "too long"),
        ("POST", "/v5/pins", {"board_id": 1}, "string"),
        ("POST", "/v5/pins", {"board_id": "1\n"}, "does not match"),
        ("POST", "/v5/pins", {"board_id": "\u0661"}, "does not match"),
        ("POST", "/v5/pins", {"created_at": "2026-01-01T00:00:00Z"}, "created_at"),
        ("POST", "/v5/pins", {"media_source": {}}, "source_type"),
        ("POST", "/v5/pins", {"media_source": {"source_type": "image"}}, "image"),
        ("POST", "/v5/pins", {"media_source": {**PICTURE, "url": "a"}}, "url"),
        ("POST", "/v5/pins", {"media_source": {**PICTURE, "data": "*"}}, "does not match"),
        (
            "POST",
            "/v5/pins",
            {"media_source": {"source_type": "multiple_image_urls", "items": [{"url": "a"}]}},
            "too short|non-empty",
        ),
        (
            "POST",
            "/v5/pins",
            {"media_source": {"source_type": "multiple_image_urls", "items": [{"url": "a", "alt": ""}] * 2}},
            "alt",
        ),
        ("PATCH", "/v5/pins/1", {"media_source": PICTURE}, "media_source"),
        ("PATCH", "/v5/pins/1", {"carousel_slots": [{"image": "a"}]}, "image"),
        ("PATCH", "/v5/pins/1", {"carousel_slots": [{"title": None}]}, "string"),
    ],
)
def test_requests_that_do_not_conform(method: str, url: str, body: Any, says: str) -> None:
    problems = _request(method, url, body)
    assert problems
    assert any(part in " ".join(problems) for part in says.split("|")), problems


def test_credentials_and_content_types() -> None:
    assert _request("GET", "/v5/boards", headers={}) == ["authorization: Bearer credentials are required"]
    wrong = {**JSON, "content-type": "text/plain"}
    assert _request("POST", "/v5/boards", {"name": "a"}, wrong) == [
        "the content type is text/plain, not application/json"
    ]
    broken = Description.load().check_request("POST", "/v5/boards", JSON, b"{")
    assert broken == ["the body is not what its content type says"]


def _token(body: str, **headers: str) -> list[str]:
    given = {"Content-Type": "application/x-www-form-urlencoded", "Authorization": "Basic eDp5", **headers}
    return Description.load().check_request("POST", "/v5/oauth/token", given, body.encode())


def test_token_requests_are_told_apart_by_their_grant() -> None:
    assert _token("grant_type=authorization_code&code=a&redirect_uri=http://localhost/") == []
    assert _token("grant_type=refresh_token&refresh_token=a&continuous_refresh=true") == []
    assert _token("grant_type=client_credentials&scope=boards:read") == []
    assert _token("grant_type=refresh_token")
    assert _token("grant_type=refresh_token&refresh_token=a&code=b")
    assert _token("refresh_token=a")
    assert _token("grant_type=client_credentials&scope=a", Authorization="Bearer x")


def test_answers() -> None:
    assert _answer("GET", "/v5/boards", 200, {"items": [{"id": "1", "name": "a"}], "bookmark": None}) == []
    assert _answer("DELETE", "/v5/pins/1", 204, None, "") == []
    assert _answer("GET", "/v5/pins/1", 418, {"code": 1, "message": "tea"}) == []
    pin = {"id": "1", "creative_type": None, "media": {"media_type": "image", "images": {}}}
    assert _answer("GET", "/v5/pins/1", 200, {**pin, "created_at": "2026-01-01T00:00:00+00:00"}) == []


@pytest.mark.parametrize(
    ("status", "body", "says"),
    [
        (200, {"title": "a"}, "'id' is a required property"),
        (200, {"id": 1}, "string"),
        (200, {"id": "1", "created_at": "2026-01-01T00:00:00"}, "date-time"),
        (200, {"id": "1", "creative_type": "BIG"}, "BIG"),
        (200, {"id": "1", "media": {"media_type": "sound"}}, "sound"),
        (200, {"id": "1", "media": {"media_type": "image", "images": {"600x": {"url": "a"}}}}, "height"),
        (200, {"id": "1", "is_owner": None}, "boolean"),
        (404, {"message": "a"}, "code"),
        (500, {"code": "1", "message": "a"}, "integer"),
    ],
)
def test_answers_that_do_not_conform(status: int, body: Any, says: str) -> None:
    problems = _answer("GET", "/v5/pins/1", status, body)
    assert says in " ".join(problems)


def test_answers_in_the_wrong_form() -> None:
    check = Description.load().check_response
    assert check("GET", "/v5/boards", 502, {"content-type": "text/html"}, b"<html>")
    assert check("GET", "/v5/boards", 200, {"content-type": "application/json"}, b'{"items": [')
    assert check("DELETE", "/v5/pins/1", 204, {}, b"{}")
    assert check("GET", "/v5/nothing", 200, {}, b"")


def test_unknown_properties_of_answers_matter_only_if_asked() -> None:
    arguments = ("GET", "/v5/pins/1", 200, {"content-type": "application/json"}, b'{"id": "1", "note": ""}')
    assert Description.load().check_response(*arguments) == []
    assert "note" in " ".join(Description.load(closed_answers=True).check_response(*arguments))


def test_long_values_are_shortened() -> None:
    (problem,) = _request("POST", "/v5/pins", {"media_source": {**PICTURE, "data": "*" * 10_000}})
    assert len(problem) < 400

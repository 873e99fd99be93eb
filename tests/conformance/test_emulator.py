"""The emulator against the description: every operation it plays, done and refused. The client checks each answer."""

from __future__ import annotations

from pathlib import Path

import yaml

from pinsync.emulator.operations import OPERATIONS
from tests.conformance.description import OPENAPI, Description
from tests.emulator.client import Client, Clock, carousel, emulator, refusal, shown_video, source, upload
from tests.emulator.granting import APP, REDIRECT, allowed, exchange
from tests.videos import video

PERIOD = {"start_date": "2025-12-20", "end_date": "2026-01-01"}
ANALYTICS = {
    "/pins/PIN/analytics": {"metric_types": "IMPRESSION,SAVE_RATE,TOTAL_COMMENTS", "split_field": "APP_TYPE"},
    "/user_account/analytics": {"split_field": "OWNED_CONTENT"},
    "/user_account/analytics/top_pins": {"sort_by": "ENGAGEMENT", "num_of_pins": "1"},
}


def test_the_table_of_operations_is_the_description() -> None:
    document = yaml.safe_load(OPENAPI.read_text("utf-8"))
    described = {
        (
            definition["operationId"],
            method.upper(),
            path,
            definition["x-ratelimit-category"],
            tuple(definition["security"][0].get("pinterest_oauth2", ())),
            any({"client_credentials", "basic"} & set(way) for way in definition["security"]),
            "currently in beta" in definition["description"],
        )
        for path, methods in document["paths"].items()
        for method, definition in methods.items()
    }
    played = {(one.id, one.method, one.path, one.category, one.scopes, one.for_app, one.is_beta) for one in OPERATIONS}
    assert played == described


def test_every_operation_conforms_done_and_refused(tmp_path: Path) -> None:
    with emulator(tmp_path, clock=Clock(), limits=None, tier="trial", media_processing=0) as client:
        _do_everything(client)
        _refuse_everything(client)
        played = {operation_id for operation_id, status in client.seen if status < 300}
        assert played == {operation.id for operation in OPERATIONS}
        statuses = {status for _, status in client.seen}
        assert {200, 201, 204, 400, 401, 403, 404, 415} <= statuses


def test_an_exceeded_limit_conforms(tmp_path: Path) -> None:
    limits = dict.fromkeys(("org_read", "org_write", "org_analytics"), ((0, 60.0),))
    with emulator(tmp_path, limits=limits) as client:
        for operation in Description.load().operations:
            path = operation.path.replace("{board_id}", "1").replace("{section_id}", "1").replace("{pin_id}", "1")
            if "{" not in path and not path.startswith("/oauth"):
                for method in ("GET", "POST", "PATCH", "DELETE"):
                    if Description.load().operation(method, f"/v5{path}") == operation:
                        assert refusal(client.request(method, path))[0] == 429


def _do_everything(client: Client) -> None:
    _get_tokens(client)
    client.get("/user_account")
    board = client.board(description="Quick ones.")
    protected = client.board("b", privacy="PROTECTED")
    section = client.section(board)
    pin = client.pin(board, board_section_id=section, title="a", link="https://example.com", alt_text="b")
    several = client.pin(board, media_source=carousel(3, index=1))
    client.pin(
        board, media_source={"source_type": "image_url", "url": "https://example.com/a.jpg", "is_standard": False}
    )
    urls = {"source_type": "multiple_image_urls", "items": [{"url": f"https://example.com/{n}.jpg"} for n in range(2)]}
    client.pin(board, media_source=urls, parent_pin_id=pin, dominant_color="#123456")
    client.post(f"/pins/{several}/save", json={"board_id": protected})
    media_id, _ = upload(client, video())
    client.get("/media", params={"page_size": 1})
    assert client.get(f"/media/{media_id}").json()["status"] == "succeeded"
    moving = client.pin(board, media_source=shown_video(media_id))
    client.get(f"/pins/{moving}")
    for path, query in ANALYTICS.items():
        assert client.get(path.replace("PIN", pin), params={**PERIOD, **query}).is_success
    client.get("/pins/analytics", params={**PERIOD, "pin_ids": [pin, moving], "metric_types": "SAVE,VIDEO_START"})
    for path in ("/boards", "/pins", f"/boards/{board}/pins", f"/boards/{board}/sections"):
        assert client.get(path, params={"page_size": 1}).json()["bookmark"] or path.endswith("sections")
        client.get(path)
    client.get(f"/boards/{board}")
    client.get(f"/boards/{board}/sections/{section}/pins")
    client.get(f"/pins/{pin}", params={"pin_metrics": "true"})
    client.patch(f"/boards/{board}", json={"name": "c", "privacy": "SECRET"})
    client.patch(f"/boards/{protected}", json={"description": None})
    client.patch(f"/boards/{board}/sections/{section}", json={"name": "d"})
    client.patch(f"/pins/{pin}", json={"title": None, "link": "HTTP://example.com#a", "board_section_id": None})
    client.patch(f"/pins/{several}", json={"carousel_slots": [{"title": "a"}] * 3, "board_id": protected})
    for path in (f"/pins/{several}", f"/boards/{board}/sections/{section}", f"/boards/{board}"):
        client.delete(path)


def _get_tokens(client: Client) -> None:
    granted = exchange(client, code=allowed(client), redirect_uri=REDIRECT, continuous_refresh="true").json()
    exchange(client, refresh_token=granted["refresh_token"], scope="boards:read", continuous_refresh="true")
    exchange(client, "client_credentials", scope="boards:read,pins:read")
    for hint in ({}, {"token_type_hint": "access_token"}):
        assert client.post("/oauth/token/revoke", data={"token": granted["access_token"], **hint}, auth=APP).is_success


def _refuse_everything(client: Client) -> None:
    exchange(client, code="a", redirect_uri=REDIRECT)
    exchange(client, "password")
    client.post("/oauth/token", json={}, auth=APP)
    client.post("/oauth/token/revoke", data={}, auth=APP)
    client.post("/oauth/token/revoke", data={"token": "a"})
    board = client.board("refusals")
    pictureless = {"board_id": board, "media_source": {"source_type": "pin_url"}}
    for method, path, body in (
        ("POST", "/boards", {"name": "refusals"}),
        ("POST", "/boards", {}),
        ("PATCH", "/boards/1", {"name": "a"}),
        ("POST", "/boards/1/sections", {"name": "a"}),
        ("PATCH", f"/boards/{board}/sections/1", {"name": "a"}),
        ("DELETE", f"/boards/{board}/sections/1", None),
        ("GET", f"/boards/{board}/sections/1/pins", None),
        ("POST", "/pins", pictureless),
        ("POST", "/pins", {"board_id": "1", "media_source": source()}),
        ("GET", "/pins/1", None),
        ("PATCH", "/pins/1", {"title": "x" * 101}),
        ("POST", "/pins/1/save", {}),
        ("DELETE", "/pins/1", None),
        ("GET", "/boards?page_size=0", None),
    ):
        assert 400 <= client.request(method, path, json=body).status_code < 500
        assert client.request(method, path, headers={"authorization": "Bearer other"}).status_code == 401
    assert client.post("/boards", content=b"a", headers={"content-type": "text/plain"}).status_code == 415
    assert client.get("/media/1").status_code == 404
    assert client.post("/media", json={"media_type": "image"}).status_code == 400
    assert client.get("/pins/1/analytics", params={**PERIOD, "metric_types": "SAVE"}).status_code == 404
    for path in ANALYTICS:
        assert client.get(path.replace("PIN", client.pin(board))).status_code == 400

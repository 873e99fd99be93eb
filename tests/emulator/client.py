"""A synchronous client of an emulator in this process, which checks each answer against the official description."""

from __future__ import annotations

import asyncio
import base64
import io
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import httpx
from PIL import Image
from starlette.types import ASGIApp

from pinsync.emulator.app import create_app
from pinsync.emulator.faults import parse_fault
from pinsync.emulator.settings import EmulatorSettings
from pinsync.emulator.tokens import EVERYDAY_TOKEN, Tokens
from tests.conformance.description import Description

NO_LIMITS: dict[str, tuple[tuple[int, float], ...]] = dict.fromkeys(
    ("universal", "org_read", "org_write", "org_analytics"), ()
)


class Clock:
    """A clock that only moves when told to."""

    def __init__(self, now: float = 1_767_225_600.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


class _InProcess(httpx.BaseTransport):
    def __init__(self, app: ASGIApp) -> None:
        self._inner = httpx.ASGITransport(app)
        self._runner = asyncio.Runner()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        async def answer() -> httpx.Response:
            response = await self._inner.handle_async_request(request)
            return httpx.Response(response.status_code, headers=response.headers, content=await response.aread())

        return self._runner.run(answer())

    def close(self) -> None:
        self._runner.close()


class Client(httpx.Client):
    """Talks to one emulator with the token ``emulator``. Paths below /v5 are written without it: ``/boards``."""

    def __init__(
        self, settings: EmulatorSettings, tokens: Tokens | None = None, token: str | None = EVERYDAY_TOKEN
    ) -> None:
        headers = {} if token is None else {"authorization": f"Bearer {token}"}
        super().__init__(
            transport=_InProcess(create_app(settings, tokens)), base_url="http://emulator/v5", headers=headers
        )
        self.seen: set[tuple[str, int]] = set()
        self.checking = True

    def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        response = super().send(request, **options)
        if self.checking and request.url.path.startswith("/v5/"):
            self._check(request, response)
        return response

    def _check(self, request: httpx.Request, response: httpx.Response) -> None:
        description = Description.load(closed_answers=True)
        operation = description.operation(request.method, request.url.path)
        if isinstance(operation, str):
            assert response.status_code in (404, 405), operation
            assert set(response.json()) == {"code", "message"}
            return
        self.seen.add((operation.id, response.status_code))
        url = request.url.raw_path.decode()
        problems = description.check_response(
            request.method, url, response.status_code, response.headers, response.content
        )
        if response.is_success:
            # What the emulator accepts has to be what the description allows.
            problems += description.check_request(request.method, url, request.headers, request.content)
        assert problems == []

    def page(self, path: str = "/") -> httpx.Response:
        """Something outside the API."""
        return self.get(f"http://emulator{path}")

    def board(self, name: str = "Soups", **fields: Any) -> str:
        """The id of a new board."""
        return created(self.post("/boards", json={"name": name, **fields}))

    def section(self, board_id: str, name: str = "Autumn") -> str:
        """The id of a new section."""
        return created(self.post(f"/boards/{board_id}/sections", json={"name": name}))

    def pin(self, board_id: str, **fields: Any) -> str:
        """The id of a new pin."""
        return created(self.post("/pins", json={"board_id": board_id, "media_source": source(), **fields}))


def upload(
    client: Client, data: bytes, change: Callable[[list[tuple[str, str]]], object] = lambda fields: None, **headers: str
) -> tuple[str, httpx.Response]:
    """Registers and uploads a video; the id of its media, and what storage answered. ``change`` changes the form's fields."""
    registered = client.post("/media", json={"media_type": "video"})
    assert registered.status_code == 201
    told = registered.json()
    fields = list(told["upload_parameters"].items())
    change(fields)
    files = [(name, (None, value)) for name, value in fields if name != "file"] + [
        ("file", ("it.mp4", data, "video/mp4"))
    ]
    client.headers.pop("authorization", None)
    try:
        answer = client.post(told["upload_url"], files=files, headers=headers)
    finally:
        client.headers["authorization"] = f"Bearer {EVERYDAY_TOKEN}"
    return told["media_id"], answer


def shown_video(media_id: str, **cover: Any) -> dict[str, Any]:
    """A media_source that shows an upload, with its picture at second 2 by default."""
    return {"source_type": "video_id", "media_id": media_id, **(cover or {"cover_image_key_frame_time": 2})}


def emulator(
    folder: Path, *faults: str, tokens: Tokens | None = None, token: str | None = EVERYDAY_TOKEN, **settings: Any
) -> Client:
    """A client of an emulator on ``folder``, without rate limits unless told otherwise."""
    parsed = tuple(parse_fault(fault) for fault in faults)
    return Client(EmulatorSettings(folder, faults=parsed, **{"limits": NO_LIMITS, **settings}), tokens, token)


def created(response: httpx.Response) -> str:
    """The id in an answer to a creation."""
    assert response.status_code == 201, response.text
    return str(response.json()["id"])


def refusal(response: httpx.Response) -> tuple[int, int, str]:
    """Status, code and message of an answer that is none."""
    body = response.json()
    assert set(body) == {"code", "message"}
    return response.status_code, body["code"], body["message"]


@cache
def picture(color: str = "orange", size: tuple[int, int] = (20, 30), form: str = "JPEG") -> bytes:
    """A small picture of one colour."""
    stream = io.BytesIO()
    Image.new("RGB", size, color).save(stream, form)
    return stream.getvalue()


def source(data: bytes | None = None, content_type: str = "image/jpeg") -> dict[str, Any]:
    """A media_source with ``data``, a small JPEG by default."""
    encoded = base64.b64encode(picture() if data is None else data).decode()
    return {"source_type": "image_base64", "content_type": content_type, "data": encoded}


def carousel(count: int = 2, **fields: Any) -> dict[str, Any]:
    """A media_source with ``count`` pictures, titled 1, 2, ..."""
    colors = ("red", "green", "blue", "white", "black", "gray")
    items = [
        {
            "content_type": "image/jpeg",
            "data": base64.b64encode(picture(colors[place])).decode(),
            "title": str(place + 1),
        }
        for place in range(count)
    ]
    return {"source_type": "multiple_image_base64", "items": items, **fields}

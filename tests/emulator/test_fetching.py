from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from pinsync.emulator import pictures
from pinsync.emulator.server import in_background, running
from pinsync.emulator.settings import EmulatorSettings
from tests.emulator.client import Client, picture, refusal, source

NOT_FETCHED = (400, 1, "Sorry we could not fetch the image.")


@pytest.fixture
def shop() -> Iterator[str]:
    """The origin of a server on this machine with pictures."""

    async def good(request: Request) -> Response:
        return Response(picture("purple", (40, 60)), media_type="image/jpeg")

    async def page(request: Request) -> Response:
        return Response("<html>", media_type="image/jpeg")

    async def moved(request: Request) -> Response:
        return RedirectResponse("https://example.com/a.jpg")

    routes = [Route("/good.jpg", good), Route("/page.jpg", page), Route("/moved.jpg", moved)]
    with in_background(Starlette(routes=routes)) as origin:
        yield origin


@pytest.fixture
def closed_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes any attempt to look up a name or to open a connection a failure."""

    def forbidden(*arguments: Any, **options: Any) -> Any:
        raise AssertionError(f"reached for the network: {arguments}")

    monkeypatch.setattr(socket, "getaddrinfo", forbidden)
    monkeypatch.setattr(socket.socket, "connect", forbidden)


def _create(client: Client, *urls: str) -> httpx.Response:
    if len(urls) == 1:
        media: dict[str, Any] = {"source_type": "image_url", "url": urls[0]}
    else:
        media = {"source_type": "multiple_image_urls", "items": [{"url": url} for url in urls]}
    return client.post("/pins", json={"board_id": client.board("".join(urls)[-100:]), "media_source": media})


def test_pictures_on_this_machine_are_fetched(client: Client, shop: str) -> None:
    for origin in (shop, shop.replace("127.0.0.1", "localhost")):
        images = _create(client, f"{origin}/good.jpg").json()["media"]["images"]
        assert (images["600x"]["width"], images["600x"]["height"]) == (40, 60)


@pytest.mark.parametrize("file", ["page.jpg", "missing.jpg", "moved.jpg"])
def test_what_is_no_picture_is_not_fetched(client: Client, shop: str, file: str) -> None:
    assert refusal(_create(client, f"{shop}/{file}")) == NOT_FETCHED


def test_too_large_a_picture_is_not_fetched(client: Client, shop: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "LARGEST", 100)
    assert refusal(_create(client, f"{shop}/good.jpg")) == NOT_FETCHED


def test_nobody_listening_is_not_fetched(client: Client) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        assert refusal(_create(client, f"http://127.0.0.1:{taken.getsockname()[1]}/a.jpg")) == NOT_FETCHED


def test_the_emulator_fetches_from_itself(tmp_path: Path) -> None:
    with running(EmulatorSettings(tmp_path)) as origin, httpx.Client(base_url=f"{origin}/v5") as client:
        client.headers["authorization"] = "Bearer emulator"
        board = client.post("/boards", json={"name": "a"}).json()["id"]
        pin = client.post("/pins", json={"board_id": board, "media_source": source()}).json()
        url = pin["media"]["images"]["600x"]["url"]
        again = client.post("/pins", json={"board_id": board, "media_source": {"source_type": "image_url", "url": url}})
        assert again.status_code == 201


@pytest.mark.usefixtures("closed_network")
class TestElsewhere:
    def test_a_picture_is_drawn(self, client: Client) -> None:
        one = _create(client, "https://example.com/1.jpg").json()
        same = client.post(
            "/pins",
            json={
                "board_id": one["board_id"],
                "media_source": {"source_type": "image_url", "url": "https://example.com/1.jpg"},
            },
        ).json()
        other = _create(client, "https://example.com/2.jpg").json()
        assert one["media"] == same["media"] != other["media"]
        assert client.get(one["media"]["images"]["600x"]["url"]).status_code == 200

    def test_a_carousel_is_drawn(self, client: Client) -> None:
        items = _create(client, "https://example.com/1.jpg", "https://example.com/2.jpg").json()["media"]["items"]
        assert len({item["images"]["600x"]["url"] for item in items}) == 2

    @pytest.mark.parametrize(
        "url",
        [
            "https://gone.invalid/a.jpg",
            "https://invalid/a.jpg",
            "https://GONE.INVALID./a.jpg",
            "http://example.com/a.jpg",
        ],
    )
    def test_what_cannot_be_fetched(self, client: Client, url: str) -> None:
        assert refusal(_create(client, url)) == NOT_FETCHED

    @pytest.mark.parametrize(
        "url", ["a.jpg", "file:///etc/passwd", "https://", "https://[a", "data:image/png;base64,AA"]
    )
    def test_what_is_no_address(self, client: Client, url: str) -> None:
        assert refusal(_create(client, url))[:2] == (400, 1)

    @pytest.mark.parametrize(
        "host", ["localhost.example.com", "127.0.0.1.example.com", "10.0.0.1", "169.254.169.254", "[::ffff:10.0.0.1]"]
    )
    def test_other_hosts_are_never_asked(self, client: Client, host: str) -> None:
        assert _create(client, f"https://{host}/a.jpg").status_code == 201

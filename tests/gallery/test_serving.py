from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest

from pinsync.errors import UsageError
from pinsync.gallery.cards import Gallery
from pinsync.gallery.looking import Looking
from pinsync.gallery.serving import Site, create_app
from tests.emulator.elements import Elements
from tests.videos import video
from tests.world import BOARDS, World


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path).write({"boards.yaml": BOARDS, "v.mp4": video(), "v.yaml": "board: soups\nvideo: v.mp4\n"})
    return world.pin("a", "board: soups\ntitle: Soup\n")


def site_of(world: World) -> Site:
    return Site(world.root, Looking(world.root, {}).anyway)


def get(site: Site, *paths: str, stopping: asyncio.Event | None = None, **headers: str) -> list[httpx.Response]:
    async def ask() -> list[httpx.Response]:
        transport = httpx.ASGITransport(create_app(site, stopping or asyncio.Event()))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8322", headers=headers) as client:
            return [await client.get(path) for path in paths]

    return asyncio.run(ask())


def test_the_page_its_pictures_and_videos_are_served(world: World) -> None:
    site = site_of(world)
    elements = Elements(site.page().html)
    clip = elements.all("video", "src")[0]
    assert clip.endswith("#t=1")
    page, picture, part = get(site, "/", *elements.all("img", "src"), clip, range="bytes=4-7")
    assert page.headers["cache-control"] == "no-store"
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert picture.headers["content-type"] == "image/webp"
    assert (part.status_code, part.content) == (206, b"ftyp")


def test_nothing_else_is_served(world: World, tmp_path: Path) -> None:
    site = site_of(world)
    clip = Elements(site.page().html).all("video", "src")[0]
    (tmp_path / "secret").write_text("secret")
    (world.root / "v.mp4").unlink()
    (world.root / "v.mp4").symlink_to(tmp_path / "secret")
    paths = [clip, "/videos/0", "/pictures/0", "/pictures/..%2Fa.jpg", "/a.yaml", "/pinsync.yaml"]
    assert [answer.status_code for answer in get(site, *paths)] == [404] * len(paths)


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:8322", ""])
def test_a_web_page_with_a_name_of_its_own_gets_nothing(world: World, host: str) -> None:
    assert {answer.status_code for answer in get(site_of(world), "/", "/events", host=host)} == {400}


def test_the_page_follows_the_files(world: World) -> None:
    site = site_of(world)
    before = site.page()
    assert site.page() is before
    world.pin("a", "board: soups\ntitel: Stew\n")
    wrong = site.page()
    assert wrong.version != before.version
    assert "<code>a.yaml:3:1</code> unknown key <code>titel</code>" in wrong.html
    world.pin("a", "board: soups\ntitle: Stew\n")
    assert "Stew</h3>" in site.page().html
    (world.root / "pinsync.yaml").unlink()
    assert "No preview" in site.page().html
    world.write({"pinsync.yaml": "environment: emulator\n", ".pinsyncignore": "a.yaml\n"})
    assert "Stew" not in site.page().html


def test_a_state_that_cannot_be_used_is_said(world: World) -> None:
    world.write({".pinsync/state.json": "{"})
    page = site_of(world).page().html
    assert "There is no plan: " in page
    assert "Soup</h3>" in page


def test_versions_are_told_until_the_server_stops(tmp_path: Path) -> None:
    stopping = asyncio.Event()

    def look() -> Gallery:
        stopping.set()
        raise UsageError("nothing here")

    site = Site(tmp_path, look)
    (answer,) = get(site, "/events", stopping=stopping)
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.text == f"data: {site.page().version}\n\n"

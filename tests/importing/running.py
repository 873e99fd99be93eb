"""Imports from the emulator of a world, in process, and accounts to import from."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx

from pinsync.importing.account import JOURNAL, Importer
from pinsync.importing.fetching import fetching
from pinsync.importing.journal import journal_in
from pinsync.importing.one import import_one
from pinsync.importing.placing import WORK
from pinsync.importing.result import Result
from pinsync.importing.spreadsheet import JOURNAL as ROWS
from pinsync.importing.spreadsheet import Spreadsheet
from pinsync.pinterest.credentials import URL, resolve_access
from pinsync.session import Session
from tests.world import World, picture

Alter = Callable[[str, Any], Any]


class Silent:
    """Nobody listens."""

    def board(self, name: str, pins: int) -> None:
        """Nothing to show."""

    def pin(self) -> None:
        """Nothing to show."""


class Altering(httpx.AsyncBaseTransport):
    """The emulator, whose JSON answers are changed on the way: for what it does not have. Requests are kept."""

    def __init__(self, inner: httpx.AsyncBaseTransport, alter: Alter) -> None:
        self._inner = inner
        self._alter = alter

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self._inner.handle_async_request(request)
        if not request.url.path.startswith("/v5/"):
            return response
        body = json.loads(await response.aread())
        content = json.dumps(self._alter(request.url.path, body)).encode()
        return httpx.Response(response.status_code, content=content, request=request)


def same(path: str, answer: Any) -> Any:
    """An answer as it came."""
    return answer


def session_of(world: World, alter: Alter = same) -> Session:
    """A session of which links to pictures are https addresses, as those of Pinterest are."""
    access = resolve_access("emulator", {URL: "https://127.0.0.1:1/v5"})
    return replace(world.session(), access=access, transport=Altering(world.network, alter))


def import_boards(world: World, *names: str, media: str = "download", into: str = "", alter: Alter = same) -> Result:
    """What ``pinsync import`` does; without names, for all boards."""

    async def work(importer: Importer) -> Result:
        return await importer.boards(names, Silent())

    return _import(world, work, media, into, alter)


def import_pin(world: World, pin: str, address: str, media: str = "download") -> Result:
    """What ``pinsync import --pin`` does."""
    return _import(world, lambda importer: import_one(importer, importer._client, pin, address), media, "", same)


def _import(world: World, work: Callable[[Importer], Any], media: str, into: str, alter: Alter) -> Result:
    session = session_of(world, alter)

    async def run() -> Result:
        with journal_in(world.root / JOURNAL) as journal:
            async with AsyncExitStack() as stack:
                client = await stack.enter_async_context(session.client())
                fetcher = None
                if media == "download":
                    web = fetching(world.root / WORK, session.timing.sleep, session.transport, here=True)
                    fetcher = await stack.enter_async_context(web)
                result: Result = await work(Importer(session, session.read_state(), client, fetcher, journal, into))
                world.calls = client.sent
                return result

    lock = session.backend.lock("import")
    try:
        session.backend.fold()
        result = asyncio.run(run())
        session.backend.fold()
        return result
    finally:
        session.backend.release(lock)


def import_csv(world: World, file: Path, media: str = "link", keywords: str = "ignore", into: str = "") -> Result:
    """What ``pinsync import csv`` does."""
    session = session_of(world)

    async def run() -> Result:
        with journal_in(world.root / ROWS) as journal:
            async with fetching(world.root / WORK, session.timing.sleep, session.transport, here=True) as web:
                fetcher = web if media == "download" else None
                return await Spreadsheet(session, fetcher, journal, into, keywords).run(file)

    return asyncio.run(run())


def board(world: World, name: str, **more: Any) -> str:
    """A board on Pinterest; its id."""
    return str(world.request("POST", "/boards", {"name": name, **more})["id"])


def section(world: World, board_id: str, name: str) -> str:
    """A section on Pinterest; its id."""
    return str(world.request("POST", f"/boards/{board_id}/sections", {"name": name})["id"])


def image_pin(world: World, board_id: str, colour: str = "orange", form: str = "JPEG", **more: Any) -> str:
    """An image pin on Pinterest; its id."""
    source = {"source_type": "image_base64", **_encoded(colour, form)}
    return str(world.request("POST", "/pins", {"board_id": board_id, "media_source": source, **more})["id"])


def carousel(world: World, board_id: str, slots: Sequence[dict[str, Any]], **more: Any) -> str:
    """A carousel on Pinterest; its id."""
    colours = ("red", "green", "blue", "white", "black")
    items = [{**_encoded(colour, "JPEG"), **slot} for colour, slot in zip(colours, slots, strict=False)]
    source = {"source_type": "multiple_image_base64", "items": items}
    return str(world.request("POST", "/pins", {"board_id": board_id, "media_source": source, **more})["id"])


def _encoded(colour: str, form: str) -> dict[str, str]:
    data = base64.b64encode(picture(colour, form=form)).decode()
    return {"content_type": f"image/{form.lower()}", "data": data}


def files(world: World, ending: str = ".yaml") -> list[str]:
    """The files of the content root with this ending, configuration apart."""
    found = (path.relative_to(world.root).as_posix() for path in world.root.rglob(f"*{ending}"))
    return sorted(file for file in found if file != "pinsync.yaml")

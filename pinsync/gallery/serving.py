"""The gallery over HTTP on this machine: made again when a file is saved, with the videos, and for nobody else."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, Response, StreamingResponse
from starlette.routing import Route

from pinsync.content.locating import IGNORE, all_files, inside
from pinsync.errors import PinsyncError
from pinsync.gallery.cards import Gallery
from pinsync.gallery.page import Document, Sources, document, failed, policy
from pinsync.gallery.thumbnails import TYPE, thumbnail
from pinsync.listening import listening, origin_of, stopped_by_signals
from pinsync.model.resource import Image, Video

HOST = "127.0.0.1"
_LOOK_AGAIN_SECONDS = 0.5
_HEADERS = {
    "content-security-policy": f"{policy(served=True)}; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "same-origin",
}
_FRESH = {**_HEADERS, "cache-control": "no-store"}
_KEPT = {**_HEADERS, "cache-control": "private, max-age=31536000, immutable"}  # a hash always names the same
_SOURCES = Sources(
    lambda image: f"/pictures/{image.sha256}" if image.sha256 else "",
    lambda video: f"/videos/{video.sha256}",
    served=True,
    live=True,
)


class Site:
    """The page of the content root ``root`` as its files are now. ``look`` makes the gallery; ``beside`` are further files
    that it depends on."""

    def __init__(self, root: Path, look: Callable[[], Gallery], beside: Sequence[Path] = ()) -> None:
        self.root = root
        self._look = look
        self._beside = (root / IGNORE, *beside)
        self._lock = threading.Lock()
        self._seen: object = None
        self._page = Document("", "")
        self.pictures: Mapping[str, Image] = {}
        self.videos: Mapping[str, Video] = {}

    def page(self) -> Document:
        """The page, made again if a file has changed."""
        with self._lock:
            seen = self._stamps()
            if seen != self._seen:
                # What is saved meanwhile is seen the next time.
                self._seen = seen
                self._page = self._made()
            return self._page

    def _made(self) -> Document:
        try:
            gallery = self._look()
        except PinsyncError as error:
            return failed(error.message, error.advice)
        slots = [slot.image for card in gallery.cards for slot in card.slots]
        self.pictures = {image.sha256: image for image in slots if image.sha256}
        self.videos = {card.video.sha256: card.video for card in gallery.cards if card.video}
        return document(gallery, _SOURCES)

    def _stamps(self) -> list[tuple[str, int, int, int]]:
        found = []
        for file in (*map(str, self._beside), *(str(self.root / name) for name in all_files(self.root))):
            with contextlib.suppress(OSError):
                status = Path(file).stat()
                found.append((file, status.st_mtime_ns, status.st_size, status.st_ino))
        return sorted(found)

    def file(self, source: str) -> Path | None:
        """Where a picture or video of the gallery is, if it still is in the content root."""
        path = self.root / source
        return path if inside(self.root, path) and path.is_file() else None


def create_app(site: Site, stopping: asyncio.Event) -> Starlette:
    """``/``, its pictures and videos by their hashes, and ``/events``, which tells the version of the page whenever it is
    another, until ``stopping``. Requests that name another host than this machine are refused: they come from web pages."""

    async def index(request: Request) -> Response:
        found = await run_in_threadpool(site.page)
        return Response(found.html, media_type="text/html", headers=_FRESH)

    async def picture(request: Request) -> Response:
        image = site.pictures.get(request.path_params["name"])
        file = image and site.file(image.source)
        data = await run_in_threadpool(thumbnail, site.root, image) if image and file else None
        if data is None:
            raise HTTPException(404)
        return Response(data, media_type=TYPE, headers=_KEPT)

    async def video(request: Request) -> Response:
        found = site.videos.get(request.path_params["name"])
        file = site.file(found.source) if found else None
        if file is None:
            raise HTTPException(404)
        # Browsers play most MOV files, too, unless they are told that these are none of theirs.
        return FileResponse(file, media_type="video/mp4", headers=_HEADERS)

    async def events(request: Request) -> Response:
        return StreamingResponse(_versions(site, stopping), media_type="text/event-stream", headers=_FRESH)

    return Starlette(
        routes=[
            Route("/", index),
            Route("/pictures/{name}", picture),
            Route("/videos/{name}", video),
            Route("/events", events),
        ],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=[HOST, "localhost"], www_redirect=False)],
    )


async def _versions(site: Site, stopping: asyncio.Event) -> AsyncIterator[str]:
    told = ""
    while not stopping.is_set():
        version = (await run_in_threadpool(site.page)).version
        if version != told:
            told = version
            yield f"data: {version}\n\n"
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), _LOOK_AGAIN_SECONDS)


def serve(site: Site, port: int, announce: Callable[[str], None]) -> None:
    """Serves on this machine until Ctrl-C or SIGTERM. ``announce`` is called with the address once connections are accepted.
    Must be called in the main thread. OSError where the port cannot be had."""
    with listening(HOST, port) as listener, stopped_by_signals():
        _Server(site, lambda: announce(f"{origin_of(listener)}/")).run(sockets=[listener])


class _Server(uvicorn.Server):
    """Lets the streams of events end when it is told to stop, which it would wait for."""

    def __init__(self, site: Site, ready: Callable[[], None]) -> None:
        self._stopping = asyncio.Event()
        self._ready = ready
        app = create_app(site, self._stopping)
        super().__init__(
            uvicorn.Config(app, ws="none", lifespan="off", log_config=None, access_log=False, server_header=False)
        )

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._stopping.set()
        await super().shutdown(sockets)

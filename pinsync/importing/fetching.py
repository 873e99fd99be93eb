"""Pictures from the web to files: bounded, decoded, tried again where that may help. No token goes with them."""

from __future__ import annotations

import asyncio
import platform
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urljoin, urlsplit

import httpx

from pinsync import __version__
from pinsync.content.pictures import MAX_SENT, probe
from pinsync.content.problems import MediaProblem
from pinsync.importing.result import LeftOut
from pinsync.model.resource import Image
from pinsync.pinterest.pacing import retry_after
from pinsync.state.durable import told

ATTEMPTS = 4
ENDINGS = {
    "JPEG": "jpg",
    "PNG": "png",
    "WEBP": "webp",
    "AVIF": "avif",
    "GIF": "gif",
    "TIFF": "tif",
    "BMP": "bmp",
    "HEIF": "heic",
}

_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 30.0
_WHOLE_DOWNLOAD = 120.0
_TIMEOUT = httpx.Timeout(connect=10.0, read=30.0, write=30.0, pool=None)
_REDIRECTS = 3
_HERE = ("127.0.0.1", "localhost", "::1")


class _Passing(Exception):
    """It may go better another time; ``wait`` is how many seconds the server asked for."""

    def __init__(self, reason: str, wait: float | None = None) -> None:
        super().__init__(reason)
        self.wait = wait


@dataclass(frozen=True, slots=True)
class Fetched:
    """A picture in a file that is to be moved or removed."""

    file: Path
    image: Image

    @property
    def ending(self) -> str:
        """What the names of such files end in, whatever the address ended in."""
        return ENDINGS.get(self.image.format, "img")


@dataclass(slots=True)
class Fetcher:
    """Downloads pictures into ``folder``. ``sleep`` waits; ``here`` says that this machine may be asked without TLS, as
    the emulator is."""

    http: httpx.AsyncClient
    folder: Path
    sleep: Callable[[float], Awaitable[None]]
    here: bool
    _numbers: count[int] = field(default_factory=count)
    _decoding: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def fetch(self, url: str) -> Fetched:
        """The picture at ``url``. Raises LeftOut where there is none."""
        file = self.folder / f"picture-{next(self._numbers)}.tmp"
        with told(self.folder, "written"):
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            await self._download(url, file)
            # One at a time: a large picture takes hundreds of megabytes while it is decoded.
            async with self._decoding:
                return Fetched(file, await asyncio.to_thread(probe, url, file))
        except MediaProblem as problem:
            file.unlink(missing_ok=True)
            raise LeftOut(f"what {url} gave {problem.message}") from problem
        except BaseException:
            file.unlink(missing_ok=True)
            raise

    async def _download(self, url: str, file: Path) -> None:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                async with asyncio.timeout(_WHOLE_DOWNLOAD):
                    return await self._try(url, file)
            except httpx.InvalidURL as error:
                raise LeftOut(f"{url} is no https address") from error
            except (_Passing, TimeoutError, httpx.RequestError) as error:
                reason, wait = str(error) or type(error).__name__, getattr(error, "wait", None)
            if attempt == ATTEMPTS:
                raise LeftOut(f"{url} could not be downloaded: {reason}")
            await self.sleep(min(_LONGEST_PAUSE, wait or _FIRST_PAUSE * 2 ** (attempt - 1)))
        raise AssertionError("unreachable")

    async def _try(self, url: str, file: Path) -> None:
        target = url
        for _ in range(_REDIRECTS + 1):
            self._check(target)
            async with self.http.stream("GET", target) as response:
                if response.is_redirect:
                    target = urljoin(target, response.headers["location"])
                    continue
                status = response.status_code
                if status in (408, 425, 429) or status >= 500:
                    raise _Passing(f"HTTP {status}", retry_after(response.headers))
                if not response.is_success:
                    raise LeftOut(f"{url} could not be downloaded: HTTP {status}")
                await _save(url, response, file)
                return
        raise LeftOut(f"{url} leads from one address to the next without an end")

    def _check(self, url: str) -> None:
        try:
            parts = urlsplit(url)
            host = parts.hostname
        except ValueError:
            host = None
        if not host or not (parts.scheme == "https" or (parts.scheme == "http" and self.here and host in _HERE)):
            raise LeftOut(f"{url} is no https address")


def anew(file: Path) -> BinaryIO:
    """A new file to write to. What an interrupted run left of that name may have a second name by now, and content that
    must not change."""
    file.unlink(missing_ok=True)
    return file.open("xb")


async def _save(url: str, response: httpx.Response, file: Path) -> None:
    size = 0
    with told(file, "written"), anew(file) as stream:
        async for piece in response.aiter_bytes(65_536):
            size += len(piece)
            if size > MAX_SENT:
                raise LeftOut(f"{url} has more than {MAX_SENT // 1_000_000} MB")
            stream.write(piece)


@asynccontextmanager
async def fetching(
    folder: Path, sleep: Callable[[float], Awaitable[None]], transport: httpx.AsyncBaseTransport | None, *, here: bool
) -> AsyncIterator[Fetcher]:
    """A fetcher as long as the block runs, with a connection of its own that says who asks and proves nothing."""
    http = httpx.AsyncClient(
        headers={"User-Agent": f"pinsync/{__version__} (Python {platform.python_version()})", "Accept": "image/*"},
        timeout=_TIMEOUT,
        transport=transport,
        trust_env=not here,
    )
    async with http:
        yield Fetcher(http, folder, sleep, here)


@asynccontextmanager
async def pictures(fetcher: Fetcher | None, urls: Sequence[str]) -> AsyncIterator[list[Fetched]]:
    """The pictures at these addresses as long as the block runs; none without a fetcher. Raises LeftOut."""
    fetched: list[Fetched] = []
    try:
        if fetcher:
            for url in urls:
                fetched.append(await fetcher.fetch(url))  # noqa: PERF401 - what is there goes when the next one fails
        yield fetched
    finally:
        for one in fetched:
            one.file.unlink(missing_ok=True)

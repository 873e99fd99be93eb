"""Getting videos to Pinterest: register, upload, wait until they are processed.

A few uploads go on at once, beside all else; a pin waits for its own video only. What was uploaded and not used is remembered
by what the file contains, and used by the next run.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from pinsync.applying.ledger import Ledger
from pinsync.applying.outcome import Step, Transfer, Watcher
from pinsync.applying.stopping import Stop
from pinsync.errors import InDoubt, Interrupted, NotDone, PinsyncError, Refused, UploadExpired
from pinsync.model.kind import Uploaded
from pinsync.model.resource import Video
from pinsync.pinterest.answers import Registration
from pinsync.pinterest.client import Client
from pinsync.pinterest.operations import get_media, register_media
from pinsync.pinterest.storage import Source, Storage

AT_ONCE = 3
"""How many videos are uploaded side by side: more would only share the same line."""

ATTEMPTS = 4
"""How often the upload of a video is begun at most in a run."""

_FIRST_LOOK = 1.5  # seconds
_GROWTH = 1.6
_LONGEST_LOOK = 60.0
_ARRIVED = ("processing", "succeeded")


@dataclass(frozen=True, slots=True)
class Means:
    """What uploading needs. ``processing`` is how long Pinterest may take for a video until the run goes on without it."""

    root: Path
    client: Client
    storage: Storage
    sleep: Callable[[float], Awaitable[None]]
    stop: Stop
    processing: timedelta
    watch: Watcher


class Left(PinsyncError):
    """A video was not uploaded because its pin will not be made in this run; the message says why."""

    usual = "Run it again for what is left."


class Uploads:
    """The videos of a run."""

    def __init__(self, ledger: Ledger, means: Means) -> None:
        self._ledger = ledger
        self._means = means
        self._tasks: dict[str, asyncio.Task[Uploaded]] = {}
        self._lines = asyncio.Semaphore(AT_ONCE)

    @asynccontextmanager
    async def under_way(self, videos: Mapping[str, Video], reason_to_skip: Callable[[str], str]) -> AsyncIterator[None]:
        """Uploads the videos of these addresses, in order, while the block runs. ``reason_to_skip`` tells right before why the
        pin of an address is not to be made, or nothing."""
        self._tasks = {
            address: asyncio.create_task(self._bring(address, video, reason_to_skip))
            for address, video in videos.items()
        }
        try:
            yield
        finally:
            for task in self._tasks.values():
                task.cancel()
            await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def ready(self, address: str) -> Uploaded:
        """The video of a pin, once Pinterest is done with it. Raises PinsyncError where that fails."""
        return await self._tasks[address]

    async def _bring(self, address: str, video: Video, reason_to_skip: Callable[[str], str]) -> Uploaded:
        try:
            async with self._lines:
                reason = reason_to_skip(address)
                if reason:
                    raise Left(reason)
                media_id, status = await self._uploaded_before(video)
                media_id = media_id or await self._upload(address, video)
            if status != "succeeded":
                await self._until_processed(media_id, address, video)
        finally:
            self._tell(address, video, Step.OVER)
        return Uploaded(media_id)

    async def _uploaded_before(self, video: Video) -> tuple[str, str]:
        """The media of an earlier run that can be used, and how far it is; or nothing."""
        while media_id := self._ledger.take_media(video.fingerprint):
            status = await self._status(media_id)
            if status in _ARRIVED or (status == "registered" and self._ledger.is_uploaded(media_id)):
                self._ledger.media_uploaded(media_id)
                return media_id, status
            self._ledger.discard_media(media_id)
        return "", ""

    async def _status(self, media_id: str) -> str:
        """How far Pinterest is with it; ``gone`` where it knows nothing of it any more. Raises ApiError."""
        try:
            return (await self._means.client.send(get_media(media_id)))["status"]
        except Refused as error:
            if error.status != 404:
                raise
            return "gone"

    async def _upload(self, address: str, video: Video) -> str:
        """Registers and uploads, again where that can help; returns the id of the media. Raises PinsyncError."""
        registration: Registration | None = None
        failure: PinsyncError
        for attempt in range(ATTEMPTS):
            if attempt:
                await self._means.sleep(_FIRST_LOOK * attempt)
            registration = registration or await self._register(video)
            media_id = registration["media_id"]
            try:
                await self._send(address, registration, video)
            except UploadExpired as error:
                self._ledger.discard_media(media_id)
                registration, failure = None, error
            except InDoubt as error:
                if await self._status(media_id) in _ARRIVED:
                    break
                # Storage may have hung up on parameters that it does not take any more.
                self._ledger.discard_media(media_id)
                registration, failure = None, error
            except PinsyncError as error:
                if not isinstance(error, NotDone) or isinstance(error, Interrupted):
                    self._ledger.discard_media(media_id)
                    raise
                failure = error
            else:
                break
        else:
            if registration:
                self._ledger.discard_media(registration["media_id"])
            raise PinsyncError(f"{video.source} could not be uploaded: {failure.message}", "Run it again later.")
        self._ledger.media_uploaded(media_id)
        await self._ledger.secure_media()
        return media_id

    async def _register(self, video: Video) -> Registration:
        registration = await self._means.client.send(register_media())
        self._ledger.media_registered(registration["media_id"], video)
        return registration

    async def _send(self, address: str, registration: Registration, video: Video) -> None:
        means = self._means
        source = Source(means.root / video.source, video.source, video.size, video.stamp)
        self._tell(address, video, Step.UPLOADING)
        await means.storage.upload(
            registration, source, lambda sent: self._tell(address, video, Step.UPLOADING, sent), means.stop.check
        )

    async def _until_processed(self, media_id: str, address: str, video: Video) -> None:
        """Asks at growing intervals. Raises PinsyncError where processing failed or takes too long."""
        wait, waited = _FIRST_LOOK, 0.0
        self._tell(address, video, Step.PROCESSING, video.size)
        await self._means.sleep(wait)  # it never takes less
        while (status := await self._status(media_id)) != "succeeded":
            if status in ("failed", "gone"):
                self._ledger.discard_media(media_id)
                raise PinsyncError(
                    f"Pinterest could not process {video.source} (media {media_id}); it gives no reason",
                    "Check that it plays, and export it anew as MP4 with H.264 pictures and AAC sound.",
                )
            if waited >= self._means.processing.total_seconds():
                raise PinsyncError(
                    f"Pinterest is still processing {video.source} (media {media_id}) after {_spoken(waited)}",
                    "Run it again later: it goes on with the same upload. `processing:` in pinsync.yaml sets how long to wait.",
                )
            await self._means.sleep(wait)
            waited += wait
            wait = min(_LONGEST_LOOK, wait * _GROWTH)

    def _tell(self, address: str, video: Video, step: Step, sent: int = 0) -> None:
        self._means.watch(Transfer(address, video.source, step, sent, video.size))


def _spoken(seconds: float) -> str:
    return f"{seconds:.0f} seconds" if seconds < 120 else f"{seconds / 60:.0f} minutes"

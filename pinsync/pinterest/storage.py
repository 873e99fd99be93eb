"""Uploading a video to where Pinterest says: storage that is not the API and never sees the token.

Source of the form: the official API description, version 5.23.0, operation media/create: a POST of multipart/form-data with
every upload parameter as a field, then the file as the last one.
"""

from __future__ import annotations

import asyncio
import os
import re
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import BinaryIO, Final
from urllib.parse import urlsplit

import httpx

from pinsync.errors import ApiError, InDoubt, NotDone, PinsyncError, Refused, UploadExpired
from pinsync.model.resource import file_stamp
from pinsync.pinterest.answers import Registration
from pinsync.pinterest.client import LONGEST_CALL, NEVER_SENT, USER_AGENT

OPERATION: Final = "the upload"

_CHUNK = 1_048_576  # bytes read and sent at a time
_LONGEST_ANSWER = 65_536
_TIMEOUT = httpx.Timeout(connect=10.0, read=LONGEST_CALL, write=LONGEST_CALL, pool=None)
_CODE, _MESSAGE = (re.compile(rf"<{name}>([^<]{{1,300}})</{name}>") for name in ("Code", "Message"))
_EXPIRED = ("ExpiredToken", "RequestTimeTooSkewed")
_AGAIN = (408, 429, 500, 502, 503, 504)


@dataclass(frozen=True, slots=True)
class Source:
    """A file to be uploaded, of this many bytes, that still has this :func:`file_stamp`. ``name`` is what people call it."""

    file: Path
    name: str
    size: int
    stamp: str


class Storage:
    """Where videos go. Use it as an async context manager.

    ``local`` says that the API is on this machine, so that storage may be, too: only then is plain http taken, and no proxy
    asked. ``transport`` replaces the network.
    """

    def __init__(self, *, local: bool, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._local = local
        self._transport = transport

    @cached_property
    def _http(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            headers={"User-Agent": USER_AGENT},
            timeout=_TIMEOUT,
            transport=self._transport,
            trust_env=not self._local,
            follow_redirects=False,
        )

    async def aclose(self) -> None:
        """Closes the connections, if there are any."""
        if "_http" in self.__dict__:
            await self._http.aclose()

    async def upload(
        self, registration: Registration, source: Source, moved: Callable[[int], None], check: Callable[[], None]
    ) -> None:
        """Sends the file, in constant memory. ``moved`` hears how many bytes are on their way; ``check`` is called now and then
        and stops the upload by raising.

        Raises UploadExpired, NotDone, InDoubt where the answer was lost, Refused, or PinsyncError where the file is not the one
        that was looked at.
        """
        url = self._checked(registration["upload_url"])
        boundary = secrets.token_hex(16)
        head, tail = _around(registration.get("upload_parameters") or {}, source.name, boundary)
        headers = {
            "Content-Type": f"multipart/form-data; boundary={boundary}",
            "Content-Length": str(len(head) + source.size + len(tail)),
        }
        try:
            with source.file.open("rb") as stream:
                body = _body(head, stream, tail, source, moved, check)
                request = self._http.build_request("POST", url, headers=headers, content=body)
                response = await self._http.send(request, stream=True)
                try:
                    told = await _beginning(response)
                finally:
                    await response.aclose()
        except OSError as error:
            raise PinsyncError(
                f"{source.name} cannot be read: {error.strerror}", "Make it readable, and plan again."
            ) from error
        except NEVER_SENT as error:
            raise NotDone(
                f"storage could not be reached: {error}", "Check the network.", operation=OPERATION
            ) from error
        except httpx.RequestError as error:
            raise InDoubt(f"no answer from storage ({type(error).__name__})", operation=OPERATION) from error
        if not response.is_success:
            raise _verdict(response.status_code, told)

    def _checked(self, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme == "https" or (self._local and parts.scheme == "http"):
            return url
        raise Refused(
            f"Pinterest names {parts.scheme}://{parts.netloc} to upload to, which is not https",
            "Nothing was sent there. Check PINTEREST_API_URL.",
            operation=OPERATION,
        )


def _around(parameters: Mapping[str, str], name: str, boundary: str) -> tuple[bytes, bytes]:
    """What goes before and after the file."""
    lines: list[str] = []
    for key, value in parameters.items():
        lines += [f"--{boundary}", f'Content-Disposition: form-data; name="{_quoted(key)}"', "", str(value)]
    # The name that the file has here is nobody's business there.
    ending = "mov" if name.lower().endswith(".mov") else "mp4"
    kind = "video/quicktime" if ending == "mov" else "video/mp4"
    lines += [
        f"--{boundary}",
        f'Content-Disposition: form-data; name="file"; filename="video.{ending}"',
        f"Content-Type: {kind}",
        "",
        "",
    ]
    return "\r\n".join(lines).encode(), f"\r\n--{boundary}--\r\n".encode()


def _quoted(name: str) -> str:
    # As browsers write the name of a field.
    return name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")


async def _body(
    head: bytes,
    stream: BinaryIO,
    tail: bytes,
    source: Source,
    moved: Callable[[int], None],
    check: Callable[[], None],
) -> AsyncIterator[bytes]:
    """The form. Where somebody writes to the file meanwhile, or did before, the form never ends, so that storage takes
    nothing."""
    sent = 0
    yield head
    while chunk := await asyncio.to_thread(stream.read, _CHUNK):
        check()
        sent += len(chunk)
        if sent > source.size:
            break
        yield chunk
        moved(sent)
    if sent != source.size or file_stamp(os.fstat(stream.fileno())) != source.stamp:
        raise PinsyncError(
            f"{source.name} changed after the plan was made, or while it was uploaded",
            "Plan again once it does not change any more.",
        )
    yield tail


async def _beginning(response: httpx.Response) -> str:
    told = b""
    async for chunk in response.aiter_bytes():
        told += chunk
        if len(told) > _LONGEST_ANSWER:
            break
    return told[:_LONGEST_ANSWER].decode("utf-8", "replace")


def _verdict(status: int, told: str) -> ApiError:
    """What an answer of storage means: it explains itself in XML."""
    code, message = _CODE.search(told), _MESSAGE.search(told)
    name = code[1] if code else ""
    text = f"storage refused the upload: {message[1] if message else name or 'no explanation'} (HTTP {status}"
    text += f", {name})" if name else ")"
    if name in _EXPIRED or (status == 403 and "expired" in told.lower()):
        return UploadExpired(text, operation=OPERATION, status=status)
    if status in _AGAIN or name == "RequestTimeout":
        return NotDone(text, operation=OPERATION, status=status)
    return Refused(text, operation=OPERATION, status=status)

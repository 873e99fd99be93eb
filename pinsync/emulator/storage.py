"""Where videos are uploaded to: storage that takes a form as S3 does, with a signed policy, and answers in XML.

Source: Amazon's documentation of browser-based uploads (POST), its error codes and their statuses.
"""

from __future__ import annotations

import base64
import hmac
import json
import logging
import secrets
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO
from xml.sax.saxutils import escape

import anyio
from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from pinsync.emulator import media, misbehaving, videos
from pinsync.emulator.calls import World
from pinsync.emulator.faults import FaultPlan
from pinsync.emulator.operations import PROCESSING, UPLOAD
from pinsync.emulator.store import row_id

FOLDER = "videos"
_MOST_FIELDS = 65_536  # bytes that all fields before the file may have
_IGNORED = ("x-amz-signature", "policy", "file")

_log = logging.getLogger("pinsync.emulator")


class Denied(Exception):
    """What storage does not take, with S3's code and status."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message

    def response(self) -> Response:
        """As S3 says it."""
        body = (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f"<Error><Code>{self.code}</Code><Message>{escape(self.message)}</Message>"
            "<RequestId>EMULATOR</RequestId><HostId>emulator</HostId></Error>"
        )
        return Response(body, self.status, media_type="application/xml")


class Storage:
    """The uploads folder of one emulator."""

    def __init__(self, world: World, folder: Path, faults: FaultPlan) -> None:
        self._world = world
        self._folder = folder / FOLDER
        self._faults = faults
        for broken_off in self._folder.glob("*.part"):  # by the end of an earlier emulator
            broken_off.unlink(missing_ok=True)

    def routes(self) -> list[Route]:
        """The form's address, and that of each video for those who watch it."""
        return [
            Route(media.PATH, self.post, methods=["POST"]),
            Route("/videos/{media_id}", self.serve, methods=["GET"]),
        ]

    async def post(self, request: Request) -> Response:
        """Takes one form, faults included."""
        strike = self._faults.strike(UPLOAD)
        if strike.slow:
            await anyio.sleep(strike.slow)
        outcome = strike.outcome
        if outcome and outcome.effect == "expired":
            response = _EXPIRED.response()
        elif outcome and misbehaving.comes_first(outcome):
            response = misbehaving.instead(outcome, ())
        else:
            try:
                response = await self._take(request)
            except Denied as denied:
                response = denied.response()
            if outcome:
                response = misbehaving.afterwards(outcome, response)
        if outcome and response.media_type == "application/json":
            # Misbehaviour is written for the API, which speaks JSON.
            code, message = _FAULTS.get(response.status_code, _OTHER_FAULT)
            response = Denied(response.status_code, code, message).response()
        if not isinstance(response, misbehaving.NoAnswer):
            # Closing on what is still unread would reset the connection, and take the answer from the client.
            with suppress(ClientDisconnect, RuntimeError):
                async for _ in request.stream():
                    pass
        _log.info("POST %s %d %s", media.PATH, response.status_code, UPLOAD)
        return response

    async def serve(self, request: Request) -> Response:
        """The video, or a range of it."""
        file = self._file(row_id(request.path_params["media_id"]))
        if not file.is_file():
            return Response(status_code=404)
        headers = {"x-content-type-options": "nosniff", "content-security-policy": "default-src 'none'"}
        return FileResponse(file, media_type="video/mp4", headers=headers)

    def sweep(self) -> None:
        """Takes away the videos that no pin shows any more."""
        with self._world.store.writing() as db:
            db.execute(
                "DELETE FROM media WHERE used AND id NOT IN (SELECT media_id FROM pins WHERE media_id IS NOT NULL)"
            )
            kept = {row["id"] for row in db.execute("SELECT id FROM media")}
        for file in self._folder.glob("*.mp4"):
            if file.stem.isdigit() and int(file.stem) not in kept:
                file.unlink(missing_ok=True)

    def _file(self, number: int) -> Path:
        return self._folder / f"{number}.mp4"

    async def _take(self, request: Request) -> Response:
        if "authorization" in request.headers:
            raise Denied(400, "InvalidArgument", "Only one auth mechanism allowed; a form brings its own.")
        kind, options = parse_options_header(request.headers.get("content-type"))
        if kind != b"multipart/form-data" or b"boundary" not in options:
            raise Denied(412, "PreconditionFailed", "Bucket POST must be of the enclosure-type multipart/form-data")
        if not request.headers.get("content-length", "").isdigit():
            raise Denied(411, "MissingContentLength", "You must provide the Content-Length HTTP header.")
        form = _Form(self._admit)
        try:
            parser = MultipartParser(options[b"boundary"], form.callbacks())
            async for chunk in request.stream():
                parser.write(chunk)
            parser.finalize()
            if not form.ended:
                raise MultipartParseError("no end")
            number, size = form.finish()
            await run_in_threadpool(self._arrived, number, size, form.temporary)
        except MultipartParseError as error:
            raise Denied(400, "MalformedPOSTRequest", "The body of your POST request is not well-formed.") from error
        except ClientDisconnect:
            raise Denied(400, "IncompleteBody", "You did not provide the number of bytes specified.") from None
        finally:
            form.close()
        return Response(status_code=204, headers={"etag": f'"{number:x}"', "location": f"{media.PATH}{number}"})

    def _admit(self, fields: Mapping[str, str]) -> tuple[int, Path]:
        """Checks what came before the file; returns the upload's number and where its file is written meanwhile."""
        with self._world.store.reading() as db:
            _check_policy(fields, media.signature(db, fields.get("policy", "")), self._world.clock())
            row = db.execute("SELECT * FROM media WHERE key = ?", (fields["key"],)).fetchone()
        if row is None or row["used"]:
            raise Denied(403, "AccessDenied", "Access Denied")
        self._folder.mkdir(exist_ok=True)
        return row["id"], self._folder / f"{row['id']}-{secrets.token_hex(8)}.part"

    def _arrived(self, number: int, size: int, temporary: Path) -> None:
        video = videos.probe(temporary)
        struck = self._faults.strike(PROCESSING).outcome
        problem = {None: video.problem, "failed": "a fault", "stuck": media.STUCK}[struck.effect if struck else None]
        with self._world.store.writing() as db:
            if not db.execute("SELECT 1 FROM media WHERE id = ? AND NOT used", (number,)).fetchone():
                raise Denied(403, "AccessDenied", "Access Denied")  # a pin took what an earlier upload left here
            temporary.replace(self._file(number))
            db.execute(
                "UPDATE media SET uploaded_at = ?, size = ?, width = ?, height = ?, seconds = ?, problem = ? WHERE id = ?",
                (self._world.clock(), size, video.width, video.height, video.seconds, problem, number),
            )
        self.sweep()


_FAULTS = {
    500: ("InternalError", "We encountered an internal error. Please try again."),
    503: ("SlowDown", "Please reduce your request rate."),
}
_OTHER_FAULT = ("InvalidRequest", "The emulator was told to fail here.")
_EXPIRED = Denied(403, "AccessDenied", "Invalid according to Policy: Policy expired.")


def _check_policy(fields: Mapping[str, str], signature: str, now: float) -> None:
    if "policy" not in fields:
        raise Denied(403, "AccessDenied", "Access Denied")
    if not hmac.compare_digest(fields.get("x-amz-signature", ""), signature):
        raise Denied(403, "SignatureDoesNotMatch", "The request signature we calculated does not match the signature you "
                     "provided.")  # fmt: skip
    policy: Mapping[str, Any] = json.loads(base64.b64decode(fields["policy"]))
    if datetime.fromisoformat(policy["expiration"]).timestamp() <= now:
        raise _EXPIRED
    wanted = {name: value for entry in policy["conditions"] if isinstance(entry, dict) for name, value in entry.items()}
    for name, value in wanted.items():
        if fields.get(name) != value:
            shown = json.dumps(["eq", f"${name}", value])
            raise Denied(403, "AccessDenied", f"Invalid according to Policy: Policy Condition failed: {shown}")
    extra = [name for name in fields if name not in wanted and name not in _IGNORED]
    if extra:
        raise Denied(403, "AccessDenied", f"Invalid according to Policy: Extra input fields: {extra[0]}")


class _Form:
    """A form as it comes in: fields are kept, then the file is written as it arrives."""

    def __init__(self, admit: Any) -> None:
        self.ended = False
        self.temporary = Path()
        self._admit = admit
        self._fields: dict[str, str] = {}
        self._held = 0
        self._header = b""
        self._text = b""
        self._headers: dict[bytes, bytes] = {}
        self._value = b""
        self._name = ""
        self._stream: BinaryIO | None = None
        self._number = 0
        self._size = 0

    def callbacks(self) -> Any:
        """What the parser tells."""
        return {
            "on_part_begin": self._part_begins,
            "on_header_field": self._header_field,
            "on_header_value": self._header_value,
            "on_header_end": self._header_ends,
            "on_headers_finished": self._headers_end,
            "on_part_data": self._data,
            "on_part_end": self._part_ends,
            "on_end": self._end,
        }

    def finish(self) -> tuple[int, int]:
        """The upload's number, and the size of its file."""
        if self._stream is None:
            raise Denied(400, "InvalidArgument", "POST requires exactly one file upload per request.")
        if not self._size:
            raise Denied(400, "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size")
        self._stream.close()
        return self._number, self._size

    def close(self) -> None:
        """Leaves nothing of a form that did not come to its end."""
        if self._stream is not None:
            self._stream.close()
            with suppress(FileNotFoundError):
                self.temporary.unlink()

    def _part_begins(self) -> None:
        if self._stream is not None:
            raise Denied(400, "InvalidArgument", "The file has to be the last field of the form.")
        self._headers, self._value = {}, b""

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]
        self._hold(end - start)

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._text += data[start:end]
        self._hold(end - start)

    def _header_ends(self) -> None:
        self._headers[self._header.lower()] = self._text
        self._header = self._text = b""

    def _headers_end(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition"))
        self._name = options.get(b"name", b"").decode("utf-8", "replace")
        if self._name == "file":
            self._number, self.temporary = self._admit(self._fields)
            self._stream = self.temporary.open("wb")

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._stream is None:
            self._value += data[start:end]
            self._hold(end - start)
            return
        self._size += end - start
        if self._size > media.LARGEST:
            raise Denied(400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size")
        self._stream.write(memoryview(data)[start:end])

    def _part_ends(self) -> None:
        if self._stream is None:
            if self._name in self._fields:
                raise Denied(400, "InvalidArgument", f"The form has the field {self._name} twice.")
            self._fields[self._name] = self._value.decode("utf-8", "replace")

    def _end(self) -> None:
        self.ended = True

    def _hold(self, count: int) -> None:
        self._held += count
        if self._held > _MOST_FIELDS:
            raise Denied(400, "MaxPostPreDataLengthExceededError", "Your POST request fields preceding the upload file "
                         "were too large.")  # fmt: skip

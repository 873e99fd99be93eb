"""Uploading to storage: what is sent, what is never sent, and what its answers mean."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from email import message_from_bytes
from email.policy import HTTP
from pathlib import Path

import httpx
import pytest
import respx

from pinsync.errors import InDoubt, Interrupted, NotDone, PinsyncError, Refused, UploadExpired
from pinsync.model.resource import file_stamp
from pinsync.pinterest.answers import Registration
from pinsync.pinterest.storage import Source, Storage

URL = "https://storage.example/uploads"
PARAMETERS = {"Content-Type": "multipart/form-data", "key": "uploads/3:video:1", "policy": "eyJ==", 'odd"na\nme': "x"}
DATA = bytes(range(256)) * 9_000  # more than two chunks


def source(folder: Path, data: bytes = DATA, name: str = "soup.mp4") -> Source:
    file = folder / "a secret name.mp4"
    file.write_bytes(DATA)
    looked_at = file_stamp(file.stat())
    if data is not DATA:
        file.write_bytes(data)
        os.utime(file, (1, 1))
    return Source(file, name, len(DATA), looked_at)


def upload(
    what: Source,
    url: str = URL,
    moved: Callable[[int], None] = lambda sent: None,
    check: Callable[[], None] = lambda: None,
    *,
    local: bool = False,
) -> None:
    async def run() -> None:
        storage = Storage(local=local)
        try:
            registration: Registration = {"media_id": "1", "upload_url": url, "upload_parameters": PARAMETERS}
            await storage.upload(registration, what, moved, check)
        finally:
            await storage.aclose()

    asyncio.run(run())


def parts(request: httpx.Request) -> list[tuple[str, bytes]]:
    """The form as a reader of MIME takes it: names and values in order."""
    head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
    form = message_from_bytes(head + request.content, policy=HTTP)
    return [
        (str(part.get_param("name", header="content-disposition")), part.get_payload(decode=True))
        for part in form.iter_parts()
    ]


@respx.mock
def test_every_parameter_goes_before_the_file_and_no_token_goes_at_all(tmp_path: Path) -> None:
    route = respx.post(URL).mock(return_value=httpx.Response(204))
    steps: list[int] = []
    upload(source(tmp_path), moved=steps.append)
    request = route.calls.last.request
    sent = parts(request)
    assert [name for name, _ in sent] == ["Content-Type", "key", "policy", "odd%22na%0Ame", "file"]
    assert [value for _, value in sent] == [b"multipart/form-data", b"uploads/3:video:1", b"eyJ==", b"x", DATA]
    assert "authorization" not in request.headers
    assert int(request.headers["content-length"]) == len(request.content)
    assert b"secret" not in request.content
    assert b"soup" not in request.content
    assert steps == [1_048_576, 2_097_152, len(DATA)]


@pytest.mark.parametrize(
    ("data", "url"),
    [(DATA[:-1] + b"x", URL), (DATA + b"x", URL), (DATA[:-1], URL), (b"", URL)],
    ids=["other bytes", "longer", "shorter", "empty"],
)
@respx.mock
def test_a_file_that_is_another_by_now_is_never_sent_whole(tmp_path: Path, data: bytes, url: str) -> None:
    route = respx.post(url).mock(return_value=httpx.Response(204))
    with pytest.raises(PinsyncError, match=r"soup\.mp4 changed after the plan was made"):
        upload(source(tmp_path, data))
    assert not route.called, "the form did not come to its end"


@respx.mock
def test_a_file_that_is_gone_is_named(tmp_path: Path) -> None:
    gone = source(tmp_path)
    gone.file.unlink()
    with pytest.raises(PinsyncError, match=r"soup\.mp4 cannot be read: No such file"):
        upload(gone)


@pytest.mark.parametrize(("url", "local"), [("http://storage.example/", False), ("ftp://storage.example/", True)])
def test_nothing_is_sent_where_others_can_read_it(tmp_path: Path, url: str, local: bool) -> None:
    with respx.mock, pytest.raises(Refused, match="not https"):
        upload(source(tmp_path), url, local=local)


def xml(code: str, message: str) -> str:
    return f'<?xml version="1.0"?><Error><Code>{code}</Code><Message>{message}</Message></Error>'


@pytest.mark.parametrize(
    ("status", "body", "expected", "told"),
    [
        (403, xml("AccessDenied", "Invalid according to Policy: Policy expired."), UploadExpired, "Policy expired"),
        (400, xml("ExpiredToken", "The provided token has expired."), UploadExpired, "ExpiredToken"),
        (403, xml("SignatureDoesNotMatch", "The signature does not match."), Refused, "signature does not match"),
        (400, xml("EntityTooLarge", "Your upload is too large"), Refused, "too large .HTTP 400, EntityTooLarge"),
        (400, xml("RequestTimeout", "Idle"), NotDone, "Idle"),
        (503, xml("SlowDown", "Reduce your rate"), NotDone, "Reduce your rate"),
        (500, "<html>" + "x" * 100_000, NotDone, "no explanation .HTTP 500"),
        (307, "", Refused, "no explanation"),
        (403, "<Code>" * 9_000, Refused, "no explanation"),
    ],
)
@respx.mock
def test_what_storage_answers(tmp_path: Path, status: int, body: str, expected: type[Exception], told: str) -> None:
    respx.post(URL).mock(
        return_value=httpx.Response(status, text=body, headers={"location": "https://elsewhere.example"})
    )
    with pytest.raises(PinsyncError, match=told) as caught:
        upload(source(tmp_path))
    assert type(caught.value) is expected
    assert len(caught.value.message) < 500


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (httpx.ConnectError("no"), NotDone),
        (httpx.ReadTimeout("no"), InDoubt),
        (httpx.RemoteProtocolError("no"), InDoubt),
    ],
)
@respx.mock
def test_what_a_failing_network_means(tmp_path: Path, error: Exception, expected: type[Exception]) -> None:
    respx.post(URL).mock(side_effect=error)
    with pytest.raises(PinsyncError) as caught:
        upload(source(tmp_path))
    assert type(caught.value) is expected


@respx.mock
def test_an_upload_stops_when_asked(tmp_path: Path) -> None:
    route = respx.post(URL).mock(return_value=httpx.Response(204))

    def check() -> None:
        raise Interrupted("the run was stopped")

    with pytest.raises(Interrupted):
        upload(source(tmp_path), check=check)
    assert not route.called

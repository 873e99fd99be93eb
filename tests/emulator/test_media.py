"""Uploads: registered, sent to storage, processed, shown; and everything that storage and pins do not take."""

from __future__ import annotations

import asyncio
import base64
import json
import re
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from pinsync.emulator.server import running
from pinsync.emulator.settings import EmulatorSettings
from tests.emulator.client import Clock, created, emulator, picture, refusal, shown_video, upload
from tests.emulator.elements import Elements
from tests.videos import video

Fields = list[tuple[str, str]]


class Uploading:
    """An emulator with a clock of its own."""

    def __init__(self, folder: Path, *faults: str) -> None:
        self.folder = folder
        self.clock = Clock()
        self.client = emulator(folder, *faults, clock=self.clock, media_processing=10, upload_lifetime=60)

    def status(self, media_id: str) -> str:
        return str(self.client.get(f"/media/{media_id}").json()["status"])

    def video(self, data: bytes | None = None) -> str:
        """The id of an upload that is processed."""
        media_id, answer = upload(self.client, video() if data is None else data)
        assert answer.status_code == 204, answer.text
        self.clock.now += 10
        return media_id

    def pin(self, media_id: str, **cover: Any) -> httpx.Response:
        boards = self.client.get("/boards").json()["items"]
        board = boards[0]["id"] if boards else self.client.board()
        return self.client.post("/pins", json={"board_id": board, "media_source": shown_video(media_id, **cover)})

    def files(self) -> set[str]:
        return {file.name for file in (self.folder / "videos").glob("*")}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Uploading]:
    world = Uploading(tmp_path)
    with world.client:
        yield world


def test_an_upload_goes_from_registered_to_processing_to_succeeded(world: Uploading) -> None:
    media_id = world.client.post("/media", json={"media_type": "video"}).json()["media_id"]
    assert world.status(media_id) == "registered"
    media_id, answer = upload(world.client, video())
    assert (answer.status_code, answer.content) == (204, b"")
    assert world.status(media_id) == "processing"
    world.clock.now += 10
    assert world.status(media_id) == "succeeded"
    listed = world.client.get("/media", params={"page_size": 1}).json()
    assert [one["media_id"] for one in listed["items"]] == [media_id]
    assert len(world.client.get("/media", params={"bookmark": listed["bookmark"]}).json()["items"]) == 1


@pytest.mark.parametrize(
    "data",
    [
        b"no video at all",
        video(sound_only=True),
        video(padding=99)[:-9],
        video(3),
        video(901),
        video(size=(100, 201 * 2)),
        video(brand=b"3gp4"),
    ],
    ids=["a text", "sound", "cut off", "short", "long", "narrow", "3GP"],
)
def test_what_is_no_video_for_pinterest_fails(world: Uploading, data: bytes) -> None:
    media_id = world.video(data)
    assert world.status(media_id) == "failed"
    assert "cannot be used: it is failed" in refusal(world.pin(media_id))[2]


def titled(title: bytes) -> bytes:
    """A video with a title in its tags."""

    def box(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I4s", 8 + len(content), name) + content

    whole = video(index_last=True)
    start = whole.rindex(b"moov") - 4
    tag = box(b"ilst", box(b"\xa9nam", box(b"data", struct.pack(">II", 1, 0) + title)))
    tags = box(b"meta", bytes(4) + box(b"hdlr", bytes(8) + b"mdirappl" + bytes(9)) + tag)
    return whole[:start] + box(b"moov", whole[start + 8 :] + box(b"udta", tags))


@pytest.mark.parametrize("title", [b"\xed\xa0\x80", b"\xef\xbf\xbf"], ids=["surrogate", "no character"])
def test_a_title_that_no_text_should_have_is_no_reason_to_fail(world: Uploading, title: bytes) -> None:
    assert world.status(world.video(titled(title))) == "succeeded"


def without(name: str) -> Callable[[Fields], object]:
    return lambda fields: fields.remove(next(field for field in fields if field[0] == name))


def with_value(name: str, value: str) -> Callable[[Fields], object]:
    def change(fields: Fields) -> None:
        fields[:] = [(key, value if key == name else old) for key, old in fields]

    return change


def with_policy(fields: Fields) -> None:
    """Gives oneself a later end."""
    told = json.loads(base64.b64decode(dict(fields)["policy"]))
    told["expiration"] = "2099-01-01T00:00:00.000Z"
    with_value("policy", base64.b64encode(json.dumps(told).encode()).decode())(fields)


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        (without("policy"), 403, "AccessDenied"),
        (without("x-amz-signature"), 403, "SignatureDoesNotMatch"),
        (without("x-amz-security-token"), 403, "AccessDenied"),
        (without("key"), 403, "AccessDenied"),
        (with_value("x-amz-signature", "0" * 64), 403, "SignatureDoesNotMatch"),
        (with_value("key", "uploads/of/another"), 403, "AccessDenied"),
        (with_value("Content-Type", "video/mp4"), 403, "AccessDenied"),
        (with_policy, 403, "SignatureDoesNotMatch"),
        (lambda fields: fields.append(("acl", "public-read")), 403, "AccessDenied"),
        (lambda fields: fields.append(("key", dict(fields)["key"])), 400, "InvalidArgument"),
        (lambda fields: fields.append(("x", "y" * 70_000)), 400, "MaxPostPreDataLengthExceededError"),
    ],
)
def test_storage_takes_the_form_as_it_was_given_out_and_no_other(
    world: Uploading, change: Callable[[Fields], object], status: int, code: str
) -> None:
    media_id, answer = upload(world.client, video(), change)
    assert answer.status_code == status
    assert re.fullmatch(
        rf"<\?xml .*<Error><Code>{code}</Code><Message>[^<]+</Message>.*</Error>", answer.text, re.DOTALL
    )
    assert world.status(media_id) == "registered"
    assert world.files() == set()


def test_storage_does_not_want_the_token(world: Uploading) -> None:
    _, answer = upload(world.client, video(), authorization="Bearer emulator")
    assert (answer.status_code, "<Code>InvalidArgument</Code>" in answer.text) == (400, True)


def test_an_upload_has_its_time(world: Uploading) -> None:
    _, answer = upload(world.client, video(), lambda fields: setattr(world.clock, "now", world.clock.now + 60))
    assert "Policy expired" in answer.text


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("500-after", (500, "InternalError", "processing")),
        ("503-before", (503, "SlowDown", "registered")),
        ("expired", (403, "AccessDenied", "registered")),
    ],
)
def test_storage_fails_in_xml(tmp_path: Path, fault: str, told: tuple[int, str, str]) -> None:
    world = Uploading(tmp_path, f"storage/upload:{fault}")
    with world.client:
        media_id, answer = upload(world.client, video())
        assert (answer.status_code, answer.headers["content-type"]) == (told[0], "application/xml")
        assert f"<Code>{told[1]}</Code>" in answer.text
        assert world.status(media_id) == told[2]


def test_a_refusal_reaches_a_client_that_is_still_sending(tmp_path: Path) -> None:
    async def send(address: str) -> int:
        async with httpx.AsyncClient() as http:
            files = {"key": (None, "uploads/of/another"), "file": ("it.mp4", bytes(5_000_000))}
            return (await http.post(address, files=files)).status_code

    with running(EmulatorSettings(tmp_path)) as origin:
        assert asyncio.run(send(f"{origin}/uploads/")) == 403


def form(world: Uploading, *parts: tuple[str, bytes], end: bytes = b"\r\n--b--\r\n") -> httpx.Response:
    """A form written by hand, after the fields that were given out."""
    told = world.client.post("/media", json={"media_type": "video"}).json()
    fields = [(name, value.encode()) for name, value in told["upload_parameters"].items()]
    body = b"".join(
        b'\r\n--b\r\nContent-Disposition: form-data; name="' + name.encode() + b'"\r\n\r\n' + value
        for name, value in [*fields, *parts]
    )
    world.client.headers.pop("authorization", None)
    headers = {"content-type": "multipart/form-data; boundary=b"}
    return world.client.post(told["upload_url"], content=body[2:] + end, headers=headers)


@pytest.mark.parametrize(
    ("parts", "end", "code"),
    [
        ([("file", video()), ("x", b"y")], b"\r\n--b--\r\n", "InvalidArgument"),
        ([], b"\r\n--b--\r\n", "InvalidArgument"),
        ([("file", b"")], b"\r\n--b--\r\n", "EntityTooSmall"),
        ([("file", video())], b"", "MalformedPOSTRequest"),
        ([("file", video())], b"\r\n--c--\r\n", "MalformedPOSTRequest"),
    ],
    ids=["file not last", "no file", "empty file", "no end", "another end"],
)
def test_a_form_that_is_not_whole_leaves_nothing(
    world: Uploading, parts: list[tuple[str, bytes]], end: bytes, code: str
) -> None:
    answer = form(world, *parts, end=end)
    assert (answer.status_code, f"<Code>{code}</Code>" in answer.text) == (400, True), answer.text
    assert world.files() == set()


@pytest.mark.parametrize(
    "cover",
    [
        {"cover_image_key_frame_time": 0},
        {"cover_image_key_frame_time": 99},
        {"cover_image_key_frame_time": 10**400},
        {"cover_image_url": "https://example.com/a.jpg"},
        {"cover_image_content_type": "image/jpeg", "cover_image_data": base64.b64encode(picture()).decode()},
    ],
)
def test_a_pin_shows_the_video_with_its_cover(world: Uploading, cover: dict[str, Any]) -> None:
    data = video(5.5, (320, 240), turned=90)
    pin = world.pin(world.video(data), **cover).json()
    media = pin["media"]
    assert (pin["creative_type"], media["media_type"]) == ("VIDEO", "video")
    assert (media["width"], media["height"], media["duration"]) == (240, 320, 5500)
    assert world.client.get(media["cover_image_url"]).headers["content-type"] == "image/jpeg"
    part = world.client.get(media["video_url"], headers={"range": "bytes=4-7"})
    assert (part.status_code, part.content) == (206, b"ftyp")
    assert world.client.get(media["video_url"]).content == data
    elements = Elements(world.client.page().text)
    assert elements.all("video", "src") == [media["video_url"].removeprefix("http://emulator")]
    assert all(poster.startswith("/media/600x/") for poster in elements.all("video", "poster"))


@pytest.mark.parametrize(
    "cover",
    [
        {"cover_image_key_frame_time": 1, "cover_image_url": "https://example.com/a.jpg"},
        {"cover_image_key_frame_time": -1},
        {"cover_image_key_frame_time": "1"},
        {"cover_image_data": base64.b64encode(picture()).decode()},
        {"is_standard": True},
    ],
)
def test_a_cover_is_needed_and_only_one(world: Uploading, cover: dict[str, Any]) -> None:
    world.client.checking = False
    media_id = world.video()
    assert refusal(world.pin(media_id, **cover))[0] == 400
    assert world.pin(media_id).status_code == 201, "the upload is still there"


def test_an_upload_makes_one_pin(world: Uploading) -> None:
    media_id = world.video()
    assert (
        "registered"
        in refusal(world.pin(world.client.post("/media", json={"media_type": "video"}).json()["media_id"]))[2]
    )
    assert refusal(world.pin("12345"))[2].endswith("was not found.")
    created(world.pin(media_id))
    assert refusal(world.pin(media_id))[2].endswith("is used by a pin already.")


def test_the_file_stays_as_long_as_a_pin_shows_it(world: Uploading) -> None:
    first = created(world.pin(world.video()))
    board = world.client.board("b")
    saved = world.client.post(f"/pins/{first}/save", json={"board_id": board}).json()
    (file,) = world.files()
    world.client.delete(f"/pins/{first}")
    world.video()
    assert file in world.files()
    assert world.client.get(saved["media"]["video_url"]).status_code == 200
    world.client.delete(f"/boards/{board}")
    world.video()
    assert file not in world.files()


@pytest.mark.parametrize(
    ("fault", "expected"), [("media/processing:failed", "failed"), ("media/processing:stuck", "processing")]
)
def test_processing_can_go_wrong(tmp_path: Path, fault: str, expected: str) -> None:
    world = Uploading(tmp_path, fault)
    with world.client:
        media_id = world.video()
        world.clock.now += 10_000
        assert world.status(media_id) == expected


def test_everything_is_still_there_after_a_restart(tmp_path: Path) -> None:
    first = Uploading(tmp_path)
    with first.client:
        media_id = first.video()
        (tmp_path / "videos" / "7-left.part").touch()
    second = Uploading(tmp_path)
    second.clock.now += 10
    with second.client:
        assert second.status(media_id) == "succeeded"
        assert second.files() == {f"{media_id}.mp4"}

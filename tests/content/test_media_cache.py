"""What is remembered of media: it saves decoding and changes nothing else."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from pinsync.content import media_cache, pictures
from pinsync.content.loading import MEDIA, load
from pinsync.content.media_cache import MediaCache
from pinsync.content.problems import MediaProblem
from pinsync.content.watching import BYTES
from pinsync.model.resource import Image
from tests.content.corpus import PIN, root
from tests.videos import video
from tests.world import picture

Decoded = list[str]


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> Decoded:
    """The sources of the pictures that were decoded."""
    sources: Decoded = []
    probe = pictures.probe

    def counting(source: str, path: Path) -> Image:
        sources.append(source)
        return probe(source, path)

    monkeypatch.setattr(pictures, "probe", counting)
    return sources


def later(seconds: float = 60) -> Callable[[], int]:
    """A clock that is ahead."""
    return lambda: time.time_ns() + int(seconds * 1e9)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "it.jpg"
    path.write_bytes(picture())
    return path


def probed(file: Path, now: Callable[[], int] | None = None) -> Image:
    """One run: loads the cache beside the picture, asks, saves."""
    cache = MediaCache(file.parent / "cache" / "media.json", now or later())
    image = cache.picture("it.jpg", file)
    cache.save()
    return image


def test_a_picture_is_decoded_once(file: Path, decoded: Decoded) -> None:
    assert probed(file) == probed(file) == probed(file)
    assert decoded == ["it.jpg"]


def test_an_old_picture_is_remembered_by_validate(tmp_path: Path, decoded: Decoded) -> None:
    folder = root(tmp_path, {"p.yaml": PIN})
    load(folder)
    assert not (folder / MEDIA).exists()  # the picture is too young to be sure of
    assert load(folder).resources["pin.p"].images[0].sha256
    assert len(decoded) == 2


def test_how_reading_a_video_gets_on_is_told_once(tmp_path: Path) -> None:
    file = tmp_path / "clip.mp4"
    file.write_bytes(video() + bytes(3_000_000))
    size, told = file.stat().st_size, []
    cache = MediaCache(None, watch=lambda *how_far: told.append(how_far))
    found = cache.video("clip.mp4", file)
    assert found.sha256 == hashlib.sha256(file.read_bytes()).hexdigest()
    assert told == [("clip.mp4", min(read, size), size, BYTES) for read in range(2**20, size + 2**20, 2**20)]


def test_a_change_is_seen(file: Path, decoded: Decoded) -> None:
    before = probed(file)
    file.write_bytes(picture("blue"))
    assert probed(file) != before
    assert len(decoded) == 2


def test_a_change_within_the_same_moment_and_of_the_same_size_is_seen(file: Path, decoded: Decoded) -> None:
    stamp = file.stat()
    before = probed(file, later(1))  # as young as this it may change again without a new time
    data = bytearray(picture())
    data[-40] ^= 1
    file.write_bytes(data)
    os.utime(file, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert file.stat().st_size == stamp.st_size
    assert probed(file, later(1)).sha256 != before.sha256


def test_a_change_while_it_is_looked_at_is_seen(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a file system with coarse times, or where looking takes long, such as with a large video."""
    stamp, probe, now = file.stat(), pictures.probe, [1]

    def slow(source: str, path: Path) -> Image:
        found = probe(source, path)
        data = bytearray(picture())
        data[-40] ^= 1
        file.write_bytes(data)
        os.utime(file, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
        now[0] += 60
        return found

    monkeypatch.setattr(media_cache, "stamp_of", lambda status: [status.st_size, status.st_mtime_ns, 0, status.st_ino])
    monkeypatch.setattr(pictures, "probe", slow)
    before = probed(file, lambda: stamp.st_mtime_ns + now[0] * 10**9)
    monkeypatch.setattr(pictures, "probe", probe)
    assert probed(file).sha256 != before.sha256


def test_a_change_under_an_old_time_is_seen(file: Path, decoded: Decoded) -> None:
    stamp = file.stat()
    before = probed(file)
    data = bytearray(picture())
    data[-40] ^= 1
    file.write_bytes(data)
    os.utime(file, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert probed(file).sha256 != before.sha256


def test_another_file_in_its_place_is_seen(file: Path, decoded: Decoded) -> None:
    probed(file)
    other = file.with_name("other")
    other.write_bytes(picture("blue"))
    other.replace(file)
    probed(file)
    assert len(decoded) == 2


def test_what_is_no_picture_is_not_remembered(file: Path) -> None:
    file.write_bytes(b"<html>")
    for _ in range(2):
        with pytest.raises(MediaProblem):
            probed(file)


def test_a_picture_that_is_gone_is_a_problem(file: Path) -> None:
    probed(file)
    file.unlink()
    with pytest.raises(MediaProblem, match="cannot be read: No such file"):
        probed(file)


def test_what_is_used_no_more_is_forgotten(tmp_path: Path, file: Path) -> None:
    probed(file)
    MediaCache(tmp_path / "cache" / "media.json", later()).save()
    assert json.loads((tmp_path / "cache" / "media.json").read_text())["media"] == {}


@contextmanager
def tampered(path: Path) -> Iterator[dict[str, Any]]:
    document = json.loads(path.read_text())
    yield document
    path.write_text(json.dumps(document))


def entry(change: Callable[[Any], Any]) -> Callable[[dict[str, Any]], None]:
    def apply(document: dict[str, Any]) -> None:
        document["media"]["Image it.jpg"] = change(document["media"]["Image it.jpg"])

    return apply


def image(**changes: Any) -> Callable[[dict[str, Any]], None]:
    """An entry has the stamp of the file and then the values of the picture's fields."""
    names = [field.name for field in fields(Image)]

    def change(old: list[Any]) -> list[Any]:
        stamp, values = old[: -len(names)], old[-len(names) :]
        return [*stamp, *{**dict(zip(names, values, strict=True)), **changes}.values()]

    return entry(change)


DAMAGED: dict[str, Callable[[dict[str, Any]], Any]] = {
    "of an older version": lambda document: document.update(version=1),
    "of a newer version": lambda document: document.update(version="99 1.0"),
    "of no version": lambda document: document.pop("version"),
    "without media": lambda document: document.pop("media"),
    "media a list": lambda document: document.update(media=[1]),
    "media null": lambda document: document.update(media=None),
    "an entry null": entry(lambda old: None),
    "an entry a text": entry(lambda old: "it"),
    "an entry empty": entry(lambda old: []),
    "an entry a number": entry(lambda old: 7),
    "an entry too short": entry(lambda old: old[1:]),
    "an entry without its end": entry(lambda old: old[:-1]),
    "a width of text": image(width="x"),
    "a size of null": image(size=None),
    "a hash of a number": image(sha256=7),
    "a look that is none": image(look="zz"),
    "a field more": image(depth=8),
    "of another picture": image(source="other.jpg"),
}


@pytest.mark.parametrize("damage", DAMAGED.values(), ids=DAMAGED.keys())
def test_a_foreign_or_damaged_memory_is_ignored(
    damage: Callable[[dict[str, Any]], Any], file: Path, decoded: Decoded
) -> None:
    before = probed(file)
    with tampered(file.parent / "cache" / "media.json") as document:
        damage(document)
    assert probed(file) == before
    assert probed(file) == before
    assert len(decoded) == 2


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[]", b"7", b"null", b"\xff\xfe", b"[" * 100_000], ids=lambda data: str(data[:9])
)
def test_a_memory_that_is_nonsense_is_ignored(data: bytes, file: Path, decoded: Decoded) -> None:
    before = probed(file)
    (file.parent / "cache" / "media.json").write_bytes(data)
    assert probed(file) == before
    assert len(decoded) == 2


def test_a_memory_that_is_deleted_or_in_the_way_is_no_error(file: Path, decoded: Decoded) -> None:
    memory = file.parent / "cache" / "media.json"
    before = probed(file)
    memory.unlink()
    assert probed(file) == before
    memory.unlink()
    (memory / "in the way").mkdir(parents=True)
    assert probed(file) == before
    assert [path.name for path in memory.parent.iterdir()] == ["media.json"]


def test_a_memory_in_place_of_its_folder_is_no_error(file: Path) -> None:
    (file.parent / "cache").touch()
    assert probed(file) == replace(probed(file), source="it.jpg")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")
def test_a_memory_that_is_a_pipe_is_not_waited_for(file: Path) -> None:
    (file.parent / "cache").mkdir()
    os.mkfifo(file.parent / "cache" / "media.json")
    assert probed(file).sha256


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="nothing is forbidden to root")
def test_a_folder_that_may_not_be_written_is_no_error(tmp_path: Path) -> None:
    folder = root(tmp_path, {"p.yaml": PIN})
    os.utime(folder / "soup.jpg", (1, 1))
    folder.chmod(0o500)
    try:
        assert load(folder).problems == ()
    finally:
        folder.chmod(0o700)

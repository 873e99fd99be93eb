"""Local videos: what they are, read from their container without decoding them, and whether Pinterest takes them.

The limits are those of Pinterest's documentation: MP4, M4V or MOV; 4 seconds to 15 minutes; 2 GB; a width between half and 1.91
times the height.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from io import BufferedReader
from pathlib import Path
from typing import Any

from pinsync.content.decoding import opened_regular
from pinsync.content.problems import MediaProblem
from pinsync.content.watching import BYTES, Watch, unwatched
from pinsync.model.resource import Video

MAX_BYTES = 2 * 1024**3
SHORTEST, LONGEST = 4.0, 900.0
"""Seconds."""

NARROWEST, WIDEST = 1 / 2, 1.91
"""Width by height."""

_ROUNDING = 0.01
_CHUNK = 1_048_576
_AGAIN = "Export or download it again."
_CONVERT = "Export it as MP4 with H.264 pictures and AAC sound."
_LOOKS_LIKE = (
    (b"version https://git-lfs", "a Git LFS pointer", "Run `git lfs pull` to get the video itself."),
    (b"<!doctype html", "a web page", "Download the video itself, not the page that shows it."),
    (b"<html", "a web page", "Download the video itself, not the page that shows it."),
    (b"\xff\xd8\xff", "a JPEG picture", "Use `image:` for pictures."),
    (b"\x89png", "a PNG picture", "Use `image:` for pictures."),
    (b"gif8", "a GIF", f"Pinterest takes MP4 and MOV. {_CONVERT}"),
)


def probe(source: str, file: Path, watch: Watch = unwatched) -> Video:
    """What ``file`` is, hashed in constant memory. ``source`` is what to call it.

    Raises MediaProblem if it is no video, is damaged, or is none that Pinterest takes.
    """
    try:
        with opened_regular(file) as stream:
            size = os.fstat(stream.fileno()).st_size
            start = stream.read(512)
            if not start:
                raise MediaProblem("undecodable-media", "is empty", _AGAIN)
            if size > MAX_BYTES:
                raise MediaProblem("too-big", f"has {size / 1e9:.2f} GB; Pinterest takes videos of at most 2 GB (2 × 1024³ bytes)",
                                   "Export it with a lower bit rate.")  # fmt: skip
            stream.seek(0)
            general, video = _tracks(stream)
            found = _checked(source, size, start, general, video)
            stream.seek(0)
            found["sha256"] = _digest(stream, lambda read: watch(source, read, size, BYTES))
    except OSError as error:
        raise MediaProblem("unreadable-media", f"cannot be read: {error.strerror}",
                           "Correct its permissions, or name another video.") from error  # fmt: skip
    return Video(source=source, size=size, **found)


def _digest(stream: BufferedReader, moved: Callable[[int], None]) -> str:
    hasher, buffer, read = hashlib.sha256(), memoryview(bytearray(_CHUNK)), 0
    while count := stream.readinto(buffer):
        hasher.update(buffer[:count])
        read += count
        moved(read)
    return hasher.hexdigest()


def _tracks(stream: BufferedReader) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """What MediaInfo says of the file and of its first video track, nothing of one that is not there."""
    from pymediainfo import MediaInfo

    # It gets the open file and not its name, so that it opens no other file that this one refers to. Its XML, unlike its
    # JSON, cannot hold every text that a file can be tagged with.
    told = json.loads(MediaInfo.parse(stream, parse_speed=0.3, output="JSON"))
    tracks = (told["media"] or {"track": []})["track"]
    found = {name: [track for track in tracks if track["@type"] == name] for name in ("General", "Video", "Audio")}
    general = {**(found["General"] or [{}])[0], "sound": bool(found["Audio"])}
    return general, (found["Video"] or [{}])[0]


def _checked(
    source: str, size: int, start: bytes, general: Mapping[str, Any], video: Mapping[str, Any]
) -> dict[str, Any]:
    container = general.get("Format")
    if container == "MPEG-4" and str(general.get("Format_Profile", "")).startswith("3GPP"):
        container = "3GP"
    if container != "MPEG-4":
        raise _not_a_video(start, container if video else None)
    if general.get("extra", {}).get("IsTruncated") == "Yes":
        whole = "the end of it is missing" if video or general["sound"] else "the index (moov) at its end is missing"
        raise MediaProblem("undecodable-media", f"is cut off: {whole}", _AGAIN)
    if not video:
        what = "has sound but no pictures" if general["sound"] else "has no video track"
        raise MediaProblem("undecodable-media", what, "Export it with its pictures.")
    duration = float(video.get("Duration") or general.get("Duration") or 0)
    width, height = _size(video)
    if not duration or not width or not height:
        raise MediaProblem("undecodable-media", "does not say how long or how large it is", _CONVERT)
    _check_limits(duration, width, height)
    return {
        "width": width,
        "height": height,
        "duration": duration,
        "format": "MOV" if general.get("Format_Profile") == "QuickTime" else "MP4",
        "codec": str(video.get("Format") or ""),
    }


def _size(video: Mapping[str, Any]) -> tuple[int, int]:
    """Width and height as a viewer shows them."""
    width = round(int(video.get("Width") or 0) * float(video.get("PixelAspectRatio") or 1))
    height = int(video.get("Height") or 0)
    turned = round(float(video.get("Rotation") or 0)) % 180 == 90
    return (height, width) if turned else (width, height)


def _check_limits(duration: float, width: int, height: int) -> None:
    if duration < SHORTEST - _ROUNDING:
        raise MediaProblem("video-length", f"is {duration:.1f} seconds long; Pinterest takes videos from {SHORTEST:.0f} seconds on",
                           "Make it longer, or use a picture.")  # fmt: skip
    if duration > LONGEST + _ROUNDING:
        raise MediaProblem("video-length", f"is {duration / 60:.1f} minutes long; Pinterest takes at most {LONGEST / 60:.0f}",
                           "Cut it, or make two pins of it.")  # fmt: skip
    shape = f"is {width}×{height} pixels"
    if width < height * NARROWEST * (1 - _ROUNDING):
        raise MediaProblem("video-shape", f"{shape}, more than twice as high as wide: Pinterest takes none so narrow",
                           "Crop it, best to 9:16 or 2:3.")  # fmt: skip
    if width > height * WIDEST * (1 + _ROUNDING):
        raise MediaProblem("video-shape", f"{shape}, more than {WIDEST} times as wide as high: Pinterest takes none so wide",
                           "Crop it, best to a square or 9:16.")  # fmt: skip


def _not_a_video(start: bytes, container: str | None) -> MediaProblem:
    beginning = start.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    for signature, name, advice in _LOOKS_LIKE:
        if beginning.startswith(signature):
            return MediaProblem("undecodable-media", f"is {name}, not a video", advice)
    if container:
        return MediaProblem("undecodable-media", f"is a {container} video; Pinterest takes MP4, M4V and MOV", _CONVERT)
    return MediaProblem("undecodable-media", "is not a video that can be read", _CONVERT)

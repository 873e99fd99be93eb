"""Videos as Pinterest would see them once they are uploaded: what is in the file, and what is wrong with it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Source: Pinterest's documentation of video pins.
SHORTEST, LONGEST = 4.0, 900.0
NARROWEST, WIDEST = 0.5, 1.91
_TOLERANCE = 0.01


@dataclass(frozen=True, slots=True)
class Video:
    """An uploaded video: pixels as shown, seconds, and why it cannot be processed, empty where it can."""

    width: int = 0
    height: int = 0
    seconds: float = 0.0
    problem: str = ""


def probe(file: Path) -> Video:
    """What the file is."""
    from pymediainfo import MediaInfo

    with file.open("rb") as stream:
        # Its XML cannot hold every text that a file can be tagged with.
        told = json.loads(MediaInfo.parse(stream, parse_speed=0.3, output="JSON"))
    tracks = (told["media"] or {"track": []})["track"]
    container: dict[str, Any] = next((track for track in tracks if track["@type"] == "General"), {})
    moving = next((track for track in tracks if track["@type"] == "Video"), None)
    other = container.get("Format") != "MPEG-4" or container.get("Format_Profile", "").startswith("3GPP")
    if other or container.get("extra", {}).get("IsTruncated") == "Yes" or moving is None:
        return Video(problem="it is no whole MP4 or MOV with pictures")
    width, height = _shown_size(moving)
    seconds = float(moving.get("Duration") or container.get("Duration") or 0)
    video = Video(width, height, seconds)
    if not SHORTEST - _TOLERANCE <= seconds <= LONGEST + _TOLERANCE:
        return Video(width, height, seconds, f"it is {seconds:.1f} seconds long")
    if not width or not height or not NARROWEST * 0.99 <= width / height <= WIDEST * 1.01:
        return Video(width, height, seconds, f"it is {width} by {height} pixels")
    return video


def _shown_size(track: dict[str, Any]) -> tuple[int, int]:
    width = round(int(track.get("Width") or 0) * float(track.get("PixelAspectRatio") or 1))
    height = int(track.get("Height") or 0)
    return (height, width) if round(float(track.get("Rotation") or 0)) % 180 == 90 else (width, height)

"""The sizes in which a picture is shown, their addresses, and making them when they are first asked for."""

from __future__ import annotations

import io
import re
import sqlite3
from typing import Any

from PIL import Image, ImageOps

from pinsync.emulator import pictures
from pinsync.emulator.store import Store

ORIGINAL = "originals"

# Source: the official description, schema ImageSize. Two sizes are cut to fit, two keep the proportions and are never
# wider than the picture itself.
_CUT = {"150x150": (150, 150), "400x300": (400, 300)}
_SCALED = {"600x": 600, "1200x": 1200}

_FILE = re.compile(r"([0-9a-f]{64})\.(?:jpg|png)")


def address(origin: str, size: str, sha256: str) -> str:
    """Where one size of a picture is served."""
    return f"{origin}/media/{size}/{sha256}.jpg"


def dimensions(size: str, width: int, height: int) -> tuple[int, int]:
    """Width and height in pixels of one size of a picture."""
    if size in _CUT:
        return _CUT[size]
    wide = min(_SCALED[size], width)
    return wide, max(1, round(height * wide / width))


def listed(origin: str, picture: sqlite3.Row) -> dict[str, Any]:
    """All sizes of a picture as the API answers them (schema ImageSize)."""
    images = {}
    for size in (*_CUT, *_SCALED):
        width, height = dimensions(size, picture["width"], picture["height"])
        images[size] = {"width": width, "height": height, "url": address(origin, size, picture["sha256"])}
    return images


def serve(store: Store, size: str, file: str) -> tuple[str, bytes] | None:
    """Content type and bytes of a picture in one size, None where there is no such thing."""
    match = _FILE.fullmatch(file)
    if match is None or size not in (ORIGINAL, *_CUT, *_SCALED):
        return None
    sha256 = match[1]
    with store.reading() as db:
        kept = db.execute("SELECT data FROM renditions WHERE sha256 = ? AND size = ?", (sha256, size)).fetchone()
        picture = None if kept else db.execute("SELECT * FROM pictures WHERE sha256 = ?", (sha256,)).fetchone()
    if kept:
        return "image/jpeg", kept["data"]
    if picture is None:
        return None
    if size == ORIGINAL:
        return picture["content_type"], picture["data"]
    data = _rendered(picture["data"], dimensions(size, picture["width"], picture["height"]))
    with store.writing() as db:
        db.execute("INSERT OR IGNORE INTO renditions VALUES (?, ?, ?)", (sha256, size, data))
    return "image/jpeg", data


def _rendered(data: bytes, dimensions: tuple[int, int]) -> bytes:
    with pictures.opened(data) as image:
        shown = pictures.flattened(ImageOps.exif_transpose(image))
    stream = io.BytesIO()
    ImageOps.fit(shown, dimensions, Image.Resampling.LANCZOS).save(stream, "JPEG", quality=85)
    return stream.getvalue()

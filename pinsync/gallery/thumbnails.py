"""Small copies of local pictures, bounded in pixels and bytes, each and in total.

Those of a page are kept in `FOLDER` for the next one, by the hash of the picture that the content was loaded with, and as long
as a page shows it. So they take TOTAL bytes at most, and may be deleted.
"""

from __future__ import annotations

import contextlib
import io
import os
from base64 import b64encode
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from pinsync.content.caching import CACHE, replace_file
from pinsync.content.decoding import read_regular
from pinsync.content.pictures import NEARLY, small
from pinsync.content.problems import MediaProblem
from pinsync.gallery.cards import TALLEST
from pinsync.model.resource import Image

TOTAL = 12_000_000
EACH = 60_000
"""Bytes at most, before they are written as base64."""

FOLDER = CACHE / "thumbnails"
TYPE = "image/webp"
_VERSION = 1  # of how they are made
_LEAST = 1_000  # bytes below which a picture is not worth showing
_STEPS = ((472, 72), (354, 66), (240, 60), (190, 55), (150, 48), (96, 35), (48, 30))  # width in pixels, quality
_BYTES_A_PIXEL = 0.12  # of photographs, so that the first try is rarely in vain


def thumbnail(root: Path, image: Image, most: int = EACH) -> bytes | None:
    """The local ``image`` as WebP with at most ``most`` bytes, or None where it cannot be read or made so small."""
    pixels = min(image.height / max(1, image.width), TALLEST)  # of a copy one pixel wide
    steps = _fitting(_STEPS, pixels, most, _BYTES_A_PIXEL)
    try:
        picture = small(root / image.source, steps[0][0], TALLEST)
    except (MediaProblem, OSError):
        return None
    while steps:
        width, quality = steps[0]
        if width * NEARLY < picture.width:
            picture = picture.resize((width, max(1, round(picture.height * width / picture.width))))
        out = io.BytesIO()
        picture.save(out, "WEBP", quality=quality, method=2)
        if out.tell() <= most:
            return out.getvalue()
        steps = _fitting(steps[1:], pixels, most, out.tell() / (picture.width * picture.height))
    return None


def _fitting(steps: Sequence[tuple[int, int]], pixels: float, most: int, density: float) -> Sequence[tuple[int, int]]:
    """The steps that may do, where about ``density`` bytes a pixel are needed; the last one always may."""
    return [step for step in steps if step[0] ** 2 * pixels * density <= most] or steps[-1:]


def embedded(root: Path, images: Sequence[Image]) -> dict[str, str]:
    """``data:`` addresses of local pictures by fingerprint. ``images`` names each as often as it is shown; those for which
    there is no room in TOTAL any more are left out."""
    uses: dict[str, list[Image]] = {}
    for image in images:
        if image.sha256:
            uses.setdefault(image.fingerprint, []).append(image)
    most = _share(sum(map(len, uses.values())))
    found: dict[str, str] = {}
    kept: set[str] = set()
    left = TOTAL
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        made = pool.map(lambda those: _kept_or_made(root, those[0], most), uses.values())
        for (fingerprint, those), data in zip(uses.items(), made, strict=True):
            if data and len(data) * len(those) <= left:
                left -= len(data) * len(those)
                found[fingerprint] = f"data:{TYPE};base64,{b64encode(data).decode('ascii')}"
                kept.add(_name(those[0], most))
    _sweep(root / FOLDER, kept)
    return found


def _share(count: int) -> int:
    """The bytes that each of so many may have. It falls in steps: otherwise one more would make all others anew."""
    most = EACH
    while most * count > TOTAL and most > _LEAST:
        most = most * 9 // 10
    return most


def _name(image: Image, most: int) -> str:
    return f"{image.sha256}-{most}-{_VERSION}.webp"


def _kept_or_made(root: Path, image: Image, most: int) -> bytes | None:
    file = root / FOLDER / _name(image, most)
    with contextlib.suppress(OSError):
        kept = read_regular(file)
        if _is_whole(kept):
            return kept
    made = thumbnail(root, image, most)
    if made:
        replace_file(file, made)
    return made


def _is_whole(data: bytes) -> bool:
    """Whether it is as long as its head says, as any WebP is."""
    return data[:4] == b"RIFF" and int.from_bytes(data[4:8], "little") + 8 == len(data)


def _sweep(folder: Path, kept: AbstractSet[str]) -> None:
    with contextlib.suppress(OSError):
        for file in [*folder.iterdir()]:
            if file.name not in kept:
                file.unlink(missing_ok=True)

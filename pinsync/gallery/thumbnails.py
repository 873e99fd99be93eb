"""Small copies of local pictures, bounded in pixels and bytes, each and in total."""

from __future__ import annotations

import io
import os
from base64 import b64encode
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from pinsync.content.pictures import small
from pinsync.content.problems import MediaProblem
from pinsync.model.resource import Image

TOTAL = 12_000_000
EACH = 60_000
"""Bytes at most, before they are written as base64."""

TALLEST = 2.1
"""How many times as high as wide a picture is shown at most: Pinterest cuts off the rest."""

TYPE = "image/webp"
_LEAST = 3_000  # bytes below which a picture is not worth showing
_STEPS = ((472, 72), (354, 66), (236, 60), (160, 45), (96, 35))  # width in pixels, quality
_BYTES_A_PIXEL = 0.07  # photographs take a little more, so that the first try is rarely in vain


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
        if width < picture.width:
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
    count = sum(map(len, uses.values()))
    most = min(EACH, max(_LEAST, TOTAL // max(1, count)))
    found: dict[str, str] = {}
    left = TOTAL
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        made = pool.map(lambda those: thumbnail(root, those[0], most), uses.values())
        for (fingerprint, those), data in zip(uses.items(), made, strict=True):
            if data and len(data) * len(those) <= left:
                left -= len(data) * len(those)
                found[fingerprint] = f"data:{TYPE};base64,{b64encode(data).decode('ascii')}"
    return found

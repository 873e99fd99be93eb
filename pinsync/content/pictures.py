"""Local pictures: really decoding them, and turning what the API does not take into what it takes.

The API takes JPEG and PNG as base64; 20 MB is the safe ceiling. Everything else that Pillow decodes is converted, the
same way every time, and :attr:`Image.conversion` says so.
"""

from __future__ import annotations

import hashlib
import io
import warnings
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from pinsync.errors import PinsyncError
from pinsync.model.kind import Payload
from pinsync.model.resource import Image

if TYPE_CHECKING:
    from PIL.Image import Image as Decoded

MAX_SENT = 20_000_000
MAX_READ = 200_000_000
MAX_PIXELS = 150_000_000

_QUALITY = 90
_SHRINK = 0.85
_ORIENTATION = 0x0112
_LOOKS_LIKE = (
    (b"version https://git-lfs", "a Git LFS pointer", "Run `git lfs pull` to get the picture itself."),
    (b"<svg", "an SVG drawing", "Export it as PNG."),
    (b"<!doctype html", "a web page", "Save the picture itself, not the page that shows it."),
    (b"<html", "a web page", "Save the picture itself, not the page that shows it."),
    (b"<?xml", "an XML or SVG file", "Export it as PNG or JPEG."),
    (b"%pdf", "a PDF", "Export the page as JPEG or PNG."),
    (b"8bps", "a Photoshop file", "Export it as JPEG or PNG."),
)


class PictureProblem(Exception):
    """A file that cannot be used as a picture; ``message`` continues a sentence that starts with its name."""

    def __init__(self, code: str, message: str, advice: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.advice = advice


def probe(source: str, file: Path) -> Image:
    """What ``file`` is, after decoding all of it. ``source`` is what to call it.

    Raises PictureProblem if it is no picture, is damaged, or is too large to be read.
    """
    data = _read(file)
    with _opened(data) as picture:
        width, height = picture.size
        if picture.getexif().get(_ORIENTATION, 1) in (5, 6, 7, 8):
            width, height = height, width
        return Image(
            source=source,
            sha256=hashlib.sha256(data).hexdigest(),
            width=width,
            height=height,
            format=_format(picture),
            size=len(data),
            conversion=_conversion(picture, len(data)),
        )


def payload(image: Image, file: Path) -> Payload:
    """The picture as it is sent.

    Raises PinsyncError if the file is not the one that was probed any more.
    """
    try:
        data = _read(file)
    except PictureProblem as problem:
        raise PinsyncError(f"{image.source} {problem.message}", problem.advice) from problem
    if hashlib.sha256(data).hexdigest() != image.sha256:
        raise PinsyncError(f"{image.source} changed after the plan was made", "Plan again to see what would be sent.")
    if not image.conversion:
        return Payload(f"image/{image.format.lower()}", data)
    with _opened(data) as picture:
        return _converted(picture)


def _read(file: Path) -> bytes:
    try:
        size = file.stat().st_size
        if size > MAX_READ:
            raise PictureProblem("too-big", f"has {size / 1e6:.0f} MB; pinsync reads at most {MAX_READ / 1e6:.0f} MB",
                                 "Export a smaller one; 1000×1500 pixels are enough.")  # fmt: skip
        return file.read_bytes()
    except OSError as error:
        raise PictureProblem("unreadable-media", f"cannot be read: {error.strerror}") from error


def _opened(data: bytes) -> Decoded:
    """The first frame, decoded."""
    from PIL import Image as pillow
    from PIL import UnidentifiedImageError

    _register_heic()
    if not data:
        raise PictureProblem("undecodable-media", "is empty")
    try:
        with warnings.catch_warnings():
            # Size is checked below, and damage raises; Pillow's warnings would only disturb the output.
            warnings.simplefilter("ignore")
            picture = pillow.open(io.BytesIO(data))
            if picture.width * picture.height > MAX_PIXELS:
                raise PictureProblem(
                    "too-big",
                    f"has {picture.width}×{picture.height} pixels; pinsync decodes at most {MAX_PIXELS / 1e6:.0f} million",
                    "Export a smaller one; 1000×1500 pixels are enough.",
                )
            picture.load()
    except UnidentifiedImageError as error:
        raise _not_a_picture(data) from error
    except pillow.DecompressionBombError as error:
        raise PictureProblem("too-big", "has too many pixels to be decoded", "Export a smaller one.") from error
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise PictureProblem("undecodable-media", f"is damaged and cannot be decoded: {error}",
                             "Export or download it again.") from error  # fmt: skip
    return picture


def _not_a_picture(data: bytes) -> PictureProblem:
    start = data[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    for signature, name, advice in _LOOKS_LIKE:
        if start.startswith(signature):
            return PictureProblem("undecodable-media", f"is {name}, not a picture", advice)
    if data[4:8] == b"ftyp":
        if data[8:12] in (b"heic", b"heix", b"mif1", b"heif"):
            return PictureProblem("undecodable-media", "is a HEIC photograph, which needs an extra to be decoded",
                                  "Save it as JPEG, or install pinsync[heic].")  # fmt: skip
        return PictureProblem("undecodable-media", "is a video, not a picture", "Export a frame of it as JPEG.")
    return PictureProblem("undecodable-media", "is not a picture in a format that can be decoded",
                          "Save it as JPEG or PNG.")  # fmt: skip


@cache
def _register_heic() -> None:
    try:
        from pillow_heif import register_heif_opener  # type: ignore[import-not-found,unused-ignore]
    except ImportError:
        return
    register_heif_opener()


def _format(picture: Decoded) -> str:
    # A multi-picture JPEG (MPO), as phones write it, is a JPEG to everyone who reads its first picture.
    return "JPEG" if picture.format == "MPO" else str(picture.format)


def _conversion(picture: Decoded, size: int) -> str:
    steps: list[str] = []
    name = _format(picture)
    target = "PNG" if _has_alpha(picture) and size <= MAX_SENT else "JPEG"
    if name not in ("JPEG", "PNG"):
        steps.append(f"{name} to {target}")
        if getattr(picture, "n_frames", 1) > 1:
            steps.append("first frame only")
    elif size > MAX_SENT:
        steps.append(f"compressed as {target}, because it has more than {MAX_SENT // 1_000_000} MB")
    elif name == "JPEG" and picture.mode not in ("RGB", "L"):
        steps.append(f"{picture.mode} colours to RGB")
    if picture.getexif().get(_ORIENTATION, 1) not in (0, 1):
        steps.append("turned upright")
    return ", ".join(steps)


def _has_alpha(picture: Decoded) -> bool:
    return picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info


def _converted(picture: Decoded) -> Payload:
    from PIL import Image as pillow
    from PIL import ImageOps

    profile = picture.info.get("icc_profile")
    upright = ImageOps.exif_transpose(picture)
    if _has_alpha(upright):
        kept = io.BytesIO()
        upright.convert("RGBA").save(kept, "PNG", icc_profile=profile)
        if kept.tell() <= MAX_SENT:
            return Payload("image/png", kept.getvalue())
        flat = pillow.new("RGB", upright.size, "white")
        flat.paste(upright.convert("RGB"), mask=upright.convert("RGBA").getchannel("A"))
        upright = flat
    elif upright.mode != "RGB":
        # A profile of another colour space would be wrong after the conversion to RGB.
        profile = None if upright.mode == "CMYK" else profile
        upright = upright.convert("RGB")
    while True:
        out = io.BytesIO()
        upright.save(out, "JPEG", quality=_QUALITY, icc_profile=profile)
        if out.tell() <= MAX_SENT:
            return Payload("image/jpeg", out.getvalue())
        smaller = (max(1, int(upright.width * _SHRINK)), max(1, int(upright.height * _SHRINK)))
        upright = upright.resize(smaller, pillow.Resampling.LANCZOS)

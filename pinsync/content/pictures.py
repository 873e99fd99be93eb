"""Local pictures: really decoding them, and turning what the API does not take into what it takes.

The API takes JPEG and PNG as base64; 20 MB is the safe ceiling. Everything else that Pillow decodes is converted, the
same way every time, and :attr:`Image.conversion` says so.
"""

from __future__ import annotations

import hashlib
import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from pinsync.content.decoding import read_regular
from pinsync.content.looks import look_of
from pinsync.content.problems import MediaProblem
from pinsync.errors import PinsyncError
from pinsync.model.kind import Payload
from pinsync.model.resource import Image

if TYPE_CHECKING:
    from PIL.Image import Image as Decoded
    from PIL.ImageFile import ImageFile

MAX_SENT = 20_000_000
MAX_READ = 200_000_000
MAX_PIXELS = 150_000_000
NEARLY = 1.1
"""How many times as wide as wanted a small copy may be, where scaling it would take more than it saves."""

_LOOKED_AT = (500, 500)
_QUALITY = 90
_MAX_SIDE = 65_500
_SHRINK = 0.85
_ORIENTATION = 0x0112
# Pillow knows more: PostScript, for one, which it hands to another program to be run. JPEG stands for MPO, too.
_FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "GIF", "TIFF", "BMP")
_SENT_AS_THEY_ARE = ("JPEG", "PNG")
_SCALED = ("I;16", "I;16L", "I;16B", "I;16N")
_LOOKS_LIKE = (
    (b"version https://git-lfs", "a Git LFS pointer", "Run `git lfs pull` to get the picture itself."),
    (b"<svg", "an SVG drawing", "Export it as PNG."),
    (b"<!doctype html", "a web page", "Save the picture itself, not the page that shows it."),
    (b"<html", "a web page", "Save the picture itself, not the page that shows it."),
    (b"<?xml", "an XML or SVG file", "Export it as PNG or JPEG."),
    (b"%pdf", "a PDF", "Export the page as JPEG or PNG."),
    (b"%!ps", "a PostScript drawing", "Export it as PNG."),
    (b"8bps", "a Photoshop file", "Export it as JPEG or PNG."),
)


def probe(source: str, file: Path) -> Image:
    """What ``file`` is, after decoding all of it, and converting it where it cannot be sent as it is. ``source`` is
    what to call it.

    Raises MediaProblem if it is no picture, is damaged, or is too large to be read.
    """
    data = _read(file)
    with _opening(data) as picture:
        width, height = picture.size
        if _orientation(picture) in (5, 6, 7, 8):
            width, height = height, width
        as_it_is = _is_sent_as_it_is(picture, len(data))
        if as_it_is:
            # All of a JPEG is read and checked in this way, too, in a third of the time and a small part of the memory.
            picture.draft(None, _LOOKED_AT)
        picture.load()
        return Image(
            source=source,
            sha256=hashlib.sha256(data).hexdigest(),
            width=width,
            height=height,
            format=_format(picture),
            size=len(data),
            conversion="" if as_it_is else _conversion(picture, len(data)),
            look=_look(picture),
        )


def payload(image: Image, file: Path) -> Payload:
    """The picture as it is sent.

    Raises PinsyncError if the file is not the one that was probed any more.
    """
    try:
        data = _read(file)
        if hashlib.sha256(data).hexdigest() != image.sha256:
            raise PinsyncError(
                f"{image.source} changed after the plan was made", "Plan again to see what would be sent."
            )
        if not image.conversion:
            return Payload(f"image/{image.format.lower()}", data)
        with _opening(data) as picture:
            return _converted(picture)[0]
    except MediaProblem as problem:
        raise PinsyncError(f"{image.source} {problem.message}", problem.advice) from problem


def small(file: Path, width: int, tallest: float) -> Decoded:
    """The picture as a viewer shows it, in RGB and on white, `NEARLY` ``width`` pixels wide at most; what is more than
    ``tallest`` times as high as wide is cut off below.

    Raises MediaProblem as :func:`probe` does.
    """
    from PIL import Image as pillow
    from PIL import ImageOps

    with _opening(_read(file)) as picture:
        picture.draft(None, (width, width))
        upright = _eight_bits(ImageOps.exif_transpose(picture))
        upright = upright.crop((0, 0, upright.width, min(upright.height, max(1, int(upright.width * tallest)))))
        if upright.mode not in ("RGB", "L", "CMYK"):
            upright = upright.convert("RGBA")
            upright = pillow.alpha_composite(pillow.new("RGBA", upright.size, "white"), upright)
        if upright.width > width * NEARLY:
            size = (width, max(1, round(upright.height * width / upright.width)))
            upright = upright.resize(size, pillow.Resampling.LANCZOS, reducing_gap=2.0)
        return upright.convert("RGB")


def _read(file: Path) -> bytes:
    try:
        size = file.stat().st_size
        if size > MAX_READ:
            raise MediaProblem("too-big", f"has {size / 1e6:.0f} MB; pinsync reads at most {MAX_READ / 1e6:.0f} MB",
                                 "Export a smaller one; 1000×1500 pixels are enough.")  # fmt: skip
        return read_regular(file)
    except OSError as error:
        raise MediaProblem("unreadable-media", f"cannot be read: {error.strerror}",
                             "Correct its permissions, or name another picture.") from error  # fmt: skip


@contextmanager
def _opening(data: bytes) -> Iterator[ImageFile]:
    """The first frame, not decoded yet. What goes wrong with it inside is a MediaProblem."""
    from PIL import Image as pillow
    from PIL import UnidentifiedImageError

    if not data:
        raise MediaProblem("undecodable-media", "is empty", "Export or download it again.")
    try:
        with warnings.catch_warnings():
            # Size is checked below, and damage raises; Pillow's warnings would only disturb the output.
            warnings.simplefilter("ignore")
            with pillow.open(io.BytesIO(data), formats=_formats()) as picture:
                if picture.width * picture.height > MAX_PIXELS:
                    pixels = f"{picture.width}×{picture.height} pixels"
                    raise _too_many_pixels(f"has {pixels}; pinsync decodes at most {MAX_PIXELS / 1e6:.0f} million")
                yield picture
    except MediaProblem:
        raise
    except UnidentifiedImageError as error:
        raise _not_a_picture(data) from error
    except pillow.DecompressionBombError as error:
        raise _too_many_pixels("has too many pixels to be decoded") from error
    except Exception as error:
        # Decoders raise whatever they like on damaged files: struct.error, IndexError, zlib.error, MemoryError …
        reason = str(error) or type(error).__name__
        raise MediaProblem("undecodable-media", f"is damaged and cannot be decoded: {reason}",
                             "Export or download it again.") from error  # fmt: skip


def _too_many_pixels(message: str) -> MediaProblem:
    return MediaProblem("too-big", message, "Export a smaller one; 1000×1500 pixels are enough.")


def _not_a_picture(data: bytes) -> MediaProblem:
    start = data[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    for signature, name, advice in _LOOKS_LIKE:
        if start.startswith(signature):
            return MediaProblem("undecodable-media", f"is {name}, not a picture", advice)
    if data[4:8] == b"ftyp":
        if data[8:12] in (b"heic", b"heix", b"mif1", b"heif"):
            return MediaProblem("undecodable-media", "is a HEIC photograph, which needs an extra to be decoded",
                                  "Save it as JPEG, or install pinsync[heic].")  # fmt: skip
        return MediaProblem("undecodable-media", "is a video, not a picture", "Export a frame of it as JPEG.")
    return MediaProblem("undecodable-media", "is not a picture in a format that can be decoded",
                          "Save it as JPEG or PNG.")  # fmt: skip


@cache
def _formats() -> tuple[str, ...]:
    try:
        from pillow_heif import register_heif_opener  # type: ignore[import-not-found,unused-ignore]
    except ImportError:
        return _FORMATS
    register_heif_opener()
    return (*_FORMATS, "HEIF")


def _format(picture: Decoded) -> str:
    # A multi-picture JPEG (MPO), as phones write it, is a JPEG to everyone who reads its first picture.
    return "JPEG" if picture.format == "MPO" else str(picture.format)


def _orientation(picture: Decoded) -> int:
    value = picture.getexif().get(_ORIENTATION)
    return value if isinstance(value, int) and 2 <= value <= 8 else 1


def _look(picture: Decoded) -> str:
    from PIL import ImageOps

    upright = ImageOps.exif_transpose(picture) if _orientation(picture) != 1 else picture
    # A PNG of such depth is sent as it is, whatever Pillow can make of it.
    return "" if upright.mode in ("I", "F") else look_of(_eight_bits(upright))


def _is_sent_as_it_is(picture: Decoded, size: int) -> bool:
    return (
        _format(picture) in _SENT_AS_THEY_ARE
        and size <= MAX_SENT
        and _orientation(picture) == 1
        and not _has_other_colours(picture)
    )


def _has_other_colours(picture: Decoded) -> bool:
    return _format(picture) == "JPEG" and picture.mode not in ("RGB", "L")


def _conversion(picture: Decoded, size: int) -> str:
    """In words what :func:`_converted` does to a file that cannot be sent as it is."""
    name = _format(picture)
    sent, smaller = _converted(picture)
    target = sent.content_type.removeprefix("image/").upper()
    steps: list[str] = []
    if name != target:
        steps.append(f"{name} to {target}")
    if name not in _SENT_AS_THEY_ARE and getattr(picture, "n_frames", 1) > 1:
        steps.append("first frame only")
    if _has_other_colours(picture):
        steps.append(f"{picture.mode} colours to RGB")
    if _orientation(picture) != 1:
        steps.append("turned upright")
    limit = f"{MAX_SENT // 1_000_000} MB"
    if smaller:
        steps.append(f"made smaller to have at most {limit}")
    elif size > MAX_SENT:
        steps.append(f"compressed to have at most {limit}")
    return ", ".join(steps)


def _converted(picture: Decoded) -> tuple[Payload, bool]:
    """What is sent, and whether it has fewer pixels than the picture."""
    from PIL import Image as pillow
    from PIL import ImageOps

    # A profile of another colour space would be wrong after the conversion to RGB.
    profile = picture.info.get("icc_profile") if picture.mode in ("RGB", "RGBA", "P", "PA") else None
    upright = _eight_bits(ImageOps.exif_transpose(picture))
    transparent = upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info
    if transparent or picture.format == "PNG":
        kept = io.BytesIO()
        upright.convert("RGBA" if transparent else "RGB").save(kept, "PNG", icc_profile=profile)
        if kept.tell() <= MAX_SENT:
            return Payload("image/png", kept.getvalue()), False
    if transparent:
        flat = pillow.new("RGB", upright.size, "white")
        flat.paste(upright.convert("RGB"), mask=upright.convert("RGBA").getchannel("A"))
        upright = flat
    if max(upright.size) > _MAX_SIDE:
        raise MediaProblem("too-big", f"is {upright.width}×{upright.height} pixels, and a JPEG has at most {_MAX_SIDE:,} "
                             "a side", "Export a smaller one; 1000×1500 pixels are enough.")  # fmt: skip
    upright = upright.convert("RGB")
    whole = upright.size
    while True:
        out = io.BytesIO()
        upright.save(out, "JPEG", quality=_QUALITY, icc_profile=profile)
        if out.tell() <= MAX_SENT:
            return Payload("image/jpeg", out.getvalue()), upright.size != whole
        smaller = (max(1, int(upright.width * _SHRINK)), max(1, int(upright.height * _SHRINK)))
        upright = upright.resize(smaller, pillow.Resampling.LANCZOS)


def _eight_bits(picture: Decoded) -> Decoded:
    """The picture with 8 bits a channel. Pillow cuts deeper ones off at 255, which leaves them white."""
    if picture.mode in _SCALED:
        return picture.point(lambda value: value * (1 / 256)).convert("L")
    if picture.mode in ("I", "F"):
        raise MediaProblem("undecodable-media", "has 32 bits a channel, which browsers do not show either",
                             "Export it with 8 bits a channel.")  # fmt: skip
    return picture

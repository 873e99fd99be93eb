"""Pictures: really decoding them, what colour they mostly have, and drawing one where none can be fetched."""

from __future__ import annotations

import hashlib
import io
import random
import struct
import zlib
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageOps
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile

LARGEST = 20 * 1024 * 1024
LARGEST_PIXELS = 100_000_000

_ORIENTATION = 0x0112
_TURNED = (5, 6, 7, 8)
_UNREADABLE = (OSError, SyntaxError, ValueError, EOFError, struct.error, zlib.error, MemoryError)


class NotAPicture(Exception):
    """The bytes are no JPEG or PNG that can be decoded to the end; the message says what is wrong."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A decoded picture: its bytes as they came, its size in pixels as shown (turned by EXIF), its main colour."""

    sha256: str
    content_type: str
    width: int
    height: int
    dominant_color: str
    data: bytes


def fingerprint(data: bytes) -> str:
    """What a picture is filed under."""
    return hashlib.sha256(data).hexdigest()


def content_type(data: bytes) -> str | None:
    """``image/jpeg`` or ``image/png`` by the first bytes, None for anything else."""
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    return None


def decode(data: bytes) -> Picture:
    """The picture in ``data``, decoded to its last pixel. NotAPicture where that fails."""
    if len(data) > LARGEST:
        raise NotAPicture(f"the picture is larger than {LARGEST // 2**20} MB")
    kind = content_type(data)
    if kind is None:
        raise NotAPicture("the picture is neither JPEG nor PNG")
    try:
        with opened(data) as image:
            if image.width * image.height > LARGEST_PIXELS:
                raise NotAPicture(f"the picture has more than {LARGEST_PIXELS // 10**6} million pixels")
            image.load()
            turned = image.getexif().get(_ORIENTATION) in _TURNED
            width, height = (image.height, image.width) if turned else image.size
            return Picture(fingerprint(data), kind, width, height, _dominant_color(image), data)
    except _UNREADABLE as error:
        raise NotAPicture("the picture is broken or cut off") from error


def opened(data: bytes) -> Image.Image:
    """A JPEG or PNG, not decoded yet. Only these two decoders are ever handed what a client sent."""
    stream = io.BytesIO(data)
    return JpegImageFile(stream) if content_type(data) == "image/jpeg" else PngImageFile(stream)


def flattened(image: Image.Image) -> Image.Image:
    """``image`` in RGB, with white behind what is transparent."""
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        layered = image.convert("RGBA")
        ground = Image.new("RGB", layered.size, "white")
        ground.paste(layered, mask=layered.getchannel("A"))
        return ground
    return image.convert("RGB")


def _dominant_color(image: Image.Image) -> str:
    # Shrinking before converting saves most of the work on a photograph; palettes and 16 bit cannot be averaged.
    small = image.resize((48, 48), Image.Resampling.BOX) if image.mode in ("RGB", "L") else flattened(image)
    reduced = flattened(small).resize((48, 48), Image.Resampling.BOX).quantize(6, Image.Quantize.FASTOCTREE)
    colors = reduced.getcolors() or [(0, 0)]
    index = max(colors)[1]
    palette = reduced.getpalette() or [0, 0, 0]
    start = 3 * (index if isinstance(index, int) else 0)
    red, green, blue = palette[start : start + 3]
    return f"#{red:02x}{green:02x}{blue:02x}"


def placeholder(text: str) -> bytes:
    """A JPEG drawn from ``text``: the same text, the same picture. Stands in for what lies outside this machine."""
    dice = random.Random(text)  # noqa: S311 - repeatable on purpose
    width, height = 600, 900
    hue = dice.randrange(360)
    top, bottom, spot = (f"hsl({(hue + turn) % 360}, {strength}%, {light}%)" for turn, strength, light in _SHADES)
    gradient = Image.linear_gradient("L").resize((width, height))
    image = ImageOps.colorize(gradient, top, bottom)
    draw = ImageDraw.Draw(image, "RGBA")
    for _ in range(4):
        radius = dice.randrange(60, 260)
        x, y = dice.randrange(width), dice.randrange(height)
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=(255, 255, 255, dice.randrange(18, 60)))
    draw.ellipse((width - 120, 40, width - 40, 120), fill=spot)
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=82)
    return stream.getvalue()


_SHADES = ((0, 55, 72), (40, 60, 38), (180, 60, 60))


def frame(text: str, width: int, height: int, second: float) -> bytes:
    """A JPEG that stands in for the picture of a video at that second, in the video's proportions."""
    scale = min(1.0, 1200 / max(width, height))
    with Image.open(io.BytesIO(placeholder(text)), formats=["JPEG"]) as drawn:
        picture = ImageOps.fit(drawn, (max(1, round(width * scale)), max(1, round(height * scale))))
    told = f"{int(second) // 60}:{int(second) % 60:02}"
    ImageDraw.Draw(picture).text(
        (picture.width / 2, picture.height / 2), told, anchor="mm", font_size=max(10, picture.width // 6)
    )
    out = io.BytesIO()
    picture.save(out, "JPEG")
    return out.getvalue()

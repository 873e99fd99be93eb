"""Rules about the size and shape of local pictures.

The bounds are those of Pinterest's advice to businesses (help.business.pinterest.com, Pin specifications and creative best
practices), as it is quoted in 2025 and 2026: 1000×1500 recommended, 600 pixels the least width, pictures higher than 1:2.1
cut off in feeds, carousels in 1:1 or 2:3.
"""

from __future__ import annotations

from collections.abc import Iterator

from pinsync.content.linting.rule import Finding, Rule, each
from pinsync.model.resource import Desired, Image

LEAST_WIDTH = 600
"""Pixels."""

TALLEST = 2.1
"""Height by width, up to which a picture is shown whole."""

WIDEST = 1.0
"""Width by height. Feeds are columns of one width, in which wider pictures than a square are tiny."""

ROUNDING = 0.01
"""The share by which proportions may differ, as they do when pictures are scaled to whole pixels."""


def pictures_of(pin: Desired) -> Iterator[tuple[tuple[str | int, ...], Image]]:
    """Every picture of a pin, with its place."""
    if pin.video:
        yield from ((("cover",), image) for image in pin.images)
    elif "carousel" not in pin.fields["media"]:
        yield from ((("image",), image) for image in pin.images)
    else:
        yield from ((("carousel", number, "image"), image) for number, image in enumerate(pin.images))


def _small(pin: Desired) -> Iterator[Finding]:
    for below, image in pictures_of(pin):
        if image.sha256 and image.width < LEAST_WIDTH:
            yield Finding(pin.address, f"the picture is {image.width} pixels wide, and looks blurred on most screens",
                          f"Export one at least {LEAST_WIDTH} wide; 1000×1500 is best.", below)  # fmt: skip


def _shape(pin: Desired) -> Iterator[Finding]:
    for below, image in pictures_of(pin):
        if not image.sha256:
            continue
        size = f"the picture is {_size(image)}"
        if image.height > image.width * TALLEST * (1 + ROUNDING):
            yield Finding(pin.address, f"{size}, more than {TALLEST} times as high as wide: Pinterest cuts it off in feeds",
                          "Crop it to about 2:3, such as 1000×1500.", below)  # fmt: skip
        elif image.width > image.height * WIDEST * (1 + ROUNDING):
            yield Finding(pin.address, f"{size}, wider than it is high: it is small beside other pins",
                          "Crop it to about 2:3, such as 1000×1500, or to a square.", below)  # fmt: skip


def _carousel(pin: Desired) -> Iterator[Finding]:
    first = pin.images[0] if pin.images else None
    for below, image in pictures_of(pin):
        if not first or not (first.sha256 and image.sha256):
            return
        one, other = first.width * image.height, image.width * first.height
        if abs(one - other) > ROUNDING * max(one, other):
            yield Finding(pin.address, f"the picture is {_size(image)}, and the first one {_size(first)}: Pinterest shows "
                          "them in one shape and crops the rest", "Crop all to the same proportions.", below)  # fmt: skip


def _size(image: Image) -> str:
    return f"{image.width}×{image.height}"


SMALL_IMAGE = Rule("small-image", f"a picture less than {LEAST_WIDTH} pixels wide", each(_small))
IMAGE_SHAPE = Rule("image-shape", f"a picture wider than it is high, or more than {TALLEST} times as high as wide",
                   each(_shape))  # fmt: skip
CAROUSEL_SHAPES = Rule("carousel-shapes", "a carousel whose pictures differ in their proportions", each(_carousel))

"""Arrays of floats on top of Pillow: the arithmetic that the pictures are computed with.

A :class:`Field` is an image of mode "F" with operators. Lengths are in finished pixels; the fields themselves have
:data:`SCALE` times as many samples each way, which is what smooths the edges when a picture is reduced at the end.
"""

from __future__ import annotations

import math
import operator
from array import array
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from PIL import Image, ImageMath

SCALE = 2

Colour = tuple[int, int, int]


class Field:
    """One float per sample, with the usual operators."""

    __slots__ = ("image",)

    def __init__(self, image: Image.Image) -> None:
        self.image = image if image.mode == "F" else image.convert("F")

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in samples."""
        return self.image.size

    def _with(self, other: Field | float, operation: Callable[[Any, Any], Any]) -> Field:
        if isinstance(other, Field):
            return Field(ImageMath.lambda_eval(lambda v: operation(v["a"], v["b"]), a=self.image, b=other.image))
        return Field(ImageMath.lambda_eval(lambda v: operation(v["a"], float(other)), a=self.image))

    def __add__(self, other: Field | float) -> Field:
        return self._with(other, operator.add)

    __radd__ = __add__

    def __sub__(self, other: Field | float) -> Field:
        return self._with(other, operator.sub)

    def __rsub__(self, other: float) -> Field:
        return self._with(other, lambda a, b: b - a)

    def __mul__(self, other: Field | float) -> Field:
        return self._with(other, operator.mul)

    __rmul__ = __mul__

    def __truediv__(self, other: Field | float) -> Field:
        return self._with(other, operator.truediv)

    def __rtruediv__(self, other: float) -> Field:
        return self._with(other, lambda a, b: b / a)

    def __pow__(self, power: float) -> Field:
        return self._with(power, operator.pow)

    def __neg__(self) -> Field:
        return self * -1.0

    def __abs__(self) -> Field:
        return Field(ImageMath.lambda_eval(lambda v: abs(v["a"]), a=self.image))

    def most(self, other: Field | float) -> Field:
        """The larger of the two, sample by sample."""
        if isinstance(other, Field):
            return Field(ImageMath.lambda_eval(lambda v: v["max"](v["a"], v["b"]), a=self.image, b=other.image))
        return Field(ImageMath.lambda_eval(lambda v: v["max"](v["a"], float(other)), a=self.image))

    def least(self, other: Field | float) -> Field:
        """The smaller of the two, sample by sample."""
        return -(-self).most(-other)

    def clip(self, low: float = 0.0, high: float = 1.0) -> Field:
        """Every sample brought between ``low`` and ``high``."""
        return self.most(low).least(high)

    def root(self) -> Field:
        """The square root; zero for what is negative."""
        return self.most(0.0) ** 0.5

    def wave(self) -> Field:
        """A sine-like wave between -1 and 1 with period 1, made of parabolas."""
        turn = Field(ImageMath.lambda_eval(lambda v: v["a"] % 1.0, a=(self + 4096.0).image)) - 0.5
        return turn * (0.5 - abs(turn)) * 16.0

    def step(self, low: float, high: float) -> Field:
        """A smooth step: 0 up to ``low``, 1 from ``high`` (which may also lie below ``low``)."""
        t = ((self - low) / (high - low)).clip()
        return t * t * (3.0 - 2.0 * t)

    def blur(self, radius: float) -> Field:
        """Blurred over about ``radius`` finished pixels, by way of a smaller picture."""
        width, height = self.size
        small = (max(2, round(width / radius / SCALE)), max(2, round(height / radius / SCALE)))
        if small[0] >= width:
            return self
        reduced = self.image.resize(small, Image.Resampling.BILINEAR)
        return Field(reduced.resize(self.size, Image.Resampling.BICUBIC))

    def shift(self, dx: int, dy: int) -> Field:
        """What lies ``dx``, ``dy`` samples further on; the border keeps its own values."""
        moved = self.image.copy()
        moved.paste(self.image, (-dx, -dy))
        return Field(moved)

    def mask(self) -> Image.Image:
        """0 to 1 as 0 to 255."""
        return (self * 255.0).image.convert("L")


def constant(size: tuple[int, int], value: float) -> Field:
    """The same value everywhere."""
    return Field(Image.new("F", size, value))


def line(values: Sequence[float], size: tuple[int, int], *, down: bool = False) -> Field:
    """``values`` along the width (or down the height), the same in every row (or column)."""
    shape = (1, len(values)) if down else (len(values), 1)
    return Field(Image.frombytes("F", shape, array("f", values).tobytes()).resize(size, Image.Resampling.NEAREST))


def noise(size: tuple[int, int], rng: Random, cell: float | tuple[float, float], octaves: int = 1) -> Field:
    """Smooth noise between about -1 and 1 whose largest features measure ``cell`` finished pixels (or width, height)."""
    across, down = cell if isinstance(cell, tuple) else (cell, cell)
    # Each octave of round noise is turned another way, so that the grid below it does not show.
    angle = 0.0 if across != down else 0.65
    total = constant(size, 0.0)
    weight = 1.0
    for octave in range(octaves):
        across, down = max(across, 1 / SCALE), max(down, 1 / SCALE)
        total = total + _layer(size, rng, (across * SCALE, down * SCALE), angle * (1 + octave * 1.7)) * weight
        weight, across, down = weight * 0.5, across / 2, down / 2
    return total


def _layer(size: tuple[int, int], rng: Random, cell: tuple[float, float], angle: float) -> Field:
    """One octave, turned by ``angle``. ``cell`` is in samples."""
    # Coarse octaves are made small and enlarged, which is much faster and looks the same.
    less = max(1, int(min(cell) / 6))
    wanted = (-(-size[0] // less), -(-size[1] // less))
    across, down = cell[0] / less, cell[1] / less
    cos, sin = math.cos(angle), math.sin(angle)
    wide = wanted[0] * abs(cos) + wanted[1] * abs(sin)
    high = wanted[0] * abs(sin) + wanted[1] * abs(cos)
    cells = (int(wide / across) + 5, int(high / down) + 5)
    coarse = Image.frombytes("L", cells, rng.randbytes(cells[0] * cells[1])).convert("F")
    x0 = cells[0] / 2 - (wanted[0] / 2 * cos + wanted[1] / 2 * sin) / across
    y0 = cells[1] / 2 - (-wanted[0] / 2 * sin + wanted[1] / 2 * cos) / down
    matrix = (cos / across, sin / across, x0, -sin / down, cos / down, y0)
    layer = coarse.transform(wanted, Image.Transform.AFFINE, matrix, Image.Resampling.BICUBIC)
    if less > 1:
        layer = layer.resize(size, Image.Resampling.BICUBIC)
    return Field(layer) / 127.5 - 1.0


def ramp(field: Field, stops: Sequence[Colour]) -> Image.Image:
    """``field`` from 0 to 1 as colours, evenly spread over ``stops``."""
    grey = field.mask()
    channels = []
    for channel in range(3):
        table = []
        for value in range(256):
            place = value / 255 * (len(stops) - 1)
            index = min(int(place), len(stops) - 2)
            here, there = stops[index][channel], stops[index + 1][channel]
            table.append(round(here + (there - here) * (place - index)))
        channels.append(grey.point(table))
    return Image.merge("RGB", channels)

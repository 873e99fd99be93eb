"""A scene seen straight on: how high each point lies, what colour it has and how it shines."""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random

from field import SCALE, Colour, Field, constant, line
from PIL import Image


@dataclass(frozen=True)
class Tile:
    """A part of the scene around a body. ``x`` and ``y`` are finished pixels from the body's centre, turned with it."""

    corner: tuple[int, int]
    x: Field
    y: Field

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in samples."""
        return self.x.size

    def distance(self, rx: float = 1.0, ry: float | None = None) -> Field:
        """How far from the centre, in units of ``rx`` and ``ry``."""
        x, y = self.x / rx, self.y / (ry or rx)
        return (x * x + y * y).root()


class Scene:
    """What is built up by putting one body after the other. Heights are finished pixels above the table."""

    def __init__(self, width: int, height: int, seed: int) -> None:
        self.width, self.length = width, height
        self.size = (width * SCALE, height * SCALE)
        self.rng = Random(seed)
        self.height = constant(self.size, 0.0)
        self.colour = Image.new("RGB", self.size, "white")
        self.gloss = Image.new("L", self.size, 0)
        self.cover = Image.new("L", self.size, 0)  # Where something lies on the ground

    def ground(self, colour: Image.Image, height: Field | None = None, gloss: float = 0.1) -> None:
        """What everything lies on."""
        self.colour = colour
        self.height = height or constant(self.size, 0.0)
        self.gloss.paste(round(gloss * 255), (0, 0, *self.size))

    def tile(self, cx: float, cy: float, reach: float, angle: float = 0.0) -> Tile | None:
        """The part of the scene within ``reach`` of a point, its axes turned by ``angle`` degrees; None if outside."""
        left, top = max(0, int((cx - reach) * SCALE)), max(0, int((cy - reach) * SCALE))
        right = min(self.size[0], int((cx + reach) * SCALE) + 1)
        bottom = min(self.size[1], int((cy + reach) * SCALE) + 1)
        if right - left < 3 or bottom - top < 3:
            return None
        size = (right - left, bottom - top)
        x = line([(left + i + 0.5) / SCALE - cx for i in range(size[0])], size)
        y = line([(top + i + 0.5) / SCALE - cy for i in range(size[1])], size, down=True)
        if angle:
            cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
            x, y = x * cos + y * sin, y * cos - x * sin
        return Tile((left, top), x, y)

    def whole(self, angle: float = 0.0) -> Tile:
        """All of the scene as one tile around its middle."""
        tile = self.tile(self.width / 2, self.length / 2, max(self.width, self.length), angle)
        if tile is None:
            raise ValueError("a scene has a size")
        return tile

    def below(self, tile: Tile) -> Field:
        """How high what the scene holds so far lies under a tile."""
        left, top = tile.corner
        return Field(self.height.image.crop((left, top, left + tile.size[0], top + tile.size[1])))

    def at(self, x: float, y: float) -> float:
        """How high one point lies."""
        place = (
            min(max(int(x * SCALE), 0), self.size[0] - 1),
            min(max(int(y * SCALE), 0), self.size[1] - 1),
        )
        value = self.height.image.getpixel(place)
        return float(value) if isinstance(value, int | float) else 0.0

    def put(
        self,
        tile: Tile,
        mask: Field,
        height: Field | None,
        colour: Image.Image | Colour | None,
        gloss: float | None = None,
    ) -> None:
        """Lays a body on the scene where ``mask`` is 1. What is None stays as it was."""
        alpha = mask.mask()
        box = (*tile.corner, tile.corner[0] + tile.size[0], tile.corner[1] + tile.size[1])
        self.cover.paste(255, box, alpha)
        if height is not None:
            # Heights are mixed in floats: Image.paste with a mask does not take them.
            old = self.below(tile)
            self.height.image.paste((old + (height - old) * mask.clip()).image, tile.corner)
        if isinstance(colour, Image.Image):
            self.colour.paste(colour, tile.corner, alpha)
        elif colour is not None:
            self.colour.paste(colour, box, alpha)
        if gloss is not None:
            self.gloss.paste(round(gloss * 255), box, alpha)

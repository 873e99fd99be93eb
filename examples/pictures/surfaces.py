"""Tables, cloths and earth for things to lie on."""

from __future__ import annotations

from collections.abc import Sequence

from field import Colour, Field, constant, noise, ramp
from PIL import Image, ImageChops
from scene import Scene

OAK = ((46, 30, 20), (84, 56, 36), (118, 82, 54))
WALNUT = ((24, 17, 14), (46, 32, 25), (70, 50, 38))
PALE_WOOD = ((148, 118, 88), (188, 158, 124), (214, 188, 156))
GREY_WOOD = ((92, 90, 86), (136, 133, 127), (170, 166, 158))
BLUE_WOOD = ((46, 66, 78), (78, 103, 116), (112, 136, 146))


def planks(
    scene: Scene, stops: Sequence[Colour], board: float = 210.0, angle: float = 0.0, gloss: float = 0.16
) -> None:
    """A table of boards ``board`` pixels wide, which run from top to bottom (or turned by ``angle``)."""
    rng = scene.rng
    tile = scene.whole(angle)
    size = scene.size
    cell = (5.0, 420.0) if abs(angle) < 45 else (420.0, 5.0)
    fine = (2.0, 120.0) if abs(angle) < 45 else (120.0, 2.0)
    place = (tile.x + noise(size, rng, 500) * 2.0 + rng.uniform(0, board)) / board + 40.0
    index = Field(place.image.convert("I").convert("F"))  # The number of the board
    tone = (index * 0.37 + 0.11).wave() * 0.13
    bend = noise(size, rng, (260.0, 700.0) if abs(angle) < 45 else (700.0, 260.0), 2)
    rings = ((place - index) * 7.0 + bend * 2.2 + index * 3.3).wave() * 0.10
    grain = noise(size, rng, cell, 2) * 0.16 + noise(size, rng, fine) * 0.05
    edge = abs(place - index - 0.5)
    gap = edge.step(0.490, 0.4985)
    colour = ramp(0.48 + tone + rings + grain + noise(size, rng, 300, 2) * 0.07, stops)
    dark = (1.0 - gap * 0.75).mask()
    colour = ImageChops.multiply(colour, Image.merge("RGB", (dark, dark, dark)))
    scene.ground(colour, grain * 1.8 - gap * 5.0 - edge.step(0.46, 0.5) * 1.2, gloss)


def plaster(scene: Scene, stops: Sequence[Colour], relief: float = 1.0, gloss: float = 0.08) -> None:
    """A smooth painted or stone surface with faint clouds and pits."""
    rng = scene.rng
    clouds = noise(scene.size, rng, 420, 5) * 0.20 + 0.5
    pits = noise(scene.size, rng, 14, 3)
    scene.ground(ramp(clouds + pits * 0.03, stops), pits * 0.32 * relief + clouds * 2.0, gloss)


def marble(scene: Scene, stops: Sequence[Colour]) -> None:
    """White stone with soft veins."""
    rng = scene.rng
    size = scene.size
    warp = noise(size, rng, 520, 4)
    tile = scene.whole(28)
    vein = 1.0 - abs((tile.x / 900.0 + warp * 0.42).wave())
    second = 1.0 - abs((tile.y / 1300.0 + noise(size, rng, 300, 4) * 0.35).wave())
    tone = 0.86 - vein.step(0.72, 1.0) * 0.30 - second.step(0.86, 1.0) * 0.22 + noise(size, rng, 600, 3) * 0.10
    scene.ground(ramp(tone, stops), constant(size, 0.0) + noise(size, rng, 700) * 1.5, 0.35)


def cloth(
    scene: Scene,
    centre: tuple[float, float],
    half: tuple[float, float],
    angle: float,
    colours: Sequence[Colour],
    stripe: Colour | None = None,
    folds: float = 1.0,
) -> None:
    """A linen napkin: a rectangle with uneven edges, a weave, folds and, if wanted, stripes along two sides."""
    rng = scene.rng
    tile = scene.tile(*centre, (half[0] ** 2 + half[1] ** 2) ** 0.5 + 20, angle)
    if tile is None:
        return
    size = tile.size
    x = tile.x + noise(size, rng, 240, 2) * 9.0
    y = tile.y + noise(size, rng, 240, 2) * 9.0
    inner = (half[0] - abs(x)).least(half[1] - abs(y))
    fold = noise(size, rng, 210, 2)
    wave = noise(size, rng, (420.0, 110.0)) + noise(size, rng, (120.0, 460.0))
    weave = (x / 4.6).wave() * 0.5 + (y / 4.6).wave() * 0.5
    slub = noise(size, rng, (70.0, 3.0)) + noise(size, rng, (3.0, 70.0))
    height = 5.0 + fold * 11.0 * folds + wave * 7.0 * folds + weave * 0.2 + slub * 0.2
    height = height * (inner / 14.0).clip(0.25, 1.0) + (inner.step(7.0, 9.0) - inner.step(13.0, 15.0)) * 1.2
    colour = ramp(0.55 + weave * 0.10 + slub * 0.07 + fold * 0.08, colours)
    if stripe:
        band = (half[0] - abs(x)).step(46.0, 47.5) - (half[0] - abs(x)).step(58.0, 59.5)
        band = band + (half[0] - abs(x)).step(66.0, 67.5) - (half[0] - abs(x)).step(70.0, 71.5)
        colour.paste(stripe, (0, 0, *size), (band * (0.72 + weave * 0.14)).mask())
    scene.put(tile, inner.step(0.0, 1.4), height, colour, 0.03)


def soil(scene: Scene, stops: Sequence[Colour], height: Field | None = None) -> None:
    """Crumbly earth, over ``height`` if given."""
    rng = scene.rng
    size = scene.size
    lumps = abs(noise(size, rng, 38, 2))
    crumbs = abs(noise(size, rng, 13))
    base = height or constant(size, 0.0)
    bumps = noise(size, rng, 160) * 7.0 + lumps * 10.0 + crumbs * 4.0 + noise(size, rng, 5) * 0.7
    tone = 0.30 + lumps * 0.22 + crumbs * 0.16 + noise(size, rng, 7, 2) * 0.09 + noise(size, rng, 220, 2) * 0.12
    scene.ground(ramp(tone, stops), base + bumps, 0.05)

"""Things to put into scenes: plates and bowls, fruit, leaves, seeds, crumbs."""

from __future__ import annotations

import math
from collections.abc import Sequence

from field import SCALE, Colour, Field, noise, ramp
from PIL import Image, ImageDraw, ImageFilter
from scene import Scene, Tile


def bowl(
    scene: Scene, cx: float, cy: float, radius: float, stops: Sequence[Colour], rim: float = 16.0, height: float = 80.0,
    depth: float = 46.0, speckle: float = 0.0, edge: Colour | None = None, gloss: float = 0.7,
) -> None:  # fmt: skip
    """A round bowl from above, empty. Its inner wall falls by ``depth`` to a flat bottom."""
    tile = scene.tile(cx, cy, radius + 8)
    if tile is None:
        return
    rng = scene.rng
    away = tile.distance() + noise(tile.size, rng, 260) * 1.6
    across = ((away - (radius - rim / 2)) / (rim / 2)).clip(-1.0, 1.0)
    lip = (1.0 - across * across).root() * rim * 0.42
    wall = ((radius - rim - away) / (radius * 0.42)).clip()
    inside = (2.0 * wall - wall * wall) * depth
    tone = 0.62 + noise(tile.size, rng, 240, 3) * 0.10 - wall * 0.10
    if speckle:
        dots = noise(tile.size, rng, 3.2).step(0.70, 0.92) * noise(tile.size, rng, 9).step(-0.1, 0.5)
        tone = tone - dots * speckle
    colour = ramp(tone, stops)
    if edge:
        worn = (away + noise(tile.size, rng, 30, 2) * 2.5).step(radius - rim * 0.75, radius - rim * 0.35)
        colour.paste(edge, (0, 0, *tile.size), worn.mask())
    scene.put(tile, (radius - away).step(0.0, 1.2), height + lip - inside, colour, gloss)


def filling(
    scene: Scene, cx: float, cy: float, radius: float, level: float, stops: Sequence[Colour], rough: float = 1.0,
    gloss: float = 0.55, grain: float = 1.0,
) -> Tile | None:  # fmt: skip
    """Soup, cream or dough that fills a bowl to ``level``; returns its tile for what is drawn on it."""
    tile = scene.tile(cx, cy, radius + 6)
    if tile is None:
        return None
    rng = scene.rng
    away = tile.distance() + noise(tile.size, rng, 90, 2) * 1.8
    swell = noise(tile.size, rng, 110) * 4.0 * rough + noise(tile.size, rng, 36) * 1.0 * rough
    swell = swell + noise(tile.size, rng, 7, 2) * 0.12 * rough
    # The surface climbs a little where it meets the wall.
    meniscus = away.step(radius - 14, radius) * 4.0
    tone = 0.52 + noise(tile.size, rng, 150, 3) * 0.12 + noise(tile.size, rng, 6, 2) * 0.04 * grain
    tone = tone - away.step(radius - 26, radius) * 0.16
    scene.put(tile, (radius - away).step(0.0, 1.5), level + swell + meniscus, ramp(tone, stops), gloss)
    return tile


def stroke(
    scene: Scene, points: Sequence[tuple[float, float]], widths: Sequence[float], colour: Colour, thick: float = 3.0,
    gloss: float = 0.5, soft: float = 1.6, opacity: float = 1.0, stops: Sequence[Colour] | None = None,
    mottle: float = 0.2,
) -> None:  # fmt: skip
    """A line of cream, icing, stem or string along ``points``, ``widths`` wide, raised by ``thick``."""
    left, top = min(p[0] for p in points) - max(widths) - 8, min(p[1] for p in points) - max(widths) - 8
    right, bottom = max(p[0] for p in points) + max(widths) + 8, max(p[1] for p in points) + max(widths) + 8
    cx, cy, reach = (left + right) / 2, (top + bottom) / 2, max(right - left, bottom - top) / 2
    tile = scene.tile(cx, cy, reach)
    if tile is None:
        return
    ink = Image.new("L", tile.size, 0)
    pen = ImageDraw.Draw(ink)
    for (x, y), width in zip(points, widths, strict=True):
        px, py, r = x * SCALE - tile.corner[0], y * SCALE - tile.corner[1], width * SCALE / 2
        pen.ellipse((px - r, py - r, px + r, py + r), fill=255)
    mask = Field(ink.filter(ImageFilter.GaussianBlur(soft))) / 255.0
    round_ = Field(ink.filter(ImageFilter.GaussianBlur(max(widths) * SCALE / 5))) / 255.0
    paint: Image.Image | Colour = colour
    if stops:
        paint = ramp(0.5 + noise(tile.size, scene.rng, 8, 2) * mottle + (round_ - 0.6) * 0.3, stops)
    scene.put(tile, mask * opacity, scene.below(tile) + round_ * thick, paint, gloss)


def curve(points: Sequence[tuple[float, float]], steps: int = 40) -> list[tuple[float, float]]:
    """A smooth line through ``points`` (Catmull-Rom)."""
    padded = [points[0], *points, points[-1]]
    found = []
    for index in range(len(points) - 1):
        p0, p1, p2, p3 = padded[index : index + 4]
        for step in range(steps):
            t = step / steps
            found.append(
                tuple(
                    0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t * t + (3 * b - a - 3 * c + d) * t**3)
                    for a, b, c, d in zip(p0, p1, p2, p3, strict=True)
                )
            )
    return [(p[0], p[1]) for p in found] + [points[-1]]


def spiral(
    cx: float, cy: float, turns: float, inner: float, outer: float, start: float = 0.0, wobble: float = 0.0,
    lobes: float = 2.6, count: int = 900,
) -> list[tuple[float, float]]:  # fmt: skip
    """Points of a spiral from ``inner`` out to ``outer``."""
    points = []
    for i in range(count):
        turn = i / count * turns * 2 * math.pi
        r = inner + i / count * (outer - inner) + wobble * math.sin(turn * lobes)
        points.append((cx + r * math.cos(turn + start), cy + r * math.sin(turn + start)))
    return points


def taper(count: int, wide: float, start: float = 0.2, end: float = 0.1) -> list[float]:
    """Widths of a stroke: thin at both ends, ``wide`` in between."""
    return [wide * max(0.08, min(1.0, (i / count) / start, (1 - i / count) / end)) for i in range(count)]


def pebble(
    scene: Scene, cx: float, cy: float, size: tuple[float, float], angle: float, stops: Sequence[Colour], tall: float,
    gloss: float = 0.3, base: float | None = None, mottle: float = 0.1, power: float = 2.0,
) -> None:  # fmt: skip
    """A rounded body: a seed, a berry, a crumb, a drop."""
    tile = scene.tile(cx, cy, max(size) + 3, angle)
    if tile is None:
        return
    away = tile.distance(*size)
    dome = (1.0 - away**power).root()
    ground = scene.at(cx, cy) if base is None else base
    tone = 0.5 + noise(tile.size, scene.rng, max(3.0, size[0] / 2), 2) * mottle - away.step(0.55, 1.0) * 0.22
    mask = ((1.0 - away) * min(size)).step(-0.5, 0.7)
    scene.put(tile, mask, ground + dome * tall, ramp(tone, stops), gloss)


def leaf(
    scene: Scene, cx: float, cy: float, length: float, width: float, angle: float, stops: Sequence[Colour],
    base: float | None = None, lift: float = 6.0, bulge: tuple[float, float] = (0.8, 0.9), teeth: float = 0.0,
    veins: float = 1.0, gloss: float = 0.3, rib: Colour | None = None, curl: float = 1.0,
) -> None:  # fmt: skip
    """A leaf that starts at (cx, cy) and points towards ``angle``. ``bulge`` shapes its base and its tip."""
    reach = length / 2 + width * 0.3 + 4
    rad = math.radians(angle)
    tile = scene.tile(cx + math.cos(rad) * length / 2, cy + math.sin(rad) * length / 2, reach, angle)
    if tile is None:
        return
    rng = scene.rng
    sway = noise(tile.size, rng, max(20.0, length / 2)) * width * 0.05
    along = (tile.x / length + 0.5).clip(0.0001, 0.9999)
    across = tile.y + sway
    p, q = bulge
    top = (p / (p + q)) ** p * (q / (p + q)) ** q
    half = (along**p) * ((1.0 - along) ** q) * (width / 2 / top)
    if teeth:
        half = half * (1.0 + ((along * length / max(6.0, width * 0.16)).wave()) * teeth)
    share = (abs(across) / half.most(0.4)).clip(0.0, 1.3)
    side = (along * 7.5 - share * 0.75).wave()
    crease = (1.0 - share.clip()) ** 5.0
    arch = (1.0 - share * share).clip() * width * 0.09 * curl
    bow = (along - along * along) * length * 0.14 * curl
    relief = side * 0.5 * veins * (width / 60.0) - crease * width * 0.035
    ground = scene.at(cx, cy) if base is None else base
    tone = 0.52 + side.step(0.55, 1.0) * 0.10 * veins - share.step(0.5, 1.0) * 0.06
    tone = tone + noise(tile.size, rng, max(6.0, width / 3), 2) * 0.12 + (along - 0.5) * 0.10
    colour = ramp(tone, stops)
    if rib:
        midrib = (0.035 * width - abs(across) - along * width * 0.022).step(-0.7, 0.7)
        colour.paste(rib, (0, 0, *tile.size), (midrib * 0.8).mask())
    mask = (half - abs(across)).step(-0.4, 0.8) * along.step(0.0001, 0.01) * (1.0 - along.step(0.99, 0.9999))
    scene.put(tile, mask, ground + lift + arch + bow + relief, colour, gloss)


def dust(
    scene: Scene, cx: float, cy: float, radius: float, colour: Colour, amount: float = 0.8, cell: float = 5.0
) -> None:
    """Flour, sugar or salt, thinning out from the centre."""
    tile = scene.tile(cx, cy, radius)
    if tile is None:
        return
    rng = scene.rng
    away = tile.distance(radius)
    spread = (1.0 - away).clip() * amount + noise(tile.size, rng, radius / 3, 3) * 0.32 * (1.0 - away).clip()
    specks = noise(tile.size, rng, cell, 2) * 0.5 + 0.5
    mask = (spread - (1.0 - specks) * 0.62).step(-0.05, 0.55) * 0.92
    scene.put(tile, mask, scene.below(tile) + mask * 1.4 + noise(tile.size, rng, 2.0) * mask * 0.8, colour, 0.02)


def slab(
    scene: Scene, cx: float, cy: float, half: tuple[float, float], angle: float, stops: Sequence[Colour], tall: float,
    corner: float = 20.0, base: float = 0.0, grain: float = 1.0, gloss: float = 0.15, wobble: float = 1.0,
    edge: float = 5.0,
) -> Tile | None:  # fmt: skip
    """A board with rounded corners, its grain along its own x axis; returns its tile."""
    tile = scene.tile(cx, cy, math.hypot(*half) + 10, angle)
    if tile is None:
        return None
    rng = scene.rng
    inner = box_distance(tile, half, corner) + noise(tile.size, rng, 80) * wobble
    # The grain runs along the board: stretched waves, bent by slow noise.
    bend = noise(tile.size, rng, 300, 2) * 26.0 + tile.x * 0.05
    rings = ((tile.y + bend) / 26.0).wave() * 0.5 + ((tile.y + bend * 1.4) / 9.0).wave() * 0.3
    fibre = ((tile.y + bend * 0.6) / 3.1 + noise(tile.size, rng, 60)).wave() * 0.25
    figure = (rings + fibre) * grain
    tone = 0.5 + figure * 0.12 + noise(tile.size, rng, 120, 2) * 0.08
    rounded = (inner / edge).clip()
    lift = (2.0 * rounded - rounded * rounded - 1.0) * edge * 0.8
    scene.put(tile, inner.step(-0.3, 0.9), base + tall + lift + figure * 0.25, ramp(tone, stops), gloss)
    return tile


def box_distance(tile: Tile, half: tuple[float, float], corner: float) -> Field:
    """How far inside a rectangle with rounded corners each sample lies; negative outside."""
    x, y = abs(tile.x) - (half[0] - corner), abs(tile.y) - (half[1] - corner)
    outside = (x.most(0.0) * x.most(0.0) + y.most(0.0) * y.most(0.0)).root()
    return corner - outside - x.most(y).least(0.0)


def spoon(
    scene: Scene, cx: float, cy: float, angle: float, length: float, stops: Sequence[Colour], gloss: float = 0.9,
    base: float = 4.0,
) -> None:  # fmt: skip
    """A spoon whose bowl lies at (cx, cy) and whose handle points towards ``angle``."""
    rad = math.radians(angle)
    wide = length * 0.085
    points, widths = [], []
    for i in range(240):
        t = i / 239
        points.append((cx + math.cos(rad) * length * t, cy + math.sin(rad) * length * t))
        widths.append(wide * (0.36 + 0.52 * max(0.0, t - 0.35) ** 1.6))
    stroke(scene, points, widths, stops[1], 11.0, gloss, 1.2, stops=stops, mottle=0.02)
    tile = scene.tile(cx, cy, length * 0.22, angle)
    if tile is None:
        return
    away = tile.distance(length * 0.165, length * 0.112)
    hollow = (1.0 - (away / 0.93) ** 2.0).clip() * 15.0
    tone = 0.55 + noise(tile.size, scene.rng, 40, 2) * 0.1 - (1.0 - away).clip() * 0.2
    mask = ((1.0 - away) * length * 0.11).step(-0.3, 0.8)
    scene.put(tile, mask, base + 16.0 - hollow, ramp(tone, stops), gloss)

"""Fruit and vegetables from above."""

from __future__ import annotations

import math
from collections.abc import Sequence

from bodies import curve, leaf, pebble, stroke
from field import SCALE, Colour, Field, noise, ramp
from PIL import Image, ImageDraw, ImageFilter
from scene import Scene, Tile

LEAF = ((34, 58, 24), (74, 110, 46), (134, 160, 84))
STEM = ((60, 74, 30), (98, 118, 52), (140, 156, 86))


def ink(tile: Tile) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    """An empty mask of a tile's size and a pen for it."""
    image = Image.new("L", tile.size, 0)
    return image, ImageDraw.Draw(image)


def apple(
    scene: Scene, cx: float, cy: float, radius: float, angle: float, stops: Sequence[Colour], streak: Colour | None = None,
    stalk: bool = True, base: float = 0.0,
) -> None:  # fmt: skip
    """An apple with its stalk up, leaning towards ``angle``."""
    tile = scene.tile(cx, cy, radius * 1.08, angle)
    if tile is None:
        return
    rng = scene.rng
    lean = radius * 0.10
    away = tile.distance(radius, radius * 0.97) + noise(tile.size, rng, radius) * 0.018
    pit = ((tile.x - lean) * (tile.x - lean) + tile.y * tile.y).root() / (radius * 0.40)
    dome = (1.0 - away * away).root() * radius * 0.95 - ((1.0 - pit * pit).clip() ** 1.5) * radius * 0.28
    blush = noise(tile.size, rng, radius * 0.9, 2) * 0.22 + (tile.y / radius) * 0.20 + (1.0 - pit).clip() * -0.30
    tone = 0.52 + blush + noise(tile.size, rng, 5, 2) * 0.03
    colour = ramp(tone, stops)
    if streak:
        image, pen = ink(tile)
        mid_x, mid_y = cx * SCALE - tile.corner[0], cy * SCALE - tile.corner[1]
        ox = mid_x + lean * SCALE * math.cos(math.radians(angle))
        oy = mid_y + lean * SCALE * math.sin(math.radians(angle))
        for _ in range(210):
            turn, near, far = rng.uniform(0, 6.28), rng.uniform(0.25, 0.6), rng.uniform(0.6, 1.15)
            c, s = math.cos(turn) * radius * SCALE, math.sin(turn) * radius * SCALE
            pen.line(
                (ox + c * near, oy + s * near, ox + c * far, oy + s * far),
                fill=rng.randint(50, 170),
                width=rng.randint(2, 6),
            )
        colour.paste(streak, (0, 0, *tile.size), image.filter(ImageFilter.GaussianBlur(3)))
    freckles = noise(tile.size, rng, 4.0).step(0.80, 0.95) * noise(tile.size, rng, 13).step(0.25, 0.6) * 0.55
    colour.paste((238, 214, 160), (0, 0, *tile.size), freckles.mask())
    russet = (1.0 - pit * 1.5 + noise(tile.size, rng, 10, 2) * 0.25).step(0.0, 0.7) * 0.7
    colour.paste((120, 104, 48), (0, 0, *tile.size), russet.mask())
    scene.put(tile, ((1.0 - away) * radius).step(-0.2, 1.0), base + radius * 0.85 + dome, colour, 0.42)
    if stalk:
        rad = math.radians(angle)
        sx, sy = cx + math.cos(rad) * lean, cy + math.sin(rad) * lean
        turn = rad + rng.uniform(-0.7, 0.7)
        points = curve([(sx, sy), (sx + 12 * math.cos(turn), sy + 12 * math.sin(turn)),
                        (sx + 34 * math.cos(turn + 0.3), sy + 34 * math.sin(turn + 0.3))], 30)  # fmt: skip
        widths = [6.5 + 4 * (i / len(points)) ** 3 for i in range(len(points))]
        stroke(scene, points, widths, (82, 58, 34), 14, 0.1, 1.0, stops=((50, 34, 20), (92, 66, 40), (130, 100, 66)))


def tomato(scene: Scene, cx: float, cy: float, radius: float, stops: Sequence[Colour], base: float = 0.0) -> None:
    """A ripe tomato, its calyx to be added with :func:`calyx`."""
    tile = scene.tile(cx, cy, radius * 1.08)
    if tile is None:
        return
    rng = scene.rng
    away = tile.distance(radius) + noise(tile.size, rng, radius * 0.9) * 0.03
    dome = (1.0 - away * away).root() * radius * 0.82
    tone = (
        0.50 + noise(tile.size, rng, radius, 2) * 0.14 - away.step(0.4, 1.0) * 0.12 + noise(tile.size, rng, 3) * 0.015
    )
    scene.put(tile, ((1.0 - away) * radius).step(-0.2, 1.0), base + radius * 0.8 + dome, ramp(tone, stops), 0.75)


def calyx(scene: Scene, cx: float, cy: float, size: float, turn: float, stops: Sequence[Colour] = LEAF) -> None:
    """The green star where a tomato hangs on its vine."""
    base = scene.at(cx, cy)
    for i in range(5):
        angle = turn + i * 72 + scene.rng.uniform(-14, 14)
        leaf(scene, cx, cy, size * scene.rng.uniform(0.85, 1.15), size * 0.26, angle, stops, base - size * 0.10, 3,
             (0.6, 1.3), veins=0.3, gloss=0.1, curl=1.6)  # fmt: skip
    pebble(scene, cx, cy, (size * 0.13, size * 0.13), 0, stops, 5, 0.2, base + 6)


def lemon_slice(
    scene: Scene, cx: float, cy: float, radius: float, angle: float, base: float, tall: float = 12.0
) -> None:
    """A round of lemon: rind, pith and segments."""
    tile = scene.tile(cx, cy, radius + 4, angle)
    if tile is None:
        return
    rng = scene.rng
    away = tile.distance(radius)
    image, pen = ink(tile)
    ox, oy = cx * SCALE - tile.corner[0], cy * SCALE - tile.corner[1]
    count = 9
    for i in range(count):
        middle = math.radians(angle) + 2 * math.pi * i / count
        half = math.pi / count
        wedge = [(ox + math.cos(middle) * radius * 0.10 * SCALE, oy + math.sin(middle) * radius * 0.10 * SCALE)]
        for k in range(9):
            turn = middle + half * 0.84 * (k / 4 - 1)
            wedge.append((ox + math.cos(turn) * radius * 0.83 * SCALE, oy + math.sin(turn) * radius * 0.83 * SCALE))
        pen.polygon(wedge, fill=255)
    flesh = Field(image.filter(ImageFilter.GaussianBlur(4))) / 255.0
    flesh = flesh.step(0.38, 0.72)
    colour = ramp(0.5 + noise(tile.size, rng, 6, 2) * 0.16, ((226, 214, 160), (244, 236, 196), (252, 248, 222)))
    rind = ramp(0.5 + noise(tile.size, rng, 4, 2) * 0.2, ((222, 164, 10), (246, 196, 24), (254, 220, 70)))
    colour.paste(rind, (0, 0), away.step(0.90, 0.94).mask())
    pulp = ramp(
        0.5 + noise(tile.size, rng, 9, 2) * 0.3 + (0.6 - away) * 0.2, ((222, 166, 12), (246, 206, 50), (254, 232, 130))
    )
    colour.paste(pulp, (0, 0), flesh.mask())
    relief = flesh * -2.0 + noise(tile.size, rng, 8, 2) * flesh * 1.5
    scene.put(tile, ((1.0 - away) * radius).step(-0.2, 1.0), base + tall + relief, colour, 0.6)


def beet_slice(scene: Scene, cx: float, cy: float, radius: float, base: float = 0.0) -> None:
    """A round of raw beetroot with its pale rings."""
    tile = scene.tile(cx, cy, radius * 1.1)
    if tile is None:
        return
    rng = scene.rng
    away = tile.distance(radius, radius * rng.uniform(0.92, 1.0)) + noise(tile.size, rng, radius * 0.8) * 0.05
    rings = (away * 4.6 + noise(tile.size, rng, radius * 0.5) * 0.10).wave()
    tone = 0.42 + rings * 0.26 + noise(tile.size, rng, 7, 2) * 0.10
    colour = ramp(tone, ((72, 4, 40), (140, 14, 72), (206, 84, 134), (236, 168, 190)))
    colour.paste((52, 10, 28), (0, 0, *tile.size), away.step(0.95, 0.985).mask())
    scene.put(tile, ((1.0 - away) * radius).step(-0.2, 1.0), base + 11 + rings * 0.6, colour, 0.55)


def carrot(scene: Scene, points: Sequence[tuple[float, float]], width: float, stops: Sequence[Colour]) -> None:
    """A carrot along ``points``, from its shoulder to its tip."""
    path = curve(points, 90)
    count = len(path)
    xs, ys = [p[0] for p in path], [p[1] for p in path]
    cx, cy = (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2
    tile = scene.tile(cx, cy, max(max(xs) - min(xs), max(ys) - min(ys)) / 2 + width)
    if tile is None:
        return
    rng = scene.rng
    body, pen = ink(tile)
    marks, nib = ink(tile)
    for i, (x, y) in enumerate(path):
        t = i / count
        r = width / 2 * min(1.0, (t / 0.045 + 0.25) ** 0.5) * (1 - t**1.7 * 0.92) * SCALE
        px, py = x * SCALE - tile.corner[0], y * SCALE - tile.corner[1]
        pen.ellipse((px - r, py - r, px + r, py + r), fill=255)
        if rng.random() < 0.13:
            side = rng.uniform(-0.9, 0.9) * r
            long = rng.uniform(0.2, 0.75) * r
            nib.arc(
                (px + side - long, py - long * 0.3, px + side + long, py + long * 0.3),
                20,
                160,
                fill=rng.randint(90, 200),
                width=3,
            )
    mask = Field(body.filter(ImageFilter.GaussianBlur(1.2))) / 255.0
    wide = Field(body.filter(ImageFilter.GaussianBlur(width * 0.55))) / 255.0
    mid = Field(body.filter(ImageFilter.GaussianBlur(width * 0.26))) / 255.0
    dome = ((wide * 0.6 + mid * 0.4 - 0.36) / 0.5).clip().root() * width * 0.66
    lines = Field(marks.filter(ImageFilter.GaussianBlur(1.2))) / 255.0
    tone = 0.55 + noise(tile.size, rng, (60.0, 9.0), 2) * 0.10 + noise(tile.size, rng, 130) * 0.10 - lines * 0.38
    earth = noise(tile.size, rng, 46, 3).step(0.45, 1.1) * 0.5
    colour = ramp(tone, stops)
    colour.paste((92, 70, 48), (0, 0, *tile.size), earth.mask())
    scene.put(tile, mask.step(0.35, 0.75), 4.0 + dome - lines * 1.6, colour, 0.28)


def frond(
    scene: Scene,
    x: float,
    y: float,
    angle: float,
    length: float,
    stops: Sequence[Colour] = LEAF,
    fine: float = 0.14,
    bare: int = 24,
) -> None:
    """A feathery leaf, as of carrots or dill."""
    rng = scene.rng
    bend = rng.uniform(-28, 28)
    points = []
    for i in range(5):
        turn = math.radians(angle + bend * i / 4)
        points.append((x, y))
        x, y = x + math.cos(turn) * length / 4, y + math.sin(turn) * length / 4
    path = curve(points, 40)
    stroke(
        scene, path, [max(2.0, 5.5 * (1 - i / len(path))) for i in range(len(path))], stops[1], 6, 0.1, 1.0, stops=stops
    )
    for i in range(bare, len(path), 6):
        share = i / len(path)
        px, py = path[i]
        ahead = path[min(i + 3, len(path) - 1)]
        along = math.degrees(math.atan2(ahead[1] - path[i - 3][1], ahead[0] - path[i - 3][0]))
        for side in (-1, 1):
            reach = length * 0.21 * math.sin(math.pi * min(1.0, share * 0.85 + 0.12)) * rng.uniform(0.7, 1.15)
            leaf(scene, px, py, max(9.0, reach), max(3.4, reach * fine), along + side * rng.uniform(24, 66), stops, None, 4,
                 (0.7, 0.8), 0.34, 0.3, 0.08)  # fmt: skip


def blueberry(scene: Scene, cx: float, cy: float, radius: float, base: float) -> None:
    """A blueberry with its bloom; two in three show the crown."""
    rng = scene.rng
    tile = scene.tile(cx, cy, radius + 3)
    if tile is None:
        return
    away = tile.distance(radius) + noise(tile.size, rng, radius) * 0.02
    dome = (1.0 - away * away).root() * radius * 0.9
    tone = 0.45 + noise(tile.size, rng, radius * 0.6, 3) * 0.30 - away.step(0.5, 1.0) * 0.15
    colour = ramp(tone, ((22, 26, 52), (52, 64, 106), (112, 128, 166)))
    if rng.random() < 0.66:
        turn, off = rng.uniform(0, 6.28), rng.uniform(0.0, 0.45) * radius
        ox, oy = math.cos(turn) * off, math.sin(turn) * off
        crown = ((tile.x - ox) * (tile.x - ox) + (tile.y - oy) * (tile.y - oy)).root() / (radius * 0.38)
        crown = crown + noise(tile.size, rng, radius * 0.22) * 0.22
        colour.paste((18, 18, 36), (0, 0, *tile.size), (1.0 - crown).step(0.0, 0.25).mask())
        dome = (
            dome
            + (crown.step(0.55, 0.95) - crown.step(1.0, 1.3)) * radius * 0.16
            - (1.0 - crown).step(0.0, 0.4) * radius * 0.12
        )
    scene.put(tile, ((1.0 - away) * radius).step(-0.2, 1.0), base + dome, colour, 0.10)


def raspberry(scene: Scene, cx: float, cy: float, radius: float, angle: float, base: float) -> None:
    """A raspberry lying on its side."""
    rng = scene.rng
    stops = ((128, 6, 28), (196, 24, 52), (236, 92, 104))
    rad = math.radians(angle)
    pebble(scene, cx, cy, (radius * 1.12, radius * 0.9), angle, stops, radius * 0.5, 0.2, base)
    beads = []
    for row in range(-3, 4):
        for i in range(-3, 4):
            u, v = row * 0.32, (i + (row % 2) * 0.5) * 0.32
            taperd = 1 - max(0.0, u) * 0.25
            if (u / 1.05) ** 2 + (v / (0.9 * taperd)) ** 2 < 1:
                beads.append((u, v))
    beads.sort(key=lambda uv: -(uv[0] ** 2 + uv[1] ** 2))
    for u, v in beads:
        x = cx + (u * math.cos(rad) - v * math.sin(rad)) * radius
        y = cy + (u * math.sin(rad) + v * math.cos(rad)) * radius
        high = math.sqrt(max(0.0, 1.15 - u * u - v * v)) * radius * 0.75
        size = radius * rng.uniform(0.19, 0.22)
        pebble(scene, x, y, (size, size), 0, stops, size * 0.9, 0.55, base + high, 0.06)

"""The pictures of the board about baking."""

from __future__ import annotations

import math
from collections.abc import Sequence

from bodies import bowl, box_distance, curve, dust, filling, leaf, pebble, slab, spiral, spoon, stroke, taper
from field import SCALE, Colour, Field, noise, ramp
from light import Light, Look, print_of, shade
from PIL import Image, ImageDraw, ImageFilter
from produce import apple, ink, lemon_slice
from scene import Scene
from surfaces import BLUE_WOOD, GREY_WOOD, OAK, PALE_WOOD, WALNUT, cloth, planks, plaster

CRUST = ((84, 38, 12), (146, 78, 26), (192, 124, 52), (222, 168, 98))
FLOUR = (244, 238, 226)


def focaccia() -> Image.Image:
    """Focaccia with rosemary and tomatoes in its tin."""
    scene = Scene(1000, 1500, 21)
    rng = scene.rng
    planks(scene, BLUE_WOOD, 250, 90)
    cloth(scene, (880, 250), (330, 300), 18, ((160, 150, 134), (206, 198, 182), (230, 224, 210)), (84, 104, 116), 1.2)
    metal = ((30, 30, 32), (58, 58, 60), (92, 92, 92))
    slab(scene, 480, 770, (395, 545), 3, metal, 52, 52, 0, 0.0, 0.45, 1.0, 10)
    tile = scene.tile(480, 770, 690, 3)
    if tile is None:
        raise ValueError("the tin lies in the picture")
    inner = box_distance(tile, (366, 516), 46) + noise(tile.size, rng, 120, 2) * 5
    dents = Image.new("L", tile.size, 0)
    pen = ImageDraw.Draw(dents)
    holes = []
    for row in range(9):
        for column in range(6):
            u = (column - 2.5) * 118 + (row % 2 - 0.5) * 50 + rng.uniform(-17, 17)
            v = (row - 4) * 112 + rng.uniform(-17, 17)
            if abs(u) > 335 or abs(v) > 490:
                continue
            turn = math.radians(3)
            x, y = 480 + u * math.cos(turn) - v * math.sin(turn), 770 + u * math.sin(turn) + v * math.cos(turn)
            holes.append((x, y))
            px, py, r = x * SCALE - tile.corner[0], y * SCALE - tile.corner[1], rng.uniform(17, 26) * SCALE
            pen.ellipse((px - r, py - r * 0.9, px + r, py + r * 0.9), fill=255)
    soft = Field(dents.filter(ImageFilter.GaussianBlur(15 * SCALE / 2))) / 255.0
    swell = (inner / 80.0).clip()
    bubbles = noise(tile.size, rng, 46).clip(0.15, 1.0) * 14
    high = 46 + (2.0 * swell - swell * swell) * 26 + noise(tile.size, rng, 130) * 8 + bubbles - soft * 36
    high = high + noise(tile.size, rng, 7) * 0.5
    tone = 0.66 + noise(tile.size, rng, 130, 3) * 0.16 - bubbles * 0.020 + soft * 0.20 - inner.step(46, 0) * 0.42
    tone = tone + noise(tile.size, rng, 6) * 0.04
    scene.put(tile, inner.step(0, 2), high, ramp(tone, CRUST), 0.42)
    for x, y in holes:
        if rng.random() < 0.42:
            _half_tomato(scene, x + rng.uniform(-4, 4), y, rng.uniform(25, 32))
        elif rng.random() < 0.8:
            _rosemary(scene, x - 20, y + 10, rng.uniform(0, 360), rng.uniform(70, 110))
    for _ in range(170):
        x, y = rng.uniform(140, 830), rng.uniform(280, 1260)
        size = rng.uniform(2, 5.5)
        pebble(
            scene,
            x,
            y,
            (size, size * 0.8),
            rng.uniform(0, 90),
            ((226, 222, 214), (244, 242, 236), (255, 255, 252)),
            4,
            0.5,
            power=5,
        )
    for x, y, turn in ((90, 1390, -18), (170, 1440, -32)):
        _rosemary(scene, x, y, turn, 280)
    bowl(scene, 872, 1395, 104, ((150, 142, 128), (206, 198, 182), (238, 232, 218)), 10, 46, 26, 0.3)
    filling(scene, 872, 1395, 84, 30, ((110, 100, 6), (168, 150, 20), (206, 190, 60)), 0.3, 1.0, 0.2)
    light = Light(azimuth=140, elevation=40, fill=0.6)
    return print_of(shade(scene, light), Look(focus=(0.48, 0.5, 0.72, 0.54)), 21)


def _half_tomato(scene: Scene, cx: float, cy: float, radius: float) -> None:
    """Half a roasted cherry tomato, cut side up."""
    rng = scene.rng
    tile = scene.tile(cx, cy, radius + 4, rng.uniform(0, 180))
    if tile is None:
        return
    away = tile.distance(radius, radius * 0.92) + noise(tile.size, rng, radius * 0.6) * 0.05
    chambers = ((tile.x / radius) * 1.1 + 0.25).wave() * (1.0 - away).step(0.12, 0.4)
    tone = 0.5 + chambers * 0.22 + noise(tile.size, rng, 5, 2) * 0.14 - away.step(0.80, 0.95) * 0.22
    high = scene.at(cx, cy) + 16 - chambers * 3 + away.step(0.7, 0.9) * 3 - away.step(0.9, 1.0) * 8
    stops = ((120, 14, 8), (186, 38, 16), (226, 92, 40), (240, 160, 84))
    scene.put(tile, ((1.0 - away) * radius).step(-0.2, 1.0), high, ramp(tone, stops), 0.7)


def _rosemary(scene: Scene, x: float, y: float, angle: float, length: float) -> None:
    """A sprig of rosemary."""
    rng = scene.rng
    needle = ((40, 58, 36), (78, 102, 66), (132, 150, 112))
    rad = math.radians(angle)
    path = curve([(x, y), (x + math.cos(rad) * length / 2, y + math.sin(rad) * length / 2),
                  (x + math.cos(rad + 0.25) * length, y + math.sin(rad + 0.25) * length)], 60)  # fmt: skip
    base = scene.at(x, y)
    stroke(scene, path, [4.0] * len(path), (96, 80, 54), 5, 0.1, 1.0)
    for i in range(4, len(path), max(2, round(260 / length))):
        px, py = path[i]
        for side in (-1, 1):
            reach = rng.uniform(24, 40) * (1.1 - 0.5 * i / len(path))
            out = angle + 8 + side * rng.uniform(18, 62)
            leaf(scene, px, py, reach, 5.4, out, needle, base, rng.uniform(3, 9), (0.25, 0.4), veins=0.0, gloss=0.2)


def cinnamon_buns() -> Image.Image:
    """Six cinnamon buns with icing in a baking dish."""
    scene = Scene(1000, 1500, 22)
    rng = scene.rng
    planks(scene, PALE_WOOD, 190, -6)
    cloth(scene, (140, 1300), (360, 280), 30, ((120, 60, 48), (166, 92, 76), (196, 130, 112)), (232, 214, 196), 1.3)
    enamel = ((176, 172, 160), (226, 222, 210), (246, 243, 234))
    slab(scene, 500, 740, (378, 545), -4, enamel, 70, 70, 0, 0.0, 0.6, 0.6, 14)
    slab(scene, 500, 740, (350, 517), -4, ((140, 116, 88), (196, 172, 140), (220, 200, 170)), 16, 50, 0, 0.0, 0.1)
    turn = math.radians(-4)
    for row in range(3):
        for column in range(2):
            u, v = (column - 0.5) * 336 + rng.uniform(-6, 6), (row - 1) * 334 + rng.uniform(-6, 6)
            _bun(
                scene, 500 + u * math.cos(turn) - v * math.sin(turn), 740 + u * math.sin(turn) + v * math.cos(turn), 181
            )
    for _ in range(90):
        x, y = rng.uniform(170, 830), rng.uniform(230, 1260)
        size = rng.uniform(2, 6)
        pebble(
            scene, x, y, (size, size * 0.7), rng.uniform(0, 90), ((90, 44, 16), (140, 76, 34), (176, 110, 62)), 3, 0.1
        )
    for k in range(3):
        _cinnamon_stick(scene, 740 + k * 44, 1360 + k * 14, -16 + k * 7, 250)
    light = Light(azimuth=132, elevation=42, fill=0.6)
    return print_of(shade(scene, light), Look(focus=(0.5, 0.5, 0.72, 0.54)), 22)


def _bun(scene: Scene, cx: float, cy: float, radius: float) -> None:
    rng = scene.rng
    tile = scene.tile(cx, cy, radius * 1.12)
    if tile is None:
        return
    away = tile.distance(radius) + noise(tile.size, rng, radius * 0.8) * 0.045
    seam, pen = ink(tile)
    start = rng.uniform(0, 6.28)
    for i, (x, y) in enumerate(spiral(cx, cy, 3.05, 5, radius * 1.02, start, 3, 1.7, 1500)):
        r = (6.5 - 1.5 * i / 1500) * SCALE
        px, py = x * SCALE - tile.corner[0], y * SCALE - tile.corner[1]
        pen.ellipse((px - r, py - r, px + r, py + r), fill=255)
    groove = Field(seam.filter(ImageFilter.GaussianBlur(5))) / 255.0
    wide = Field(seam.filter(ImageFilter.GaussianBlur(17))) / 255.0
    dome = (1.0 - away**3.0).clip() ** 0.55 * 66 + (1.0 - away).clip() * 26
    high = 26 + dome - wide * 24 - groove * 9 + noise(tile.size, rng, 6, 2) * 0.8
    tone = (
        0.74
        - wide * 0.30
        - away.step(0.72, 1.0) * 0.22
        + noise(tile.size, rng, 60, 3) * 0.13
        + noise(tile.size, rng, 5) * 0.04
    )
    colour = ramp(tone, ((104, 50, 14), (172, 100, 40), (216, 154, 82), (242, 206, 148)))
    filling_ = ramp(0.5 + noise(tile.size, rng, 7, 2) * 0.25, ((48, 20, 8), (88, 42, 18), (130, 72, 34)))
    colour.paste(filling_, (0, 0), (groove.step(0.25, 0.8) * 0.92).mask())
    scene.put(tile, ((1.0 - away) * radius).step(-0.2, 1.5), high, colour, 0.22)
    # Icing lies in a pool on top and runs down in a few places.
    pool = (0.50 - away * 0.9 + noise(tile.size, rng, 74, 2) * 0.36).step(0.0, 0.04) * away.step(0.97, 0.88)
    thick = (0.62 - away + noise(tile.size, rng, 20)).step(-0.6, 0.9) * 0.12 + 0.82
    icing = ramp(0.6 + noise(tile.size, rng, 30, 2) * 0.2, ((232, 222, 204), (246, 240, 230), (254, 250, 244)))
    scene.put(tile, pool * thick, scene.below(tile).blur(7) + 5.0, icing, 0.6)


def _cinnamon_stick(scene: Scene, cx: float, cy: float, angle: float, length: float) -> None:
    tile = scene.tile(cx, cy, length / 2 + 6, angle)
    if tile is None:
        return
    rng = scene.rng
    inner = box_distance(tile, (length / 2, 21), 4) + noise(tile.size, rng, 30) * 1.2
    share = tile.y / 21.0
    curl = (1.0 - (abs(share) - 0.5) * (abs(share) - 0.5) * 4.0).root()
    tone = 0.5 + noise(tile.size, rng, 70, 2) * 0.14 + (share * 3.3 + noise(tile.size, rng, 160) * 0.4).wave() * 0.12
    tone = tone - (0.16 - abs(share)).step(0.0, 0.12) * 0.5
    scene.put(
        tile, inner.step(-0.2, 1.0), 12 + curl * 20, ramp(tone, ((62, 28, 12), (124, 66, 34), (172, 110, 70))), 0.15
    )


def lemon_tart() -> Image.Image:
    """A lemon tart, half of it under icing sugar."""
    scene = Scene(1000, 1500, 23)
    rng = scene.rng
    plaster(scene, ((146, 160, 170), (186, 198, 204), (212, 220, 222)), 0.6)
    cloth(scene, (790, 330), (370, 320), -20, ((176, 176, 172), (216, 216, 210), (236, 236, 230)), (70, 104, 140), 1.3)
    stone = ((190, 184, 174), (228, 223, 213), (244, 240, 232))
    bowl(scene, 480, 760, 440, stone, 14, 26, 8, 0.25, (166, 146, 120))
    crust = ((108, 58, 20), (170, 106, 44), (208, 148, 78), (232, 190, 128))
    pebble(scene, 480, 760, (362, 362), 0, crust, 20, 0.1, 40, 0.06, 9.0)
    for i in range(68):
        turn = 2 * math.pi * i / 68
        x, y = 480 + 350 * math.cos(turn), 760 + 350 * math.sin(turn)
        pebble(scene, x, y, (31, 18.5), math.degrees(turn), crust, 17, 0.12, 60, 0.12, 3.2)
    curd = ((186, 106, 4), (222, 146, 14), (242, 184, 48))
    tile = filling(scene, 480, 760, 332, 66, curd, 0.35, 0.75, 0.5)
    if tile is not None:
        toast = (noise(tile.size, rng, 60, 3) * 0.6 + tile.distance(332).step(0.5, 1.05) * 0.55).step(0.35, 1.1) * 0.5
        scene.put(tile, toast * tile.distance(332).step(1.0, 0.985), None, (164, 90, 14))
    dust(scene, 330, 600, 330, (250, 248, 242), 0.75, 3.5)
    for x, y, turn in ((560, 800, 10), (640, 730, 50), (470, 880, 25)):
        lemon_slice(scene, x, y, 88, turn, 70 + (6 if x == 560 else 0))
    mint = ((30, 78, 34), (66, 128, 56), (124, 174, 96))
    for angle, length in ((200, 84), (300, 90), (60, 78), (130, 64)):
        leaf(scene, 556, 800, length, length * 0.58, angle, mint, 90, 6, (0.55, 0.75), 0.07, 1.4, 0.25, (144, 186, 118))
    for x, y, r, turn in ((150, 1330, 106, -24), (330, 1395, 100, 20)):
        _lemon(scene, x, y, r, turn)
    lemon_slice(scene, 850, 1330, 96, 33, 0, 52)
    light = Light(azimuth=58, elevation=44, strength=1.1, fill=0.58)
    return print_of(shade(scene, light), Look(focus=(0.48, 0.52, 0.68, 0.52), vignette=0.24), 23)


def _lemon(scene: Scene, cx: float, cy: float, radius: float, angle: float) -> None:
    tile = scene.tile(cx, cy, radius * 1.4, angle)
    if tile is None:
        return
    rng = scene.rng
    along = abs(tile.x / (radius * 1.36) + noise(tile.size, rng, radius) * 0.012)
    # A round body that runs out into a small point at both ends.
    half = ((1.0 - (along / 0.94) * (along / 0.94)).clip() ** 0.62) * 0.86 + (1.0 - along).clip() ** 0.5 * 0.13
    share = abs(tile.y) / (half * radius).most(0.5)
    body = share.most(along * 0.85)
    dome = (1.0 - share * share).root() * half * radius * 0.9
    away = share.least(2.0)
    pores = noise(tile.size, rng, 4.5, 2)
    tone = 0.55 + noise(tile.size, rng, 60, 2) * 0.14 + pores * 0.04 - body.step(0.5, 1.1) * 0.16
    colour = ramp(tone, ((180, 116, 4), (226, 164, 16), (246, 202, 66)))
    scene.put(
        tile,
        ((1.0 - away) * half * radius).step(-0.2, 1.2) * along.step(1.0, 0.99),
        radius * 0.8 + dome + pores * 0.5,
        colour,
        0.4,
    )


def baking_apples() -> Image.Image:
    """Five sorts of apples in a wooden tray."""
    scene = Scene(1000, 1500, 24)
    rng = scene.rng
    planks(scene, GREY_WOOD, 260, 2)
    cloth(scene, (180, 190), (330, 260), 34, ((92, 100, 84), (132, 140, 120), (166, 172, 152)), None, 1.4)
    slab(scene, 500, 770, (420, 590), -3, OAK, 64, 30, 0, 1.0, 0.12, 1.0, 6)
    slab(scene, 500, 770, (392, 562), -3, PALE_WOOD, 14, 16, 0, 1.0, 0.1, 1.0, 4)
    red = ((214, 178, 84), (206, 92, 48), (170, 30, 30), (122, 14, 26))
    dark = ((150, 60, 44), (130, 22, 32), (90, 10, 24), (64, 6, 20))
    green = ((206, 212, 124), (168, 190, 74), (134, 166, 52), (112, 142, 40))
    gold = ((232, 216, 120), (226, 192, 86), (222, 160, 74), (206, 110, 62))
    russet = ((196, 164, 96), (176, 132, 66), (156, 104, 52), (128, 78, 42))
    kinds: list[tuple[Sequence[Colour], Colour | None]] = [
        (red, (146, 18, 26)), (green, None), (gold, (214, 110, 60)), (dark, None), (russet, None),
    ]  # fmt: skip
    places = [(-230, -400), (20, -410), (258, -380), (-118, -196), (140, -180), (-262, -8), (-20, 24), (238, 40),
              (-130, 226), (116, 244), (-256, 420), (-6, 444), (248, 420)]  # fmt: skip
    turn = math.radians(-3)
    for index, (u, v) in enumerate(places):
        stops, streak = kinds[(index * 3 + index // 5) % 5]
        u, v = u + rng.uniform(-6, 6), v + rng.uniform(-6, 6)
        apple(scene, 500 + u * math.cos(turn) - v * math.sin(turn), 770 + u * math.sin(turn) + v * math.cos(turn),
              rng.uniform(107, 118), rng.uniform(0, 360), stops, streak, base=14)  # fmt: skip
    leaf_stops = ((40, 60, 26), (84, 108, 48), (136, 152, 84))
    for x, y, angle in ((600, 420, 20), (380, 790, 150), (700, 1180, -40), (90, 1440, -28), (905, 1400, 200)):
        leaf(scene, x, y, 150, 72, angle, leaf_stops, None, 10, (0.6, 0.8), 0.04, 1.2, 0.25, (164, 168, 104))
    light = Light(azimuth=128, elevation=50, fill=0.66)
    return print_of(shade(scene, light), Look(focus=(0.5, 0.5, 0.74, 0.56)), 24)


def starter() -> Image.Image:
    """A bubbling sourdough starter."""
    scene = Scene(1000, 1000, 25)
    rng = scene.rng
    planks(scene, OAK, 240, 88)
    cloth(scene, (840, 830), (320, 280), -32, ((150, 138, 120), (196, 184, 164), (222, 212, 194)), None, 1.3)
    glass = ((120, 126, 122), (176, 182, 176), (216, 220, 214))
    bowl(scene, 470, 480, 350, glass, 16, 110, 40, 0.0, None, 1.0)
    batter = ((166, 138, 92), (202, 176, 130), (226, 206, 168))
    filling(scene, 470, 480, 306, 84, batter, 1.6, 0.45, 1.4)
    for _ in range(230):
        turn, r = rng.uniform(0, 6.28), 288 * math.sqrt(rng.random())
        size = rng.choice((3, 4, 5, 6, 8, 11, 15, 20)) * rng.uniform(0.8, 1.2)
        x, y = 470 + r * math.cos(turn), 480 + r * math.sin(turn)
        ground = scene.at(x, y)
        if rng.random() < 0.55:
            pebble(scene, x, y, (size, size * 0.94), 0, batter, size * 0.32, 0.55, ground - 0.5, 0.05)
        else:
            pebble(scene, x, y, (size * 1.15, size), turn * 57, batter, size * 0.25, 0.4, ground, 0.05)
            pebble(
                scene,
                x,
                y,
                (size * 0.8, size * 0.7),
                turn * 57,
                ((128, 104, 70), (170, 146, 106), (200, 178, 140)),
                -size * 0.6,
                0.2,
                ground,
            )
    wood = ((128, 84, 46), (176, 126, 78), (206, 162, 112))
    spoon(scene, 560, 560, 38, 620, wood, 0.15, 92)
    dust(scene, 140, 880, 190, FLOUR, 0.7)
    light = Light(azimuth=135, elevation=42, fill=0.62)
    return print_of(shade(scene, light), Look(focus=(0.48, 0.5, 0.66, 0.62)), 25)


def banneton() -> Image.Image:
    """Dough proving in a floured basket."""
    scene = Scene(1000, 1000, 26)
    rng = scene.rng
    planks(scene, OAK, 240, 88)
    cloth(scene, (160, 180), (330, 270), 24, ((150, 138, 120), (196, 184, 164), (222, 212, 194)), None, 1.3)
    tile = scene.tile(510, 520, 400)
    if tile is None:
        raise ValueError("the basket lies in the picture")
    away = tile.distance()
    cane = ((away + noise(tile.size, rng, 120) * 1.5) / 25.0).wave()
    wall = ((372 - away) / 190.0).clip()
    tone = 0.55 + cane * 0.12 + noise(tile.size, rng, 9, 2) * 0.10
    high = 104 - wall * wall * 60 + cane * 5.5
    scene.put(tile, (374 - away).step(0, 1.5), high, ramp(tone, ((120, 80, 40), (186, 142, 88), (222, 186, 132))), 0.12)
    rings = (cane * 0.5 + 0.5) * 0.55 + noise(tile.size, rng, 40, 3) * 0.30
    scene.put(tile, (rings.step(0.35, 0.75) * 0.75) * (370 - away).step(0, 20), None, FLOUR, 0.0)
    dough = tile.distance(292) + noise(tile.size, rng, 200, 2) * 0.02
    tone = 0.58 + noise(tile.size, rng, 70, 3) * 0.12 - dough.step(0.7, 1.0) * 0.15
    high = (
        62
        + (1.0 - dough**2.4).clip() ** 0.6 * 78
        + noise(tile.size, rng, 60, 2) * 3
        + noise(tile.size, rng, 6, 2) * 0.4
    )
    scene.put(
        tile,
        ((1.0 - dough) * 292).step(-0.2, 2),
        high,
        ramp(tone, ((168, 134, 86), (204, 174, 126), (228, 206, 164))),
        0.15,
    )
    dust(scene, 470, 470, 300, FLOUR, 0.62, 4)
    for _ in range(26):
        turn, r = rng.uniform(0, 6.28), 240 * math.sqrt(rng.random())
        size = rng.uniform(4, 13)
        pebble(scene, 510 + r * math.cos(turn), 520 + r * math.sin(turn), (size, size), 0,
               ((168, 134, 86), (206, 178, 130), (228, 208, 168)), size * 0.5, 0.3)  # fmt: skip
    dust(scene, 900, 900, 190, FLOUR, 0.8)
    light = Light(azimuth=135, elevation=40, fill=0.6)
    return print_of(shade(scene, light), Look(focus=(0.5, 0.52, 0.68, 0.64)), 26)


def country_loaf() -> Image.Image:
    """A round loaf, scored with an ear of wheat and dusted with flour."""
    scene = Scene(1000, 1000, 27)
    rng = scene.rng
    planks(scene, OAK, 240, 88)
    slab(scene, 500, 520, (420, 340), -8, WALNUT, 26, 40, 0, 1.0, 0.14)
    tile = scene.tile(500, 505, 360)
    if tile is None:
        raise ValueError("the loaf lies in the picture")
    away = tile.distance(318) + noise(tile.size, rng, 260, 2) * 0.02
    cuts = Image.new("L", tile.size, 0)
    pen = ImageDraw.Draw(cuts)

    def cut(points: Sequence[tuple[float, float]], width: float) -> None:
        path = curve(points, 160)
        for (x, y), wide in zip(path, taper(len(path), width, 0.35, 0.35), strict=True):
            px, py, r = x * SCALE - tile.corner[0], y * SCALE - tile.corner[1], wide * SCALE / 2
            pen.ellipse((px - r, py - r, px + r, py + r), fill=255)

    cut([(352, 715), (300, 520), (390, 300), (560, 235)], 58)
    for i in range(6):
        x, y = 478 + i * 26, 662 - i * 62
        cut([(x, y), (x + 46, y - 12), (x + 84, y - 46)], 15)
        cut([(x, y), (x - 14, y - 42), (x + 2, y - 86)], 15)
    opened = Field(cuts.filter(ImageFilter.GaussianBlur(3))) / 255.0
    wide = Field(cuts.filter(ImageFilter.GaussianBlur(13))) / 255.0
    dome = (1.0 - away**2.3).clip() ** 0.62 * 172
    blisters = noise(tile.size, rng, 12, 2).clip(0.25, 1.2) * 4
    ear = (wide.shift(9, 5) - wide).clip(-1, 1) * 26
    high = 34 + dome - opened * 5 + ear * 0.8 + blisters * (1.0 - opened) + noise(tile.size, rng, 5, 2) * 0.7
    tone = (
        0.50
        + noise(tile.size, rng, 90, 3) * 0.16
        - away.step(0.55, 1.0) * 0.16
        - blisters * 0.012
        - wide * 0.10
        + opened * 0.55
    )
    colour = ramp(tone, ((74, 30, 10), (136, 66, 22), (186, 108, 44), (220, 160, 88), (240, 206, 150)))
    flour = (
        noise(tile.size, rng, 70, 3) * 0.35 + 0.42 - away.step(0.5, 1.0) * 0.35 + noise(tile.size, rng, 3, 2) * 0.32
    ).step(0.25, 0.8)
    rings = ((away * 318 / 26.0).wave() * 0.5 + 0.5).step(0.15, 0.75)
    white = flour * rings * (1.0 - opened.step(0.1, 0.6)) * 0.78
    colour.paste(FLOUR, (0, 0, *tile.size), white.mask())
    scene.put(tile, ((1.0 - away) * 318).step(-0.2, 2), high, colour, 0.12)
    for _ in range(90):
        x, y = rng.gauss(760, 90), rng.gauss(800, 60)
        size = rng.uniform(1.5, 6)
        pebble(
            scene,
            x,
            y,
            (size, size * 0.7),
            rng.uniform(0, 90),
            ((120, 66, 26), (176, 112, 54), (222, 176, 112)),
            size * 0.8,
            0.1,
        )
    dust(scene, 170, 850, 210, FLOUR, 0.7)
    for i in range(3):
        _wheat(scene, 70 + i * 46, 330 - i * 34, -52 + i * 13)
    light = Light(azimuth=135, elevation=40, fill=0.6)
    return print_of(shade(scene, light), Look(focus=(0.5, 0.52, 0.70, 0.66)), 27)


def _wheat(scene: Scene, x: float, y: float, angle: float) -> None:
    """An ear of wheat."""
    rad = math.radians(angle)
    gold = ((150, 106, 44), (204, 160, 84), (236, 204, 138))
    path = curve(
        [
            (x - 130 * math.cos(rad), y - 130 * math.sin(rad)),
            (x, y),
            (x + 130 * math.cos(rad), y + 130 * math.sin(rad)),
        ],
        60,
    )
    stroke(scene, path, [4.0] * len(path), gold[1], 5, 0.2, 1.0)
    for i in range(9):
        px, py = x + math.cos(rad) * i * 15, y + math.sin(rad) * i * 15
        for side in (-1, 1):
            leaf(scene, px, py, 34, 13, angle + side * 24, gold, None, 6, (0.7, 0.7), veins=0.2, gloss=0.2, curl=2)
            far = curve([(px, py), (px + 80 * math.cos(rad + side * 0.3), py + 80 * math.sin(rad + side * 0.3))], 40)
            stroke(scene, far, [1.6] * len(far), gold[2], 3, 0.2, 0.8)

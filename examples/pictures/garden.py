"""The pictures of the board about gardening: what is sown and what is harvested, from above."""

from __future__ import annotations

import math
from collections.abc import Sequence

from bodies import bowl, curve, filling, leaf, pebble, slab, stroke
from field import Colour, constant, noise
from light import Light, Look, print_of, shade
from PIL import Image
from produce import LEAF, STEM, blueberry, calyx, carrot, frond, raspberry, tomato
from scene import Scene
from surfaces import BLUE_WOOD, OAK, PALE_WOOD, cloth, planks, plaster, soil

EARTH = ((24, 18, 15), (50, 38, 31), (76, 60, 49), (104, 86, 72))
SPROUT = ((44, 88, 28), (84, 134, 48), (140, 178, 88))
LETTUCE = ((50, 92, 26), (96, 142, 48), (152, 184, 88))
RED_LETTUCE = ((58, 22, 32), (98, 44, 50), (122, 104, 62))
BED = Light(azimuth=140, elevation=40, key=(1.0, 0.93, 0.80), fill=0.62)


def _drills(scene: Scene, places: Sequence[float], depth: float) -> None:
    """Earth with furrows across the picture at the given heights."""
    tile = scene.whole(0)
    y = tile.y + scene.length / 2 + noise(scene.size, scene.rng, 160, 2) * 8
    height = constant(scene.size, 0.0)
    for place in places:
        off = abs(y - place) / 46.0
        # A trough with the earth that came out of it heaped along both sides.
        height = height - (1.0 - off).step(0.0, 1.0) * depth + (1.0 - abs(off - 1.25) * 2.4).clip() * depth * 0.35
    soil(scene, EARTH, height)


def _label(scene: Scene, cx: float, cy: float, angle: float) -> None:
    """A wooden plant label with two pencil lines."""
    rad = math.radians(angle)
    slab(scene, cx, cy, (118, 25), angle, PALE_WOOD, 16, 14, 4, 1.0, 0.1)
    for row, length in ((-7, 110), (8, 74)):
        start = -86
        points = []
        for i in range(int(length)):
            u = start + i * 1.2
            v = row + 3.2 * math.sin(i / 3.1) + 1.6 * math.sin(i / 1.7)
            points.append((cx + u * math.cos(rad) - v * math.sin(rad), cy + u * math.sin(rad) + v * math.cos(rad)))
        stroke(scene, curve(points, 4), [2.4] * (4 * (len(points) - 1) + 1), (74, 66, 60), 0, 0.1, 0.8, 0.8)


def _trowel(scene: Scene, cx: float, cy: float, angle: float) -> None:
    """A hand trowel whose blade starts at (cx, cy)."""
    steel = ((52, 54, 54), (96, 98, 96), (146, 148, 144))
    rad = math.radians(angle)
    back = (cx - 120 * math.cos(rad), cy - 120 * math.sin(rad))
    slab(scene, cx - 50 * math.cos(rad), cy - 50 * math.sin(rad), (80, 9), angle, steel, 34, 8, 0, 0.0, 0.7, 0.0, 8)
    leaf(scene, cx, cy, 300, 128, angle, steel, 20, 8, (0.22, 0.62), veins=0.0, gloss=0.75, curl=1.2)
    slab(
        scene,
        back[0] - 112 * math.cos(rad),
        back[1] - 112 * math.sin(rad),
        (128, 25),
        angle,
        OAK,
        52,
        22,
        0,
        1.0,
        0.4,
        1.0,
        20,
    )


def _stones(scene: Scene, count: int) -> None:
    rng = scene.rng
    for _ in range(count):
        x, y = rng.uniform(0, scene.width), rng.uniform(0, scene.length)
        size = rng.choice((4, 5, 6, 8, 12)) * rng.uniform(0.8, 1.2)
        grey = rng.choice(
            (((70, 62, 54), (112, 102, 90), (150, 140, 126)), ((84, 66, 50), (130, 106, 82), (168, 144, 118)))
        )
        pebble(scene, x, y, (size, size * 0.75), rng.uniform(0, 180), grey, size * 0.8, 0.15)


def sowing() -> Image.Image:
    """Seeds in freshly drawn drills."""
    scene = Scene(1000, 1000, 31)
    rng = scene.rng
    _drills(scene, (190, 500, 810), 26)
    _stones(scene, 60)
    seeds = ((120, 92, 56), (180, 148, 98), (220, 194, 148))
    for row in (190, 500, 810):
        x = 20.0 if row != 810 else 330.0
        while x < (990 if row != 190 else 640):
            y = row + rng.gauss(0, 7)
            pebble(scene, x, y, (14, 7.5), rng.uniform(0, 180), seeds, 7, 0.25)
            x += rng.uniform(19, 34)
    _trowel(scene, 640, 300, 198)
    _label(scene, 170, 830, -78)
    return print_of(shade(scene, BED), Look(focus=(0.5, 0.52, 0.66, 0.5)), 31)


def _seedling(scene: Scene, x: float, y: float, size: float, pairs: int) -> None:
    """Two seed leaves and, if older, true leaves above them."""
    rng = scene.rng
    turn = rng.uniform(0, 360)
    base = scene.at(x, y)
    for side in (0, 180):
        leaf(scene, x, y, size, size * 0.62, turn + side + rng.uniform(-14, 14), SPROUT, base, 12, (0.75, 0.42), veins=0.15,
             gloss=0.25, rib=(196, 220, 150))  # fmt: skip
    for pair in range(1, pairs):
        for side in (0, 180):
            out = turn + 90 * pair + side + rng.uniform(-16, 16)
            long, wide = size * (0.5 + 0.45 * pair), size * (0.36 + 0.25 * pair)
            leaf(
                scene, x, y, long, wide, out, LETTUCE, base, 14 + 9 * pair, (0.7, 0.5), 0.05, 0.8, 0.22, (206, 224, 160)
            )


def seedlings() -> Image.Image:
    """Young seedlings in rows."""
    scene = Scene(1000, 1000, 32)
    rng = scene.rng
    _drills(scene, (190, 500, 810), 9)
    _stones(scene, 70)
    for row in (190, 500, 810):
        x = 26.0
        while x < 990:
            _seedling(scene, x, row + rng.gauss(0, 8), rng.uniform(30, 46), rng.choice((1, 1, 2, 2, 3)))
            x += rng.uniform(36, 62)
    _label(scene, 870, 655, -8)
    return print_of(shade(scene, BED), Look(focus=(0.5, 0.5, 0.7, 0.46)), 32)


def _head(scene: Scene, x: float, y: float, size: float, stops: Sequence[Colour]) -> None:
    """A lettuce: rings of leaves, the outer ones first."""
    rng = scene.rng
    base = scene.at(x, y)
    turn = rng.uniform(0, 360)
    for ring, (count, reach) in enumerate(((7, 1.0), (7, 0.84), (6, 0.66), (5, 0.48), (4, 0.31), (3, 0.2))):
        for i in range(count):
            angle = turn + 360 * i / count + ring * 27 + rng.uniform(-12, 12)
            length = size * reach * rng.uniform(0.9, 1.08)
            leaf(scene, x, y, length, length * 0.94, angle, stops, base + ring * 13, 8 + ring * 3, (0.95, 0.30), 0.075, 0.7, 0.22,
                 (190, 208, 142), 1.9)  # fmt: skip


def lettuces() -> Image.Image:
    """Heads of lettuce, green and red in turn."""
    scene = Scene(1000, 1000, 33)
    _drills(scene, (), 0)
    _stones(scene, 60)
    places = [
        (170, 180),
        (505, 165),
        (840, 190),
        (10, 500),
        (338, 498),
        (672, 508),
        (1000, 495),
        (172, 826),
        (506, 836),
        (842, 818),
    ]
    for index, (x, y) in enumerate(places):
        red = index in (1, 3, 5, 7, 9)
        _head(scene, x, y, scene.rng.uniform(140, 160), RED_LETTUCE if red else LETTUCE)
    return print_of(shade(scene, BED), Look(focus=(0.5, 0.5, 0.72, 0.56)), 33)


def salad() -> Image.Image:
    """A wooden bowl of salad."""
    scene = Scene(1000, 1000, 34)
    rng = scene.rng
    plaster(scene, ((186, 176, 162), (214, 206, 192), (230, 224, 212)), 0.6)
    cloth(scene, (850, 860), (310, 290), 34, ((120, 134, 110), (164, 176, 150), (196, 204, 180)), None, 1.3)
    bowl(scene, 490, 490, 400, OAK, 26, 120, 70, 0.0, None, 0.3)
    kinds: tuple[tuple[Sequence[Colour], float, tuple[float, float]], ...] = (
        (LETTUCE, 0.72, (0.95, 0.34)),
        (RED_LETTUCE, 0.7, (0.95, 0.36)),
        (((38, 82, 30), (76, 124, 52), (130, 170, 92)), 0.5, (0.7, 0.6)),
    )
    for i in range(150):
        turn, r = i * 2.39996, 268 * math.sqrt(1 - i / 150)
        x, y = 490 + r * math.cos(turn), 490 + r * math.sin(turn)
        stops, share, bulge = rng.choice(kinds)
        length = rng.uniform(110, 180)
        out = math.degrees(turn) + rng.uniform(-80, 80)
        leaf(scene, x - 40 * math.cos(math.radians(out)), y - 40 * math.sin(math.radians(out)), length, length * share, out, stops,
             66 + i * 0.42, 6, bulge, 0.07, 0.9, 0.35, (200, 216, 156), 1.4)  # fmt: skip
    for _ in range(15):
        turn, r = rng.uniform(0, 6.28), 235 * math.sqrt(rng.random())
        x, y = 490 + r * math.cos(turn), 490 + r * math.sin(turn)
        base, size = scene.at(x, y), rng.uniform(29, 38)
        pebble(
            scene,
            x,
            y,
            (size, size * 0.94),
            turn * 57,
            ((150, 14, 60), (196, 26, 82), (222, 70, 120)),
            5,
            0.4,
            base + 4,
            power=8,
        )
        pebble(
            scene,
            x,
            y,
            (size * 0.88, size * 0.82),
            turn * 57,
            ((214, 206, 204), (244, 238, 236), (254, 252, 250)),
            2,
            0.4,
            base + 8,
            power=8,
        )
    for _ in range(6):
        turn, r = rng.uniform(0, 6.28), 220 * math.sqrt(rng.random())
        _flower(scene, 490 + r * math.cos(turn), 490 + r * math.sin(turn))
    light = Light(azimuth=128, elevation=44, strength=1.15, fill=0.6)
    return print_of(shade(scene, light), Look(focus=(0.49, 0.5, 0.68, 0.66)), 34)


def _flower(scene: Scene, x: float, y: float) -> None:
    """A nasturtium."""
    base, turn = scene.at(x, y), scene.rng.uniform(0, 72)
    petal = ((206, 70, 4), (238, 118, 12), (252, 168, 48))
    for i in range(5):
        leaf(scene, x, y, 52, 50, turn + i * 72, petal, base, 8 + i * 0.8, (1.0, 0.3), 0.02, 0.35, 0.15, None, 1.4)
    pebble(scene, x, y, (8, 8), 0, ((120, 40, 6), (190, 90, 10), (240, 170, 30)), 6, 0.2, base + 14)


def vine_tomatoes() -> Image.Image:
    """Tomatoes on the vine on a pale board."""
    scene = Scene(1000, 1500, 35)
    rng = scene.rng
    plaster(scene, ((52, 56, 60), (80, 84, 88), (106, 110, 112)), 0.7)
    slab(scene, 520, 770, (590, 350), 82, PALE_WOOD, 30, 60, 0, 1.0, 0.12)
    red = ((120, 8, 6), (178, 22, 14), (212, 52, 30))
    ripening = ((150, 30, 6), (204, 76, 20), (226, 132, 50))
    vine = curve([(560, 190), (520, 420), (560, 680), (500, 930), (540, 1180), (515, 1330)], 120)
    spots = [(0.12, 1, 108), (0.20, -1, 112), (0.36, 1, 120), (0.42, -1, 118), (0.58, 1, 122), (0.64, -1, 116), (0.80, 1, 110),
             (0.84, -1, 106), (0.99, 1, 92)]  # fmt: skip
    hung = []
    for share, side, radius in spots:
        vx, vy = vine[int(share * (len(vine) - 1))]
        x, y = vx + side * (radius + rng.uniform(14, 40)), vy + rng.uniform(-34, 34)
        if share > 0.95:
            x, y = vx + 20, vy + 52
        stops = ripening if share > 0.95 else red
        tomato(scene, x, y, radius, stops, 30)
        hung.append((vx, vy, x - side * radius * 0.42, y - radius * 0.1, radius))
    stroke(scene, vine, [15 - 6 * i / len(vine) for i in range(len(vine))], STEM[1], 16, 0.15, 1.2, stops=STEM)
    for vx, vy, x, y, radius in hung:
        arm = curve([(vx, vy), ((vx + x) / 2, (vy + y) / 2 - 12), (x, y)], 50)
        stroke(scene, arm, [9.0] * len(arm), STEM[1], 12, 0.15, 1.2, stops=STEM)
        calyx(scene, x, y, radius * 0.52, rng.uniform(0, 72))
    basil = ((30, 82, 26), (66, 130, 46), (126, 176, 86))
    for x, y, angle, length in (
        (120, 1290, -40, 150),
        (130, 1300, 30, 120),
        (110, 1290, -118, 96),
        (880, 170, 130, 130),
        (890, 180, 60, 96),
    ):
        leaf(
            scene,
            x,
            y,
            length,
            length * 0.62,
            angle,
            basil,
            0,
            10,
            (0.6, 0.7),
            veins=1.2,
            gloss=0.35,
            rib=(140, 182, 104),
            curl=1.8,
        )
    for _ in range(60):
        x, y = rng.gauss(800, 70), rng.gauss(1370, 60)
        pebble(
            scene,
            x,
            y,
            (rng.uniform(2, 5),) * 2,
            0,
            ((220, 216, 208), (240, 238, 232), (255, 255, 252)),
            4,
            0.5,
            power=5,
        )
    light = Light(azimuth=124, elevation=48, fill=0.6, shine=1.3)
    return print_of(shade(scene, light), Look(focus=(0.5, 0.5, 0.72, 0.56)), 35)


def heritage_carrots() -> Image.Image:
    """Carrots of four colours with their tops."""
    scene = Scene(1000, 1500, 36)
    rng = scene.rng
    plaster(scene, ((34, 38, 42), (58, 63, 68), (84, 90, 94)))
    cloth(scene, (500, 1120), (640, 330), -4, ((150, 138, 118), (196, 184, 162), (224, 214, 194)), (96, 108, 84), 1.2)
    orange = ((176, 62, 6), (222, 102, 18), (244, 150, 60))
    yellow = ((190, 128, 20), (232, 180, 56), (248, 214, 118))
    purple = ((46, 12, 36), (88, 30, 64), (132, 70, 98))
    white = ((170, 150, 112), (218, 202, 166), (242, 232, 206))
    kinds = [orange, purple, yellow, orange, white, purple, orange, yellow]
    for index, stops in enumerate(kinds):
        x = 118 + index * 108 + rng.uniform(-8, 8)
        top, tip = 620 + rng.uniform(-30, 30), 1290 + rng.uniform(-110, 90)
        for _ in range(2):
            green = ((36, 70, 24), (78, 124, 44), (134, 172, 84))
            frond(
                scene,
                x + rng.uniform(-6, 6),
                top + 6,
                -90 + rng.uniform(-20, 20),
                rng.uniform(360, 560),
                green,
                0.17,
                46,
            )
        sway = rng.uniform(-30, 30)
        end = (x + sway * 1.4 + rng.uniform(-20, 20), tip)
        points = [(x, top), (x + sway * 0.3, top + 190), (x + sway, (top + tip) / 2 + 90), end]
        carrot(scene, points, rng.uniform(76, 96), stops)
    tie = curve([(40, 668), (280, 690), (520, 676), (760, 694), (960, 672)], 160)
    stroke(
        scene,
        tie,
        [7.0] * len(tie),
        (196, 168, 120),
        9,
        0.05,
        1.0,
        stops=((130, 104, 66), (190, 160, 112), (226, 202, 160)),
    )
    light = Light(azimuth=130, elevation=44, fill=0.64)
    return print_of(shade(scene, light), Look(focus=(0.5, 0.56, 0.78, 0.56)), 36)


def berries() -> Image.Image:
    """Blueberries and raspberries in an enamel bowl."""
    scene = Scene(1000, 1500, 37)
    rng = scene.rng
    planks(scene, BLUE_WOOD, 240, -3)
    cloth(scene, (760, 1180), (400, 300), -20, ((160, 150, 150), (206, 196, 194), (230, 222, 218)), (176, 62, 84), 1.3)
    enamel = ((190, 190, 184), (232, 232, 226), (248, 247, 242))
    bowl(scene, 480, 690, 385, enamel, 16, 110, 74, 0.0, (36, 58, 104), 0.85)
    filling(scene, 480, 690, 318, 44, ((20, 22, 44), (34, 38, 70), (54, 60, 100)), 2.0, 0.1)
    for layer, (count, reach, base) in enumerate(((110, 300, 46), (90, 262, 74), (48, 190, 100), (16, 90, 122))):
        for i in range(count):
            turn = i * 2.39996 + layer
            r = reach * math.sqrt((i + 0.5) / count)
            x, y = 480 + r * math.cos(turn) + rng.uniform(-5, 5), 690 + r * math.sin(turn) + rng.uniform(-5, 5)
            if layer and rng.random() < 0.2:
                raspberry(scene, x, y, rng.uniform(36, 43), rng.uniform(0, 360), base)
            else:
                blueberry(scene, x, y, rng.uniform(25, 33), base)
    for x, y in ((140, 1180), (214, 1216), (120, 1270), (860, 1150), (700, 1300), (262, 1330)):
        blueberry(scene, x, y, rng.uniform(27, 32), scene.at(x, y) + 16)
    for x, y, angle in ((330, 1250, 30), (780, 1190, 130), (180, 1380, 80)):
        raspberry(scene, x, y, 41, angle, scene.at(x, y) + 4)
    for x, y, angle, length in ((560, 620, -30, 120), (566, 616, 60, 104), (840, 230, 150, 170), (850, 240, 80, 130)):
        leaf(scene, x, y, length, length * 0.62, angle, LEAF, None, 10, (0.6, 0.75), 0.08, 1.5, 0.2, (150, 170, 110))
    light = Light(azimuth=60, elevation=46, fill=0.68)
    return print_of(shade(scene, light), Look(focus=(0.48, 0.48, 0.7, 0.52)), 37)

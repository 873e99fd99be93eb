"""The pictures of the board about soups."""

from __future__ import annotations

import math

from bodies import bowl, curve, filling, leaf, pebble, slab, spiral, spoon, stroke, taper
from light import Light, Look, print_of, shade
from PIL import Image
from produce import beet_slice, frond
from scene import Scene
from surfaces import WALNUT, cloth, marble, planks, plaster

STEEL = ((96, 92, 86), (170, 166, 158), (226, 222, 214))
BRASS = ((110, 78, 34), (176, 134, 66), (226, 190, 122))


def pumpkin_soup() -> Image.Image:
    """A bowl of pumpkin soup with a swirl of cream and seeds, on a dark table."""
    scene = Scene(1000, 1500, 11)
    rng = scene.rng
    planks(scene, WALNUT, 230, 4)
    cloth(scene, (820, 1260), (400, 300), -26, ((150, 138, 120), (196, 184, 164), (222, 212, 194)), (150, 92, 58))
    spoon(scene, 668, 1190, 58, 470, BRASS, base=18)
    bowl(scene, 470, 660, 400, ((60, 66, 70), (104, 112, 116), (150, 158, 160)), 22, 92, 40, 0.3, (122, 96, 74))
    filling(scene, 470, 660, 338, 62, ((158, 56, 6), (206, 86, 12), (236, 128, 36)))
    cream = (250, 234, 204)
    swirl = spiral(462, 668, 2.3, 26, 232, -0.6, 10, 2.6, 1400)
    stroke(scene, swirl, [w * (0.75 + 0.28 * math.sin(i / 71)) for i, w in enumerate(taper(1400, 27, 0.1, 0.4))],
           cream, 3.0, 0.4, 2.6)  # fmt: skip
    green = ((52, 66, 26), (104, 120, 56), (154, 162, 96))
    for _ in range(34):
        x, y = 470 + rng.gauss(40, 64), 660 + rng.gauss(-14, 60)
        pebble(scene, x, y, (15 + rng.random() * 3, 7.5), rng.uniform(0, 180), green, 5, 0.4, 66)
    for _ in range(60):
        turn, r = rng.uniform(0, 6.28), 300 * math.sqrt(rng.random())
        size = rng.uniform(2, 8)
        pebble(scene, 470 + r * math.cos(turn), 660 + r * math.sin(turn), (size, size), 0,
               ((150, 50, 2), (206, 92, 8), (236, 140, 30)), 1.2, 0.9)  # fmt: skip
    sage = ((62, 78, 52), (108, 126, 88), (158, 170, 136))
    for angle, length in ((205, 112), (318, 96), (82, 84)):
        leaf(scene, 508, 622, length, 36, angle, sage, 68, 6, (0.6, 0.8), veins=0.7, rib=(176, 186, 156))
    for _ in range(16):
        x, y = rng.gauss(180, 70), rng.gauss(1270, 70)
        pebble(scene, x, y, (17, 8.5), rng.uniform(0, 180), green, 6, 0.35, scene.at(x, y))
    for x, y, angle in ((250, 1215, 28), (160, 1370, -12)):
        leaf(scene, x, y, 150, 48, angle, sage, 2, 7, (0.6, 0.8), veins=0.7, rib=(176, 186, 156))
    light = Light(azimuth=118, elevation=40, fill=0.62)
    return print_of(shade(scene, light), Look(focus=(0.48, 0.45, 0.66, 0.50)), 1)


def beetroot_soup() -> Image.Image:
    """Beetroot soup with yogurt and dill on a dark teal table."""
    scene = Scene(1000, 1500, 12)
    rng = scene.rng
    plaster(scene, ((22, 38, 42), (42, 64, 68), (70, 94, 96)))
    cloth(scene, (110, 1080), (330, 420), 14, ((140, 120, 116), (186, 164, 156), (214, 196, 188)), None, 1.4)
    for x, y, r in ((800, 1240, 108), (660, 1330, 96), (862, 1398, 92)):
        beet_slice(scene, x, y, r, 10 if x == 660 else 0)
    bowl(scene, 540, 650, 390, ((150, 142, 128), (206, 198, 182), (238, 232, 218)), 20, 96, 42, 0.35, (150, 120, 92))
    filling(scene, 540, 650, 332, 66, ((92, 4, 44), (146, 12, 70), (190, 40, 100)), 0.8)
    white = ((222, 214, 204), (246, 240, 232), (255, 252, 246))
    stroke(scene, spiral(520, 640, 1.7, 8, 78, 2.2, 5), [46 + 30 * (i / 900) for i in range(900)], white[1], 26, 0.3, 2.4,
           stops=white, mottle=0.02)  # fmt: skip
    tail = curve([(600, 690), (690, 760), (720, 640), (670, 520), (540, 470), (400, 510)], 120)
    stroke(scene, tail, taper(len(tail), 24, 0.05, 0.7), (246, 238, 230), 3, 0.35, 2.6)
    dill = ((52, 84, 24), (96, 138, 48), (150, 182, 92))
    for angle in (20, 150, 262, 318):
        frond(scene, 528, 636, angle, 128, dill)
    for _ in range(30):
        x, y = 530 + rng.gauss(0, 110), 650 + rng.gauss(0, 110)
        pebble(scene, x, y, (4.6, 4.2), 0, ((20, 16, 14), (44, 36, 30), (80, 70, 60)), 4, 0.3)
    for _ in range(42):
        turn, r = rng.uniform(0, 6.28), 300 * math.sqrt(rng.random())
        size = rng.uniform(2, 7)
        pebble(scene, 540 + r * math.cos(turn), 650 + r * math.sin(turn), (size, size), 0,
               ((120, 60, 6), (190, 116, 20), (230, 170, 60)), 1.2, 0.9)  # fmt: skip
    for x, y, angle in ((250, 1330, -62), (330, 1400, -40), (200, 1400, -95)):
        frond(scene, x, y, angle, 250, dill)
    light = Light(azimuth=62, elevation=42, key=(1.0, 0.95, 0.88), fill=0.66)
    return print_of(shade(scene, light), Look(focus=(0.54, 0.46, 0.66, 0.5)), 2)


def pea_soup() -> Image.Image:
    """Pea and mint soup on white marble."""
    scene = Scene(1000, 1500, 13)
    rng = scene.rng
    marble(scene, ((120, 122, 126), (190, 191, 193), (226, 225, 222), (240, 238, 234)))
    cloth(scene, (200, 300), (330, 250), 20, ((150, 164, 150), (188, 200, 186), (214, 222, 210)), (96, 124, 98), 1.3)
    spoon(scene, 150, 950, 98, 480, STEEL)
    bowl(scene, 530, 770, 385, ((170, 120, 104), (216, 170, 152), (240, 206, 190)), 18, 90, 44, 0.2, (150, 100, 82))
    filling(scene, 530, 770, 330, 62, ((70, 104, 22), (116, 152, 48), (164, 190, 92)))
    cream = curve([(330, 840), (420, 700), (540, 790), (640, 690), (720, 800), (640, 900), (520, 940)], 160)
    stroke(scene, cream, taper(len(cream), 20, 0.2, 0.3), (250, 246, 226), 2.5, 0.4, 2.6)
    peas = ((66, 110, 18), (112, 160, 44), (168, 204, 96))
    for _ in range(24):
        x, y = 540 + rng.gauss(0, 80), 770 + rng.gauss(0, 62)
        pebble(scene, x, y, (14, 13.4), 0, peas, 12, 0.55, 64)
    crust = ((130, 72, 24), (196, 128, 58), (236, 190, 120))
    for _ in range(9):
        x, y = 540 + rng.gauss(0, 120), 770 + rng.gauss(0, 100)
        half = rng.uniform(19, 27)
        slab(scene, x, y, (half, half * 0.9), rng.uniform(0, 90), crust, 22, 7, 62, 0.5, 0.1, 2.0, 7)
    mint = ((26, 74, 34), (62, 124, 58), (122, 172, 98))
    for angle, length, width in ((200, 112, 66), (330, 118, 68), (85, 104, 62), (265, 84, 50), (25, 70, 44)):
        leaf(scene, 560, 735, length, width, angle, mint, 76, 8, (0.55, 0.75), 0.07, 1.6, 0.25, (142, 184, 118))
    _pods(scene)
    for angle, x, y in ((140, 900, 250), (200, 905, 255), (80, 900, 260)):
        leaf(scene, x, y, 110, 64, angle, mint, 2, 8, (0.55, 0.75), 0.07, 1.6, 0.25, (142, 184, 118))
    light = Light(azimuth=128, elevation=46, strength=1.05, fill=0.55, exposure=0.95)
    return print_of(shade(scene, light), Look(focus=(0.53, 0.52, 0.68, 0.52), vignette=0.22), 3)


def _pods(scene: Scene) -> None:
    """Pea pods, one of them open, and loose peas in the lower corner."""
    rng = scene.rng
    pod = ((58, 100, 26), (104, 148, 56), (158, 190, 104))
    peas = ((66, 110, 18), (112, 160, 44), (168, 204, 96))
    for x, y, angle, length in ((560, 1330, -12, 330), (640, 1420, 6, 300)):
        leaf(scene, x, y, length, 66, angle, pod, 0, 6, (0.45, 0.55), veins=0.0, gloss=0.35, curl=1.5)
        rad = math.radians(angle)
        if x == 640:
            for i in range(7):
                reach = length * (0.17 + 0.115 * i)
                pebble(scene, x + math.cos(rad) * reach, y + math.sin(rad) * reach, (16, 16), 0, pod, 9, 0.3)
        else:
            leaf(scene, x + 16, y, length - 32, 44, angle, ((92, 120, 50), (150, 176, 96), (190, 208, 140)), 14, 1,
                 (0.45, 0.55), veins=0.0, gloss=0.2, curl=-0.4)  # fmt: skip
            for i in range(7):
                reach = length * (0.2 + 0.1 * i)
                size = 15 + 3 * math.sin(math.pi * (i + 0.5) / 7)
                pebble(
                    scene,
                    x + math.cos(rad) * reach,
                    y + math.sin(rad) * reach,
                    (size, size),
                    0,
                    peas,
                    size * 0.9,
                    0.5,
                    18,
                )
    for _ in range(9):
        x, y = rng.uniform(330, 560), rng.uniform(1300, 1450)
        pebble(scene, x, y, (15, 14.4), 0, peas, 14, 0.5, 6)

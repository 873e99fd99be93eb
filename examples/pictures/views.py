"""The pictures that look across a garden and through a window, painted in layers from far to near."""

from __future__ import annotations

import math
from collections.abc import Sequence
from random import Random

from bodies import leaf, slab, stroke
from field import SCALE, Colour, Field, constant, line, noise, ramp
from light import Light, Look, print_of, shade
from PIL import Image, ImageChops, ImageDraw, ImageFilter
from scene import Scene

WIDE, HIGH = 1000, 1500


def _mix(one: Colour, other: Colour, share: float) -> Colour:
    return (
        round(one[0] + (other[0] - one[0]) * share),
        round(one[1] + (other[1] - one[1]) * share),
        round(one[2] + (other[2] - one[2]) * share),
    )


def _rows(stops: Sequence[tuple[float, float]], size: tuple[int, int]) -> Field:
    """A value for every height, joined smoothly through ``stops`` of (height as a share, value)."""
    values = []
    for i in range(size[1]):
        place = i / size[1]
        below = max((s for s in stops if s[0] <= place), default=stops[0])
        above = min((s for s in stops if s[0] > place), default=stops[-1])
        share = (place - below[0]) / (above[0] - below[0]) if above[0] != below[0] else 0.0
        values.append(below[1] + (above[1] - below[1]) * share * share * (3 - 2 * share))
    return line(values, size, down=True)


def _foliage(
    picture: Image.Image, rng: Random, centre: tuple[float, float], spread: tuple[float, float], count: int, size: float,
    colours: Sequence[Colour],
) -> None:  # fmt: skip
    """Leaves as many small ellipses; those towards the upper right, where the sun is, are lighter."""
    pen = ImageDraw.Draw(picture)
    dabs = []
    for _ in range(count):
        turn, r = rng.uniform(0, 2 * math.pi), math.sqrt(rng.random())
        x, y = math.cos(turn) * r, math.sin(turn) * r
        dabs.append((x * 0.5 - y * 0.7 + rng.gauss(0, 0.35), x, y))
    for lit, x, y in sorted(dabs):
        place = min(0.999, max(0.0, 0.5 + lit * 0.55)) * (len(colours) - 1)
        index = int(place)
        colour = _mix(colours[index], colours[min(index + 1, len(colours) - 1)], place - index)
        px, py = (centre[0] + x * spread[0]) * SCALE, (centre[1] + y * spread[1]) * SCALE
        rx, ry = size * rng.uniform(0.5, 1.2) * SCALE, size * rng.uniform(0.4, 0.9) * SCALE
        pen.ellipse((px - rx, py - ry, px + rx, py + ry), fill=(*colour, 255))


def _layer() -> Image.Image:
    return Image.new("RGBA", (WIDE * SCALE, HIGH * SCALE), (0, 0, 0, 0))


def _lay(canvas: Image.Image, layer: Image.Image, soft: float) -> None:
    """Lays ``layer`` on the canvas, out of focus by ``soft``."""
    if soft:
        # The colours are spread below their own edges first, so that no black creeps in with the blur.
        colours = Image.composite(layer.convert("RGB"), canvas, layer.getchannel("A"))
        blurred = colours.filter(ImageFilter.GaussianBlur(soft * SCALE))
        canvas.paste(blurred, (0, 0), layer.getchannel("A").filter(ImageFilter.GaussianBlur(soft * SCALE)))
    else:
        canvas.paste(layer, (0, 0), layer.getchannel("A"))


def _mist(canvas: Image.Image, rng: Random, rows: Sequence[tuple[float, float]], colour: Colour) -> None:
    """Mist whose thickness by height is ``rows``, in drifting bands."""
    size = canvas.size
    drift = noise(size, rng, (520.0, 60.0), 3) * 0.22 + 0.92
    canvas.paste(colour, (0, 0, *size), (_rows(rows, size) * drift).clip().mask())


def _tree(
    canvas: Image.Image, rng: Random, x: float, foot: float, tall: float, colours: Sequence[Colour], soft: float
) -> None:
    layer = _layer()
    pen = ImageDraw.Draw(layer)
    trunk = (*colours[0], 255)

    def branch(bx: float, by: float, angle: float, length: float, wide: float) -> None:
        ex, ey = bx + math.cos(angle) * length, by + math.sin(angle) * length
        pen.line((bx * SCALE, by * SCALE, ex * SCALE, ey * SCALE), fill=trunk, width=max(1, round(wide * SCALE)))
        if length > tall * 0.06:
            for _ in range(3):
                branch(ex, ey, angle + rng.uniform(-0.75, 0.75), length * rng.uniform(0.6, 0.8), wide * 0.62)

    branch(x, foot, -math.pi / 2 + rng.uniform(-0.06, 0.06), tall * 0.30, tall * 0.045)
    for i in range(22):
        turn, r = i * 2.39996, math.sqrt((i + 0.5) / 22) * rng.uniform(0.85, 1.05)
        cx, cy = x + math.cos(turn) * r * tall * 0.34, foot - tall * 0.66 + math.sin(turn) * r * tall * 0.28
        _foliage(layer, rng, (cx, cy), (tall * 0.13, tall * 0.10), 90, tall * 0.016, colours)
    _lay(canvas, layer, soft)


def misty_garden() -> Image.Image:
    """A kitchen garden at dawn: a path between beds, trees in the mist and the sun behind them."""
    rng = Random(41)
    size = (WIDE * SCALE, HIGH * SCALE)
    sky = _rows(((0.0, 0.0), (0.18, 0.28), (0.36, 0.78), (0.46, 1.0), (1.0, 1.0)), size)
    sky = sky + noise(size, rng, (700.0, 90.0), 3) * 0.05
    canvas = ramp(sky.clip(), ((132, 156, 184), (178, 188, 202), (226, 206, 192), (250, 218, 178), (255, 226, 180)))
    sun_x, sun_y = 650.0, 520.0
    x = line([i / SCALE - sun_x for i in range(size[0])], size)
    y = line([i / SCALE - sun_y for i in range(size[1])], size, down=True)
    away = (x * x + y * y).root()
    canvas.paste((255, 238, 200), (0, 0, *size), (away.step(460, 30) * 0.75).mask())
    canvas.paste((255, 250, 232), (0, 0, *size), (away.step(66, 44) * 0.9).mask())
    fog = (246, 222, 192)
    for ridge, (base, tall, share, soft) in enumerate(((600, 70, 0.80, 3.0), (640, 105, 0.64, 2.4))):
        layer = _layer()
        colours = [_mix(c, fog, share) for c in ((52, 70, 66), (86, 104, 88), (150, 150, 104))]
        for i in range(34):
            cx = i * 32 + rng.uniform(-18, 18) - 20
            high = tall * (0.7 + 0.5 * math.sin(i * 0.7 + ridge * 2) ** 2 + rng.uniform(-0.15, 0.15))
            _foliage(layer, rng, (cx, base - high * 0.4), (34, high), 150, 7, colours)
        _lay(canvas, layer, soft)
        _mist(canvas, rng, ((0.0, 0.0), (0.36, 0.0), (0.43, 0.62), (0.50, 0.4), (0.6, 0.2), (1.0, 0.0)), fog)
    for tx, foot, tall, share in ((840, 735, 330, 0.46), (150, 760, 470, 0.34)):
        _tree(
            canvas,
            rng,
            tx,
            foot,
            tall,
            [_mix(c, fog, share) for c in ((34, 44, 34), (62, 80, 48), (126, 128, 66), (214, 186, 104))],
            1.2,
        )
        _mist(canvas, rng, ((0.0, 0.0), (0.40, 0.0), (0.49, 0.52), (0.56, 0.3), (0.7, 0.0), (1.0, 0.0)), fog)
    _garden_floor(canvas, rng, fog)
    small = canvas.resize((WIDE, HIGH), Image.Resampling.BOX)
    return print_of(
        small, Look(focus=(0.5, 0.56, 0.95, 0.34), blur=7, vignette=0.30, bloom=0.2, contrast=1.1, colour=0.95), 41
    )


def _garden_floor(canvas: Image.Image, rng: Random, fog: Colour) -> None:
    """Grass, a path and beds that run towards the sun, drawn from far to near."""
    vanish_x, vanish_y = 560.0, 648.0
    size = canvas.size
    grass = ramp(
        _rows(((0.43, 0.0), (0.62, 0.5), (1.0, 1.0)), size) + noise(size, rng, (60.0, 8.0), 2) * 0.06,
        (_mix((116, 128, 74), fog, 0.6), (100, 116, 62), (52, 68, 36)),
    )
    canvas.paste(grass, (0, 0), (_rows(((0.43, 0.0), (0.475, 1.0), (1.0, 1.0)), size)).mask())
    path = Image.new("L", size, 0)
    ImageDraw.Draw(path).polygon(
        [
            (a * SCALE, b * SCALE)
            for a, b in ((vanish_x - 5, vanish_y), (vanish_x + 5, vanish_y), (760, 1510), (300, 1510))
        ],
        fill=255,
    )
    sand = ramp(
        _rows(((0.43, 1.0), (0.6, 0.75), (1.0, 0.2)), size) + noise(size, rng, (40.0, 7.0), 3) * 0.10,
        ((112, 92, 70), (172, 148, 116), (238, 210, 170)),
    )
    canvas.paste(sand, (0, 0), path.filter(ImageFilter.GaussianBlur(7)))
    greens = ((24, 38, 22), (52, 76, 38), (104, 124, 58), (206, 192, 104), (255, 236, 170))
    lavender = ((44, 40, 70), (92, 82, 124), (150, 132, 166), (222, 184, 186))
    depth = 0.06
    while depth < 1.25:
        layer = _layer()
        y = vanish_y + 60 * depth + 800 * depth**1.5
        share = max(0.0, 0.72 - depth * 1.25)
        lit = [_mix(c, fog, share) for c in greens]
        blue = [_mix(c, fog, share) for c in lavender]
        for side in (-1, 1):
            for row, reach in enumerate((0.42, 0.80, 1.20, 1.64)):
                x = vanish_x + side * (60 + 720 * reach) * (y - vanish_y) / 860 + rng.uniform(-8, 8) * depth
                if -220 < x < 1220:
                    wide, tall = 30 + 118 * depth, (22 + 92 * depth) * (1.0 if row else 0.7)
                    _foliage(layer, rng, (x, y - tall * 0.5), (wide * 0.62, tall * 0.62), 130, 3 + 11 * depth, lit)
                    if row == 0 or (row == 2 and side > 0):
                        _foliage(
                            layer, rng, (x, y - tall * 0.95), (wide * 0.55, tall * 0.42), 70, 2 + 4.5 * depth, blue
                        )
        _lay(canvas, layer, 0.6 if depth < 0.75 else 0.6 + (depth - 0.75) * 14)
        if depth < 0.5:
            at = y / HIGH
            _mist(canvas, rng, ((0.0, 0.0), (at - 0.06, 0.0), (at - 0.01, 0.16), (at + 0.03, 0.0), (1.0, 0.0)), fog)
        depth += 0.055 + depth * 0.10
    # Light lies on the path and in drops of dew.
    glow = ((canvas.size[1] * 0.0) + _rows(((0.42, 0.0), (0.50, 0.5), (0.75, 0.1), (1.0, 0.0)), size)) * 0.7
    canvas.paste((255, 232, 186), (0, 0, *size), glow.mask())
    drops = _layer()
    pen = ImageDraw.Draw(drops)
    for _ in range(60):
        x, y, r = rng.uniform(0, 1000), rng.uniform(1080, 1490), rng.uniform(4, 15)
        pen.ellipse(
            ((x - r) * SCALE, (y - r) * SCALE, (x + r) * SCALE, (y + r) * SCALE),
            fill=(255, 240, 200, rng.randint(20, 80)),
        )
    _lay(canvas, drops, 0)


def window_sill() -> Image.Image:
    """Three pots of herbs on a window sill, the garden out of focus behind them."""
    scene = Scene(WIDE, HIGH, 42)
    rng = scene.rng
    size = scene.size
    frame = ((196, 190, 178), (226, 221, 210), (242, 238, 228))
    scene.ground(ramp(constant(size, 0.5), frame), constant(size, -30.0), 0.0)
    bars = (
        (500, 30, (520, 62)),
        (500, 1130, (520, 60)),
        (42, 580, (60, 620)),
        (958, 580, (60, 620)),
        (500, 580, (34, 620)),
        (500, 470, (520, 22)),
    )
    for cx, cy, half in bars:
        slab(scene, cx, cy, half, 0, frame, 0 if half[0] < 500 or half[1] > 50 else -4, 6, 0, 0.25, 0.3, 0.4, 9)
    slab(
        scene,
        500,
        1340,
        (560, 190),
        0,
        ((150, 112, 76), (190, 150, 108), (216, 182, 142)),
        30,
        10,
        0,
        1.2,
        0.3,
        0.6,
        12,
    )
    _contact(scene, ((225, 1302, 150), (512, 1330, 165), (800, 1306, 142)))
    clay = ((140, 68, 42), (188, 104, 70), (216, 144, 108))
    glaze = ((70, 92, 104), (112, 138, 150), (164, 186, 194))
    cream = ((176, 166, 148), (220, 212, 196), (240, 234, 222))
    # Each pot comes after its plant, so that its rim hides where the stems end.
    _rosemary_bush(scene, 225, 1020)
    _pot(scene, 225, 1010, 1310, 118, 90, clay)
    _chives(scene, 800, 1044)
    _pot(scene, 800, 1030, 1314, 112, 92, cream)
    _basil(scene, 512, 990)
    _pot(scene, 512, 1000, 1340, 140, 106, glaze)
    light = Light(azimuth=96, elevation=44, key=(1.0, 0.94, 0.80), strength=1.05, fill=0.72, softness=0.8)
    inside = shade(scene, light)
    cover = scene.cover.resize((WIDE, HIGH), Image.Resampling.BOX)
    view = _outside(rng)
    picture = Image.composite(inside, view, cover)
    # The bright window spills over the edges of what stands before it.
    spill = Image.composite(view, Image.new("RGB", view.size, 0), cover.point([255 - v for v in range(256)]))
    spill = spill.filter(ImageFilter.GaussianBlur(34)).point([round(v * 0.20) for v in range(256)] * 3)
    picture = Image.composite(picture, Image.blend(picture, Image.new("RGB", view.size, (255, 246, 220)), 0.04), cover)
    picture = ImageChops.screen(picture, spill)
    return print_of(picture, Look(vignette=0.26, bloom=0.16, focus=(0.5, 0.66, 0.9, 0.62), blur=4), 42)


def _outside(rng: Random) -> Image.Image:
    """The garden behind the panes: lawn, hedge, sky and round spots of light, far out of focus."""
    size = (WIDE, HIGH)
    tone = (
        _rows(((0.0, 1.0), (0.22, 0.86), (0.40, 0.5), (0.62, 0.36), (0.8, 0.5)), size) + noise(size, rng, 70, 2) * 0.10
    )
    view = ramp(tone.clip(), ((46, 74, 36), (96, 132, 62), (166, 188, 108), (224, 228, 186), (246, 244, 226)))
    view = view.filter(ImageFilter.GaussianBlur(24))
    for _ in range(46):
        spot = Image.new("L", size, 0)
        x, y, r = rng.uniform(0, 1000), rng.gauss(470, 210), rng.uniform(18, 52)
        ImageDraw.Draw(spot).ellipse((x - r, y - r, x + r, y + r), fill=rng.randint(24, 84))
        colour = rng.choice(((255, 246, 204), (236, 240, 170), (255, 232, 176), (214, 232, 168), (250, 206, 190)))
        view.paste(colour, (0, 0), spot.filter(ImageFilter.GaussianBlur(2.5)))
    return view


def _contact(scene: Scene, places: Sequence[tuple[float, float, float]]) -> None:
    """Shadows that the pots throw on the sill towards us."""
    for x, y, reach in places:
        tile = scene.tile(x, y + 30, reach * 1.5)
        if tile is not None:
            dark = tile.distance(reach, reach * 0.42).step(1.15, 0.35) * 0.72
            scene.put(tile, dark, None, (52, 34, 22))


def _pot(scene: Scene, cx: float, top: float, foot: float, wide: float, narrow: float, stops: Sequence[Colour]) -> None:
    """A flower pot seen from the side, with a thicker rim."""
    rng = scene.rng
    middle = (top + foot) / 2
    tile = scene.tile(cx, middle, (foot - top) / 2 + wide * 0.5)
    if tile is None:
        return
    down = (tile.y + (foot - top) / 2) / (foot - top)
    for lower, upper, grow in ((1.0, 0.0, 0.0), (0.24, 0.0, 9.0)):
        half = (1.0 - down) * wide + down * narrow + grow
        share = tile.x / half
        # The foot and the rim are seen a little from above, so they bend.
        bent = (down - (1.0 - share * share).root() * 0.035) * (foot - top)
        inside = (bent - upper * (foot - top) + 6).least(lower * (foot - top) - bent - 8)
        mask = ((1.0 - abs(share)) * half).step(-0.3, 1.0) * inside.step(-0.3, 1.0)
        round_ = (1.0 - share * share).root() * half * 0.42
        lip = (inside / 7.0).clip().root() * 4.0
        tone = (
            0.52
            + noise(tile.size, rng, 60, 3) * 0.16
            + noise(tile.size, rng, 5, 2) * 0.05
            - abs(share).step(0.4, 1.0) * 0.25
        )
        tone = tone - (bent / (foot - top)).step(0.24, 0.34) * (0.34 - down).step(-0.06, 0.1) * (
            0.12 if not grow else 0.0
        )
        scene.put(tile, mask, 40.0 + round_ + lip + grow, ramp(tone, stops), 0.25)


def _basil(scene: Scene, cx: float, foot: float) -> None:
    rng = scene.rng
    green = ((46, 98, 30), (96, 156, 54), (168, 206, 104))
    spots = []
    for _ in range(17):
        turn, r = rng.uniform(-math.pi, 0), rng.uniform(0.2, 1.0)
        spots.append((cx + math.cos(turn) * r * 190, foot - 70 + math.sin(turn) * r * 330, r))
    for x, y, _ in spots:
        stem = [(cx + (x - cx) * (t / 80) ** 1.6, foot + 14 + (y - foot - 14) * t / 80) for t in range(81)]
        stroke(scene, stem, [6.5 - t / 30 for t in range(81)], green[1], 10, 0.2, stops=green)
    for depth, (x, y, _) in enumerate(sorted(spots, key=lambda s: -s[2])):
        lit = [_mix(c, (226, 240, 150), 0.10 + 0.18 * max(0.0, (foot - y) / 420)) for c in green]
        for i in range(9):
            size = rng.uniform(58, 104) * (0.72 if i > 5 else 1.0)
            leaf(scene, x + rng.uniform(-10, 10), y + rng.uniform(-12, 12), size, size * 0.66,
                 i * 137.5 + rng.uniform(-20, 20), lit, 70 + depth * 3 + i * 3, 8, (0.62, 0.66), veins=1.1, gloss=0.3,
                 rib=_mix(lit[2], (255, 255, 220), 0.3), curl=1.8)  # fmt: skip


def _rosemary_bush(scene: Scene, cx: float, foot: float) -> None:
    rng = scene.rng
    needle = ((40, 66, 48), (84, 112, 80), (150, 170, 130))
    for i in range(17):
        lean, tall = rng.uniform(-0.55, 0.55), rng.uniform(210, 420)
        path = [
            (cx + rng.uniform(-1, 1) + (i - 8) * 8 + lean * tall * (t / 90) ** 1.5, foot + 16 - tall * t / 90)
            for t in range(91)
        ]
        stroke(scene, path, [5.5 - t / 30 for t in range(91)], (104, 88, 60), 8, 0.1)
        for t in range(14, 91, 4):
            x, y = path[t]
            for side in (-1, 1):
                up = -90 + math.degrees(lean) + side * rng.uniform(22, 62)
                leaf(scene, x, y, rng.uniform(26, 44) * (1.15 - t / 150), 6.5, up, needle, 66 + i * 2.5,
                     rng.uniform(2, 8), (0.25, 0.4), veins=0.0, gloss=0.2)  # fmt: skip


def _chives(scene: Scene, cx: float, foot: float) -> None:
    rng = scene.rng
    green = ((50, 98, 40), (98, 150, 68), (166, 204, 120))
    flowers = []
    for i in range(64):
        lean, tall = max(-0.42, min(0.42, rng.gauss(0, 0.26))), rng.uniform(230, 440)
        start = cx + rng.uniform(-78, 78)
        path = [(start + lean * tall * (t / 400) ** 1.8, foot + 14 - tall * t / 400) for t in range(401)]
        widths = [7.5 * (1 - (t / 405) ** 2) + 1.4 for t in range(401)]
        stroke(scene, path, widths, green[1], 9, 0.3, 1.0, stops=green, mottle=0.06)
        if i % 9 == 4:
            flowers.append(path[-1])
    petal = ((116, 84, 146), (166, 132, 190), (214, 188, 226))
    for x, y in flowers:
        for k in range(46):
            turn, r = k * 2.39996, 34 * math.sqrt(k / 46)
            leaf(scene, x + math.cos(turn) * r * 0.5, y + math.sin(turn) * r * 0.5, 15 + 9 * (1 - k / 46), 7,
                 math.degrees(turn), petal, 108 - k * 0.4, 4, (0.6, 0.7), veins=0.0, gloss=0.1)  # fmt: skip

"""Light: a scene turned into a photograph of it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random

from field import SCALE, Field, constant, line
from PIL import Image, ImageChops, ImageEnhance, ImageFilter
from scene import Scene

Tint = tuple[float, float, float]


@dataclass(frozen=True)
class Light:
    """A window at ``azimuth`` degrees (0 is right, 90 is the top), ``elevation`` degrees above the table."""

    azimuth: float = 125.0
    elevation: float = 42.0
    key: Tint = (1.0, 0.92, 0.80)
    sky: Tint = (0.80, 0.88, 1.0)
    strength: float = 1.25
    fill: float = 0.5
    softness: float = 0.45
    shine: float = 1.0
    exposure: float = 1.0

    @property
    def direction(self) -> Tint:
        """Towards the window; y runs down."""
        a, e = math.radians(self.azimuth), math.radians(self.elevation)
        return math.cos(a) * math.cos(e), -math.sin(a) * math.cos(e), math.sin(e)


@dataclass(frozen=True)
class Look:
    """What lens, film and print add."""

    vignette: float = 0.32
    grain: float = 1.1
    bloom: float = 0.12
    contrast: float = 1.0
    colour: float = 0.84
    focus: tuple[float, float, float, float] | None = (
        None  # centre and radii of what is sharp, as shares of the picture
    )
    blur: float = 5.0


def shade(scene: Scene, light: Light) -> Image.Image:
    """The scene in its light, at its finished size and before the film."""
    lx, ly, lz = light.direction
    height = scene.height
    slope = SCALE / 2
    dx = (height.shift(1, 0) - height.shift(-1, 0)) * slope
    dy = (height.shift(0, 1) - height.shift(0, -1)) * slope
    norm = 1.0 / (dx * dx + dy * dy + 1.0).root()
    facing = ((lz - dx * lx - dy * ly) * norm).most(0.0)
    shadow = _shadow(height, light)
    open_sky = _openness(height)
    hx, hy, hz = _halfway(lx, ly, lz)
    mirror = ((hz - dx * hx - dy * hy) * norm).most(0.0)
    shine = ((mirror**14) * 0.10 + (mirror**90) * 0.75) * (0.25 + 0.75 * shadow)
    shine = shine * Field(scene.gloss) * (light.shine / 255.0) * light.strength
    direct = facing * shadow * light.strength
    # Light that comes from everywhere is a little stronger from above the table's far edge.
    around = open_sky * (norm * 0.55 + 0.45) * light.fill
    channels = []
    for index, band in enumerate(scene.colour.split()):
        albedo = Field(band) / 255.0
        # Light thrown back by the body itself keeps its deep corners warm.
        bounce = albedo * (1.0 - open_sky) * 0.25 * light.fill
        lit = albedo * albedo * (direct * light.key[index] + around * light.sky[index] + bounce)
        lit = (lit + shine * light.key[index]) * light.exposure
        small = lit.image.resize((scene.width, scene.length), Image.Resampling.BOX)
        channels.append(_develop(Field(small)))
    return Image.merge("RGB", channels)


def _develop(value: Field) -> Image.Image:
    """Linear light to a print: a filmic shoulder, then gamma."""
    toned = (value * (2.51 * value + 0.03)) / (value * (2.43 * value + 0.59) + 0.14)
    return (toned.root() * 255.0).image.convert("L")


def _halfway(lx: float, ly: float, lz: float) -> Tint:
    length = math.sqrt(lx * lx + ly * ly + (lz + 1) ** 2)
    return lx / length, ly / length, (lz + 1) / length


def _shadow(height: Field, light: Light) -> Field:
    """1 where the window is seen, 0 where something is in its way; softer the further off that is."""
    small = Field(height.image.resize((height.size[0] // SCALE, height.size[1] // SCALE), Image.Resampling.BOX))
    lx, ly, lz = light.direction
    flat = math.hypot(lx, ly)
    ux, uy, rise = lx / flat, ly / flat, lz / flat
    hidden = constant(small.size, 0.0)
    distance = 1.5
    while distance < 330:
        over = small.shift(round(ux * distance), round(uy * distance)) - small - rise * distance
        hidden = hidden.most(over / (light.softness * distance + 1.0) + 0.35)
        distance *= 1.16
    clear = 1.0 - hidden.step(0.0, 1.0)
    return Field(clear.image.resize(height.size, Image.Resampling.BICUBIC)).clip()


def _openness(height: Field) -> Field:
    """How much of the sky each point sees: less beside and between higher things."""
    closed = constant(height.size, 0.0)
    for radius in (3.0, 9.0, 26.0, 70.0):
        closed = closed + ((height.blur(radius) - height) / radius).clip(0.0, 1.2)
    return 1.0 / (1.0 + closed * 1.1)


def print_of(picture: Image.Image, look: Look, seed: int) -> Image.Image:
    """The picture with its lens blur, bloom, vignette, contrast and grain."""
    width, height = picture.size
    picture = picture.filter(ImageFilter.GaussianBlur(0.55))  # No lens draws as sharply as arithmetic
    if look.focus:
        cx, cy, rx, ry = look.focus
        x = line([(i / width - cx) / rx for i in range(width)], picture.size)
        y = line([(i / height - cy) / ry for i in range(height)], picture.size, down=True)
        away = (x * x + y * y).root()
        half = picture.filter(ImageFilter.GaussianBlur(look.blur * 0.4))
        full = picture.filter(ImageFilter.GaussianBlur(look.blur))
        picture = Image.composite(half, picture, away.step(0.8, 1.15).mask())
        picture = Image.composite(full, picture, away.step(1.05, 1.6).mask())
    glow = picture.point([max(0, round((v - 150) * 2.4)) for v in range(256)] * 3)
    glow = glow.filter(ImageFilter.GaussianBlur(26)).point([round(v * look.bloom * 2) for v in range(256)] * 3)
    picture = ImageChops.screen(picture, glow)
    picture = picture.point([_curve(v / 255, look.contrast) for v in range(256)] * 3)
    picture = ImageEnhance.Color(picture).enhance(look.colour)
    x = line([i / width * 2 - 1 for i in range(width)], picture.size)
    y = line([i / height * 2 - 1 for i in range(height)], picture.size, down=True)
    dark = 1.0 - (x * x + y * y).step(0.35, 2.3) * look.vignette
    picture = ImageChops.multiply(picture, Image.merge("RGB", [dark.mask()] * 3))
    rng = Random(seed)
    speckle = Image.frombytes("L", picture.size, rng.randbytes(width * height)).filter(ImageFilter.GaussianBlur(1.0))
    speckle = speckle.point([min(255, max(0, round(128 + (v - 127.5) * look.grain / 22))) for v in range(256)])
    luma, blue, red = picture.convert("YCbCr").split()
    luma = ImageChops.add(luma, speckle, 1, -128)
    return Image.merge("YCbCr", (luma, blue, red)).convert("RGB")


def _curve(value: float, contrast: float) -> int:
    bent = value * value * (3 - 2 * value)
    mixed = value + (bent - value) * (contrast - 0.75)
    # Blacks are lifted a little, as in a print.
    return round(255 * (0.018 + 0.982 * mixed))

"""Paints all pictures of examples/content: ``python examples/pictures``, about two minutes on two cores.

Everything random comes from seeded generators, so a second run with the same Pillow writes the same bytes.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import bakes
import garden
import soups
import views
from PIL import Image

CONTENT = Path(__file__).resolve().parents[1] / "content"
MOST_BYTES = 220_000
QUALITY = 82

PICTURES: dict[str, Callable[[], Image.Image]] = {
    "baking/baking-apples.jpg": bakes.baking_apples,
    "baking/cinnamon-buns.jpg": bakes.cinnamon_buns,
    "baking/focaccia.jpg": bakes.focaccia,
    "baking/lemon-tart.jpg": bakes.lemon_tart,
    "baking/sourdough/banneton.jpg": bakes.banneton,
    "baking/sourdough/country-loaf.jpg": bakes.country_loaf,
    "baking/sourdough/starter.jpg": bakes.starter,
    "garden/berries.jpg": garden.berries,
    "garden/garden-path.jpg": views.misty_garden,
    "garden/herb-window.webp": views.window_sill,  # the one that pinsync has to convert
    "garden/heritage-carrots.jpg": garden.heritage_carrots,
    "garden/lettuces.jpg": garden.lettuces,
    "garden/salad.jpg": garden.salad,
    "garden/seedlings.jpg": garden.seedlings,
    "garden/sowing.jpg": garden.sowing,
    "garden/vine-tomatoes.jpg": garden.vine_tomatoes,
    "soups/beetroot-soup.jpg": soups.beetroot_soup,
    "soups/pea-soup.jpg": soups.pea_soup,
    "soups/pumpkin-soup.jpg": soups.pumpkin_soup,
}


def encoded(picture: Image.Image, suffix: str) -> bytes:
    """The picture as a file's content, made smaller by a fifth each way where it would weigh too much."""
    out = io.BytesIO()
    if suffix == ".webp":
        picture.save(out, "WEBP", quality=QUALITY, method=6)
    else:
        picture.save(out, "JPEG", quality=QUALITY, progressive=True, optimize=True)
    if out.tell() <= MOST_BYTES:
        return out.getvalue()
    smaller = (picture.width * 4 // 5, picture.height * 4 // 5)
    return encoded(picture.resize(smaller, Image.Resampling.LANCZOS), suffix)


def main() -> None:
    """Paints in as many processes as there are cores, and writes each picture into its folder."""
    with ProcessPoolExecutor() as pool:
        painted = {path: pool.submit(paint) for path, paint in PICTURES.items()}
        for path, picture in painted.items():
            file = CONTENT / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(encoded(picture.result(), file.suffix))
            print(f"{file.stat().st_size // 1000:5} kB  {path}", flush=True)


if __name__ == "__main__":
    main()

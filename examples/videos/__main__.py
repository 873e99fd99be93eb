"""Makes the short videos of the examples from their pictures: ``python examples/videos``. Needs PyAV (``pip install av``).

Each is a slow move over one or two pictures, which fade into one another. The same pictures give the same motion; the bytes depend
on the encoder.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
from PIL import Image

CONTENT = Path(__file__).parents[1] / "content"
SIZE = (360, 640)
COVER = (720, 1280)
RATE = 12  # frames a second
FADE = 1.0  # seconds


@dataclass(frozen=True, slots=True)
class View:
    """What is seen of a picture: its middle, and how much of its height, as shares."""

    x: float
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Scene:
    """A picture, and the move over it."""

    picture: str
    start: View
    end: View


@dataclass(frozen=True, slots=True)
class Film:
    """A video of scenes, ``seconds`` each; ``cover`` names a picture of its first view, if it gets one."""

    video: str
    seconds: float
    scenes: tuple[Scene, ...]
    cover: str = ""


FILMS = (
    Film(
        "soups/pumpkin-soup-close.mp4",
        6.0,
        (Scene("soups/pumpkin-soup.jpg", View(0.5, 0.5, 0.95), View(0.5, 0.42, 0.5)),),
    ),
    Film(
        "baking/sourdough/rise-and-bake.mp4",
        4.0,
        (
            Scene("baking/sourdough/banneton.jpg", View(0.5, 0.5, 0.9), View(0.5, 0.5, 0.65)),
            Scene("baking/sourdough/country-loaf.jpg", View(0.5, 0.5, 0.65), View(0.5, 0.5, 0.95)),
        ),
        "baking/sourdough/rise-and-bake-cover.jpg",
    ),
)


def frame(scene: Scene, share: float, size: tuple[int, int]) -> Image.Image:
    """The scene at ``share`` of its time, slow at both ends."""
    eased = share * share * (3 - 2 * share)
    x, y, part = (
        before + (after - before) * eased
        for before, after in (
            (scene.start.x, scene.end.x),
            (scene.start.y, scene.end.y),
            (scene.start.height, scene.end.height),
        )
    )
    with Image.open(CONTENT / scene.picture) as picture:
        high = picture.height * part
        wide = high * size[0] / size[1]
        left = min(max(0.0, x * picture.width - wide / 2), picture.width - wide)
        top = min(max(0.0, y * picture.height - high / 2), picture.height - high)
        return picture.convert("RGB").resize(size, Image.Resampling.LANCZOS, (left, top, left + wide, top + high))


def frames(film: Film) -> Iterator[Image.Image]:
    """All frames of a film in order."""
    last: Image.Image | None = None
    for scene in film.scenes:
        count = round(film.seconds * RATE)
        for number in range(count):
            shown = frame(scene, number / (count - 1), SIZE)
            fading = number / (FADE * RATE)
            yield Image.blend(last, shown, fading) if last and fading < 1 else shown
        last = shown


def write(film: Film) -> None:
    """Encodes a film as H.264 in MP4, the index first, and its cover as JPEG."""
    with av.open(str(CONTENT / film.video), "w", options={"movflags": "+faststart"}) as container:
        stream = container.add_stream("libx264", rate=RATE)
        stream.width, stream.height = SIZE
        stream.pix_fmt = "yuv420p"
        stream.options = {"crf": "33", "preset": "veryslow", "tune": "stillimage"}
        for picture in frames(film):
            for packet in stream.encode(av.VideoFrame.from_image(picture)):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    if film.cover:
        frame(film.scenes[-1], 1.0, COVER).save(CONTENT / film.cover, "JPEG", quality=82)


if __name__ == "__main__":
    for each in FILMS:
        write(each)

"""Content and an emulator to measure with. The emulator runs in this process, pinsync in children of it."""

from __future__ import annotations

import io
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from starlette.types import ASGIApp, Receive, Scope, Send

from benchmarks.measuring import Used, run
from pinsync.emulator.app import create_app
from pinsync.emulator.server import in_background
from pinsync.emulator.settings import EmulatorSettings

BOARDS = 2
CONCURRENCY = 8

PARSE = """\
import pathlib, sys, yaml
for file in pathlib.Path(sys.argv[1]).rglob("*.yaml"):
    yaml.load(file.read_bytes(), yaml.CSafeLoader)
"""
"""The least that reading content takes: a program that parses all its files."""

# Far above what is ever sent: the measurement is of pinsync, not of Pinterest's limits.
_FREE = "{calls: 1000000, seconds: 1}"
_NO_LIMITS = f"{{universal: {_FREE}, org_read: {_FREE}, org_write: {_FREE}}}"


@dataclass(frozen=True, slots=True)
class Stage:
    """A content root, the emulator that it is for, and the calls that reached it, by rate category."""

    root: Path
    origin: str
    calls: Counter[str]

    def pinsync(self, *arguments: str) -> Used:
        """Runs a command to its end."""
        environ = {
            "PINTEREST_API_URL": f"{self.origin}/v5",
            "PINTEREST_ACCESS_TOKEN": "emulator",
            "XDG_CACHE_HOME": str(self.root.parent / "cache"),
        }
        return run([sys.executable, "-m", "pinsync", *arguments], self.root, environ)

    def forget_pictures(self) -> None:
        """Deletes what decoding the pictures told."""
        (self.root / ".pinsync" / "cache" / "media.json").unlink(missing_ok=True)


@contextmanager
def stage(folder: Path, pins: int, latency: float = 0.0) -> Iterator[Stage]:
    """One-pin files over two boards, and an emulator without limits."""
    root, data = folder / "content", folder / "emulator"
    data.mkdir(parents=True)
    write_content(root, pins)
    calls: Counter[str] = Counter()
    limits = {"universal": (), "org_read": (), "org_write": ()}
    app = _counting(create_app(EmulatorSettings(data, latency=latency, limits=limits)), calls)
    with in_background(app) as origin:
        yield Stage(root, origin, calls)


def write_content(root: Path, pins: int, size: tuple[int, int] = (400, 600)) -> None:
    """``pins`` files over two boards, each beside a picture of its own, of so many pixels."""
    root.mkdir(parents=True)
    config = f"environment: emulator\nconcurrency: {CONCURRENCY}\nrates: {_NO_LIMITS}\n"
    (root / "pinsync.yaml").write_text(config, "utf-8")
    boards = "".join(f"  - {{key: board-{number}, name: Board {number}}}\n" for number in range(BOARDS))
    (root / "boards.yaml").write_text(f"boards:\n{boards}", "utf-8")
    for number in range(pins):
        file = root / f"month-{number % 12 + 1}" / f"pin-{number}.yaml"
        file.parent.mkdir(exist_ok=True)
        file.write_text(
            f"board: board-{number % BOARDS}\ntitle: Pin number {number}\n"
            f"description: What can be seen on picture {number}, in a sentence of ordinary length.\n"
            f"link: https://example.com/pins/{number}\nalt_text: A gradient\nimage: pin-{number}.jpg\n",
            "utf-8",
        )
        file.with_suffix(".jpg").write_bytes(picture(number, size))


def picture(number: int, size: tuple[int, int] = (400, 600)) -> bytes:
    """A JPEG that no other number gives."""
    out = io.BytesIO()
    colour = (number % 256, number // 256 % 256, 128)
    Image.blend(Image.new("RGB", size, colour), _GRADIENT.resize(size), 0.5).save(out, "JPEG", quality=85)
    return out.getvalue()


_GRADIENT = Image.linear_gradient("L").resize((400, 600)).convert("RGB")


def _counting(app: ASGIApp, calls: Counter[str]) -> ASGIApp:
    async def counted(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            calls["org_read" if scope["method"] == "GET" else "org_write"] += 1
        await app(scope, receive, send)

    return counted

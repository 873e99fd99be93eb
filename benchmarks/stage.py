"""Content and an emulator to measure with. The emulator runs in this process, pinsync in children of it."""

from __future__ import annotations

import io
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from PIL import Image
from starlette.types import ASGIApp, Receive, Scope, Send

from benchmarks.measuring import ROOT, Used, run
from pinsync.emulator.app import create_app
from pinsync.emulator.server import in_background
from pinsync.emulator.settings import EmulatorSettings

BOARDS = 2
CONCURRENCY = 8
TINY, USUAL = (20, 30), (400, 600)
"""Pixels of a picture."""

PARSE = """\
import pathlib, sys, yaml
for file in pathlib.Path(sys.argv[1]).rglob("*.yaml"):
    yaml.load(file.read_bytes(), yaml.CSafeLoader)
"""
"""The least that reading content takes: a program that parses all its files."""

# Far above what is ever sent: the measurement is of pinsync, not of Pinterest's limits.
_FREE = "{calls: 1000000, seconds: 1}"
CONFIG = (
    f"environment: emulator\nconcurrency: {CONCURRENCY}\n"
    f"rates: {{universal: {_FREE}, org_read: {_FREE}, org_write: {_FREE}}}\n"
)

_MONTHS = 12
_LONGEST_COMMENT = 65_533
_RACY = 2.1  # seconds in which a file may change again without another time stamp, so that nothing is remembered of it


@dataclass(frozen=True, slots=True)
class Stage:
    """A content root, the emulator that it is for, and the calls that reached its API, by rate category."""

    root: Path
    origin: str
    calls: Counter[str]

    def pinsync(self, *arguments: str | Path, root: Path | None = None) -> Used:
        """Runs a command to its end, in the content root or in another."""
        return self.run(pinsync(*arguments), root)

    def run(self, command: Sequence[str | Path], root: Path | None = None) -> Used:
        """Runs a program that finds the emulator in its environment."""
        place = root or self.root
        environ = {"PINTEREST_API_URL": f"{self.origin}/v5", "PINTEREST_ACCESS_TOKEN": "emulator"}
        return run(command, place, {**home(place), **environ})


def pinsync(*arguments: str | Path) -> list[str | Path]:
    """The command line of a command."""
    return [sys.executable, "-m", "pinsync", *arguments]


def home(root: Path) -> Mapping[str, str]:
    """Variables that keep what pinsync remembers of a user beside the content root."""
    return {
        f"XDG_{name}_HOME": str(root.parent / "home" / name.lower()) for name in ("CACHE", "STATE", "DATA", "CONFIG")
    }


@contextmanager
def stage(folder: Path, pins: int, size: tuple[int, int] = USUAL) -> Iterator[Stage]:
    """One-pin files over two boards, and an empty emulator without limits."""
    root = folder / "content"
    write_content(root, pins, size)
    with emulating(root, folder / "emulator") as place:
        yield place


@contextmanager
def emulating(root: Path, data: Path, latency: float = 0.0) -> Iterator[Stage]:
    """An emulator without limits on ``data``, for the content in ``root``; each of its answers takes ``latency`` seconds."""
    data.mkdir(parents=True, exist_ok=True)
    calls: Counter[str] = Counter()
    limits = {"universal": (), "org_read": (), "org_write": ()}
    app = _counting(create_app(EmulatorSettings(data, latency=latency, limits=limits)), calls)
    with in_background(app) as origin:
        yield Stage(root, origin, calls)


def fill(root: Path, data: Path | None = None) -> None:
    """Makes all content in ``root`` known and applied, and with ``data`` part of the emulator there, without any call.
    Pictures were looked at afterwards."""
    # Reading content in this process would remember it in the user's own cache.
    run([sys.executable, "-m", "benchmarks.filling", root, *([data] if data else [])], ROOT, home(root))


def write_content(root: Path, pins: int, size: tuple[int, int] = USUAL, a_file: int = 1, padding: int = 0) -> None:
    """``pins`` over two boards, with ``a_file`` pins a file, each with a :func:`picture` of its own. Waits until the files are
    old enough to be remembered."""
    root.mkdir(parents=True)
    (root / "pinsync.yaml").write_text(CONFIG, "utf-8")
    boards = "".join(f"  - {{key: board-{number}, name: Board {number}}}\n" for number in range(BOARDS))
    (root / "boards.yaml").write_text(f"boards:\n{boards}", "utf-8")
    for month in range(_MONTHS):
        (root / f"month-{month}").mkdir()
    for start in range(0, pins, a_file):
        folder = root / f"month-{start // a_file % _MONTHS}"
        numbers = range(start, min(start + a_file, pins))
        for number in numbers:
            (folder / f"pin-{number}.jpg").write_bytes(picture(number, size, padding))
        if a_file == 1:
            (folder / f"pin-{start}.yaml").write_text("\n".join([*_pin(start), ""]), "utf-8")
        else:
            entries = "".join("\n    ".join([f"  - id: pin-{number}", *_pin(number)]) + "\n" for number in numbers)
            (folder / f"pins-{start}.yaml").write_text(f"pins:\n{entries}", "utf-8")
    time.sleep(_RACY)


def _pin(number: int) -> list[str]:
    return [
        f"board: board-{number % BOARDS}",
        f"title: Pin number {number}",
        f"description: What can be seen on picture {number}, in a sentence of ordinary length.",
        f"link: https://example.com/pins/{number}",
        "alt_text: A landscape",
        f"image: pin-{number}.jpg",
    ]


def picture(number: int, size: tuple[int, int] = USUAL, padding: int = 0) -> bytes:
    """A JPEG of so many pixels that no other number gives: one of a few pictures, with comments, which make it longer by about
    ``padding`` bytes."""
    data = _landscape(number % 8, size)
    comments = [str(number).encode(), *[bytes(_LONGEST_COMMENT)] * (padding // _LONGEST_COMMENT)]
    segments = [b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment for comment in comments]
    return b"".join([data[:2], *segments, data[2:]])


@cache
def _landscape(seed: int, size: tuple[int, int]) -> bytes:
    """About as hard to decode and as large as a photograph of this size."""
    noise = Image.frombytes("RGB", (40, 60), random.Random(seed).randbytes(3 * 40 * 60))
    out = io.BytesIO()
    noise.resize(size, Image.Resampling.BICUBIC).save(out, "JPEG", quality=85)
    return out.getvalue()


def _counting(app: ASGIApp, calls: Counter[str]) -> ASGIApp:
    async def counted(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith("/v5/"):
            calls["org_read" if scope["method"] == "GET" else "org_write"] += 1
        await app(scope, receive, send)

    return counted

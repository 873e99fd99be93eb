"""What a plan costs that finds nothing to do: the run that a scheduled job makes most days."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measuring import Row, Used, in_turn, run
from benchmarks.stage import BOARDS, PARSE, Stage, stage

SIZES = (100, 1_000)
ROUNDS = 3

_DECODE = """
import hashlib
from PIL import Image
for file in pathlib.Path(sys.argv[1]).rglob("*.jpg"):
    hashlib.sha256(file.read_bytes()).hexdigest()
    with Image.open(file) as image:
        image.load()
"""


def measure(folder: Path) -> Iterator[Row]:
    """With the picture cache cold and warm, reading the live boards and not."""
    for size in SIZES:
        with stage(folder / str(size), size) as place:
            place.pinsync("apply", "--auto-approve")
            yield from _rows(folder / str(size), place, size)


def _rows(folder: Path, place: Stage, size: int) -> Iterator[Row]:
    parse, decode = folder / "parse.py", folder / "decode.py"
    parse.write_text(PARSE, "utf-8")
    decode.write_text(PARSE + _DECODE, "utf-8")

    def cold() -> Used:
        place.forget_pictures()
        return place.pinsync("plan")

    place.pinsync("plan")
    used = in_turn(
        {
            "parse": lambda: run([sys.executable, parse, place.root], folder),
            "decode": lambda: run([sys.executable, decode, place.root], folder),
            "cold": cold,
            "warm": lambda: place.pinsync("plan"),
            "offline": lambda: place.pinsync("plan", "--refresh=false"),
        },
        ROUNDS,
    )
    place.calls.clear()
    place.pinsync("plan", "--detailed-exitcode")  # fails where there is something to do
    calls, allowed = sum(place.calls.values()), BOARDS + math.ceil(size / 250) + 5
    seen = {
        "calls": ", ".join(f"{count} {category}" for category, count in sorted(place.calls.items())),
        "allowed": allowed,
    }
    names = {"cold": "pictures cold", "warm": "pictures warm", "offline": "warm, --refresh=false"}
    for name, words in names.items():
        bare = used["parse"]
        facts = {"peak": f"{used[name].peak:.0f} MiB", "bare peak": f"{bare.peak:.0f} MiB"}
        yield Row(
            f"plan of {size:,}, {words}", 1000 * used[name].seconds, 1000 * bare.seconds, "ms", "CSafeLoader",
            used[name].seconds / bare.seconds, None, facts if name == "offline" else {**facts, **seen},
            "more calls than allowed" if calls > allowed else "",
        )  # fmt: skip
    cold_used, bare = used["cold"], used["decode"]
    yield Row(
        f"plan of {size:,}, pictures cold", 1000 * cold_used.seconds, 1000 * bare.seconds, "ms",
        "CSafeLoader, SHA-256 and Pillow", cold_used.seconds / bare.seconds,
    )  # fmt: skip

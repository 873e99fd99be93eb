"""What a plan costs where nothing changed and Pinterest is not asked: reading the content, the state, and comparing."""

from __future__ import annotations

import math
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from pathlib import Path

from benchmarks.measuring import Row, Scale, Used, beside, in_turn, run
from benchmarks.stage import PARSE, TINY, fill, home, pinsync, write_content

SIZES, LARGEST = (100, 1_000, 5_000, 10_000), (50_000,)
IN_LISTS = (100, 1_000, 10_000)
A_FILE = 100
ROUNDS = 3
WARM, COLD, GROWTH = 1.5, 4.0, 2.2
GOALS_FROM = 10_000  # pins; with fewer, start-up is most of it
PEAKS = {10_000: 150.0, 50_000: 500.0}
"""MiB that so many pins may take."""


def measure(folder: Path, scale: Scale) -> Iterator[Row]:
    """With what is remembered of the files and without; what is known of the pictures is kept. In a file each, and in lists."""
    warm: dict[int, Used] = {}
    for size in scale.sizes(*SIZES, full=LARGEST):
        used = in_turn(programs(folder / f"{size}-files", size), ROUNDS)
        warm[size] = used["warm"]
        yield from rows(f"plan of {size:,} files", used, size, *_goals(scale, size))
    for small, large in list(pairwise(warm))[-2 if scale.full else -1 :]:
        per_doubling = (warm[large].seconds / warm[small].seconds) ** (1 / math.log2(large / small))
        yield Row(
            f"a doubling, {small:,} to {large:,}", 1000 * warm[large].seconds, 1000 * warm[small].seconds, "ms",
            f"{small:,} pins", per_doubling, scale.goal(GROWTH),
        )  # fmt: skip
    for size in scale.sizes(*IN_LISTS, full=LARGEST):
        used = in_turn(programs(folder / f"{size}-in-lists", size, A_FILE), ROUNDS)
        yield from rows(f"plan of {size:,}, {A_FILE} a file", used, size)


def programs(folder: Path, size: int, a_file: int = 1) -> Mapping[str, Callable[[], Used]]:
    """Writes content and a state that knows it, and gives what to run: ``parse`` of the files, a ``cold`` plan, and a ``warm``
    one."""
    root, parse = folder / "content", folder / "parse.py"
    write_content(root, size, TINY, a_file)
    parse.write_text(PARSE, "utf-8")
    fill(root)

    def warm() -> Used:
        return run(pinsync("plan", "--refresh=false", "--detailed-exitcode"), root, home(root))

    def cold() -> Used:
        shutil.rmtree(home(root)["XDG_CACHE_HOME"], ignore_errors=True)
        return warm()

    return {"parse": lambda: run([sys.executable, parse, root], folder), "cold": cold, "warm": warm}


def rows(
    what: str, used: Mapping[str, Used], size: int, cold_goal: float | None = None, warm_goal: float | None = None
) -> Iterator[Row]:
    """What the :func:`programs` took, beside the parsing."""
    for name, goal in (("cold", cold_goal), ("warm", warm_goal)):
        broken = too_large(used[name], size)
        yield beside(f"{what}, {name}", used[name], used["parse"], "CSafeLoader", goal, broken=broken)


def too_large(used: Used, size: int) -> str:
    """What is wrong with the memory of a plan of so many pins, or nothing."""
    most = next((limit for pins, limit in PEAKS.items() if size <= pins), math.inf)
    return f"more than {most:.0f} MiB" if used.peak > most else ""


def _goals(scale: Scale, size: int) -> tuple[float | None, float | None]:
    return (scale.goal(COLD), scale.goal(WARM)) if size >= GOALS_FROM else (None, None)

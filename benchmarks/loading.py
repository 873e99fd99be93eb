"""What a plan costs where nothing changed and Pinterest is not asked: reading the content, the state, and comparing."""

from __future__ import annotations

import math
import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from benchmarks.measuring import Row, Used, in_turn, run
from benchmarks.stage import PARSE, write_content
from pinsync.content.loading import load
from pinsync.model.resource import Desired
from pinsync.state.document import Known, dump, new_state

SIZES = (5_000, 10_000)
ROUNDS = 5
WARM, COLD, GROWTH, PEAK = 1.5, 4.0, 2.2, 150.0


def measure(folder: Path) -> Iterator[Row]:
    """With what is remembered of the files and without; what is known of the pictures is kept."""
    warm: list[Used] = []
    for size in SIZES:
        rows, used = beside_parsing(folder / str(size), size, ROUNDS, COLD, WARM)
        yield from rows
        warm.append(used)
    small, large = warm
    ratio = (large.seconds / small.seconds) ** (1 / math.log2(SIZES[1] / SIZES[0]))
    yield Row(
        "doubling the pins", 1000 * large.seconds, 1000 * small.seconds, "ms", f"{SIZES[0]:,} pins", ratio, GROWTH
    )


def beside_parsing(folder: Path, size: int, rounds: int, cold_goal: float, warm_goal: float) -> tuple[list[Row], Used]:
    """Plans of ``size`` pins, cold and warm, beside parsing their files; and what a warm one used."""
    root, cache, parse = folder / "content", folder / "cache", folder / "parse.py"
    write_content(root, size, (20, 30))
    parse.write_text(PARSE, "utf-8")
    _write_state(root)

    def plan() -> Used:
        command = [sys.executable, "-m", "pinsync", "plan", "--refresh=false", "--detailed-exitcode"]
        return run(command, root, {"XDG_CACHE_HOME": str(cache)})

    def cold() -> Used:
        shutil.rmtree(cache, ignore_errors=True)
        return plan()

    used = in_turn({"parse": lambda: run([sys.executable, parse, root], folder), "cold": cold, "warm": plan}, rounds)
    bare = used["parse"]
    rows = [
        Row(
            f"plan of {size:,}, files {name}", 1000 * used[name].seconds, 1000 * bare.seconds, "ms", "CSafeLoader",
            used[name].seconds / bare.seconds, goal, {"peak": f"{used[name].peak:.0f} MiB"},
            f"more than {PEAK:.0f} MiB" if used[name].peak > PEAK else "",
        )
        for name, goal in (("cold", cold_goal), ("warm", warm_goal))
    ]  # fmt: skip
    return rows, used["warm"]


def _write_state(root: Path) -> None:
    """A state in which all is as declared."""
    resources = load(root).resources
    ids = {address: str(10**17 + number) for number, address in enumerate(resources)}

    def known(desired: Desired) -> Known:
        applied = {name: ids.get(str(value), value) for name, value in desired.fields.items()}
        observed = {name: value for name, value in applied.items() if name != "media"}
        return Known(desired.kind, ids[desired.address], applied, observed, "2026-01-01T00:00:00+00:00")

    everything = {address: known(desired) for address, desired in resources.items()}
    state = replace(new_state(), environment="emulator", resources=everything)
    (root / ".pinsync" / "state.json").write_text(dump(state), "utf-8")

"""What a plan costs that reads all boards and finds nothing to do: the run that a scheduled job makes most days."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.loading import too_large
from benchmarks.measuring import Row, Scale, beside, in_turn, run
from benchmarks.stage import BOARDS, PARSE, TINY, emulating, fill, write_content

SIZES = (1_000, 10_000)
ROUNDS = 3
GOAL = 1.3
PAGE = 250

FETCH = f"""\
import sys, httpx

headers = {{"Authorization": "Bearer emulator"}}
with httpx.Client(base_url=sys.argv[1] + "/v5", headers=headers, trust_env=False, timeout=60) as http:

    def listed(path):
        bookmark = ""
        while bookmark is not None:
            asked = {{"page_size": {PAGE}}} | ({{"bookmark": bookmark}} if bookmark else {{}})
            page = http.get(path, params=asked).raise_for_status().json()
            yield from page["items"]
            bookmark = page.get("bookmark")

    pins = [pin for board in list(listed("/boards")) for pin in listed(f"/boards/{{board['id']}}/pins")]
"""
"""A program that fetches all boards and their pins, one page after the other."""


def measure(folder: Path, scale: Scale) -> Iterator[Row]:
    """What asking Pinterest adds to a warm plan, beside fetching the same listings; and the calls that it takes."""
    for size in scale.sizes(*SIZES):
        yield from _rows(folder / str(size), size, scale.goal(GOAL))


def _rows(folder: Path, size: int, goal: float | None) -> Iterator[Row]:
    root, data, parse, fetch = (folder / name for name in ("content", "emulator", "parse.py", "fetch.py"))
    write_content(root, size, TINY)
    fill(root, data)
    parse.write_text(PARSE, "utf-8")
    fetch.write_text(FETCH, "utf-8")
    with emulating(root, data) as place:
        used = in_turn(
            {
                "parse": lambda: run([sys.executable, parse, root], folder),
                "fetch": lambda: run([sys.executable, fetch, place.origin], folder),
                "offline": lambda: place.pinsync("plan", "--refresh=false"),
                "ours": lambda: place.pinsync("plan"),
            },
            ROUNDS,
        )
        place.calls.clear()
        place.pinsync("plan", "--detailed-exitcode")  # fails where there is something to do
    calls, expected = place.calls.total(), 1 + pages(size)
    broken = f"{expected} calls would do" if calls > expected else ""
    added, bare = used["ours"].seconds - used["offline"].seconds, used["fetch"].seconds
    cpu = (used["ours"].cpu - used["offline"].cpu) / used["fetch"].cpu
    facts = {"CPU": f"{cpu:.2f}×", "calls": f"{calls}: boards in 1, ⌈pins / {PAGE}⌉ for each"}
    yield Row(
        f"what refresh adds to a plan of {size:,}", 1000 * added, 1000 * bare, "ms", "httpx loop", added / bare, goal,
        facts, broken,
    )  # fmt: skip
    yield beside(
        f"plan of {size:,} files with refresh, warm", used["ours"], used["parse"], "CSafeLoader",
        broken=too_large(used["ours"], size),
    )  # fmt: skip


def pages(pins: int) -> int:
    """How many pages the listings of all boards have."""
    return sum(math.ceil(len(range(board, pins, BOARDS)) / PAGE) for board in range(BOARDS))

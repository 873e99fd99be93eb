"""What an apply costs beyond the calls that it makes, and beyond waiting for their answers."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

from benchmarks.measuring import Row, Scale, Used, beside, in_turn, run
from benchmarks.stage import BOARDS, CONCURRENCY, emulating, write_content

PINS = 1_000
LATENCY = 0.1
ROUNDS = 3
BARE_GOAL, FLOOR_GOAL, MEMORY_GOAL = 2.0, 1 / 0.85, 1.25
FEW_AND_MORE, LARGE = (20, 80), 3_000_000

# The same boards and pins, as many at once, without a plan or a journal.
_SENDER = f"""\
import asyncio, base64, pathlib, sys, httpx

async def main(origin, root):
    limit = asyncio.Semaphore({CONCURRENCY})
    headers = {{"Authorization": "Bearer emulator"}}
    async with httpx.AsyncClient(base_url=origin + "/v5", headers=headers, trust_env=False, timeout=60) as http:

        async def post(path, make):
            async with limit:
                response = await http.post(path, json=make())
            response.raise_for_status()
            return response.json()["id"]

        def pin(number, file):
            data = base64.b64encode(file.read_bytes()).decode()
            source = {{"source_type": "image_base64", "content_type": "image/jpeg", "data": data}}
            return {{"board_id": boards[number % len(boards)], "title": file.stem, "media_source": source}}

        names = [f"Board {{number}}" for number in range({BOARDS})]
        boards = await asyncio.gather(*(post("/boards", lambda name=name: {{"name": name}}) for name in names))
        files = sorted(pathlib.Path(root).rglob("*.jpg"))
        await asyncio.gather(
            *(post("/pins", lambda number=number, file=file: pin(number, file)) for number, file in enumerate(files))
        )

asyncio.run(main(*sys.argv[1:]))
"""


def measure(folder: Path, scale: Scale) -> Iterator[Row]:
    """1,000 pins into an empty account, their pictures looked at before: without latency beside the same calls sent bare, and
    with 100 ms beside what the waiting alone takes. No rate limit binds."""
    pins, root, sender = scale.of(PINS), folder / "content", folder / "sender.py"
    write_content(root, pins)
    sender.write_text(_SENDER, "utf-8")
    fresh = (folder / f"emulator-{number}" for number in count())
    calls: Counter[str] = Counter()

    def ours(latency: float) -> Callable[[], Used]:
        def once() -> Used:
            for left in (root / ".pinsync").glob("state*"):
                left.unlink()
            with emulating(root, next(fresh), latency) as place:
                used = place.pinsync("apply", "--auto-approve")
            calls.clear()
            calls.update(place.calls)
            return used

        return once

    def bare() -> Used:
        with emulating(root, next(fresh)) as place:
            return run([sys.executable, sender, place.origin, root], folder)

    used = in_turn({"ours": ours(0.0), "bare": bare}, ROUNDS)
    expected = BOARDS + pins
    broken = f"{calls['org_write']} writes, {expected} would do" if calls["org_write"] != expected else ""
    facts = {
        "writes": calls["org_write"],
        "reads": calls["org_read"],
        "a second": f"{expected / used['ours'].seconds:.0f}",
    }
    goal = scale.goal(BARE_GOAL)
    yield beside(f"apply of {pins:,}, latency 0", used["ours"], used["bare"], "bare httpx", goal, facts, broken)

    yield _flat(folder / "large", scale)

    waiting = in_turn({"ours": ours(LATENCY)}, ROUNDS, warm_up=False)["ours"]
    floor = calls.total() * LATENCY / CONCURRENCY
    facts = {
        "calls": calls.total(),
        "binding": "latency, no rate limit",
        "of the floor": f"{floor / waiting.seconds:.0%}",
    }
    yield beside(
        f"apply of {pins:,}, latency {1000 * LATENCY:.0f} ms", waiting, Used(floor), f"calls × latency / {CONCURRENCY}",
        scale.goal(FLOOR_GOAL), facts,
    )  # fmt: skip


def _flat(folder: Path, scale: Scale) -> Row:
    """What an apply takes in memory: no more with more pins."""
    peaks = []
    for pins in map(scale.of, FEW_AND_MORE):
        root = folder / str(pins) / "content"
        write_content(root, pins, padding=LARGE)
        with emulating(root, folder / str(pins) / "emulator") as place:
            place.pinsync("plan")
            peaks.append(place.pinsync("apply", "--auto-approve").peak)
    few, more = peaks
    what = f"memory of {scale.of(FEW_AND_MORE[1])} pictures of {LARGE / 1e6:.0f} MB"
    return Row(what, more, few, "MiB", f"of {scale.of(FEW_AND_MORE[0])}", more / few, scale.goal(MEMORY_GOAL))

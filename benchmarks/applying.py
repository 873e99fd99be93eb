"""What an apply costs beyond the calls that it makes."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measuring import Row, run
from benchmarks.stage import BOARDS, CONCURRENCY, stage

PINS = 200
LATENCIES = (0.0, 0.1)
GOAL = 2.0

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


def measure(folder: Path) -> Iterator[Row]:
    """200 pins without latency beside the same calls sent bare, and with 100 ms beside what the waiting alone takes."""
    for latency in LATENCIES:
        place = folder / f"{1000 * latency:.0f}"
        sender = place / "sender.py"
        with stage(place / "ours", PINS, latency) as ours:
            seconds = ours.pinsync("apply", "--auto-approve").seconds
            writes = ours.calls["org_write"]
            expected = BOARDS + PINS
            facts = {"writes": writes, "reads": ours.calls["org_read"], "per second": f"{writes / seconds:.0f}"}
        with stage(place / "bare", 0, latency) as other:
            sender.write_text(_SENDER, "utf-8")
            bare = run([sys.executable, sender, other.origin, place / "ours" / "content"], place).seconds
        broken = "" if writes == expected else f"{expected} writes would do"
        what = f"apply of {PINS}, latency {1000 * latency:.0f} ms"
        yield Row(what, 1000 * seconds, 1000 * bare, "ms", "bare httpx", seconds / bare, None, facts, broken)
        if latency:
            floor = writes * latency / CONCURRENCY
            yield Row(what, 1000 * seconds, 1000 * floor, "ms", "calls × latency / concurrency", seconds / floor, GOAL)

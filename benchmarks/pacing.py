"""How much of an allowed rate is used, in real time: against an emulator whose minutes are seconds."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx

from benchmarks.measuring import Row, Scale
from benchmarks.stage import CONCURRENCY
from pinsync.pinterest.client import Client
from pinsync.pinterest.credentials import Access, Secret
from pinsync.pinterest.limits import limits_for
from pinsync.pinterest.operations import create_board, update_board
from pinsync.pinterest.pacing import Pacer, Timing

RATE = 50  # a second; a machine that is busy otherwise should manage it
CONFIGURED = {"as it is": (RATE, 500), "far too high": (100 * RATE, 1_000)}
"""What the client is told of the limit, before it hears of it, and how many writes it makes."""

GOAL = 1 / 0.95
_COMMAND = ["emulator", "--port", "0", "--rate", f"org_write={RATE}/1s", "--rate", "universal=none"]


class _Counting(httpx.AsyncHTTPTransport):
    def __init__(self) -> None:
        super().__init__()
        self.statuses: Counter[int] = Counter()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await super().handle_async_request(request)
        self.statuses[response.status_code] += 1
        return response


def measure(folder: Path, scale: Scale) -> Iterator[Row]:
    """Writes where 50 a second are allowed, with the limit configured as it is and much too high."""
    for what, (configured, writes) in CONFIGURED.items():
        data = folder / str(configured)
        data.mkdir()
        command = [sys.executable, "-m", "pinsync", *_COMMAND, "--data", str(data)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as emulator:
            origin = (emulator.stdout or sys.stdin).readline().split()[-1].rstrip("/")
            try:
                seconds, refused = asyncio.run(_write(origin, configured, writes))
            finally:
                emulator.terminate()
        broken = f"{refused} of 429" if refused > (configured > RATE) else ""
        floor = writes / RATE
        facts = {"of the rate": f"{100 * floor / seconds:.1f} %", "429s": refused}
        yield Row(
            f"limit configured {what}", seconds, floor, "s", "what is allowed", seconds / floor, GOAL, facts, broken
        )


async def _write(origin: str, configured: int, writes: int) -> tuple[float, int]:
    """How many seconds the writes took and how many were refused."""
    access = Access("emulator", f"{origin}/v5", Secret("emulator"))
    limits = limits_for("standard", {"org_write": ((configured, 1.0),), "universal": ((100_000, 1.0),)})
    wire = _Counting()
    async with Client(access, Pacer(limits, Timing()), transport=wire) as client:
        board = (await client.send(create_board({"name": "Board"})))["id"]
        await asyncio.sleep(1.1)  # that is over, and the measurement begins with an unused second
        left = iter(range(writes))

        async def work() -> None:
            for number in left:
                await client.send(update_board(board, {"description": str(number)}))

        begun = time.perf_counter()
        await asyncio.gather(*(work() for _ in range(CONCURRENCY)))
        return time.perf_counter() - begun, wire.statuses[429]

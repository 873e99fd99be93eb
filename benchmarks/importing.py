"""What turning an account into files costs beyond fetching its listings and pictures."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from benchmarks.measuring import Row, Scale, Used, beside, in_turn, run
from benchmarks.refreshing import FETCH, PAGE, pages
from benchmarks.stage import BOARDS, CONCURRENCY, CONFIG, TINY, emulating, fill, home, pinsync, write_content

SIZES, LARGEST = (1_000,), (10_000,)
ROUNDS = 3

_DOWNLOAD = f"""
import asyncio, pathlib

async def save():
    limit = asyncio.Semaphore({CONCURRENCY})
    folder = pathlib.Path(sys.argv[2])
    folder.mkdir()
    async with httpx.AsyncClient(trust_env=False, timeout=60) as http:

        async def one(pin):
            async with limit:
                response = await http.get(pin["media"]["images"]["1200x"]["url"])
            (folder / (pin["id"] + ".jpg")).write_bytes(response.raise_for_status().content)

        await asyncio.gather(*map(one, pins))

asyncio.run(save())
"""


def measure(folder: Path, scale: Scale) -> Iterator[Row]:
    """All boards into an empty content root, beside the same listings and pictures fetched and saved; each imported pin is on
    the disk before the next of its kind, which saving alone does not promise."""
    for size in scale.sizes(*SIZES, full=LARGEST):
        yield _row(folder / str(size), size)


def _row(folder: Path, size: int) -> Row:
    root, data, download = folder / "content", folder / "emulator", folder / "download.py"
    write_content(root, size, TINY)
    fill(root, data)
    download.write_text(FETCH + _DOWNLOAD, "utf-8")
    fresh = (folder / f"import-{number}" / "content" for number in count())
    with emulating(root, data) as stage:

        def ours() -> Used:
            new = next(fresh)
            new.mkdir(parents=True)
            (new / "pinsync.yaml").write_text(CONFIG, "utf-8")
            stage.calls.clear()
            return stage.pinsync("import", "--all", root=new)

        def bare() -> Used:
            new = next(fresh)
            new.parent.mkdir()
            return run([sys.executable, download, stage.origin, new], folder)

        used = in_turn({"bare": bare, "ours": ours}, ROUNDS)
    for done in {file.parent for file in folder.glob("import-*/content/pinsync.yaml")}:
        run(
            pinsync("plan", "--refresh=false", "--detailed-exitcode"), done, home(done)
        )  # fails where there is something to do
    calls, expected = stage.calls.total(), 1 + BOARDS + pages(size)
    broken = f"{expected} calls would do" if calls > expected else ""
    facts = {"calls": f"{calls}: boards in 1, sections and ⌈pins / {PAGE}⌉ for each"}
    return beside(f"import of {size:,}", used["ours"], used["bare"], "httpx loop", None, facts, broken)

"""What uploading a video costs beside curl, and that its size does not show in memory."""

from __future__ import annotations

import json
import shutil
import struct
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from benchmarks.measuring import Row, Scale, Skipped, Used, in_turn, run
from benchmarks.stage import Stage, stage
from tests.videos import video

SIZE = 500_000_000
GOAL = 1.25  # curl's rate, of which at least 80 %
MOST_MEMORY = 100.0  # MiB
ROUNDS = 3


_SENDER = """\
import asyncio, json, sys, time, urllib.request
from pathlib import Path
from pinsync.model.resource import file_stamp
from pinsync.pinterest.storage import Source, Storage

async def main(origin, name, seconds):
    body, headers = b'{"media_type": "video"}', {"Authorization": "Bearer emulator", "Content-Type": "application/json"}
    told = json.load(urllib.request.urlopen(urllib.request.Request(origin + "/v5/media", body, headers)))
    file, storage = Path(name), Storage(local=True)
    source = Source(file, name, file.stat().st_size, file_stamp(file.stat()))
    started = time.perf_counter()
    await storage.upload(told, source, lambda sent: None, lambda: None)
    Path(seconds).write_text(str(time.perf_counter() - started))
    await storage.aclose()

asyncio.run(main(*sys.argv[1:]))
"""


def measure(folder: Path, scale: Scale) -> Iterator[Row]:
    """An upload as an apply makes it, beside `curl -F` with the same form to the same storage; then a whole apply."""
    curl = shutil.which("curl")
    if curl is None:
        raise Skipped("there is no curl")
    with stage(folder / "uploads", 0) as ours:
        file, sender = ours.root / "long.mp4", folder / "sender.py"
        write_video(file)
        sender.write_text(_SENDER, "utf-8")
        send: list[str | Path] = [sys.executable, sender, ours.origin, file, folder / "seconds"]

        def ours_alone() -> Used:
            # Without the start of Python, which a run has once and not for each video.
            used = run(send, ours.root)
            return replace(used, seconds=float((folder / "seconds").read_text()))

        taken = in_turn({"ours": ours_alone, "curl": lambda: _curl(curl, ours, file)}, ROUNDS)
        (ours.root / "long.yaml").write_text("board: board-0\ntitle: Long\nvideo: long.mp4\n", "utf-8")
        whole = ours.pinsync("apply", "--auto-approve")
    facts = {
        "MB a second": f"{SIZE / 1e6 / taken['ours'].seconds:.0f}",
        "peak MiB of the whole apply": f"{whole.peak:.0f}",
    }
    broken = "" if whole.peak <= MOST_MEMORY else f"more than {MOST_MEMORY:.0f} MiB"
    mine, bare = (1000 * taken[name].seconds for name in ("ours", "curl"))
    yield Row(f"upload of {SIZE / 1e6:.0f} MB", mine, bare, "ms", "curl -F", mine / bare, GOAL, facts, broken)


def _curl(curl: str, stage: Stage, file: Path) -> Used:
    request = urllib.request.Request(  # noqa: S310 - on this machine
        f"{stage.origin}/v5/media",
        data=b'{"media_type": "video"}',
        headers={"Authorization": "Bearer emulator", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        told = json.load(answer)
    fields = [
        part for name, value in told["upload_parameters"].items() for part in ("--form-string", f"{name}={value}")
    ]
    return run([curl, "--fail", "--silent", *fields, "-F", f"file=@{file}", told["upload_url"]], stage.root)


def write_video(file: Path) -> None:
    """A video of that size whose frames are followed by nothing: sparse where the file system can do that."""
    head = video(60, (1080, 1920))
    with file.open("wb") as stream:
        stream.write(head + struct.pack(">I4s", SIZE - len(head), b"free"))
        stream.truncate(SIZE)

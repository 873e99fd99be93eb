"""``python -m tests.chaos.writers``: many processes that write one state at once, on a branch and in S3.

Each makes a number of changes, each change under a lock of its own. No change may be lost, and no two may get the same serial.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from contextlib import nullcontext
from pathlib import Path

from pinsync.state import journal
from pinsync.state.document import State
from pinsync.state.writing import writing
from tests.state.places import KEYS, Branch, Bucket, Place, backend_on, serving_s3

PATIENCE = 600.0


def write(place: Place, name: str, changes: int) -> None:
    """What one writer does; each has a machine of its own."""
    for number in range(changes):
        backend = backend_on(place, name)
        with writing(backend, "apply", PATIENCE, lambda sentence: None):
            backend.record(journal.note_existing({f"{name}-{number}": "1"}))


def lost(state: State, writers: int, changes: int) -> set[str]:
    """The changes that are not in the state; that all are, and nothing else, shows in its serial, too."""
    wanted = {f"w{writer}-{number}" for writer in range(writers) for number in range(changes)}
    assert state.serial == len(wanted), f"{len(wanted)} changes, but serial {state.serial}"
    return wanted - state.existing.keys()


def main() -> int:
    """Prints a line for each place; 1 where a writer failed or a change was lost."""
    parser = argparse.ArgumentParser(description="Let many processes write one state at once.")
    parser.add_argument("--writers", type=int, default=20)
    parser.add_argument("--changes", type=int, default=3, help="by each writer")
    parser.add_argument("--as-writer", nargs=4, metavar=("PLACE", "FOLDER", "ENDPOINT", "NAME"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.as_writer:
        kind, folder, endpoint, name = arguments.as_writer
        write(Branch(Path(folder)) if kind == "git" else Bucket(Path(folder), endpoint), name, arguments.changes)
        return 0
    os.environ.update(KEYS)
    return max(_race(kind, arguments.writers, arguments.changes) for kind in ("git", "s3"))


def _race(kind: str, writers: int, changes: int) -> int:
    begun = time.monotonic()
    serving = serving_s3() if kind == "s3" else nullcontext("")
    with tempfile.TemporaryDirectory(prefix="pinsync-writers-") as folder, serving as endpoint:
        place = Branch(Path(folder)) if kind == "git" else Bucket.made(Path(folder), endpoint, "our-pins")
        for number in range(writers):
            place.machine(f"w{number}")
        command = [sys.executable, "-m", "tests.chaos.writers", "--changes", str(changes), "--as-writer"]
        racers = [subprocess.Popen([*command, kind, folder, endpoint, f"w{number}"]) for number in range(writers)]
        failed = sum(racer.wait() != 0 for racer in racers)
        missing = lost(backend_on(place, "w0").read(), writers, changes)
    seconds = time.monotonic() - begun
    print(
        f"{kind}: {writers} writers, {writers * changes} changes, {len(missing)} lost, {failed} failed; {seconds:.0f} s"
    )
    return int(bool(missing or failed))


if __name__ == "__main__":
    sys.exit(main())

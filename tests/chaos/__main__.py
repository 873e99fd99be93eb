"""``python -m tests.chaos --runs 200 --pins 50 --seed 1``: hundreds of tormented runs, two at a time."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Empty, SimpleQueue

from tests.chaos.emulator import Emulator, emulating
from tests.chaos.proxy import Chaos, chaotic
from tests.chaos.runs import Report, Run


def main() -> int:
    """Prints a line for each run that failed and a summary; 1 where any did."""
    parser = argparse.ArgumentParser(description="Kill apply at random behind a network that misbehaves.")
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--pins", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1, help="of the first run; each next run has the next")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--textless", type=int, default=0, help="pins without any text, in each run")
    parser.add_argument("--keep", type=Path, help="a folder that keeps what failed runs printed")
    arguments = parser.parse_args()
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="pinsync-chaos-") as name:
        folder = Path(name)
        seeds: SimpleQueue[int] = SimpleQueue()
        for seed in range(arguments.seed, arguments.seed + arguments.runs):
            seeds.put(seed)
        with ThreadPoolExecutor(arguments.workers) as pool:
            workers = [
                pool.submit(_work, folder / str(number), seeds, arguments) for number in range(arguments.workers)
            ]
        reports = [report for worker in workers for report in worker.result()]
    duplicates, losses = sum(report.duplicates for report in reports), sum(report.losses for report in reports)
    others = sum(bool(report.problems) for report in reports)
    print(f"{len(reports)} runs, {duplicates} duplicates, {losses} losses")
    print(
        f"{others} runs with other problems; {sum(report.kills for report in reports)} kills, "
        f"{sum(report.applies for report in reports)} applies, {sum(report.calls for report in reports)} calls, "
        f"{sum(report.faults for report in reports)} faults; {time.monotonic() - begun:.0f} s"
    )
    return int(any(report.failed for report in reports))


def _work(folder: Path, seeds: SimpleQueue[int], arguments: argparse.Namespace) -> list[Report]:
    reports: list[Report] = []
    with emulating(folder / "emulator") as emulator, chaotic(lambda: emulator.port) as chaos:
        while (seed := _next(seeds)) is not None:
            report = _one(folder / "content", seed, arguments, emulator, chaos)
            reports.append(report)
            if report.failed:
                print(report, flush=True)
                if arguments.keep:
                    arguments.keep.mkdir(parents=True, exist_ok=True)
                    passed = "\n".join(str(one) for one in chaos.passed)
                    (arguments.keep / f"{seed}.txt").write_text("\n".join([*report.log, passed]), "utf-8")
                    shutil.copytree(folder / "content", arguments.keep / str(seed), dirs_exist_ok=True)
            elif len(reports) % 10 == 0:
                print(f"… seed {seed} fine", file=sys.stderr, flush=True)
    return reports


def _next(seeds: SimpleQueue[int]) -> int | None:
    try:
        return seeds.get_nowait()
    except Empty:
        return None


def _one(folder: Path, seed: int, arguments: argparse.Namespace, emulator: Emulator, chaos: Chaos) -> Report:
    shutil.rmtree(folder, ignore_errors=True)
    emulator.clear()
    try:
        return Run(folder, seed, arguments.pins, emulator, chaos, arguments.textless).go()
    except Exception as error:  # noqa: BLE001 - the other runs go on
        return Report(seed, problems=[f"the run itself failed: {type(error).__name__}: {error}"])


if __name__ == "__main__":
    sys.exit(main())

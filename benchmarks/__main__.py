"""Runs measurements and prints them as a table."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path

from benchmarks import MEASUREMENTS, ON_REQUEST, history
from benchmarks.measuring import BUILD, Row, Scale, Skipped


def main(arguments: list[str]) -> int:
    """0 where every goal was met, 1 where one was missed, 2 for wrong usage."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="NAME",
        help=f"{', '.join(MEASUREMENTS)}; history shows the last recorded runs, profiles writes benchmarks/profiles/ anew",
    )  # fmt: skip
    parser.add_argument("--pins", type=int, metavar="N", help="never more than N pins; without goals, then")
    parser.add_argument("--full", action="store_true", help="the largest sizes, too")
    parser.add_argument(
        "--json", type=Path, metavar="FILE", default=BUILD / "bench.json", help="default: build/bench.json"
    )
    parser.add_argument("--record", action="store_true", help="add the ratios to benchmarks/history.jsonl")
    asked = parser.parse_args(arguments)
    scale = Scale(asked.pins, asked.full)
    BUILD.mkdir(exist_ok=True)
    if asked.names == ["history"]:
        print(history.table())
        return 0
    if asked.names == ["profiles"]:
        from benchmarks import profiling

        print("\n".join(map(str, profiling.write(scale))))
        return 0
    if unknown := [name for name in asked.names if name not in MEASUREMENTS]:
        parser.error(f"no measurement {', '.join(unknown)}; there are {', '.join(MEASUREMENTS)}")
    if asked.record and asked.pins:
        parser.error("--record and --pins exclude each other: the history compares like with like")
    report = {name: _measured(name, scale) for name in asked.names or _usual()}
    asked.json.write_text(json.dumps(history.document(report), indent=2, ensure_ascii=False) + "\n", "utf-8")
    if asked.record:
        history.record(report)
    missed = [row for rows in report.values() for row in rows if not row.met]
    print(f"Written to {asked.json}. {f'Missed: {len(missed)}.' if missed else 'All goals met.'}")
    return 1 if missed else 0


def _usual() -> list[str]:
    return [name for name in MEASUREMENTS if name not in ON_REQUEST]


def _measured(name: str, scale: Scale) -> list[Row]:
    """The rows of a measurement, each printed as soon as it is there."""
    print(f"{name}: {MEASUREMENTS[name]}", flush=True)
    started = time.perf_counter()
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(dir=BUILD, prefix="bench-") as folder:
        try:
            for row in import_module(f"benchmarks.{name}").measure(Path(folder), scale):
                rows.append(row)
                print(f"  {row.text()}", flush=True)
        except Skipped as reason:
            print(f"  skipped: {reason}", flush=True)
    print(f"  ({time.perf_counter() - started:.0f} s)\n", flush=True)
    return rows


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

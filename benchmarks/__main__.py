"""Runs measurements, prints them as a table and writes build/bench.json."""

from __future__ import annotations

import json
import platform
import sys
import tempfile
import time
from dataclasses import asdict
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

from benchmarks import MEASUREMENTS
from benchmarks.measuring import Row
from pinsync import __version__

BUILD = Path(__file__).parents[1] / "build"
OUT = BUILD / "bench.json"


def main(names: list[str]) -> int:
    """0 where every goal was met, 1 where one was missed, 2 for a name that is none."""
    unknown = [name for name in names if name not in MEASUREMENTS]
    if unknown:
        print(f"no measurement {', '.join(unknown)}; there are {', '.join(MEASUREMENTS)}", file=sys.stderr)
        return 2
    BUILD.mkdir(exist_ok=True)
    report: dict[str, list[Row]] = {}
    for name in names or MEASUREMENTS:
        print(f"{name}: {MEASUREMENTS[name]}", flush=True)
        started = time.perf_counter()
        report[name] = []
        # Not in /tmp, which is memory on many machines: there a sync costs nothing.
        with tempfile.TemporaryDirectory(dir=BUILD, prefix="bench-") as folder:
            for row in import_module(f"benchmarks.{name}").measure(Path(folder)):
                report[name].append(row)
                print(f"  {row.text()}", flush=True)
        print(f"  ({time.perf_counter() - started:.0f} s)\n", flush=True)
    OUT.write_text(json.dumps(_document(report), indent=2, ensure_ascii=False) + "\n", "utf-8")
    missed = [row for rows in report.values() for row in rows if not row.met]
    print(f"Written to {OUT.relative_to(BUILD.parent)}. {f'Missed: {len(missed)}.' if missed else 'All goals met.'}")
    return 1 if missed else 0


def _document(report: dict[str, list[Row]]) -> dict[str, object]:
    return {
        "pinsync": __version__,
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}",
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "measurements": {name: [{**asdict(row), "met": row.met} for row in rows] for name, rows in report.items()},
    }


sys.exit(main(sys.argv[1:]))

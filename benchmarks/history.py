"""Reports of whole runs as documents, and those of earlier runs."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.measuring import ROOT, Row
from pinsync import __version__

FILE = Path(__file__).with_name("history.jsonl")
SHOWN = 6


def document(report: Mapping[str, Sequence[Row]]) -> dict[str, Any]:
    """Everything that a run came to."""
    return {
        **_circumstances(),
        "measurements": {name: [{**asdict(row), "met": row.met} for row in rows] for name, rows in report.items()},
    }


def record(report: Mapping[str, Sequence[Row]], file: Path = FILE) -> None:
    """Adds a line with the ratios of a run."""
    ratios = {name: {_named(row): round(row.ratio, 3) for row in rows} for name, rows in report.items() if rows}
    with file.open("a", encoding="utf-8") as stream:
        stream.write(json.dumps({**_circumstances(), "ratios": ratios}, ensure_ascii=False) + "\n")


def table(file: Path = FILE) -> str:
    """The ratios of the last runs side by side, the latest on the right."""
    lines = file.read_text("utf-8").splitlines()[-SHOWN:] if file.exists() else []
    if not lines:
        return "No run was recorded yet: --record does."
    runs = [json.loads(line) for line in lines]
    names = dict.fromkeys((group, what) for run in runs for group, ratios in run["ratios"].items() for what in ratios)
    heads = [f"{run['at'][:10]} {run['commit']}" for run in runs]
    width = max(len(what) for _, what in names)
    shown = [_line("", width, heads)]
    last = ""
    for group, what in names:
        if group != last:
            shown.append(group)
            last = group
        found = [run["ratios"].get(group, {}).get(what) for run in runs]
        shown.append(_line(what, width, ["" if ratio is None else f"{ratio:.2f}×" for ratio in found]))
    shown.append(_line("cores, Python", width, [f"{run['cores']}, {run['python']}" for run in runs]))
    return "\n".join(shown)


def _line(what: str, width: int, cells: Iterable[str]) -> str:
    return f"  {what:<{width}}" + "".join(f"{cell:>22}" for cell in cells)


def _named(row: Row) -> str:
    return f"{row.what} / {row.bare_is}"


def _circumstances() -> dict[str, Any]:
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "pinsync": __version__,
        "commit": _commit(),
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count(),
    }


def _commit() -> str:
    """The short name of the commit that is measured, with a plus where files differ from it; a dash where there is none."""
    try:
        done = subprocess.run(
            ["git", "describe", "--always", "--dirty=+", "--exclude=*"],
            cwd=ROOT, capture_output=True, text=True, check=True,
        )  # fmt: skip
    except (OSError, subprocess.CalledProcessError):
        return "-"
    return done.stdout.strip()

"""What every measurement is made of: rows, programs run in turn, and what a finished child used."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

_LAUNCHER = str(Path(__file__).with_name("launcher.py"))


@dataclass(frozen=True, slots=True)
class Row:
    """``ours`` and ``bare`` in ``unit``, and how they compare. ``ratio`` should not exceed ``goal``, where there is one.
    ``facts`` is what else was seen; ``broken`` names what did not hold, whatever the ratio."""

    what: str
    ours: float
    bare: float
    unit: str
    bare_is: str
    ratio: float
    goal: float | None = None
    facts: Mapping[str, object] = field(default_factory=dict)
    broken: str = ""

    @property
    def met(self) -> bool:
        """Whether it is as it should be."""
        return not self.broken and (self.goal is None or self.ratio <= self.goal)

    def text(self) -> str:
        """One line for people."""
        goal = f" (goal {self.goal:g})" if self.goal else ""
        facts = "; ".join(f"{name} {value}" for name, value in self.facts.items())
        sides = f"{self.ours:9.1f} {self.unit} beside {self.bare:9.1f} {self.unit} ({self.bare_is})"
        broken = f"  BROKEN: {self.broken}" if self.broken else ""
        return f"{'  ' if self.met else '! '}{self.what:<36} {self.ratio:6.2f}×{goal:<11} {sides}  {facts}{broken}"


@dataclass(frozen=True, slots=True)
class Used:
    """What a finished program took: seconds from start to end, and its largest memory in MiB."""

    seconds: float
    peak: float


def run(command: Sequence[str | Path], cwd: Path, environ: Mapping[str, str] | None = None) -> Used:
    """Runs a program to its end. RuntimeError where it fails: what broke is not worth measuring."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PINSYNC_", "PINTEREST_"))}
    done = subprocess.run(
        [sys.executable, "-I", "-S", _LAUNCHER, *map(str, command)],
        cwd=cwd,
        env={**inherited, **(environ or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    )
    used = json.loads(done.stdout)
    if used["code"]:
        raise RuntimeError(f"{' '.join(map(str, command))} ended with {used['code']}: {done.stderr}")
    return Used(used["seconds"], used["peak"])


def in_turn(sides: Mapping[str, Callable[[], Used]], rounds: int) -> dict[str, Used]:
    """The medians of all sides, each run once a round, so that a busy moment of the machine meets them alike."""
    for once in sides.values():
        once()
    taken: dict[str, list[Used]] = {name: [] for name in sides}
    for _ in range(rounds):
        for name, once in sides.items():
            taken[name].append(once())
    return {
        name: Used(statistics.median(one.seconds for one in used), max(one.peak for one in used))
        for name, used in taken.items()
    }

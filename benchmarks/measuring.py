"""What every measurement is made of: rows, sizes, programs run in turn, and what a finished child used."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[1]
BUILD = ROOT / "build"
"""Where measurements put their files. Not in /tmp, which is memory on many machines: there a sync costs nothing."""

_LAUNCHER = str(Path(__file__).with_name("launcher.py"))

# An installed program has its byte code; without keeping it, each would be compiled anew.
_LEFT_OUT = ("PINSYNC_", "PINTEREST_", "PYTHONDONTWRITEBYTECODE")


class Skipped(Exception):
    """It cannot be measured here; the message says why."""


@dataclass(frozen=True, slots=True)
class Scale:
    """How large things are to be: never more than ``most`` pins, where it is given; with ``full`` also the largest ones."""

    most: int | None = None
    full: bool = False

    def of(self, pins: int) -> int:
        """``pins``, or as many as there may be."""
        return min(pins, self.most or pins)

    def sizes(self, *usual: int, full: Sequence[int] = ()) -> list[int]:
        """The usual sizes, and with ``full`` those, as far as they may be."""
        return sorted({self.of(size) for size in (*usual, *(full if self.full else ()))})

    def goal(self, goal: float) -> float | None:
        """``goal``, which is one for the usual sizes only."""
        return None if self.most else goal


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
        goal = f" (goal {self.goal:.3g})" if self.goal else ""
        facts = "; ".join(f"{name} {value}" for name, value in self.facts.items())
        sides = f"{self.ours:9.1f} {self.unit} beside {self.bare:9.1f} {self.unit} ({self.bare_is})"
        broken = f"  BROKEN: {self.broken}" if self.broken else ""
        return f"{'  ' if self.met else '! '}{self.what:<44} {self.ratio:6.2f}×{goal:<12} {sides}  {facts}{broken}"


@dataclass(frozen=True, slots=True)
class Used:
    """What a finished program took: seconds from start to end, its largest memory in MiB, and seconds of processor time. The
    last two are 0 where they are not known."""

    seconds: float
    peak: float = 0.0
    cpu: float = 0.0


def beside(
    what: str,
    ours: Used,
    bare: Used,
    bare_is: str,
    goal: float | None = None,
    facts: Mapping[str, object] | None = None,
    broken: str = "",
) -> Row:
    """The row of two programs, in milliseconds, with their largest memory and how their processor times compare, which a busy
    machine changes less, where these are known."""
    seen = {}
    if ours.cpu and bare.cpu:
        seen["CPU"] = f"{ours.cpu / bare.cpu:.2f}×"
    if ours.peak and bare.peak:
        seen["peak"] = f"{ours.peak:.0f} MiB beside {bare.peak:.0f}"
    ratio = ours.seconds / bare.seconds
    return Row(
        what, 1000 * ours.seconds, 1000 * bare.seconds, "ms", bare_is, ratio, goal, {**seen, **(facts or {})}, broken
    )


def run(command: Iterable[str | Path], cwd: Path, environ: Mapping[str, str] | None = None) -> Used:
    """Runs a program to its end. RuntimeError where it fails: what broke is not worth measuring."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(_LEFT_OUT)}
    words = [str(word) for word in command]
    done = subprocess.run(
        [sys.executable, "-I", "-S", _LAUNCHER, *words],
        cwd=cwd,
        env={**inherited, **(environ or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    )
    used = json.loads(done.stdout)
    if used["code"]:
        raise RuntimeError(f"{' '.join(words)} ended with {used['code']}: {done.stderr}")
    return Used(used["seconds"], used["peak"], used["cpu"])


def inside(work: Callable[[], object]) -> Used:
    """What a piece of work in this process takes."""
    started, begun = time.perf_counter(), time.process_time()
    work()
    return Used(time.perf_counter() - started, cpu=time.process_time() - begun)


def in_turn(sides: Mapping[str, Callable[[], Used]], rounds: int, *, warm_up: bool = True) -> dict[str, Used]:
    """The medians of all sides, each run once a round, so that a busy moment of the machine meets them alike. To ``warm_up``,
    each is run once before."""
    taken: dict[str, list[Used]] = {name: [] for name in sides}
    for number in range(-1 if warm_up else 0, rounds):
        for name, once in sides.items():
            used = once()
            if number >= 0:
                taken[name].append(used)
    return {
        name: Used(
            statistics.median(one.seconds for one in used),
            max(one.peak for one in used),
            statistics.median(one.cpu for one in used),
        )
        for name, used in taken.items()
    }

"""One tormented run: apply is killed again and again while the network misbehaves, until nothing is left to do."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.chaos import checks
from tests.chaos.content import Declared, make
from tests.chaos.emulator import HERE, Emulator
from tests.chaos.proxy import Chaos

_ENDS = (0, 1)
_MOST_APPLIES = 14
_CALM_AFTER = 8
_LONGEST = 180.0


@dataclass
class Report:
    """What came of one run."""

    seed: int
    duplicates: int = 0
    losses: int = 0
    problems: list[str] = field(default_factory=list)
    kills: int = 0
    applies: int = 0
    calls: int = 0
    faults: int = 0
    listings: int = 0
    seconds: float = 0.0
    log: list[str] = field(default_factory=list, repr=False)

    @property
    def failed(self) -> bool:
        """Whether anything is not as it has to be."""
        return bool(self.duplicates or self.losses or self.problems)

    def __str__(self) -> str:
        what = [f"{self.duplicates} duplicates, {self.losses} losses", *self.problems]
        return f"seed {self.seed}: {'; '.join(what)} ({self.kills} kills, {self.applies} applies, {self.faults} faults)"


class Run:
    """One seeded run in ``folder``."""

    def __init__(self, folder: Path, seed: int, pins: int, emulator: Emulator, chaos: Chaos, textless: int = 0) -> None:
        self.report = Report(seed)
        self._chance = random.Random(f"run/{seed}")
        self._emulator, self._chaos = emulator, chaos
        self._pins = pins
        self._declared: Declared = make(folder, seed, pins, textless=textless)
        chaos.restart(seed)

    def go(self) -> Report:
        """Torments, recovers and checks."""
        begun = time.monotonic()
        for _ in range(self._chance.randint(2, 5)):
            self._killed_apply()
            if self._chance.random() < 0.1:
                self._emulator.kill()
                self._emulator.start()
        self._converge()
        self._check()
        self.report.seconds = time.monotonic() - begun
        return self.report

    def _start(self, *arguments: str) -> subprocess.Popen[str]:
        self._chaos.epoch += 1
        inherited = {key: value for key, value in os.environ.items() if not key.startswith(("PINSYNC_", "PINTEREST_"))}
        environ = {
            "PINTEREST_API_URL": f"{self._chaos.origin}/v5", "PINTEREST_ACCESS_TOKEN": "emulator", "PYTHONPATH": str(HERE),
        }  # fmt: skip
        return subprocess.Popen(
            [sys.executable, "-X", "dev", "-W", "error::RuntimeWarning", "-m", "pinsync", *arguments],
            cwd=self._declared.root,
            env={**inherited, **environ},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def _killed_apply(self) -> None:
        chance = self._chance
        reached = threading.Event()
        left = chance.randint(1, self._pins + 12)

        def seen() -> None:
            nonlocal left
            left -= 1
            if left <= 0:
                reached.set()

        self._chaos.seen = seen
        process = self._start("apply", "--auto-approve")
        # Most die at a call, when it is about to be, is being or was just answered; some at any time.
        patience = chance.uniform(0.1, 3.0) if chance.random() < 0.25 else 20.0
        end = time.monotonic() + patience
        while process.poll() is None and not reached.wait(0.02) and time.monotonic() < end:
            pass
        time.sleep(chance.choice([0.0, 0.002, 0.01, 0.03, 0.1]))
        process.kill()
        self._ended(process, "apply")
        self.report.kills += process.returncode < 0
        self._chaos.seen = lambda: None

    def _ended(self, process: subprocess.Popen[str], what: str) -> int:
        out, _ = process.communicate(timeout=_LONGEST)
        self.report.log.append(f"--- {what} -> {process.returncode}\n{out}")
        self.report.problems += [f"{blemish!r} in the output of {what}" for blemish in checks.blemishes(out)]
        return process.returncode

    def _converge(self) -> None:
        code = -1
        for attempt in range(_MOST_APPLIES):
            if attempt == _CALM_AFTER:
                self._chaos.calm()
            self.report.applies += 1
            applied = self._ended(self._start("apply", "--auto-approve"), "apply")
            code = self._ended(self._start("plan", "--detailed-exitcode"), "plan")
            if applied not in _ENDS or code not in (0, 1, 2):
                self.report.problems.append(f"apply ended with {applied}, plan with {code}")
            if code == 0 and applied == 0:
                return
        self.report.problems.append(f"after {_MOST_APPLIES} applies plan still ends with {code}")

    def _check(self) -> None:
        report, passed = self.report, self._chaos.passed
        report.duplicates = checks.duplicates(self._declared, self._emulator)
        report.losses = checks.losses(self._declared, self._emulator)
        report.problems += checks.problems(self._declared, self._emulator)
        report.problems += checks.repeats(passed)
        report.calls = len(passed)
        report.faults = sum(bool(one.fate) for one in passed)
        report.listings = sum(one.method == "GET" for one in passed)

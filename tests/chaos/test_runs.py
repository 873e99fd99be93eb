"""A few tormented runs with real processes; ``make chaos`` has hundreds of them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.chaos.emulator import Emulator
from tests.chaos.proxy import chaotic
from tests.chaos.runs import Run
from tests.chaos.stage import LONG
from tests.chaos.victim import Zygote


@pytest.mark.skipif(sys.platform == "win32", reason="kills with SIGKILL")
@pytest.mark.parametrize("seed", [1, 2, 3] if LONG else [1])
def test_a_tormented_run(processes: tuple[Emulator, Zygote], tmp_path: Path, seed: int) -> None:
    emulator, _ = processes
    emulator.clear()
    with chaotic(lambda: emulator.port) as chaos:
        report = Run(tmp_path / "content", seed, 12, emulator, chaos).go()
    assert not report.failed, "\n".join([str(report), *report.log])
    assert report.calls > 20

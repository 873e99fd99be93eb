"""Apply killed, or its disk failing, at every single thing it does to a file of the state."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.chaos.emulator import Emulator
from tests.chaos.stage import LONG, Stage, small
from tests.chaos.victim import DEATHS, FAILURES, Zygote

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="finds the files of handles in /proc")

_WAYS = (*DEATHS, *FAILURES)
_SAMPLES = 1
_totals: dict[Callable[[Stage], Stage], int] = {}
"""How many points there are from each beginning: they are the same for every way."""


def _first(stage: Stage) -> Stage:
    """Nothing was ever applied."""
    return stage


def _update(stage: Stage) -> Stage:
    """All was applied, and then changed, renamed and added to."""
    stage.converge()
    shutil.rmtree(stage.declared.root / "single")
    return Stage(small(stage.declared.root, later=True), stage.emulator, stage.helper)


def _change(stage: Stage) -> Stage:
    """All was applied, and then texts were changed."""
    stage.converge()
    return Stage(small(stage.declared.root, changed=True), stage.emulator, stage.helper)


def _sample(how: str, prepare: Callable[[Stage], Stage], total: int) -> int:
    """The first point of a sample: another one for each way and each beginning."""
    place = _WAYS.index(how) + len(_WAYS) * [_first, _update, _change].index(prepare)
    return 1 + place * 7 % (total // _SAMPLES)


def _torment(
    processes: tuple[Emulator, Zygote],
    folder: Path,
    how: str,
    prepare: Callable[[Stage], Stage],
    finish: Callable[[Stage], None],
) -> None:
    """Lets an apply meet ``how`` at each point, or at a sample of them, each time from the start, and then finishes."""
    emulator, helper = processes

    def begin(number: int) -> Stage:
        emulator.clear()
        return prepare(Stage(small(folder / str(number)), emulator, helper))

    total = _totals.get(prepare) or len(begin(0).apply().points)
    _totals[prepare] = total
    assert total > 20
    at = range(1, total + 1) if LONG else range(_sample(how, prepare, total), total + 1, max(1, total // _SAMPLES))
    for number in at:
        stage = begin(number)
        ran = stage.apply(number, how)
        point = f"{how} at {number} ({ran.points[number - 1 : number]})"
        if how in DEATHS:
            assert ran.code == -9 or len(ran.points) < number, f"{point}: {ran.out}"
        else:
            assert ran.code in (0, 1), f"{point}: {ran.out}"
            assert ran.code == 0 or "cannot be" in ran.out, f"{point}: {ran.out}"
            assert stage.unwritten() == [], point
        try:
            finish(stage)
        except AssertionError as error:
            raise AssertionError(f"{point}: {error}") from error


@pytest.mark.parametrize("how", _WAYS)
@pytest.mark.parametrize("prepare", [_first, _update])
def test_every_point(
    processes: tuple[Emulator, Zygote], tmp_path: Path, how: str, prepare: Callable[[Stage], Stage]
) -> None:
    _torment(processes, tmp_path, how, prepare, Stage.converge)


@pytest.mark.parametrize("how", _WAYS)
def test_a_change_that_is_taken_back_after_a_crash(
    processes: tuple[Emulator, Zygote], tmp_path: Path, how: str
) -> None:
    def take_back(stage: Stage) -> None:
        Stage(small(stage.declared.root), stage.emulator, stage.helper).converge()

    _torment(processes, tmp_path, how, _change, take_back)

"""What a killed run left, damaged in every way: nothing is made twice, nothing is silently forgotten."""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.chaos.damage import DAMAGES, LOCK, Damage, held
from tests.chaos.emulator import Emulator
from tests.chaos.stage import LONG, Stage, small
from tests.chaos.victim import Ran, Zygote

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="finds the files of handles in /proc")


@dataclass(frozen=True)
class _Interrupted:
    """A content folder whose apply was killed, and the pins that were live then."""

    stage: Stage
    pins: frozenset[str]


# Where the apply was killed. One call at a time, there are in the journal: a header, a renaming, and two lines each for
# a section, an update and a creation.
_ENDINGS = {"all-known": (1, "link state.json"), "one-in-doubt": (8, "write state.json.journal")}
_CASES = [
    pytest.param(ending, damage, id=f"{damage.name}, {name}".replace(" ", "-"))
    for turn, (name, ending) in enumerate(_ENDINGS.items())
    for number, damage in enumerate(DAMAGES)
    if LONG or (number + turn) % 12 == 0
]


@pytest.fixture(scope="module")
def interrupted(
    request: pytest.FixtureRequest, processes: tuple[Emulator, Zygote], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[_Interrupted]:
    """A state with a backup, a journal with everything that happened since, and the lock of a process that is dead."""
    emulator, helper = processes
    emulator.clear()
    root = tmp_path_factory.mktemp("content")
    first = small(root)
    (root / "single" / "c.yaml").unlink()
    stage = Stage(first, emulator, helper)
    assert stage.apply().code == 0
    first.write()
    stage.converge()
    shutil.rmtree(root / "single")
    stage = Stage(small(root, later=True), emulator, helper)
    at, only = request.param
    killed = stage.pinsync("apply", "--auto-approve", "--concurrency", "1", at=at, how="before", only=only)
    assert killed.code == -9, killed.out
    folder = root / ".pinsync"
    assert {file.name for file in folder.glob("state.json*")} >= {
        "state.json",
        "state.json.journal",
        LOCK,
        "state.json.backup",
    }
    yield _Interrupted(stage, frozenset(emulator.ids()["pin"]))
    emulator.clear()


def _put_back(emulator: Emulator, pins: frozenset[str] | set[str]) -> None:
    for pin in emulator.ids()["pin"] - pins:
        emulator.request("DELETE", f"/pins/{pin}")


@pytest.mark.parametrize(("interrupted", "damage"), _CASES, indirect=["interrupted"])
def test_damage(interrupted: _Interrupted, tmp_path: Path, damage: Damage) -> None:
    origin = interrupted.stage.declared.root
    _put_back(interrupted.stage.emulator, interrupted.pins)
    shutil.copytree(origin, tmp_path / "content")
    stage = replace(interrupted.stage, declared=replace(interrupted.stage.declared, root=tmp_path / "content"))
    folder = stage.declared.root / ".pinsync"
    damage.do(folder)
    ids = set() if damage.foreign else held(folder)

    _not_silently_empty(stage)
    applied = stage.apply()
    _told(applied)
    assert stage.emulator.pins() - stage.declared.wanted == {}, applied.out
    if applied.code == 1:
        _mend(stage, applied, damage, origin / ".pinsync")
    _known(stage, ids)
    stage.converge_loosely()


def _told(ran: Ran) -> None:
    assert ran.code in (0, 1), ran.out
    if ran.code == 1:
        assert re.search(r"^Error: .+\.\n  \S", ran.out, re.MULTILINE) or "held" in ran.out or "in doubt" in ran.out, (
            ran.out
        )


def _not_silently_empty(stage: Stage) -> None:
    ran = stage.pinsync("plan", "--format", "json")
    _told(ran)
    if ran.code == 1:
        return
    changes = json.loads(ran.out[ran.out.index("{\n") :])["changes"]
    live = {str(pin[2]) for pin in stage.emulator.pins()}
    made_again = [one["address"] for one in changes if one["action"] == "create" and one["title"] in live]
    assert made_again == [], ran.out


def _mend(stage: Stage, refused: Ran, damage: Damage, pristine: Path) -> None:
    folder = stage.declared.root / ".pinsync"
    unlock = re.search(r"pinsync state unlock ([0-9a-f]+)", refused.out)
    if unlock:
        assert stage.pinsync("state", "unlock", unlock[1]).code == 0
    elif damage.by_hand:
        shutil.rmtree(folder)
        shutil.copytree(pristine, folder)
    elif "state recover" in refused.out:
        recovered = stage.pinsync("state", "recover")
        assert recovered.code == 0, refused.out + recovered.out
    else:
        # What was in doubt or held may only need another look.
        assert "Error: " not in refused.out, refused.out


def _known(stage: Stage, ids: set[str]) -> None:
    listed = stage.pinsync("state", "list", "--format", "json")
    assert listed.code == 0, listed.out
    assert ids <= {row["id"] for row in json.loads(listed.out)}, "an id that the journal held is lost"

"""Mending damaged files: all that can still be read is kept, and what cannot is said."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from pinsync.errors import StateError
from pinsync.state import journal
from pinsync.state.salvage import Salvaged
from tests.state.worlds import backend, fill, pending, settled

Damage = Callable[[Path], None]


def written(folder: Path) -> Path:
    """Two folded runs of one pin each, and the journal of a third that was interrupted."""
    fill(folder, *settled(1, 1), fold=True)
    fill(folder, *settled(1, 2), fold=True)
    fill(folder, *settled(2, 3), journal.begin("pin.x", pending()))
    return folder / ".pinsync"


def recover(folder: Path) -> Salvaged | None:
    found = backend(folder)
    lock = found.lock("state recover")
    try:
        return found.recover()
    finally:
        found.release(lock)


def cut(file: str, share: float) -> Damage:
    def damage(folder: Path) -> None:
        data = (folder / file).read_bytes()
        (folder / file).write_bytes(data[: int(len(data) * share)])

    return damage


def replaced(file: str, old: bytes, new: bytes) -> Damage:
    def damage(folder: Path) -> None:
        data = (folder / file).read_bytes()
        assert old in data
        (folder / file).write_bytes(data.replace(old, new))

    return damage


def removed(*files: str) -> Damage:
    def damage(folder: Path) -> None:
        for file in files:
            (folder / file).unlink()

    return damage


def both(*damages: Damage) -> Damage:
    def damage(folder: Path) -> None:
        for one in damages:
            one(folder)

    return damage


# What was damaged; the pins that are still known; what is said of the loss.
CASES: list[tuple[str, Damage, set[str], str]] = [
    ("snapshot cut", cut("state.json", 0.5), {"1", "3", "4"}, "is damaged"),
    ("snapshot emptied", cut("state.json", 0), {"1", "3", "4"}, "is damaged"),
    ("snapshot not text", replaced("state.json", b"pin", b"\xff"), {"1", "3", "4"}, "is not text"),
    ("snapshot gone", removed("state.json"), {"1", "3", "4"}, "is missing"),
    ("snapshot and backup gone", removed("state.json", "state.json.backup"), {"3", "4"}, "is missing"),
    ("both cut", both(cut("state.json", 0.4), cut("state.json.backup", 0.3)), {"3", "4"}, "is damaged"),
    ("a line in the middle", replaced("state.json.journal", b'"pin.p3"', b"\x00\x00"), {"1", "2", "4"}, "line 2, is damaged"),
    ("its first line", replaced("state.json.journal", b'{"do":"continue"', b"{"), {"1", "2", "3", "4"}, "line 1, is damaged"),
    ("an unknown record", replaced("state.json.journal", b'{"do":"begin"', b'{"do":"beg"'), {"1", "2", "3", "4"}, "left out"),
    ("foreign journal", replaced("state.json.journal", b'"lineage":"', b'"lineage":"0'), {"1", "2"}, "another state"),
    ("all gone but the backup", removed("state.json", "state.json.journal"), {"1"}, "is missing"),
]  # fmt: skip


@pytest.mark.parametrize(("damage", "pins", "says"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_what_can_be_read_is_kept_and_what_cannot_is_said(
    damage: Damage, pins: set[str], says: str, tmp_path: Path
) -> None:
    folder = written(tmp_path)
    before = backend(tmp_path).read()
    damage(folder)
    left = {file.name: file.read_bytes() for file in folder.iterdir()}
    with pytest.raises(StateError) as caught:
        backend(tmp_path).read()
    assert "pinsync state recover" in caught.value.advice

    salvaged = recover(tmp_path)

    assert salvaged is not None
    assert says in " ".join(salvaged.losses)
    state = backend(tmp_path).read()
    assert state == salvaged.state
    assert {known.id for known in state.resources.values()} == pins
    assert state.lineage == before.lineage or "state.json" not in left
    assert state.serial > (before.serial if "state.json" in left else 0)
    aside = {file.name.partition(".damaged-")[0]: file.read_bytes() for file in folder.glob("*.damaged-1")}
    assert aside == left
    assert recover(tmp_path) is None


def test_a_sound_state_is_left_alone(tmp_path: Path) -> None:
    folder = written(tmp_path)
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    assert recover(tmp_path) is None
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before


def test_a_newer_format_is_no_damage(tmp_path: Path) -> None:
    file = written(tmp_path) / "state.json"
    text = json.dumps({**json.loads(file.read_text()), "format_version": 99})
    file.write_text(text)
    with pytest.raises(StateError, match="format 99"):
        recover(tmp_path)
    assert file.read_text() == text


def test_a_state_of_which_only_the_backup_is_left_is_not_an_empty_one(tmp_path: Path) -> None:
    fill(tmp_path, *settled(1), fold=True)
    fill(tmp_path, *settled(1, 2), fold=True)
    (tmp_path / ".pinsync" / "state.json").unlink()
    with pytest.raises(StateError, match="its backup") as caught:
        backend(tmp_path).read()
    assert "delete the backup too" in caught.value.advice


def test_recovering_twice_keeps_what_was_damaged_each_time(tmp_path: Path) -> None:
    folder = written(tmp_path)
    for number in (1, 2):
        (folder / "state.json").write_text("{")
        assert recover(tmp_path) is not None
        assert (folder / f"state.json.damaged-{number}").read_text() == "{"

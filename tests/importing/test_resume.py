"""An import that dies anywhere is finished by the next one: no pin twice, none lost, no half file."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.importing.running import board, carousel, files, image_pin, import_boards, import_csv, section
from tests.importing.test_spreadsheet import HEADER
from tests.world import Died, World, actions


@contextmanager
def dying_after(steps: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """The process dies where something is to be written by itself or made durable, after so many times; those are counted."""
    left = [steps]

    def dying(step: Callable[..., Any]) -> Callable[..., Any]:
        def act(*arguments: Any) -> Any:
            left[0] -= 1
            if left[0] < 0:
                raise Died
            return step(*arguments)

        return act

    with monkeypatch.context() as patch:
        for name in ("write", "fsync"):
            patch.setattr(os, name, dying(getattr(os, name)))
        yield left


def died_in(work: Callable[[], object]) -> bool:
    """Runs something; whether the process died in it."""
    try:
        work()
    except BaseException as error:
        if isinstance(error, Died) or (isinstance(error, BaseExceptionGroup) and error.subgroup(Died)):
            return True
        raise
    return False


def test_an_import_dies_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "account").mkdir()
    account = World(tmp_path / "account")
    soups = board(account, "Soups")
    autumn = section(account, soups, "Autumn")
    image_pin(account, soups, title="Same", board_section_id=autumn)
    carousel(account, soups, [{"title": "A"}, {}], title="Same", board_section_id=autumn)
    steps = 0
    while True:
        folder = tmp_path / str(steps)
        folder.mkdir()
        world = World(folder)
        world.network = account.network
        with dying_after(steps, monkeypatch):
            died = died_in(lambda world=world: import_boards(world))
        if not died:
            break
        # Whatever is remembered has its file; without a second import nothing would be made twice, or deleted.
        assert not {"create", "delete", "held"} & set(actions(world.plan()).values())
        result = import_boards(world)
        assert result.complete
        assert len(files(world)) == 3
        assert len(files(world, ".jpg")) == 3
        assert set(actions(world.plan()).values()) == {"no-op"}
        assert not (world.root / ".pinsync/import").exists()
        steps += 1
    assert steps > 20


def test_a_csv_import_dies_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = 0
    while True:
        folder = tmp_path / str(steps)
        folder.mkdir()
        world = World(folder)
        table = folder / "pins.csv"
        rows = ("Same,https://example.com/1.jpg,Soups,,,,,", "Same,https://example.com/2.jpg,Soups,,,,,")
        table.write_text("\n".join((HEADER, *rows)))
        with dying_after(steps, monkeypatch):
            died = died_in(lambda world=world, table=table: import_csv(world, table))
        result = import_csv(world, table)
        assert result.pins + result.known == 2
        assert files(world) == ["soups/same-2.yaml", "soups/same.yaml"]
        if not died:
            break
        steps += 1
    assert steps > 8


def test_a_file_that_was_edited_after_the_interruption_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(tmp_path)
    image_pin(world, board(world, "Soups"), title="Pumpkin")
    file = world.root / "soups/pumpkin.yaml"
    steps = 0
    while not file.exists():
        with dying_after(steps, monkeypatch):
            assert died_in(lambda: import_boards(world))
        steps += 1
    file.write_text(file.read_text().replace("Pumpkin", "Squash"))
    assert import_boards(world).complete
    assert files(world) == ["soups/_board.yaml", "soups/pumpkin.yaml"]
    assert [action for action in actions(world.plan()).values() if action != "no-op"] == ["update"]


def test_a_pin_that_went_away_after_the_interruption(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(tmp_path)
    pin = image_pin(world, board(world, "Soups"), title="Pumpkin")
    steps = 0
    while not (world.root / "soups/pumpkin.yaml").exists():
        with dying_after(steps, monkeypatch):
            assert died_in(lambda: import_boards(world))
        steps += 1
    world.request("DELETE", f"/pins/{pin}")
    result = import_boards(world)
    assert [left.what for left in result.left] == [f"pin {pin}"]
    (world.root / "soups/pumpkin.yaml").unlink()
    assert import_boards(world).complete
    assert not (world.root / ".pinsync/import").exists()

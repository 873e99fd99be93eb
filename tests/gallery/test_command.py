from __future__ import annotations

from pathlib import Path

import pytest

from pinsync.cli import root
from pinsync.errors import UsageError
from tests.world import BOARDS, World


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path).write({"boards.yaml": BOARDS}).pin("a", "board: soups\n")


def run(*arguments: str | Path) -> None:
    root.main(["preview", *map(str, arguments)], prog_name="pinsync", standalone_mode=False)


def test_a_preview_is_written_beside_the_state_or_where_it_is_wanted(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    run(world.root)
    run(world.root, "--out", world.folder / "b.html")
    files = [world.root.resolve() / ".pinsync" / "preview.html", world.folder / "b.html"]
    assert capsys.readouterr().out == "".join(f"Preview: {file}\n" for file in files)
    assert files[0].read_text("utf-8") == files[1].read_text("utf-8")


@pytest.mark.parametrize(
    "arguments",
    [["--plan", "nothing.json"], ["--serve", "--out", "a.html"], ["--serve", "--plan"], ["--out", "a.yaml"]],
)
def test_what_cannot_be_is_refused(world: World, arguments: list[str]) -> None:
    with pytest.raises(UsageError):
        run(world.root, *arguments)

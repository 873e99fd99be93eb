"""Every command that the documentation shows is run, and ends as it says."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from pinsync.cli import COMMANDS
from pinsync.emulator.effects import EFFECTS, MOMENTS
from tests.cli.running import pinsync
from tests.docs.pages import DOCS, EMULATOR, FROM_NOTHING, README, Block, Page
from tests.docs.shell import SHELLS, SHOWN, Reader

PAGES = [page for page in (README, *DOCS) if any(block.language in SHELLS for block in page.blocks)]
posix = pytest.mark.skipif(os.name == "nt", reason="the commands are for a POSIX shell")


@posix
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_commands_of_a_page_do_what_it_says(page: Page, tmp_path: Path) -> None:
    reader = Reader(tmp_path)
    try:
        if page.name not in FROM_NOTHING:
            assert pinsync("init", "--environment", "emulator", cwd=reader.cwd).code == 0
        problems = [problem for block in page.blocks for problem in reader.follow(block)]
        assert not problems, f"{page.name}: " + "\n".join(problems)
    finally:
        reader.stop()


def test_no_commands_hide_in_blocks_that_are_not_run() -> None:
    for page in (README, *DOCS):
        others = [block for block in page.blocks if block.language not in SHELLS]
        hidden = [block.line for block in others if re.search(r"^(\$ )?pinsync (?!: )", block.text, re.MULTILINE)]
        assert bool(hidden) == (page.name in SHOWN), f"{page.name}: {hidden}"


@posix
def test_a_command_that_ends_otherwise_is_noticed(tmp_path: Path) -> None:
    text = "mkdir below\ncd below\npinsync plan\npinsync plan   # exits 1: there is no content\nfalse # exits 3\n"
    reader = Reader(tmp_path)
    try:
        problems = reader.follow(Block("sh", 10, text))
        assert [problem.partition(",")[0] for problem in problems] == [
            "line 13: `pinsync plan` exits 1",
            "line 15: `false # exits 3` exits 1",
        ]
        assert reader.cwd.name == "below"
    finally:
        reader.stop()


@pytest.mark.parametrize("name", COMMANDS)
def test_the_readme_mentions_every_command(name: str) -> None:
    assert f"`pinsync {name}" in README.text


@pytest.mark.parametrize("name", [*EFFECTS, *MOMENTS])
def test_the_emulator_page_names_every_effect_and_moment(name: str) -> None:
    assert any(f"`{name}{end}" in EMULATOR.text for end in ("`", "="))

"""How long it takes until a person sees the overview."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measuring import Row, in_turn, run

ROUNDS = 15
GOAL = 2.0

_BARE = """\
import click

@click.group()
@click.version_option("1")
def root():
    "The least that is a program of two commands."

@root.command()
def one():
    "One."

@root.command()
def two():
    "Two."

root()
"""
_OURS = "from pinsync.cli import main\nmain()\n"


def measure(folder: Path) -> Iterator[Row]:
    """Both as scripts of the same interpreter, as an installed command is one."""
    bare, ours = folder / "bare.py", folder / "ours.py"
    bare.write_text(_BARE, "utf-8")
    ours.write_text(_OURS, "utf-8")
    for option in ("--help", "--version"):
        used = in_turn(
            {
                "bare": lambda option=option: run([sys.executable, bare, option], folder),
                "ours": lambda option=option: run([sys.executable, ours, option], folder),
            },
            ROUNDS,
        )
        seconds = {name: 1000 * one.seconds for name, one in used.items()}
        yield Row(
            f"pinsync {option}", seconds["ours"], seconds["bare"], "ms", "two click commands",
            seconds["ours"] / seconds["bare"], GOAL, {"wish": "≤ 1.5"},
        )  # fmt: skip

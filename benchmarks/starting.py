"""How long it takes until a person sees the overview, or the shell a completion."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from benchmarks.measuring import Row, Scale, beside, in_turn, run

ROUNDS = 15
GOAL = 1.5

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
@click.option("--number")
def two(number):
    "Two."

root(prog_name="bare")
"""
_OURS = "from pinsync.cli import main\nmain()\n"


def measure(folder: Path, scale: Scale) -> Iterator[Row]:
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
        yield beside(f"pinsync {option}", used["ours"], used["bare"], "two click commands", GOAL)
    for what, bare_words, our_words in (
        ("a command", "bare t", "pinsync pl"),
        ("an option", "bare two --n", "pinsync plan --ou"),
    ):
        used = in_turn(
            {
                "bare": lambda words=bare_words: run([sys.executable, bare], folder, _asked("_BARE_COMPLETE", words)),
                "ours": lambda words=our_words: run([sys.executable, ours], folder, _asked("_PINSYNC_COMPLETE", words)),
            },
            ROUNDS,
        )
        yield beside(f"completion of {what}", used["ours"], used["bare"], "two click commands", GOAL)


def _asked(variable: str, words: str) -> Mapping[str, str]:
    """What bash sets when it asks for what may stand at the end of these words."""
    return {variable: "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}

"""Following an import, and what it says in the end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from pinsync.importing.account import Listener
from pinsync.importing.result import Left, Result
from pinsync.report.escaping import terminal
from pinsync.report.problems import counted
from pinsync.report.screen import Screen, row, text_of

_SHOWN = 20


@contextmanager
def following(stream: TextIO, screen: Screen | None, *, quiet: bool) -> Iterator[Listener]:
    """A listener that shows a bar on a terminal, and elsewhere a line for each board."""
    if quiet or not screen or not screen.live:
        yield _Plain(None if quiet else stream)
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(file=stream, no_color=not screen.colour), transient=True) as progress:
        task = progress.add_task("", total=0)

        class Bar:
            total = 0

            def board(self, name: str, pins: int) -> None:
                self.total += pins
                progress.update(task, description=escape(terminal(name)), total=self.total)

            def pin(self) -> None:
                progress.advance(task)

        yield Bar()


class _Plain:
    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream

    def board(self, name: str, pins: int) -> None:
        if self._stream:
            self._stream.write(f"{terminal(name)}: {counted(pins, 'pin')}\n")
            self._stream.flush()

    def pin(self) -> None:
        """Too many lines for a log."""


def summary(result: Result, place: str, screen: Screen | None = None, *, stopped: bool) -> str:
    """What was imported to ``place``, what was left out and why, and what to do next."""
    made = [
        counted(number, noun)
        for number, noun in (
            (result.boards, "board"),
            (result.sections, "section"),
            (result.pins, "pin"),
            (result.pictures, "picture"),
        )
        if number
    ]
    into = "this folder" if place == "." else terminal(place)
    lines = [f"Imported {_and(made)} into {into}." if made else "Nothing new was imported."]
    if result.known:
        lines.append(f"{counted(result.known, 'pin')} {'was' if result.known == 1 else 'were'} there already.")
    lines += [f"Note: {terminal(note)}." for note in result.notes[:_SHOWN]]
    if len(result.notes) > _SHOWN:
        lines.append(f"Note: and {len(result.notes) - _SHOWN:,} more of that kind.")
    hopeless = [left for left in result.left if left.hopeless]
    lines += _listed("Left out, because pinsync has no way to manage it or you did not ask for it:", hopeless)
    lines += _listed("Not imported; correct what is said and import again:", [x for x in result.left if not x.hopeless])
    lines.append("Stopped: import again for the rest." if stopped else "Next: pinsync plan.")
    return text_of((row(line, hang=2) for line in lines), screen)


def _listed(heading: str, left: list[Left]) -> list[str]:
    """The things by reason, so that a thousand videos are one line."""
    by_reason: dict[str, list[str]] = defaultdict(list)
    for one in left:
        by_reason[one.reason].append(one.what)
    lines = [heading] if left else []
    for reason, things in by_reason.items():
        more = f" and {len(things) - _SHOWN:,} more" if len(things) > _SHOWN else ""
        lines.append(f"- {terminal(', '.join(things[:_SHOWN]))}{more}: {terminal(reason)}")
    return lines


def _and(words: list[str]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else words[0]

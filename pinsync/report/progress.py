"""Following an apply: a bar on a terminal, a line for each outcome everywhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from pinsync.applying.outcome import Listener, Outcome
from pinsync.report.outcomes import line


@contextmanager
def following(total: int, stream: TextIO, colour: bool) -> Iterator[Listener]:
    """A listener that shows outcomes as they arrive; ``total`` of them are expected."""
    if not stream.isatty():
        yield _Plain(total, stream)
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    console = Console(file=stream, no_color=not colour, highlight=False, soft_wrap=True)
    columns = (TextColumn("Applying"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=total)

        def listener(outcome: Outcome) -> None:
            console.print(line(outcome), markup=False, emoji=False)
            progress.advance(task)

        yield listener


class _Plain:
    def __init__(self, total: int, stream: TextIO) -> None:
        self._total = total
        self._stream = stream
        self._count = 0

    def __call__(self, outcome: Outcome) -> None:
        self._count += 1
        width = len(str(self._total))
        self._stream.write(f"[{self._count:>{width}}/{self._total}] {line(outcome)}\n")
        self._stream.flush()

"""Following an apply: bars on a terminal, a line for each outcome everywhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

from pinsync.applying.outcome import Listener, Outcome, Step, Transfer, Watcher
from pinsync.planning.notes import size_shown
from pinsync.report.escaping import terminal
from pinsync.report.outcomes import line

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

_LARGE = 100_000_000  # bytes; an upload of this size says now and then how far it is
_SHARES = (0.25, 0.5, 0.75)


@contextmanager
def following(
    total: int, stream: TextIO, colour: bool, now: Callable[[], float] = time.monotonic, *, quiet: bool = False
) -> Iterator[tuple[Listener, Watcher]]:
    """What shows outcomes as they arrive, of which ``total`` are expected, and what shows uploads. ``now`` is in seconds."""
    if quiet:
        yield lambda outcome: None, lambda transfer: None
        return
    if not stream.isatty():
        plain = _Plain(total, stream, now)
        yield plain.ended, plain.moved
        return
    from rich.console import Console, Group
    from rich.live import Live
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    console = Console(file=stream, no_color=not colour, highlight=False, soft_wrap=True)
    columns = (TextColumn("Applying"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    progress = Progress(*columns, console=console)
    uploads = Progress(
        TextColumn("  {task.fields[what]}", markup=False),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        console=console,
    )
    with Live(Group(progress, uploads), console=console, transient=True):
        task = progress.add_task("", total=total)
        bars = _Bars(uploads)

        def listener(outcome: Outcome) -> None:
            console.print(line(outcome), markup=False, emoji=False)
            progress.advance(task)

        yield listener, bars.moved


class _Bars:
    """A bar for each video on its way."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}

    def moved(self, transfer: Transfer) -> None:
        task = self._tasks.get(transfer.address)
        if transfer.step is Step.OVER:
            if task is not None:
                self._progress.remove_task(self._tasks.pop(transfer.address))
            return
        what = terminal(transfer.source)
        if transfer.step is Step.PROCESSING:
            what += ": Pinterest is processing it"
        if task is None:
            task = self._tasks[transfer.address] = self._progress.add_task("", total=transfer.size, what=what)
        self._progress.update(task, completed=transfer.sent, what=what)


class _Plain:
    def __init__(self, total: int, stream: TextIO, now: Callable[[], float]) -> None:
        self._total = total
        self._stream = stream
        self._now = now
        self._count = 0
        self._begun: dict[str, float] = {}
        self._said: dict[str, int] = {}

    def ended(self, outcome: Outcome) -> None:
        self._count += 1
        width = len(str(self._total))
        self._write(f"[{self._count:>{width}}/{self._total}] {line(outcome)}")

    def moved(self, transfer: Transfer) -> None:
        address, source, whole = transfer.address, terminal(transfer.source), size_shown(transfer.size)
        if transfer.step is Step.UPLOADING and not transfer.sent:
            self._begun[address], self._said[address] = self._now(), 0
            self._write(f"uploading {source} ({whole})")
        elif transfer.step is Step.UPLOADING:
            said = sum(transfer.sent >= share * transfer.size for share in _SHARES)
            if transfer.size >= _LARGE and said > self._said[address]:
                self._write(f"uploading {source}: {size_shown(transfer.sent)} of {whole}{self._rate(transfer)}")
                self._said[address] = said
        elif transfer.step is Step.PROCESSING:
            rate = self._rate(transfer) if address in self._begun else ""
            self._write(f"{source} is at Pinterest{rate}, which processes it now")

    def _rate(self, transfer: Transfer) -> str:
        seconds = self._now() - self._begun[transfer.address]
        return f", {size_shown(round(transfer.sent / seconds))} a second" if seconds >= 0.1 else ""

    def _write(self, text: str) -> None:
        self._stream.write(f"{text}\n")
        self._stream.flush()

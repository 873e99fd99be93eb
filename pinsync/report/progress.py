"""Following an apply: a display that is always current on a terminal, and everywhere a line for each outcome."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TextIO

from pinsync.applying.outcome import Outcome, Step, Transfer
from pinsync.pinterest.pacing import duration
from pinsync.planning.notes import size_shown
from pinsync.report.escaping import terminal
from pinsync.report.outcomes import line
from pinsync.report.plans.words import waiting
from pinsync.report.screen import Screen, go_on_unread

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

_LARGE = 100_000_000  # bytes; an upload of this size says now and then how far it is
_SHARES = (0.25, 0.5, 0.75)
_OFTEN = 60.0  # seconds between two lines in a log on how far it is, or on waiting
_LONG = 30.0  # seconds of waiting that a log is told of
_BAR = 24  # columns at most


@dataclass(frozen=True, slots=True)
class Clock:
    """``now`` is in seconds from any origin, ``today`` the time of day."""

    now: Callable[[], float] = time.monotonic
    today: Callable[[], datetime] = lambda: datetime.now().astimezone()


class Follower:
    """Hears what happens in an apply of ``total`` changes and, by itself, says nothing. ``limits`` tells how many seconds the
    calls that are left take at the least because of the rate limits."""

    def __init__(self, total: int, limits: Callable[[], float], clock: Clock) -> None:
        self.total = total
        self.done = 0
        self.clock = clock
        self._limits = limits
        self._begun = clock.now()
        self._waited = 0.0
        self._until = self._begun
        self._left = limits()
        self._counted = self._begun

    def begun(self, address: str) -> None:
        """A change is being made."""

    def ended(self, outcome: Outcome) -> None:
        """A change came to its end."""
        self.done += 1
        self._count()

    def moved(self, transfer: Transfer) -> None:
        """A video is a little further on its way."""

    def waits(self, category: str, seconds: float) -> None:
        """All calls wait for their turn so long."""
        self._waited += seconds
        self._until = self.clock.now() + seconds
        self._count()

    def state(self) -> str:
        """How much is done, how fast it goes, and how long it will take."""
        now = self.clock.now()
        active = max(now - self._begun - self._waited + max(0.0, self._until - now), 1.0)
        text = f"{self.done:,} of {self.total:,}"
        if self.done:
            text += f", {self.done * 60 / active:,.0f} a minute"
        # What the others took to be made, and in between the waiting for the limits.
        left = (self.total - self.done) * active / self.done if self.done else 0.0
        left = max(left, self._left - (now - self._counted), self._until - now)
        return f"{text}, about {duration(left)} left" if left >= 1 else text

    def _count(self) -> None:
        # Not when it is shown: a display draws itself in a thread of its own, and the limits are no business of two at once.
        self._left, self._counted = self._limits(), self.clock.now()


@contextmanager
def following(
    total: int,
    stream: TextIO,
    screen: Screen | None = None,
    limits: Callable[[], float] = lambda: 0.0,
    clock: Clock | None = None,
    *,
    quiet: bool = False,
) -> Iterator[Follower]:
    """What hears of an apply and shows it on ``stream``."""
    clock = clock or Clock()
    if quiet:
        yield Follower(total, limits, clock)
    elif not screen or not screen.live:
        yield _Log(total, limits, clock, stream, screen)
    else:
        from rich.console import Console
        from rich.live import Live

        console = Console(
            file=stream, width=screen.width, color_system="standard" if screen.colour else None, highlight=False
        )
        display = Display(total, limits, clock, screen, console)
        with Live(display, console=console, transient=True):
            yield display


class Display(Follower):
    """Draws itself: how far it is, what is being made, what is waited for, and each video on its way."""

    def __init__(self, total: int, limits: Callable[[], float], clock: Clock, screen: Screen, console: Console) -> None:
        super().__init__(total, limits, clock)
        self._screen = screen
        self._console = console
        self._present: dict[str, None] = {}
        self._videos: dict[str, tuple[Transfer, float]] = {}
        self._waiting = ""

    def begun(self, address: str) -> None:
        self._present[address] = None

    def ended(self, outcome: Outcome) -> None:
        super().ended(outcome)
        self._present.pop(outcome.change.address, None)
        self._console.out(line(outcome, self._screen), highlight=False)

    def moved(self, transfer: Transfer) -> None:
        if transfer.step is Step.OVER:
            self._videos.pop(transfer.address, None)
            return
        _, since = self._videos.get(transfer.address, (transfer, self.clock.now()))
        self._videos[transfer.address] = transfer, since

    def waits(self, category: str, seconds: float) -> None:
        super().waits(category, seconds)
        self._waiting = waiting(category, self.clock.today() + timedelta(seconds=seconds))

    def __rich__(self) -> RenderableType:
        from rich.console import Group
        from rich.text import Text

        lines: list[RenderableType] = [self._bar(self.done, self.total, self.state())]
        present = [*self._present]
        if present:
            more = f" and {len(present) - 1} more" if len(present) > 1 else ""
            room = max(1, self._screen.width - len(more) - 1)
            address = Text(terminal(present[0]))
            address.truncate(room, overflow="ellipsis")
            lines.append(address.append(more))
        if self._until > self.clock.now():
            lines.append(Text(self._waiting, style="magenta"))
        for transfer, since in [*self._videos.values()]:
            lines.append(self._bar(transfer.sent, transfer.size, self._video(transfer, since)))
        return Group(*lines)

    def _video(self, transfer: Transfer, since: float) -> str:
        source = terminal(transfer.source)
        if transfer.step is Step.PROCESSING:
            return f"{source}: Pinterest is processing it"
        text = f"{source}: {size_shown(transfer.sent)} of {size_shown(transfer.size)}"
        return text + _speed(transfer.sent, self.clock.now() - since)

    def _bar(self, done: int, total: int, text: str) -> RenderableType:
        from rich.progress_bar import ProgressBar
        from rich.table import Table
        from rich.text import Text

        grid = Table.grid(padding=(0, 1))
        width = max(4, min(_BAR, self._screen.width - len(text) - 2))
        bar = ProgressBar(max(1, total), done, width=width, style="dim", complete_style="green", finished_style="green")
        grid.add_row(bar, Text(text))
        return grid


class _Log(Follower):
    """Writes a line for each outcome, and now and then how far it is."""

    def __init__(
        self, total: int, limits: Callable[[], float], clock: Clock, stream: TextIO, screen: Screen | None
    ) -> None:
        super().__init__(total, limits, clock)
        self._stream = stream
        self._screen = screen
        self._said = clock.now()
        self._videos: dict[str, tuple[float, int]] = {}

    def ended(self, outcome: Outcome) -> None:
        super().ended(outcome)
        width = len(str(self.total))
        self._write(f"[{self.done:>{width}}/{self.total}] {line(outcome, self._screen)}")
        if self.done < self.total and self._is_time():
            self._write(self.state())

    def waits(self, category: str, seconds: float) -> None:
        super().waits(category, seconds)
        if seconds >= _LONG and self._is_time():
            self._write(f"{self.state()}; {waiting(category, self.clock.today() + timedelta(seconds=seconds))}")

    def moved(self, transfer: Transfer) -> None:
        address, source, whole = transfer.address, terminal(transfer.source), size_shown(transfer.size)
        since, said = self._videos.get(address, (self.clock.now(), 0))
        speed = _speed(transfer.sent, self.clock.now() - since)
        if transfer.step is Step.UPLOADING and not transfer.sent:
            self._videos[address] = self.clock.now(), 0
            self._write(f"uploading {source} ({whole})")
        elif transfer.step is Step.UPLOADING:
            shares = sum(transfer.sent >= share * transfer.size for share in _SHARES)
            if transfer.size >= _LARGE and shares > said:
                self._write(f"uploading {source}: {size_shown(transfer.sent)} of {whole}{speed}")
                self._videos[address] = since, shares
        elif transfer.step is Step.PROCESSING:
            self._write(f"{source} is at Pinterest{speed}, which processes it now")

    def _is_time(self) -> bool:
        now = self.clock.now()
        due = now - self._said >= _OFTEN
        self._said = now if due else self._said
        return due

    def _write(self, text: str) -> None:
        try:
            self._stream.write(f"{text}\n")
            self._stream.flush()
        except BrokenPipeError:
            go_on_unread(self._stream)


def _speed(count: int, seconds: float) -> str:
    return f", {size_shown(round(count / seconds))} a second" if count and seconds >= 0.1 else ""

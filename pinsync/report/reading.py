"""Showing on a terminal how reading a large file, or many, gets on, before there is anything else to show."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TextIO

from pinsync.content.watching import BYTES
from pinsync.planning.notes import size_shown
from pinsync.report.escaping import terminal
from pinsync.report.screen import Screen, columns

_LARGE = 100_000_000  # bytes; what is smaller is read in the blink of an eye
_OFTEN = 0.1  # seconds
_CLEAR = "\r\x1b[2K"


class Ticker:
    """Replaces one line of ``stream`` with how far it is, and takes it away at the end. It is called as
    :data:`pinsync.content.watching.Watch` says."""

    def __init__(self, stream: TextIO, screen: Screen | None, now: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._width = screen.width if screen and screen.live else 0
        self._now = now
        self._shown = 0.0

    def __call__(self, source: str, done: int, whole: int, unit: str) -> None:
        """So much was read."""
        if not self._width or (unit == BYTES and whole < _LARGE):
            return
        if done >= whole:
            self._stream.write(_CLEAR)
        elif self._now() - self._shown >= _OFTEN:
            self._shown = self._now()
            if unit == BYTES:
                text = f"reading {terminal(source)}: {size_shown(done)} of {size_shown(whole)}"
            else:
                text = f"looking at {unit}: {done:,} of {whole:,}"
            self._stream.write(_CLEAR + (text if columns(text) < self._width else text[: self._width // 2]))
        self._stream.flush()

"""The calls of the last day, so that ten small runs know together what is left of a daily quota.

A line a call in a file of the user, ``1764082800 org_write``; several processes append to it at once. It is a help and no
ledger: what cannot be read or written is left out, and what the server says goes before.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from platformdirs import user_state_path

from pinsync.pinterest.limits import UNIVERSAL, Windows
from pinsync.pinterest.pacing import Pacer, Timing

_DAY = timedelta(days=1)
_LONG = 3_600.0  # seconds; what is shorter is over when the next run begins
_LINE = re.compile(r"([0-9]{9,11}) ([a-z_]{1,32})")
_MANY = 100_000  # bytes; from then on, old lines are dropped


@dataclass(frozen=True, slots=True)
class Spent:
    """How much of a longer limit is ``used``: of ``limit`` calls within ``seconds``. ``left`` goes by the answers, too."""

    used: int
    limit: int
    seconds: float
    left: int


class Usage:
    """The calls of one app on one API. ``folder`` is where all such files lie."""

    def __init__(self, folder: Path, base_url: str, app: str = "") -> None:
        key = hashlib.sha256(f"{base_url} {app}".encode()).hexdigest()[:16]
        self._file = folder / f"calls-{key}.log"
        self._handle: int | None = None

    def past(self, now: datetime) -> list[tuple[str, float]]:
        """The calls of the last day as category and age in seconds."""
        return [(category, now.timestamp() - moment) for moment, category in self._read(now)]

    def note(self, category: str, now: datetime) -> None:
        """A call starts."""
        with contextlib.suppress(OSError):
            if self._handle is None:
                self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                self._tidy(now)
                self._handle = os.open(self._file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            os.write(self._handle, f"{int(now.timestamp())} {category}\n".encode())

    def close(self) -> None:
        """No more calls are noted for now."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    def spent(self, category: str, pacer: Pacer, now: datetime) -> Spent | None:
        """What was used of the longest limit of a category, or of all together; None where none is for an hour or more."""
        limit, seconds = max(pacer.windows(category), key=lambda window: window[1], default=(0, 0.0))
        left = pacer.left(category)
        if seconds < _LONG or left is None:
            return None
        recent = Counter(name for name, age in self.past(now) if age < seconds)
        return Spent(recent.total() if category == UNIVERSAL else recent[category], limit, seconds, left)

    def _read(self, now: datetime) -> Iterator[tuple[int, str]]:
        try:
            text = self._file.read_text("ascii", errors="replace")
        except OSError:
            return
        first, last = (now - _DAY).timestamp(), now.timestamp()
        for line in text.splitlines():
            found = _LINE.fullmatch(line)
            if found and first < int(found[1]) <= last:
                yield int(found[1]), found[2]

    def _tidy(self, now: datetime) -> None:
        """Drops what is older than a day, in a file that has grown large."""
        if not self._file.exists() or self._file.stat().st_size < _MANY:
            return
        temporary = self._file.with_suffix(f".{os.getpid()}.tmp")
        temporary.write_text("".join(f"{moment} {category}\n" for moment, category in self._read(now)), "ascii")
        temporary.replace(self._file)


def usage_of(base_url: str, app: str, environ: Mapping[str, str]) -> Usage | None:
    """The record of an app's calls on an API; None where this user has no folder to keep it in."""
    if "HOME" not in environ and "LOCALAPPDATA" not in environ:
        return None
    return Usage(user_state_path("pinsync"), base_url, app)


def pacer_for(limits: Mapping[str, Windows], timing: Timing, usage: Usage | None, now: Callable[[], datetime]) -> Pacer:
    """A pacer that counts the calls of earlier runs in, and has its own noted, where a limit is long enough for that."""
    long = any(seconds >= _LONG for windows in limits.values() for _, seconds in windows)
    if usage is None or not long:
        return Pacer(limits, timing)
    return Pacer(limits, timing, past=usage.past(now()), note=lambda category: usage.note(category, now()))

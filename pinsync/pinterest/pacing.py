"""Running at the rate limit and not past it."""

from __future__ import annotations

import asyncio
import math
import re
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from pinsync.errors import QuotaSpent
from pinsync.pinterest.limits import UNIVERSAL, Windows

PATIENCE = 900.0
"""Seconds that a call waits for its turn at most."""


@dataclass(frozen=True, slots=True)
class Timing:
    """The clock that waiting goes by: ``now`` in seconds from any origin, and ``sleep`` for that many seconds."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


@dataclass(slots=True)
class _Gate:
    """The calls of one category: when the latest ones started, and until when the server wants none.

    ``total`` counts all calls and ``ended`` those whose answer is there. The server said that ``remaining`` calls are left in
    its present window, which ends at ``until`` at the latest, lasts for ``period`` seconds, and in which ``first`` was the
    first call.
    """

    windows: Windows
    started: deque[float] = field(default_factory=deque)
    closed_until: float = -math.inf
    total: int = 0
    ended: int = 0
    remaining: float = math.inf
    until: float = -math.inf
    period: float = 0.0
    first: int = 0

    def wait(self, now: float) -> float:
        """How many seconds from ``now`` until a call may start."""
        wait = self.closed_until - now
        under_way = self.total - self.ended
        if under_way >= self.remaining:
            # The server may have counted those under way before it told what is left: their answers will show.
            more = under_way > 0 and self.remaining > 0
            wait = max(wait, min(self.until - now, _GLANCE) if more else self.until - now)
        for calls, seconds in self.windows:
            if len(self.started) >= calls:
                wait = max(wait, self.started[-calls] + seconds - now)
        return max(0.0, wait)

    def start(self, now: float) -> None:
        if self.period and now >= self.until:
            self.until += self.period * (1 + (now - self.until) // self.period)
            self.remaining, self.first = math.inf, self.total + 1
        self.total += 1
        self.started.append(now)
        if len(self.started) > max((calls for calls, _ in self.windows), default=0):
            self.started.popleft()

    def hear(self, number: int, remaining: float, reset: float, now: float) -> None:
        """The server's answer to a call: so many calls are left until its window ends, in so many seconds."""
        if number < self.first:
            return  # of the window before
        self.remaining = min(self.remaining, remaining)
        # Whole seconds are rounded, and would add up: the end of one window tells more exactly when the next one ends.
        if not now + reset - _ROUNDING <= self.until <= now + reset:
            self.until = now + reset
        self.period = min((seconds for _, seconds in self.windows if seconds >= reset), default=reset)

    def trust(self, remaining: float, now: float, patience: float) -> None:
        """The server counts fewer calls than are known here: as where its day begins anew at midnight."""
        while self.started and self._unused(now, patience) < remaining:
            self.started.popleft()

    def _unused(self, now: float, patience: float) -> float:
        left = math.inf
        for calls, seconds in self.windows:
            if seconds > patience:
                left = min(left, calls - sum(moment > now + patience - seconds for moment in self.started))
        return left

    def left(self, now: float, patience: float) -> float:
        """How many calls may start before one has to wait for longer than ``patience``."""
        left = self._unused(now, patience)
        if self.closed_until > now + patience:
            left = 0
        if self.until > now + patience:
            left = min(left, self.remaining - (self.total - self.ended))
        return max(0, left)

    def seconds_for(self, calls: int, now: float) -> float:
        """How long it takes from ``now`` until so many more calls have started, as the limits go."""
        if calls <= 0:
            return 0.0
        wait = max(0.0, self.closed_until - now)
        if calls > self.remaining - (self.total - self.ended):
            wait = max(wait, self.until - now)
        for most, seconds in self.windows:
            rounds, rest = divmod(calls - 1, most)
            # The first of each round waits until the call that is so many before it leaves the window.
            place = len(self.started) - most + rest
            first = self.started[place] + seconds - now if 0 <= place < len(self.started) else 0.0
            wait = max(wait, max(0.0, first) + rounds * seconds)
        return wait


class Pacer:
    """Lets calls start in the order in which they ask, never more within a window than its limit.

    ``patience`` is the longest wait in seconds worth making; a longer one raises QuotaSpent instead. ``past`` are calls of
    earlier runs, as category and age in seconds; ``note`` is told of each call that starts. ``on_wait`` hears of each wait of a
    second or more before it begins: the category whose limit it is for, and its seconds.
    """

    def __init__(
        self,
        limits: Mapping[str, Windows],
        timing: Timing,
        patience: float = PATIENCE,
        past: Iterable[tuple[str, float]] = (),
        note: Callable[[str], None] = lambda category: None,
    ) -> None:
        self._gates = {category: _Gate(windows) for category, windows in limits.items()}
        self._timing = timing
        self._patience = patience
        self._note = note
        self.on_wait: Callable[[str, float], None] = lambda category, seconds: None
        self._listed: dict[str, Windows] = {}
        self._turn = asyncio.Lock()
        for category, age in sorted(past, key=lambda call: -call[1]):
            for gate in (self._gates.get(category), self._gates[UNIVERSAL]):
                if gate:
                    gate.start(timing.now() - age)
                    gate.ended = gate.total

    def windows(self, category: str) -> Windows:
        """The limits of a category as they are known now, from the configuration or from the server's answers."""
        return self._gates[category].windows

    def left(self, category: str) -> int | None:
        """How many calls of a category can be made before the next one would have to wait for too long; None for any."""
        now = self._timing.now()
        left = min(self._gates[name].left(now, self._patience) for name in (category, UNIVERSAL))
        return None if left == math.inf else int(left)

    def seconds_for(self, calls: Mapping[str, int]) -> float:
        """How many seconds so many more calls of each category take at the least, as the limits go and with what was used."""
        now = self._timing.now()
        return max(
            [self._gates[UNIVERSAL].seconds_for(sum(calls.values()), now)]
            + [self._gates[category].seconds_for(count, now) for category, count in calls.items()]
        )

    def started(self, category: str) -> int:
        """How many calls of a category have started, those of earlier runs included."""
        return self._gates[category].total

    async def acquire(self, category: str) -> int:
        """Waits until a call of this category may start, and counts it. Returns its number. Raises QuotaSpent."""
        names = (category, UNIVERSAL)
        gates = [self._gates[name] for name in names]
        async with self._turn:
            while True:
                now = self._timing.now()
                wait, name = max((gate.wait(now), name) for name, gate in zip(names, gates, strict=True))
                if wait > self._patience:
                    raise QuotaSpent(
                        f"the rate limit for {category} leaves no call for {duration(wait)}",
                        "Run it again then: what is done stays done, and only the rest will be left.",
                    )
                if wait <= 0:
                    break
                if wait >= _WORTH_SAYING:
                    self.on_wait(name, wait)
                await self._timing.sleep(wait)
            for gate in gates:
                gate.start(now)
            self._note(category)
            return gates[0].total

    def learn(self, category: str, status: int, headers: Mapping[str, str], number: int = 0) -> float | None:
        """Takes over what the server says of its limits in the answer to the call with this number. To be called, with no
        headers, for a call without an answer, too.

        Returns the seconds it asks to wait after a 429, if it says.
        """
        self._correct(category, headers, number)
        wait = retry_after(headers)
        if wait is None and status == 429:
            wait = _seconds(headers.get("x-ratelimit-reset"))
        if wait is not None:
            gate = self._gates[category]
            gate.closed_until = max(gate.closed_until, self._timing.now() + wait)
        return wait

    def _correct(self, category: str, headers: Mapping[str, str], number: int) -> None:
        """Its limits, which beat published and configured ones, and how many calls it still allows: others may call too."""
        windows = listed_windows(headers.get("x-ratelimit-limit", ""))
        own, universal = self._gates[category], self._gates[UNIVERSAL]
        if windows:
            own.windows = windows
            self._listed[category] = windows
            # The header does not say which of its windows are for all categories together: the widest of each length may be.
            widest: dict[float, int] = {}
            for calls, seconds in (window for listed in self._listed.values() for window in listed):
                widest[seconds] = max(widest.get(seconds, 0), calls)
            universal.windows = tuple((calls, seconds) for seconds, calls in widest.items())
        remaining, reset = _seconds(headers.get("x-ratelimit-remaining")), _seconds(headers.get("x-ratelimit-reset"))
        if not number:
            return
        own.ended += 1
        if remaining is None or reset is None:
            own.remaining -= 1  # it may have been counted
        else:
            own.hear(number, math.floor(remaining), reset, self._timing.now())
            for gate in (own, universal):
                gate.trust(remaining, self._timing.now(), self._patience)


def listed_windows(text: str) -> Windows:
    """The windows in a header such as ``100, 100;w=1, 1000;w=60``; none where it is absent or nonsense."""
    found = {(int(calls), float(seconds)) for calls, seconds in _WINDOW.findall(text[:_LONGEST_HEADER])}
    return tuple(sorted(window for window in found if window[0] > 0 and 0 < window[1] <= _LONGEST))


def retry_after(headers: Mapping[str, str]) -> float | None:
    """The seconds that ``Retry-After`` asks for, given as a number or a date; None if absent or nonsense."""
    text = headers.get("retry-after", "").strip()
    if not text:
        return None
    seconds = _seconds(text)
    if seconds is not None:
        return seconds
    moment = http_date(text)
    return min(max(0.0, (moment - datetime.now(UTC)).total_seconds()), _LONGEST) if moment else None


def http_date(text: str) -> datetime | None:
    """The moment that a header names, or None where it is absent or nonsense."""
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, IndexError, OverflowError, TypeError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


_GLANCE = 0.02
_WORTH_SAYING = 1.0
_ROUNDING = 2.0  # seconds, with the time that an answer takes
_LONGEST = 86_400.0
_LONGEST_HEADER = 1_000
_WINDOW = re.compile(r"(?<![-\w.])([0-9]{1,9});\s*w=([0-9]{1,6}(?:\.[0-9]{1,6})?)(?![0-9.])")


def _seconds(text: str | None) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return min(value, _LONGEST) if value >= 0 else None


def duration(seconds: float) -> str:
    """A time to people, in the unit that fits."""
    if seconds < 120:
        return f"{seconds:.0f} seconds"
    return f"{seconds / 60:.0f} minutes" if seconds < 7_200 else f"{seconds / 3_600:.0f} hours"

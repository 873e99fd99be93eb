"""Running at the rate limit and not past it."""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from pinsync.errors import QuotaSpent
from pinsync.pinterest.limits import UNIVERSAL, Windows


@dataclass(frozen=True, slots=True)
class Timing:
    """The clock that waiting goes by: ``now`` in seconds from any origin, and ``sleep`` for that many seconds."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


@dataclass(slots=True)
class _Gate:
    """The calls of one category: when the latest ones started, and until when the server wants none."""

    windows: Windows
    started: deque[float] = field(default_factory=deque)
    closed_until: float = -math.inf

    def wait(self, now: float) -> float:
        """How many seconds from ``now`` until a call may start."""
        wait = self.closed_until - now
        for calls, seconds in self.windows:
            if len(self.started) >= calls:
                wait = max(wait, self.started[-calls] + seconds - now)
        return max(0.0, wait)

    def start(self, now: float) -> None:
        self.started.append(now)
        if len(self.started) > max(calls for calls, _ in self.windows):
            self.started.popleft()


class Pacer:
    """Lets calls start in the order in which they ask, never more within a window than its limit.

    ``patience`` is the longest wait in seconds worth making; a longer one raises QuotaSpent instead.
    """

    def __init__(self, limits: Mapping[str, Windows], timing: Timing, patience: float = 900.0) -> None:
        self._gates = {category: _Gate(windows) for category, windows in limits.items()}
        self._timing = timing
        self._patience = patience
        self._turn = asyncio.Lock()

    async def acquire(self, category: str) -> None:
        """Waits until a call of this category may start, and counts it. Raises QuotaSpent."""
        gates = (self._gates[category], self._gates[UNIVERSAL])
        async with self._turn:
            while True:
                now = self._timing.now()
                wait = max(gate.wait(now) for gate in gates)
                if wait > self._patience:
                    raise QuotaSpent(
                        f"the rate limit for {category} leaves no call for {_duration(wait)}",
                        "Run it again then: what is done stays done, and only the rest will be left.",
                    )
                if wait <= 0:
                    break
                await self._timing.sleep(wait)
            for gate in gates:
                gate.start(now)

    def learn(self, category: str, status: int, headers: Mapping[str, str]) -> float | None:
        """Takes over what the server says of its limits. Returns the seconds it asks to wait after a 429, if it says."""
        wait = retry_after(headers)
        reset = _seconds(headers.get("x-ratelimit-reset"))
        if wait is None and (status == 429 or headers.get("x-ratelimit-remaining", "").strip() == "0"):
            wait = reset
        if wait is not None:
            gate = self._gates[category]
            gate.closed_until = max(gate.closed_until, self._timing.now() + wait)
        return wait


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


_LONGEST = 86_400.0


def _seconds(text: str | None) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return min(value, _LONGEST) if value >= 0 else None


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} seconds"
    return f"{seconds / 60:.0f} minutes" if seconds < 7_200 else f"{seconds / 3_600:.0f} hours"

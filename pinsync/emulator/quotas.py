"""Rate limits: the table of tiers, the count of calls, and the headers that tell of them.

Windows are fixed and start at multiples of their length since 1970, so a day is a day in UTC. Counts are kept in the
store: restarting the emulator gives nobody a new quota.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from pinsync.emulator.settings import EmulatorSettings, Window
from pinsync.emulator.store import Store

UNIVERSAL = "universal"

_DAY = 86_400.0
_MINUTE = 60.0

TIERS: Mapping[str, Mapping[str, tuple[Window, ...]]] = {
    # Source: the official documentation of access tiers and rate limits; org_analytics is unverified.
    "trial": {
        UNIVERSAL: ((1000, _DAY),),
        "org_read": ((1000, _DAY),),
        "org_write": ((300, _DAY),),
        "org_analytics": ((1000, _DAY),),
    },
    "standard": {
        UNIVERSAL: ((100, 1.0),),
        "org_read": ((1000, _MINUTE),),
        "org_write": ((100, _MINUTE),),
        "org_analytics": ((300, _MINUTE),),
    },
}


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an account stands after a call: the windows that apply, calls left in the tightest of them, and the seconds
    until that one starts anew."""

    allowed: bool
    windows: tuple[Window, ...]
    remaining: int
    reset: float


class Quotas:
    """Counts calls against the limits of one emulator."""

    def __init__(self, settings: EmulatorSettings, store: Store) -> None:
        """ValueError where the tier is unknown."""
        if settings.tier not in TIERS:
            raise ValueError(f"unknown tier {settings.tier!r}; the tiers are {', '.join(TIERS)}")
        self._limits = {**TIERS[settings.tier], **(settings.limits or {})}
        self._store = store
        self._clock = settings.clock

    def windows(self, category: str) -> tuple[Window, ...]:
        """The windows that a call of ``category`` counts in, its own first."""
        return (*self._limits.get(category, ()), *self._limits.get(UNIVERSAL, ()))

    def spend(self, subject: str, category: str) -> Standing:
        """Counts one call of ``subject``. One over a limit is not allowed and not counted."""
        now = self._clock()
        windows = [
            (name, count, seconds) for name in (category, UNIVERSAL) for count, seconds in self._limits.get(name, ())
        ]
        if not windows:
            return Standing(True, (), 0, 0.0)
        with self._store.writing() as db:
            used = []
            for name, _, seconds in windows:
                row = db.execute(
                    "SELECT started, used FROM usage WHERE subject = ? AND category = ? AND seconds = ?",
                    (subject, name, seconds),
                ).fetchone()
                used.append(row["used"] if row and row["started"] == _start(now, seconds) else 0)
            allowed = all(spent < count for spent, (_, count, _) in zip(used, windows, strict=True))
            if allowed:
                used = [spent + 1 for spent in used]
                db.executemany(
                    "INSERT OR REPLACE INTO usage VALUES (?, ?, ?, ?, ?)",
                    [
                        (subject, name, seconds, _start(now, seconds), spent)
                        for spent, (name, _, seconds) in zip(used, windows, strict=True)
                    ],
                )
        remaining, wait = min(
            (max(0, count - spent), -(_start(now, seconds) + seconds - now))
            for spent, (_, count, seconds) in zip(used, windows, strict=True)
        )
        return Standing(allowed, self.windows(category), remaining, -wait)


def _start(now: float, seconds: float) -> float:
    return math.floor(now / seconds) * seconds


def headers(standing: Standing) -> dict[str, str]:
    """The three rate limit headers of an answer, in the list style with windows; none where there is no limit."""
    if not standing.windows:
        return {}
    listed = ", ".join(f"{count};w={seconds:g}" for count, seconds in standing.windows)
    return {
        "x-ratelimit-limit": f"{standing.windows[0][0]}, {listed}",
        "x-ratelimit-remaining": str(standing.remaining),
        "x-ratelimit-reset": str(math.ceil(standing.reset)),
    }


def waiting(standing: Standing) -> dict[str, str]:
    """The headers of a 429: the rate limits, and when to come back."""
    return {**headers(standing), "retry-after": str(math.ceil(standing.reset))}

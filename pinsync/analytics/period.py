"""Which days: in UTC, as Pinterest counts them, and no further back than it answers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from pinsync.errors import UsageError

RETENTION = 90
"""Days back from today that Pinterest answers. Source: the official description, parameter query_start_date."""

_SPAN = re.compile(r"([0-9]{1,4})([dw])")


@dataclass(frozen=True, slots=True)
class Period:
    """The days from ``start`` to ``end``, both included."""

    start: date
    end: date

    @property
    def days(self) -> list[date]:
        """All of them, in order."""
        return [self.start + timedelta(days=number) for number in range((self.end - self.start).days + 1)]


def parse_period(since: str, until: str, today: date) -> Period:
    """The period from ``since``, a date or a number of days (``30d``) or weeks, to ``until``, a date or empty for yesterday.

    Raises UsageError where Pinterest has no such days.
    """
    end = _date(until, "--until") if until else today - timedelta(days=1)
    if end > today:
        raise UsageError(
            f"--until {end} is in the future", f"Today is {today} in UTC; leave --until away for yesterday."
        )
    span = _SPAN.fullmatch(since.strip().lower())
    if span:
        days = int(span[1]) * (7 if span[2] == "w" else 1)
        if not days:
            raise UsageError(f"--since {since} is no time at all", "Write --since 1d for the last day.")
        start = end - timedelta(days=days - 1)
    else:
        start = _date(since, "--since")
    if start > end:
        raise UsageError(f"--since {start} comes after the end, {end}", "Swap them, or choose an earlier --since.")
    earliest = earliest_day(today)
    if start < earliest:
        raise UsageError(
            f"--since {since} begins on {start}, {(today - start).days} days back, and Pinterest answers {RETENTION}",
            f"Write --since {earliest}" + (f" or --since {(end - earliest).days + 1}d." if end >= earliest else "."),
        )
    return Period(start, end)


def earliest_day(today: date) -> date:
    """The first day that Pinterest still answers."""
    return today - timedelta(days=RETENTION)


def _date(text: str, option: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        spans = ", 30d or 4w" if option == "--since" else ""
        raise UsageError(f"{option} {text} is not understood", f"Write a day such as 2026-11-01{spans}.") from None

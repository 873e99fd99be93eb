"""Numbers that were asked for once: by pin, metric and day.

A day that Pinterest has finished counting is never asked for again. Any other is good until the end of the day (UTC) on which
it was asked for, because Pinterest counts by the day.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeGuard

from pinsync.analytics.metrics import METRICS
from pinsync.analytics.period import Period, earliest_day
from pinsync.content.caching import CACHE, read_cache, write_cache

FILE = CACHE / "analytics.json"
DELAY = 3
"""Days after which Pinterest's numbers of a day are taken for final, where it calls them ready."""

_FORMAT = 1
_OPEN = ("ESTIMATE", "PROCESSING", None)
_HUGE = 1e18  # no count of anything
_MOST = 3_000_000  # numbers; about 20 MB
_RETRY = timedelta(days=7)
_NONE = -1  # in the file: Pinterest gives no number for that day

_Cell = float | list[float] | None
"""A number, a list with one number that may still change, or None where it is not known."""


@dataclass(frozen=True, slots=True)
class Counted:
    """What Pinterest counted of a pin over a period, by the name of the metric: a number a day, None where it gives none;
    since the pin was made, a single one. ``may_change`` are the days that are not final, ``asked`` when the oldest of those
    was asked for, in seconds since 1970, or infinite."""

    daily: Mapping[str, list[float | None]]
    may_change: frozenset[date]
    asked: float


@dataclass(slots=True)
class _Series:
    """Cells from the day ``first`` (an ordinal) on; those that may still change are of ``asked``."""

    asked: float
    first: int
    cells: list[_Cell]


class Numbers:
    """All that is known of pins. ``lineage`` is that of the state whose pins they are; ``now`` is the time of day, in UTC."""

    def __init__(self, root: Path, lineage: str, now: datetime) -> None:
        self._file = root / FILE
        self._version = f"{_FORMAT} {lineage}"
        self._now = now
        self._today = now.date()
        known = read_cache(self._file, self._version, "numbers")
        self._pins = _read(known.get("pins"), range(earliest_day(self._today).toordinal(), self._today.toordinal() + 1))
        refused = known.get("bulk_refused")
        self._refused: float | None = refused if _is_number(refused) else None
        self._changed = False

    @property
    def has_bulk(self) -> bool:
        """Whether the app may have the call for many pins: it was not refused lately."""
        since = math.inf if self._refused is None else self._now.timestamp() - self._refused
        return not 0 <= since < _RETRY.total_seconds()

    def no_bulk(self) -> None:
        """The call for many pins was refused to an app that may ask for single ones."""
        self._refused, self._changed = int(self._now.timestamp()), True

    def asked(self, pin_id: str) -> float:
        """When a pin was last asked for, in seconds since 1970; 0 for never."""
        return max((series.asked for series in self._pins.get(pin_id, {}).values()), default=0.0)

    def lacking(self, pin_id: str, names: Sequence[str], period: Period) -> Period | None:
        """The days that have to be asked for to know these metrics over a period; None where all is known."""
        unknown = [
            place for name in names for place, cell in enumerate(self._cells(pin_id, name, period)) if cell is None
        ]
        if not unknown:
            return None
        first, last = (period.start + timedelta(days=place) for place in (min(unknown), max(unknown)))
        return Period(first, last)

    def put(self, pin_id: str, names: Sequence[str], period: Period, answer: Mapping[str, Any]) -> None:
        """Remembers an answer (see :class:`pinsync.pinterest.answers.Analytics`) for these metrics and days."""
        days = {str(day.get("date")): day for day in answer.get("daily_metrics") or () if isinstance(day, dict)}
        final = self._today - timedelta(days=DELAY)
        found: list[tuple[Any, bool]] = []
        for day in period.days:
            record: Mapping[str, Any] = days.get(day.isoformat(), {})
            found.append((record.get("metrics"), day <= final and record.get("data_status") not in _OPEN))
        for name in names:
            if METRICS[name].lifetime:
                self._merge(pin_id, name, self._today, [[_number(answer.get("lifetime_metrics"), name)]])
            else:
                numbers = ((_number(metrics, name), is_final) for metrics, is_final in found)
                cells: list[_Cell] = [number if is_final else [number] for number, is_final in numbers]
                self._merge(pin_id, name, period.start, cells)

    def of(self, pin_id: str, names: Sequence[str], period: Period) -> Counted:
        """What is known of these metrics over a period, of which nothing may be lacking."""
        daily: dict[str, list[float | None]] = {}
        may_change: set[date] = set()
        asked = math.inf
        for name in names:
            cells = self._cells(pin_id, name, period)
            open_ = [place for place, cell in enumerate(cells) if isinstance(cell, list)]
            numbers = [cell[0] if isinstance(cell, list) else cell for cell in cells]
            daily[name] = [None if number is None or number < 0 else number for number in numbers]
            if METRICS[name].lifetime:
                daily[name] = daily[name][-1:]
            else:
                may_change |= {period.start + timedelta(days=place) for place in open_}
            if open_:
                asked = min(asked, self._pins[pin_id][name].asked)
        return Counted(daily, frozenset(may_change), asked)

    def save(self) -> None:
        """Writes what is known, if it can be written, without what Pinterest would not answer any more."""
        if not self._changed:
            return
        earliest = earliest_day(self._today).toordinal()
        pins: dict[str, dict[str, list[Any]]] = {}
        size = 0
        for pin_id in sorted(self._pins, key=self.asked, reverse=True):
            kept: dict[str, list[Any]] = {}
            for name, series in self._pins[pin_id].items():
                cells = series.cells[max(0, earliest - series.first) :]
                if cells:
                    kept[name] = [series.asked, max(series.first, earliest), cells]
                    size += len(cells)
            if size > _MOST:
                break
            if kept:
                pins[pin_id] = kept
        write_cache(self._file, self._version, "numbers", {"pins": pins, "bulk_refused": self._refused})
        self._changed = False

    def _is_fresh(self, asked: float) -> bool:
        return 0 <= asked <= self._now.timestamp() and datetime.fromtimestamp(asked, UTC).date() == self._today

    def _cells(self, pin_id: str, name: str, period: Period) -> list[_Cell]:
        """What is known of each day. A number since the pin was made is one of today, and stands for the last day."""
        series = self._pins.get(pin_id, {}).get(name, _UNKNOWN)
        fresh = self._is_fresh(series.asked)
        lifetime = METRICS[name].lifetime
        length = (period.end - period.start).days + 1
        start = (self._today if lifetime else period.start).toordinal() - series.first
        places = range(start, start + (1 if lifetime else length))
        cells = [series.cells[at] if 0 <= at < len(series.cells) else None for at in places]
        cells = [None if isinstance(cell, list) and not fresh else cell for cell in cells]
        return [0] * (length - 1) + cells if lifetime else cells

    def _merge(self, pin_id: str, name: str, start: date, cells: list[_Cell]) -> None:
        of_pin = self._pins.setdefault(pin_id, {})
        series = of_pin.get(name, _UNKNOWN)
        fresh = self._is_fresh(series.asked)
        known: dict[int, _Cell] = {
            series.first + place: cell
            for place, cell in enumerate(series.cells)
            if cell is not None and (fresh or not isinstance(cell, list))
        }
        known |= {start.toordinal() + place: cell for place, cell in enumerate(cells)}
        first = min(known)
        filled = [known.get(day) for day in range(first, max(known) + 1)]
        of_pin[name] = _Series(series.asked if fresh else int(self._now.timestamp()), first, filled)
        self._changed = True


_UNKNOWN = _Series(0.0, 0, [])


def _read(pins: Any, days: range) -> dict[str, dict[str, _Series]]:
    """What a file says of pins, without what is not to be understood, or reaches beyond twice the days that are answered."""
    found: dict[str, dict[str, _Series]] = {}
    for pin_id, of_pin in pins.items() if isinstance(pins, dict) else ():
        for name, series in of_pin.items() if isinstance(of_pin, dict) else ():
            if name in METRICS and isinstance(series, list) and len(series) == 3 and _is_series(days, *series):
                found.setdefault(pin_id, {})[name] = _Series(*series)
    return found


def _is_series(days: range, asked: Any, first: Any, cells: Any) -> bool:
    if not _is_number(asked) or type(first) is not int or not isinstance(cells, list):
        return False
    if first < days.start - len(days) or first + len(cells) > days.stop:
        return False
    if not {*map(type, cells)} <= {int, float, list, type(None)}:
        return False
    return all(len(cell) == 1 and _is_number(cell[0]) for cell in cells if isinstance(cell, list))


def _number(metrics: Any, name: str) -> float:
    value = metrics.get(name) if isinstance(metrics, dict) else None
    return value if _is_number(value) and value >= 0 else _NONE


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < _HUGE

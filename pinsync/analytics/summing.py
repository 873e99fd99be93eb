"""Numbers of pins added up: by pin, board, section or campaign, and in all."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from pinsync.analytics.fetching import Lack
from pinsync.analytics.metrics import Metric
from pinsync.analytics.period import Period
from pinsync.analytics.remembering import Counted
from pinsync.analytics.subjects import Subject

Days = list[float | None]


@dataclass(slots=True)
class Tally:
    """One metric of some pins: what is above a quotient and below it, a number a day, or what is counted alone. None where
    Pinterest gives no number."""

    above: Days
    below: Days | None = None

    @property
    def total(self) -> float | None:
        """The sum over all days, or the quotient of two; None where there is nothing to add or to divide by."""
        return _quotient(_sum(self.above), None if self.below is None else _sum(self.below), alone=self.below is None)

    @property
    def daily(self) -> Days:
        """The same for each day."""
        if self.below is None:
            return self.above
        return [_quotient(*pair, alone=False) for pair in zip(self.above, self.below, strict=True)]

    def add(self, other: Tally) -> None:
        """Adds what was counted of other pins."""
        self.above = _added(self.above, other.above)
        if self.below is not None and other.below is not None:
            self.below = _added(self.below, other.below)


@dataclass(slots=True)
class Row:
    """A pin, or a group of them. ``key`` is an address, or a campaign, empty where pins have none; ``title`` what people call
    it. ``pins`` counts those that have numbers. ``subject`` is the pin where it is one."""

    key: str
    title: str
    pins: int = 0
    tallies: dict[str, Tally] = field(default_factory=dict)
    subject: Subject | None = None

    def add(self, tallies: Mapping[str, Tally]) -> None:
        """Adds another pin."""
        self.pins += 1
        for name, tally in tallies.items():
            known = self.tallies.get(name)
            if known is None:
                self.tallies[name] = Tally(tally.above, tally.below)
            else:
                known.add(tally)

    def total(self, metric: Metric) -> float | None:
        """Its number over the whole period."""
        tally = self.tallies.get(metric.name)
        return tally.total if tally else None

    def daily(self, metric: Metric) -> Days:
        """Its number for each day; none for what is counted since a pin was made."""
        tally = self.tallies.get(metric.name)
        return tally.daily if tally and not metric.lifetime else []


@dataclass(frozen=True, slots=True)
class Report:
    """The answer to a question. ``rows`` are the best ``limit`` of ``groups``, best first; ``whole`` is the sum of all.

    ``may_change`` are days whose numbers are not final, and ``asked`` is when the oldest of
    them was asked for. ``lacks`` are the pins without numbers. ``earliest`` is the first day that Pinterest still answers.
    ``url_of`` gives the address at which people see a pin, by its id.
    """

    environment: str
    by: str
    period: Period
    earliest: date
    metrics: tuple[Metric, ...]
    sort: Metric
    rows: tuple[Row, ...]
    groups: int
    whole: Row
    lacks: tuple[Lack, ...]
    may_change: tuple[date, ...]
    asked: datetime | None
    url_of: Callable[[str], str]


Place = Callable[[Subject], tuple[str, str]]
"""Which row a pin belongs to, and what people call that."""


def places(by: str, names: Mapping[str, str]) -> Place:
    """How pins are put together by ``pin``, ``board``, ``section`` or ``campaign``; ``names`` are those of addresses."""

    def section(subject: Subject) -> tuple[str, str]:
        board = names.get(subject.board, "")
        if not subject.section:
            return subject.board, f"{board}, no section" if board else ""
        return subject.section, f"{board}, {names.get(subject.section, '')}".lstrip(", ")

    return {
        "pin": lambda subject: (subject.address, subject.title),
        "board": lambda subject: (subject.board, names.get(subject.board, "")),
        "section": section,
        "campaign": lambda subject: (subject.campaign, ""),
    }[by]


def summed(
    counted: Iterable[tuple[Subject, Counted]], metrics: Sequence[Metric], place: Place, *, single: bool
) -> tuple[list[Row], Row]:
    """A row for each group, in no order, and their sum. ``single`` says that each pin has a row of its own."""
    rows: dict[str, Row] = {}
    whole = Row("", "")
    for subject, found in counted:
        tallies = {metric.name: _tally(metric, found) for metric in metrics if metric.applies(subject.is_video)}
        key, title = place(subject)
        row = rows.setdefault(key, Row(key, title, subject=subject if single else None))
        row.add(tallies)
        whole.add(tallies)
    return list(rows.values()), whole


def ranked(rows: Sequence[Row], metric: Metric) -> list[Row]:
    """Rows with the most first, and those without a number last."""

    def rank(row: Row) -> tuple[float, str]:
        total = row.total(metric)
        return (math.inf if total is None else -total, row.key)

    return sorted(rows, key=rank)


def _tally(metric: Metric, counted: Counted) -> Tally:
    if not metric.per:
        return Tally(counted.daily[metric.name])
    above = [_product(numbers) for numbers in zip(*(counted.daily[name] for name in metric.parts), strict=True)]
    # A day counts on both sides or on none.
    below = [None if top is None else number for top, number in zip(above, counted.daily[metric.per], strict=True)]
    return Tally(above, below)


def _product(numbers: Sequence[float | None]) -> float | None:
    known = [number for number in numbers if number is not None]
    return math.prod(known) if len(known) == len(numbers) else None


def _sum(numbers: Days) -> float | None:
    known = [number for number in numbers if number is not None]
    return sum(known) if known else None


def _added(one: Days, other: Days) -> Days:
    return [
        mine if theirs is None else theirs if mine is None else mine + theirs
        for mine, theirs in zip(one, other, strict=True)
    ]


def _quotient(above: float | None, below: float | None, *, alone: bool) -> float | None:
    if alone or above is None:
        return above
    return above / below if below else None

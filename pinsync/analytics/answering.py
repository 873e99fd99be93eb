"""From a question about pins to a report: who is meant, what is known, what has to be asked, what it comes to."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime

from pinsync.analytics.fetching import ABSENT, Allowance, Ask, Lack, fetch
from pinsync.analytics.metrics import DEFAULT, asked, parse_metrics
from pinsync.analytics.period import Period, earliest_day, parse_period
from pinsync.analytics.remembering import Counted, Numbers
from pinsync.analytics.subjects import Subject, all_subjects, choose, names_of_places
from pinsync.analytics.summing import Report, places, ranked, summed
from pinsync.errors import UsageError
from pinsync.pinterest.operations import ANALYTICS
from pinsync.session import Session


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody wants to know, as it was typed. ``sort`` empty means the first metric, ``limit`` and ``max_calls`` None
    no end, ``patterns`` and ``boards`` empty all pins."""

    patterns: tuple[str, ...] = ()
    boards: tuple[str, ...] = ()
    since: str = "30d"
    until: str = ""
    metrics: str = DEFAULT
    by: str = "pin"
    sort: str = ""
    limit: int | None = None
    max_calls: int | None = None


async def answer(session: Session, question: Question, tell: Callable[[str], None]) -> Report:
    """The report, for which Pinterest is asked what is not known yet. ``tell`` hears beforehand what that costs.

    Raises UsageError, StateError or ApiError.
    """
    if session.access.environment == "sandbox":
        raise UsageError("the sandbox has no analytics", "Ask in production: `environment` in pinsync.yaml.")
    now = session.now().astimezone(UTC)
    period = parse_period(question.since, question.until, now.date())
    metrics = parse_metrics(question.metrics)
    sort, *more = parse_metrics(question.sort) if question.sort else metrics[:1]
    if more:
        raise UsageError("--sort takes one metric", f"Write --sort {sort.name}.")
    if sort not in metrics:
        metrics = (*metrics, sort)
    state = session.read_state()
    chosen = choose(all_subjects(session.content.resources, state), question.patterns, question.boards)
    numbers = Numbers(session.content.root, state.lineage, now)
    lacks = [Lack(one.address, ABSENT, one.absence) for one in chosen if not one.id]
    published = {one: asked(metrics, one.is_video) for one in chosen if one.id}
    lacks += await _ask(session, numbers, published, period, question.max_calls, tell)

    without = {lack.address for lack in lacks}
    found = [(one, numbers.of(one.id, names, period)) for one, names in published.items() if one.address not in without]
    rows, whole = summed(found, metrics, places(question.by, names_of_places(state)), single=question.by == "pin")
    return Report(
        session.access.environment,
        question.by,
        period,
        earliest_day(now.date()),
        metrics,
        sort,
        tuple(ranked(rows, sort)[: question.limit]),
        len(rows),
        whole,
        tuple(sorted(lacks, key=lambda lack: lack.address)),
        tuple(sorted(_may_change(found))),
        _oldest(found),
        session.access.pin_url,
    )


async def _ask(
    session: Session,
    numbers: Numbers,
    published: dict[Subject, tuple[str, ...]],
    period: Period,
    max_calls: int | None,
    tell: Callable[[str], None],
) -> list[Lack]:
    lacking = {one: numbers.lacking(one.id, names, period) for one, names in published.items()}
    asks = [Ask(one, published[one], days) for one, days in lacking.items() if days]
    if not asks:
        return []
    # So that several runs within a small quota get round to all.
    asks.sort(key=lambda ask: numbers.asked(ask.subject.id))
    async with session.client() as client:
        try:
            return await fetch(asks, numbers, client, _allowance(session, max_calls), session.concurrency, tell)
        finally:
            numbers.save()


def _allowance(session: Session, max_calls: int | None) -> Allowance:
    left = session.pacer.left(ANALYTICS)
    if max_calls is not None and (left is None or max_calls <= left):
        return Allowance(max_calls, "--max-calls allows")
    return Allowance(left, f"Pinterest's limit ({session.limits[ANALYTICS]}) leaves")


def _may_change(found: list[tuple[Subject, Counted]]) -> set[date]:
    return {day for _, counted in found for day in counted.may_change}


def _oldest(found: list[tuple[Subject, Counted]]) -> datetime | None:
    moment = min((counted.asked for _, counted in found), default=math.inf)
    return datetime.fromtimestamp(moment, UTC) if math.isfinite(moment) else None

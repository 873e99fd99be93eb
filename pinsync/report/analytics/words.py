"""What every form of a report says in words: of the days, of what is missing, of how numbers come about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta

from pinsync.analytics.metrics import Metric
from pinsync.analytics.period import RETENTION
from pinsync.analytics.remembering import DELAY
from pinsync.analytics.summing import Report, Row
from pinsync.report.problems import counted

_NAMED = 10


def notes(report: Report) -> list[str]:
    """Sentences that belong to the numbers."""
    period = report.period
    days = f"{period.start} to {period.end} ({counted(len(period.days), 'day')})"
    found = [f"Days are UTC: {days}. Pinterest answers {RETENTION} days back, that is since {report.earliest}."]
    if report.may_change:
        why = f"Pinterest counts with a delay, for which {DELAY} days are allowed."
        when = f" They were asked for at {report.asked:%Y-%m-%d %H:%M} UTC." if report.asked else ""
        found.append(f"May still change: {spans(report.may_change)}. {why}{when}")
    found += _lacks(report)
    quotients = [metric.name for metric in report.metrics if metric.per]
    if quotients:
        weighted = "; VIDEO_AVG_WATCH_TIME is weighted by VIDEO_START" if "VIDEO_AVG_WATCH_TIME" in quotients else ""
        found.append(f"{_listed(quotients)}: quotients of sums, over days and over pins{weighted}.")
    lifetime = [metric.name for metric in report.metrics if metric.lifetime]
    if lifetime:
        found.append(f"{_listed(lifetime)}: since each pin was made, not over the period.")
    for videos, whose in ((True, "of videos only"), (False, "of all pins but videos")):
        some = [metric.name for metric in report.metrics if metric.videos is videos]
        if some:
            found.append(f"{_listed(some)}: counted {whose}.")
    if report.by != "pin":
        found.append("A pin counts for the board, section and campaign (utm_campaign of its link) that it has now.")
    if len(report.rows) < report.groups:
        found.append(f"Shown: {len(report.rows):,} of {report.groups:,}, those with the most {report.sort.label}.")
    return found


def number(metric: Metric, value: float | None, none: str = "-") -> str:
    """A number for people: ``1,234``, or ``1.25 %`` of a share."""
    if value is None:
        return none
    return f"{value:.2%}" if metric.is_share else f"{value:,.0f}"


def exact(value: float | None) -> float | None:
    """A number for programs: whole where it is, else with six digits after the point."""
    return value if value is None or isinstance(value, int) else round(value, 6)


def name_of(report: Report, row: Row) -> str:
    """What a row is called: by its address or campaign, or by what is missing."""
    return row.key or f"(no {report.by})"


def spans(days: Sequence[date]) -> str:
    """Days in order, those in a row as ``2026-11-22 to 2026-11-24``."""
    runs: list[list[date]] = []
    for day in days:
        if runs and day - runs[-1][-1] == timedelta(days=1):
            runs[-1].append(day)
        else:
            runs.append([day])
    return _listed([f"{run[0]} to {run[-1]}" if len(run) > 1 else str(run[0]) for run in runs])


def _lacks(report: Report) -> list[str]:
    if not report.lacks:
        return []
    reasons: defaultdict[str, list[str]] = defaultdict(list)
    for lack in report.lacks:
        reasons[lack.reason].append(lack.address)
    total = report.whole.pins + len(report.lacks)
    parts = [
        f"{len(addresses):,} ({reason}): {', '.join(addresses[:_NAMED])}"
        f"{f' and {len(addresses) - _NAMED:,} more' if len(addresses) > _NAMED else ''}"
        for reason, addresses in reasons.items()
    ]
    return [f"{len(report.lacks):,} of {counted(total, 'pin')} without numbers. {'; '.join(parts)}."]


def _listed(words: Sequence[str]) -> str:
    return ", ".join(words)

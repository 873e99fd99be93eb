"""A report for programs."""

from __future__ import annotations

import json
from typing import Any

from pinsync.analytics.summing import Report, Row
from pinsync.report.analytics.words import exact, notes
from pinsync.report.escaping import terminal

FORMAT_VERSION = 1


def render(report: Report) -> str:
    """One JSON object, with a line for each row; each ``daily`` has a number a day, from ``since`` on, null where Pinterest
    gives none."""
    document = {
        "format_version": FORMAT_VERSION,
        "environment": report.environment,
        "since": report.period.start.isoformat(),
        "until": report.period.end.isoformat(),
        "time_zone": "UTC",
        "earliest": report.earliest.isoformat(),
        "may_change": [day.isoformat() for day in report.may_change],
        "asked_at": report.asked.isoformat() if report.asked else None,
        "by": report.by,
        "metrics": [metric.name for metric in report.metrics],
        "sort": report.sort.name,
        "groups": report.groups,
        "total": _numbers(report, report.whole),
        "without_numbers": [
            {"address": lack.address, "kind": lack.kind, "reason": lack.reason} for lack in report.lacks
        ],
        "notes": notes(report),
    }
    rows = ",\n".join(f"  {_line({**_who(report, row), **_numbers(report, row)})}" for row in report.rows)
    others = "".join(f",\n {_line(name)}: {_line(value)}" for name, value in document.items())
    return f'{{\n "rows": [\n{rows}\n ]{others}\n}}\n'


def _line(value: Any) -> str:
    return terminal(json.dumps(value, ensure_ascii=False))


def _who(report: Report, row: Row) -> dict[str, Any]:
    pin = row.subject
    if pin is None:
        return {report.by: row.key or None, "title": row.title}
    return {
        "pin": pin.address,
        "title": pin.title,
        "id": pin.id,
        "board": pin.board or None,
        "section": pin.section or None,
        "link": pin.link or None,
        "link_params": pin.link_params,
        "file": pin.origin.file if pin.origin else None,
        "line": pin.origin.line if pin.origin else None,
    }


def _numbers(report: Report, row: Row) -> dict[str, Any]:
    return {
        "pins": row.pins,
        "totals": {metric.name: exact(row.total(metric)) for metric in report.metrics},
        "daily": {
            metric.name: [exact(value) for value in row.daily(metric)]
            for metric in report.metrics
            if not metric.lifetime
        },
    }

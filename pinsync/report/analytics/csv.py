"""A report for spreadsheets: a line a pin or group, then one for each pin without numbers, then the notes."""

from __future__ import annotations

import csv
import io

from pinsync.analytics.summing import Report, Row
from pinsync.report.analytics.words import exact, notes
from pinsync.report.escaping import spreadsheet

_PLACES = ("title", "board", "section", "campaign", "link", "url")


def render(report: Report) -> str:
    """CSV (RFC 4180). The first column says what a line is: ``pin`` (or board, section, campaign), ``without numbers`` or
    ``note``."""
    out = io.StringIO()
    metrics = report.metrics
    names = ["line", "name", *_PLACES, "since_utc", "until_utc", "pins", *(metric.name for metric in metrics), "note"]
    writer = csv.DictWriter(out, names)
    writer.writeheader()
    period = {"since_utc": report.period.start, "until_utc": report.period.end}
    for row in report.rows:
        numbers = {metric.name: exact(row.total(metric)) for metric in metrics}
        texts = {name: spreadsheet(text) for name, text in _texts(report, row).items()}
        writer.writerow({"line": report.by, **texts, **period, "pins": row.pins, **numbers})
    for lack in report.lacks:
        texts = {"name": spreadsheet(lack.address), "note": spreadsheet(lack.reason)}
        writer.writerow({"line": "without numbers", **texts, **period})
    writer.writerows({"line": "note", "note": spreadsheet(note)} for note in notes(report))
    return out.getvalue()


def _texts(report: Report, row: Row) -> dict[str, str]:
    pin = row.subject
    if pin is None:
        return {"name": row.key, "title": row.title}
    return {
        "name": pin.address,
        "title": pin.title,
        "board": pin.board,
        "section": pin.section,
        "campaign": pin.campaign,
        "link": pin.link,
        # Not the id alone: a spreadsheet takes that for a number, and rounds it.
        "url": report.url_of(pin.id),
    }

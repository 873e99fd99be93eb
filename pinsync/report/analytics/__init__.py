"""Numbers of pins as a table, as CSV, as JSON and as a page."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from pinsync.analytics.summing import Report
from pinsync.report.analytics import csv, html, json, table
from pinsync.report.analytics.table import Screen

FORMATS: Mapping[str, Callable[[Report, Screen], str]] = {
    "table": table.render,
    "csv": lambda report, screen: csv.render(report),
    "json": lambda report, screen: json.render(report),
    "html": lambda report, screen: html.render(report),
}

"""The calendar of pins: for a terminal, for calendars (iCalendar), as a page of months, for programs."""

from __future__ import annotations

import calendar
import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo

from pinsync.planning.agenda import Date
from pinsync.report.escaping import page, terminal
from pinsync.report.screen import Piece, Screen

_MARKS = {"published": "=", "due": "!", "scheduled": "@"}
_SLOTS = {"": "", "recorded": "slot", "proposed": "slot from the next apply on"}
_STYLES = {"published": "green", "due": "bold red", "scheduled": "cyan"}
_FOLD = 75  # octets of a line, RFC 5545
_LASTS = timedelta(minutes=15)


def as_text(dates: Sequence[Date], zone: tzinfo | None, screen: Screen | None = None) -> str:
    """A paragraph for each day, or on a screen a table."""
    if not dates:
        return "Nothing is scheduled.\n"
    if screen:
        return _table(dates, zone, screen)
    lines: list[str] = []
    day: date | None = None
    for one in dates:
        local = one.at.astimezone(zone)
        if local.date() != day:
            day = local.date()
            lines += [*([""] if lines else []), f"{local:%A, %Y-%m-%d} ({local:%Z})"]
        title = f'  "{terminal(one.title)}"' if one.title else ""
        slot = f"  ({_SLOTS[one.slot]})" if one.slot else ""
        lines.append(f"  {_MARKS[one.status]} {local:%H:%M}  {one.status:<9}  {terminal(one.address)}{title}{slot}")
    return "\n".join(lines) + "\n"


def _table(dates: Sequence[Date], zone: tzinfo | None, screen: Screen) -> str:
    rows: list[list[Piece]] = []
    last = ""
    slots = any(one.slot for one in dates)
    for one in dates:
        local = one.at.astimezone(zone)
        day = f"{local:%a %Y-%m-%d %Z}"
        rows.append(
            [
                Piece("" if day == last else day, "bold"),
                Piece(f"{local:%H:%M}"),
                Piece(f"{_MARKS[one.status]} {one.status}", _STYLES[one.status]),
                Piece(terminal(one.address)),
                Piece(terminal(one.title)),
                *([Piece(_SLOTS[one.slot])] if slots else []),
            ]
        )
        last = day
    return screen.table(("day", "time", "status", "address", "title", *(["slot"] if slots else [])), rows)


def as_json(dates: Sequence[Date], zone: tzinfo | None, screen: Screen | None = None) -> str:
    """``[{"at", "address", "title", "board", "status", "slot", "id", "file", "line"}]``."""
    document = [
        {
            "at": one.at.astimezone(zone).isoformat(),
            "address": one.address,
            "title": one.title,
            "board": one.board,
            "status": one.status,
            "slot": one.slot or None,
            "id": one.id or None,
            "file": one.origin.file,
            "line": one.origin.line,
        }
        for one in dates
    ]
    text = json.dumps(document, ensure_ascii=False, indent=2)
    return "".join(f"{terminal(line)}\n" for line in text.split("\n"))


def as_ics(dates: Sequence[Date], zone: tzinfo | None, screen: Screen | None = None) -> str:
    """A calendar that others can subscribe to (RFC 5545). An event keeps its identity when its time changes."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//pinsync//schedule//EN", "CALSCALE:GREGORIAN"]
    for one in dates:
        identity = hashlib.sha256(one.address.encode()).hexdigest()[:32]
        lines += [
            "BEGIN:VEVENT",
            f"UID:{identity}@pinsync",
            f"DTSTAMP:{_utc(one.at)}",
            f"DTSTART:{_utc(one.at)}",
            f"DTEND:{_utc(one.at + _LASTS)}",
            f"SUMMARY:{_ics(one.title or one.address)}",
            f"DESCRIPTION:{_ics(f'{one.address} on {one.board}: {_state(one)}')}",
            f"STATUS:{'TENTATIVE' if one.slot == 'proposed' else 'CONFIRMED'}",
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        ]
    return "".join(f"{_folded(line)}\r\n" for line in [*lines, "END:VCALENDAR"])


def as_html(dates: Sequence[Date], zone: tzinfo | None, screen: Screen | None = None) -> str:
    """A page with a table for each month in which there is something."""
    days: dict[date, list[Date]] = defaultdict(list)
    for one in dates:
        days[one.at.astimezone(zone).date()].append(one)
    months = sorted({(day.year, day.month) for day in days})
    tables = "".join(_month(year, month, days, zone) for year, month in months) or "<p>Nothing is scheduled.</p>"
    return _PAGE.format(style=_STYLE, tables=tables)


FORMATS: Mapping[str, Callable[[Sequence[Date], tzinfo | None, Screen | None], str]] = {
    "text": as_text,
    "json": as_json,
    "ics": as_ics,
    "html": as_html,
}


def _month(year: int, month: int, days: Mapping[date, Sequence[Date]], zone: tzinfo | None) -> str:
    heads = "".join(f'<th scope="col">{name}</th>' for name in calendar.day_abbr)
    rows = "".join(
        f"<tr>{''.join(_day(day, days, month, zone) for day in week)}</tr>"
        for week in calendar.Calendar().monthdatescalendar(year, month)
    )
    name = f"{calendar.month_name[month]} {year}"
    return f"<table><caption>{name}</caption><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"


def _day(day: date, days: Mapping[date, Sequence[Date]], month: int, zone: tzinfo | None) -> str:
    if day.month != month:
        return "<td></td>"
    entries = "".join(
        f'<li class="{one.status}"><time datetime="{one.at.isoformat()}">{one.at.astimezone(zone):%H:%M}</time> '
        f"{page(one.title or one.address)} <small>{_state(one)}</small></li>"
        for one in days.get(day, ())
    )
    return f"<td><b>{day.day}</b>{f'<ul>{entries}</ul>' if entries else ''}</td>"


def _state(one: Date) -> str:
    return ", ".join(filter(None, (one.status, _SLOTS[one.slot])))


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _ics(text: str) -> str:
    shown = terminal(text)
    return shown.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")


def _folded(line: str) -> str:
    """A line in pieces that no calendar finds too long, cut between characters."""
    pieces: list[str] = []
    piece = ""
    for character in line:
        if len((piece + character).encode()) > _FOLD - bool(pieces):
            pieces.append(piece)
            piece = ""
        piece += character
    return "\r\n ".join([*pieces, piece])


_STYLE = """
:root { color-scheme: light dark; font: 15px/1.4 system-ui, sans-serif; }
table { border-collapse: collapse; width: 100%; table-layout: fixed; margin: 1rem 0 2rem; }
caption { text-align: left; font-weight: bold; font-size: 1.2rem; padding: .4rem 0; }
th, td { border: 1px solid color-mix(in srgb, currentColor 25%, transparent); padding: .3rem; text-align: left; }
td { vertical-align: top; height: 4.5rem; overflow-wrap: anywhere; }
ul { list-style: none; margin: .2rem 0 0; padding: 0; }
li { border-left: 3px solid #2563eb; padding-left: .3rem; margin-bottom: .2rem; }
li.published { border-color: #15803d; }
li.due { border-color: #b91c1c; }
"""
_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>pinsync schedule</title><style>{style}</style></head><body><h1>Schedule</h1>{tables}</body></html>
"""

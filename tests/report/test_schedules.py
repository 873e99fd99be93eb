"""The calendar in each of its forms."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from pinsync.model.resource import Origin
from pinsync.planning.agenda import Date
from pinsync.report.schedules import as_html, as_ics, as_json, as_text

BERLIN = ZoneInfo("Europe/Berlin")
HOSTILE = "Soup; with, commas \\ </table><script> \u202e" + "ü" * 60
DATES = [
    Date(datetime(2026, 11, 30, 23, 30, tzinfo=UTC), "pin.a", "Late", "board.soups", "due", Origin("a.yaml", 1, 1)),
    Date(datetime(2026, 12, 1, 8, 0, tzinfo=UTC), "pin.b", HOSTILE, "board.soups", "scheduled", Origin("b.yaml", 1, 1)),
]


def test_as_text_the_days_are_those_of_the_zone() -> None:
    text = as_text(DATES, BERLIN)
    assert text.startswith(
        'Tuesday, 2026-12-01 (CET)\n  ! 00:30  due        pin.a  "Late"\n  @ 09:00  scheduled  pin.b'
    )
    assert text.count("2026") == 1
    assert "\u202e" not in text
    assert as_text([], BERLIN) == "Nothing is scheduled.\n"


def test_as_ics_every_line_is_one_that_calendars_take() -> None:
    lines = as_ics(DATES, BERLIN).split("\r\n")
    assert lines[0] == "BEGIN:VCALENDAR"
    assert all(len(line.encode()) <= 75 for line in lines)
    assert "DTSTART:20261201T080000Z" in lines
    whole = "".join(line[1:] if line.startswith(" ") else f"\n{line}" for line in lines)
    assert "SUMMARY:Soup\\; with\\, commas \\\\ " in whole
    assert "ü" * 60 in whole
    moved = [replace(DATES[0], at=DATES[1].at.replace(hour=9))]
    assert [line for line in as_ics(moved, None).split("\r\n") if line.startswith("UID")] == [
        line for line in lines if line.startswith("UID")
    ][:1]


def test_a_slot_is_told_from_a_time_of_the_file_and_a_proposal_from_both() -> None:
    dates = [replace(DATES[0], slot=slot) for slot in ("", "recorded", "proposed")]
    assert as_text(dates, BERLIN).splitlines()[1:] == [
        f'  ! 00:30  due        pin.a  "Late"{end}' for end in ("", "  (slot)", "  (slot from the next apply on)")
    ]
    assert [one["slot"] for one in json.loads(as_json(dates, BERLIN))] == [None, "recorded", "proposed"]
    assert as_ics(dates, BERLIN).count("STATUS:CONFIRMED") == 2
    assert as_html(dates, BERLIN).count("<small>due, slot</small>") == 1


def test_as_html_titles_are_text_on_their_day() -> None:
    text = as_html(DATES, BERLIN)
    assert "<script" not in text.replace("&lt;script", "")
    assert text.count("</table>") == 1
    assert '<time datetime="2026-11-30T23:30:00+00:00">00:30</time> Late' in text


def test_as_json_it_has_everything() -> None:
    first = json.loads(as_json(DATES, BERLIN))[0]
    assert first == {
        "at": "2026-12-01T00:30:00+01:00", "address": "pin.a", "title": "Late", "board": "board.soups", "status": "due",
        "slot": None, "id": None, "file": "a.yaml", "line": 1,
    }  # fmt: skip

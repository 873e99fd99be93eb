"""Reports of numbers in all their forms, whatever texts they hold."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import unicodedata
from base64 import b64encode
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

import pytest
from rich.cells import cell_len

from pinsync.analytics.fetching import ABSENT, LATER, Lack
from pinsync.analytics.metrics import parse_metrics
from pinsync.analytics.period import Period
from pinsync.analytics.remembering import Counted
from pinsync.analytics.subjects import Subject
from pinsync.analytics.summing import Report, places, ranked, summed
from pinsync.model.resource import Origin
from pinsync.report.analytics import FORMATS
from pinsync.report.analytics.html import MOST_ROWS
from pinsync.report.analytics.table import Screen, sparkline
from tests.emulator.elements import Elements
from tests.report.plans import HOSTILE

SCREEN = Screen(100, "utf-8")
PERIOD = Period(date(2026, 10, 26), date(2026, 11, 24))
FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "＝1", '=HYPERLINK("https://evil.example")', "|x", "%x")


def pin(address: str, text: str = "Soup", video: bool = False) -> Subject:
    link = f"https://example.com/?utm_campaign={text}"
    return Subject(address, "7", text, f"board.{text}", f"section.{text}", link, video, Origin("a.yaml", 1, 1))


def report_of(
    pins: Iterable[Subject],
    metrics: str = "IMPRESSION,SAVE,SAVE_RATE,TOTAL_COMMENTS",
    by: str = "pin",
    limit: int | None = None,
    lacks: tuple[Lack, ...] = (),
) -> Report:
    """A report in which the number of a pin grows with its place and with the day."""
    chosen = parse_metrics(metrics)
    days = len(PERIOD.days)
    names = {name for metric in chosen for name in metric.asked}
    counted = [
        (one, Counted({name: [place * 10 + day for day in range(days)] for name in names}, frozenset(), 0.0))
        for place, one in enumerate(pins, 1)
    ]
    called = {address: address.partition(".")[2] for one, _ in counted for address in (one.board, one.section)}
    rows, whole = summed(counted, chosen, places(by, called), single=by == "pin")
    return Report(
        "production", by, PERIOD, date(2026, 8, 27), chosen, chosen[0], tuple(ranked(rows, chosen[0])[:limit]), len(rows),
        whole, lacks, (PERIOD.end - timedelta(days=1), PERIOD.end), datetime(2026, 11, 25, 9, 30, tzinfo=UTC),
        lambda pin_id: f"https://www.pinterest.com/pin/{pin_id}/",
    )  # fmt: skip


def shown(report: Report, format_: str, screen: Screen = SCREEN) -> str:
    return FORMATS[format_](report, screen)


@pytest.mark.parametrize("format_", FORMATS)
def test_every_form_says_what_the_numbers_are(format_: str) -> None:
    lacks = (Lack("pin.x", ABSENT, "never published"), Lack("pin.y", LATER, "--max-calls allows no more calls for now"))
    text = " ".join(shown(report_of([pin("pin.a"), pin("pin.b")], limit=1, lacks=lacks), format_).split())
    for words in (
        "Days are UTC: 2026-10-26 to 2026-11-24 (30 days). Pinterest answers 90 days back, that is since 2026-08-27.",
        "May still change: 2026-11-23 to 2026-11-24.",
        "They were asked for at 2026-11-25 09:30 UTC.",
        "2 of 4 pins without numbers. 1 (never published): pin.x; 1 (--max-calls allows no more calls for now): pin.y.",
        "TOTAL_COMMENTS: since each pin was made, not over the period.",
        "SAVE_RATE: quotients of sums",
        "Shown: 1 of 2",
    ):
        assert words in text, words


@pytest.mark.parametrize("text", [*HOSTILE.values(), *FORMULAS], ids=[*HOSTILE, *FORMULAS])
def test_texts_of_other_people_are_data_in_every_form(text: str) -> None:
    for by in ("pin", "board", "campaign"):
        report = report_of([pin(f"pin.{text}", text)], by=by, lacks=(Lack(text, ABSENT, text),))
        for format_ in FORMATS:
            written = shown(report, format_)
            unsafe = [c for c in written if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") and c not in "\r\n"]
            assert not unsafe
            assert not re.search("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]", written)
        for cells in csv.reader(io.StringIO(shown(report, "csv"))):
            assert not [cell for cell in cells if re.match(r"\s*[=+\-@|%＝]", cell)]
        elements = Elements(shown(report, "html"))
        assert not {tag for tag, _ in elements.found} & {"script", "img", "iframe", "object", "form"}
        assert not [name for _, attributes in elements.found for name in attributes if name.startswith("on")]
        json.loads(shown(report, "json"))


@pytest.mark.parametrize("width", [40, 60, 80, 120])
@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_a_table_fits_the_terminal(width: int, encoding: str) -> None:
    text = shown(report_of([pin("pin." + "x" * 60), pin("pin.日本語" * 9)], "all"), "table", Screen(width, encoding))
    assert max(cell_len(line) for line in text.splitlines()) <= width
    assert ("█" if encoding == "utf-8" else "#") in text or width == 40
    if encoding == "ascii":
        assert set(text) - set("日本語") <= {chr(code) for code in range(128)}


def test_a_row_says_all_there_is() -> None:
    one, whole = shown(report_of([pin("pin.a")], "IMPRESSION,SAVE_RATE"), "table").splitlines()[1:3]
    assert one.split()[:3] == ["pin.a", "735", "100.00%"]
    assert one.endswith("Soup")
    assert whole.split()[:5] == ["all", "1", "pin", "735", "100.00%"]


@pytest.mark.parametrize(
    ("days", "width", "drawn"),
    [
        ([0, 1, 2, 3], 9, "abcd"),
        ([0, 0, 3, 3], 2, "ad"),
        ([None, None, 3, None], 2, " d"),
        ([0, 0], 5, "aa"),
        ([], 5, ""),
    ],
)
def test_days_are_drawn_as_high_as_they_are(days: list[float | None], width: int, drawn: str) -> None:
    assert sparkline(days, width, "abcd") == drawn


def test_the_page_allows_its_own_style_and_nothing_else() -> None:
    page = shown(report_of([pin("pin.a"), pin("pin.b", video=True)], "all"), "html")
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    assert style
    digest = b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    elements = Elements(page)
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert policy in elements.all("meta", "content")
    assert not [attributes for _, attributes in elements.found if "style" in attributes or "src" in attributes]
    ids = [value for _, attributes in elements.found if (value := attributes.get("id"))]
    assert len(ids) == len(set(ids))
    assert {target.removeprefix("#") for target in elements.all("use", "href")} <= set(ids)
    assert set(elements.all("label", "for")) == set(elements.all("input", "id"))


def test_each_order_of_the_page_is_a_table_and_none_is_too_long() -> None:
    rows = [pin(f"pin.{number:04}") for number in range(MOST_ROWS + 5)]
    page = shown(report_of(rows, "IMPRESSION"), "html")
    by_name, by_impressions = page.split("<tbody>")[1:]
    for table, first, last in ((by_name, "pin.0000", "pin.0999"), (by_impressions, "pin.1004", "pin.0005")):
        names = re.findall(r">(pin\.\d+)</a>", table)
        assert (len(names), names[0], names[-1]) == (MOST_ROWS, first, last)
    assert "Each table has its first 1,000 rows" in page


def test_json_and_csv_hold_the_same_numbers() -> None:
    report = report_of([pin("pin.a"), pin("pin.b")])
    document = json.loads(shown(report, "json"))
    assert document["format_version"] == 1
    assert [row["pin"] for row in document["rows"]] == ["pin.b", "pin.a"]
    assert len(document["rows"][0]["daily"]["IMPRESSION"]) == len(PERIOD.days)
    assert document["total"]["totals"]["IMPRESSION"] == sum(row["totals"]["IMPRESSION"] for row in document["rows"])
    lines = [row for row in csv.DictReader(io.StringIO(shown(report, "csv"))) if row["line"] == "pin"]
    for line, row in zip(lines, document["rows"], strict=True):
        assert line["name"] == row["pin"]
        assert {name: float(line[name]) for name in row["totals"]} == row["totals"]


@pytest.mark.parametrize("format_", FORMATS)
def test_a_report_of_nothing(format_: str) -> None:
    assert "Days are UTC" in shown(report_of([]), format_)

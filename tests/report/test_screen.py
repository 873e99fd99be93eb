"""What is laid out for a terminal: to its width, with colours and links where it has them, and told apart without."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from pinsync.applying.outcome import Outcome, Result, Step, Transfer
from pinsync.content.watching import BYTES, PICTURES
from pinsync.planning.plan import Action, Change, Diagnostic, FieldChange
from pinsync.report.outcomes import line
from pinsync.report.plans import View, render
from pinsync.report.plans.words import MARKS
from pinsync.report.progress import Clock, Display, Follower, following
from pinsync.report.reading import Ticker
from pinsync.report.screen import Piece, Screen, screen_on
from tests.report.plans import HOSTILE, SOUP, create, everywhere, outcome, plan_of
from tests.report.test_plans import COMMANDS, assert_inert, texts

BEFORE = "One pot, five ingredients and a good deal of patience make this soup: 南瓜のスープ for four."
AFTER = BEFORE.replace("five", "six").replace("for four", "for the whole table")
PLAN = plan_of(
    create(title="Pumpkin soup in 20 minutes", board="board.soups"),
    Change(
        "pin.tart", "pin", Action.UPDATE, "Tart", origin=SOUP, id="7",
        fields={"title": FieldChange("Tarte", "Tart"), "description": FieldChange(BEFORE, AFTER)},
    ),
    diagnostics=(Diagnostic("warning", "x", "the title differs from the one on Pinterest", "Edit it.", "", SOUP),),
)  # fmt: skip
SHOWN = """\
content (sandbox)

+ create    pin.autumn/soup  "Pumpkin soup in 20 minutes"
            autumn/soup.yaml:1
    board  board.soups

~ update    pin.tart  "Tart"  autumn/soup.yaml:1
    title        - "Tarte"
                 + "Tart"
    description  - "One pot, [-five-] ingredients and a
                   good deal of patience make this soup:
                   南瓜のスープ for [-four-]."
                 + "One pot, {+six+} ingredients and a
                   good deal of patience make this soup:
                   南瓜のスープ for {+the whole table+}."

autumn/soup.yaml:1:1: warning: the title differs from
    the one on Pinterest
    Edit it.

Plan: 1 pin to create; 1 pin to update.
"""
ESCAPE = re.compile(r"\x1b\[[0-9;]*m|\x1b\]8;(?:id=\d+)?;([!-~]*)\x1b\\")


def shown_on(screen: Screen, plan: object = PLAN) -> str:
    view = View("content", "sandbox", screen=screen, root=Path("/pins"), pin_url="https://pinterest.example/{}/".format)
    return render(plan, view, "text")  # type: ignore[arg-type]


def test_a_plan_without_colour_is_as_wide_as_the_terminal_and_says_everything() -> None:
    assert shown_on(Screen(58)) == SHOWN


def test_colours_and_links_are_beside_the_text() -> None:
    shown = shown_on(Screen(58, colour=True, links=True))
    plain = ESCAPE.sub("", shown)
    assert plain.replace(" ", "").replace("\n", "") == re.sub(r"\[-|-\]|\{\+|\+\}|[ \n]", "", SHOWN)
    assert "\x1b[1;31mfive\x1b[0m" in shown
    assert "\x1b[1;32msix\x1b[0m" in shown
    links = {found[1] for found in ESCAPE.finditer(shown)} - {None, ""}
    assert links == {"https://pinterest.example/7/", "file:///pins/autumn/soup.yaml"}
    assert "\x1b]8" not in shown_on(Screen(58, colour=True))


def test_texts_that_have_little_in_common_are_shown_whole() -> None:
    plan = plan_of(Change("pin.a", "pin", Action.UPDATE, fields={"title": FieldChange("Tart", "Soup for all")}, id="1"))
    assert '    title  - "Tart"\n           + "Soup for all"\n' in shown_on(Screen(80), plan)


def test_every_action_is_told_by_a_word_and_a_sign() -> None:
    changes = [Change("pin.a", "pin", action, fields={"title": FieldChange("a", "b")}) for action in MARKS]
    said = [
        shown_on(Screen(80), plan_of(change)).splitlines()[2] for change in changes if change.action is not Action.NO_OP
    ]
    assert len({(words[0], words[1]) for words in map(str.split, said)}) == len(said)


@settings(deadline=None, max_examples=60)
@given(text=texts, width=st.integers(20, 130), colour=st.booleans())
def test_nothing_is_wider_than_the_terminal_and_no_text_acts_on_it(text: str, width: int, colour: bool) -> None:
    shown = ESCAPE.sub("", shown_on(Screen(width, colour, links=colour), everywhere(text)))
    assert_inert(shown)
    # A margin of its own leaves a text sixteen columns.
    assert max(cell_len(one) for one in shown.splitlines() if "\\u003a" not in one) <= max(width, 56)


@pytest.mark.parametrize("text", [*COMMANDS, "x" * 30 + " ::error::x " * 20, "::" * 60])
def test_no_line_that_is_broken_becomes_a_command_to_a_workflow_runner(text: str) -> None:
    for screen in (Screen(40), Screen(40, colour=True)):
        for one in ESCAPE.sub("", shown_on(screen, everywhere(text))).splitlines():
            assert not one.lstrip().startswith("::")
            assert "##[" not in one


ROWS = [
    [Piece("pin.スープ"), Piece("1"), Piece("Soup for the whole of the family")],
    [Piece("pin.a"), Piece("23"), Piece("")],
]


@pytest.mark.parametrize(
    ("width", "expected"),
    [
        (60, "address     id  title\npin.スープ  1   Soup for the whole of the family\npin.a       23\n"),
        (
            36,
            "address     id  title\npin.スープ  1   Soup for the whole\n                of the family\npin.a       23\n",
        ),
        (20, "pin.スープ  1\n    Soup for the\n    whole of the\n    family\npin.a  23\n"),
    ],
)
def test_a_table_is_aligned_wrapped_or_where_it_cannot_be_given_up(width: int, expected: str) -> None:
    assert Screen(width).table(("address", "id", "title"), ROWS) == expected


class Stream(io.StringIO):
    def __init__(self, terminal: bool) -> None:
        super().__init__()
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal


@pytest.mark.parametrize(
    ("terminal", "environ", "expected"),
    [
        (True, {"TERM": "xterm"}, Screen(70, colour=True, links=True, live=True)),
        (True, {"TERM": "xterm", "CI": "true"}, Screen(70, colour=True, links=True)),
        (True, {"TERM": "xterm", "VTE_VERSION": "4900"}, Screen(70, colour=True, live=True)),
        (True, {"TERM": "dumb"}, Screen(70)),
        (True, {"TERM": "xterm", "NO_COLOR": "1", "FORCE_COLOR": "1"}, Screen(70, live=True)),
        (
            True,
            {"TERM": "xterm", "NO_COLOR": "1", "PINSYNC_COLOR": "always"},
            Screen(70, colour=True, links=True, live=True),
        ),
        (True, {"TERM": "xterm", "PINSYNC_COLOR": "never"}, Screen(70, live=True)),
        (False, {"TERM": "xterm"}, None),
        (False, {"TERM": "xterm", "NO_COLOR": "1"}, None),
        (False, {"TERM": "xterm", "FORCE_COLOR": "0"}, None),
        (False, {"FORCE_COLOR": "1"}, Screen(70, colour=True)),
    ],
)
def test_what_is_shown_is_what_the_terminal_has_and_people_want(
    terminal: bool, environ: Mapping[str, str], expected: Screen | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "70")
    assert screen_on(Stream(terminal), environ) == expected


class Time:
    """Moved by hand; the day begins at noon."""

    def __init__(self) -> None:
        self.moment = 0.0
        self.clock = Clock(lambda: self.moment, lambda: datetime.fromtimestamp(self.moment + 43_200, UTC))


def until(moment: float) -> str:
    return f"{datetime.fromtimestamp(moment + 43_200, UTC).astimezone():%H:%M:%S}"


def test_the_display_counts_what_is_done_left_and_waited_for() -> None:
    time, limits = Time(), [600.0]
    out = io.StringIO()
    console = Console(file=out, width=60, highlight=False)
    display = Display(40, lambda: limits[-1], time.clock, Screen(60), console)

    def drawn() -> list[str]:
        out.seek(0)
        out.truncate()
        console.print(display)
        return out.getvalue().split("\n")[:-1]

    assert drawn()[0].endswith(" 0 of 40, about 10 minutes left")
    time.moment = 30.0
    for number in range(10):
        display.begun(f"pin.{'very/' * 20}long")
        display.begun(f"pin.{number}")
        limits.append(0.0)
        display.ended(Outcome(Change(f"pin.{number}", "pin", Action.CREATE), Result.DONE))
    # Ten took half a minute, and the limits leave calls for the other thirty.
    assert drawn()[0].endswith(" 10 of 40, 20 a minute, about 90 seconds left")
    assert drawn()[1].startswith("pin.very/very")
    assert cell_len(drawn()[1]) < 60
    limits.append(400.0)
    display.waits("org_write", 300.0)
    assert drawn()[0].endswith(" 10 of 40, 20 a minute, about 7 minutes left")
    assert drawn()[2] == f"waiting for the quota of writes until {until(330)}"
    time.moment = 180.0
    assert "20 a minute, about 4 minutes left" in drawn()[0]  # waiting is not slowness
    time.moment = 331.0
    display.moved(Transfer("pin.v", "v.mp4", Step.UPLOADING, 0, 10_000_000))
    time.moment = 333.0
    display.moved(Transfer("pin.v", "v.mp4", Step.UPLOADING, 4_000_000, 10_000_000))
    assert "waiting" not in "".join(drawn())
    assert drawn()[2].endswith(" v.mp4: 4.0 MB of 10.0 MB, 2.0 MB a second")
    display.moved(Transfer("pin.v", "v.mp4", Step.OVER, 0, 10_000_000))
    assert len(drawn()) == 2


def test_a_log_says_now_and_then_how_far_it_is() -> None:
    time, out = Time(), io.StringIO()
    with following(9, out, None, lambda: 240.0, time.clock) as follower:
        for time.moment in (10.0, 20.0, 61.0, 90.0):
            follower.ended(outcome(id="5"))
        follower.waits("org_write", 45.0)  # not again so soon
        time.moment = 125.0
        follower.waits("org_write", 50.0)
    assert [text for text in out.getvalue().splitlines() if not text.startswith("[")] == [
        "3 of 9, 3 a minute, about 4 minutes left",
        f"4 of 9, 3 a minute, about 4 minutes left; waiting for the quota of writes until {until(175)}",
    ]
    with following(9, out, None, clock=time.clock, quiet=True) as silent:
        assert type(silent) is Follower


def test_an_outcome_on_a_screen_leads_to_its_pin() -> None:
    done = outcome(id="5", url="https://www.pinterest.com/pin/5/\x1b]8;;\x07")
    shown = line(done, Screen(100, colour=True, links=True))
    assert {found[1] for found in ESCAPE.finditer(shown)} >= {"https://www.pinterest.com/pin/5/%1B]8;;%07"}
    assert_inert(ESCAPE.sub("", shown))


def test_reading_a_large_file_shows_how_far_it_is_and_leaves_nothing() -> None:
    time, out = Time(), io.StringIO()
    ticker = Ticker(out, Screen(60, live=True), lambda: time.moment)
    for time.moment, read in ((1.0, 1), (1.05, 2), (1.2, 700_000_000), (1.3, 1_400_000_000)):
        ticker("big.mp4", read, 1_400_000_000, BYTES)
    clear = "\r\x1b[2K"
    assert out.getvalue().split(clear)[1:] == [
        "reading big.mp4: 1 kB of 1.4 GB",
        "reading big.mp4: 700.0 MB of 1.4 GB",
        "",
    ]
    for screen in (None, Screen(60)):
        Ticker(silent := io.StringIO(), screen)("big.mp4", 1, 1_400_000_000, BYTES)
        assert silent.getvalue() == ""


def test_looking_at_many_pictures_shows_how_far_it_is_and_leaves_nothing() -> None:
    time, out = Time(), io.StringIO()
    ticker = Ticker(out, Screen(60, live=True), lambda: time.moment)
    for time.moment, done in ((1.0, 10), (1.05, 20), (1.2, 1_200), (1.3, 5_000)):
        ticker("", done, 5_000, PICTURES)
    clear = "\r\x1b[2K"
    assert out.getvalue().split(clear)[1:] == [
        "looking at pictures: 10 of 5,000",
        "looking at pictures: 1,200 of 5,000",
        "",
    ]


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_no_text_acts_on_the_display(text: str) -> None:
    time, out = Time(), io.StringIO()
    console = Console(file=out, width=60)
    display = Display(2, lambda: 0.0, time.clock, Screen(60), console)
    display.begun(text)
    display.moved(Transfer("pin.v", text, Step.PROCESSING, 5, 5))
    console.print(display)
    assert_inert(out.getvalue())

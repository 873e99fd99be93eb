"""What came of an apply: its lines, its sum, and the progress on the way."""

from __future__ import annotations

import io
import re

import pytest

from pinsync.applying.outcome import Outcome, Result
from pinsync.model.resource import Origin
from pinsync.planning.plan import Action, Change
from pinsync.report.outcomes import line, summary
from pinsync.report.progress import following
from pinsync.report.screen import Screen
from tests.report.plans import HOSTILE, outcome
from tests.report.test_plans import assert_inert

FAILED = outcome(Result.FAILED, message="No (HTTP 400)", advice="Correct the link.")
SKIPPED = outcome(Result.SKIPPED, message="it needs board.soups, which failed")
DOUBT = outcome(Result.IN_DOUBT, message="no answer", advice="Run plan again.")
DONE = outcome(id="5", url="https://www.pinterest.com/pin/5/")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (DONE, "created   pin.autumn/soup  https://www.pinterest.com/pin/5/"),
        (outcome(id="5"), "created   pin.autumn/soup  id 5"),
        (outcome(), "created   pin.autumn/soup"),
        (outcome(action=Action.UPDATE, id="5"), "updated   pin.autumn/soup  id 5"),
        (outcome(action=Action.ADOPT, id="5"), "adopted   pin.autumn/soup  id 5"),
        (outcome(action=Action.MOVE, id="5"), "renamed   pin.autumn/soup  id 5"),
        (outcome(action=Action.FORGET, id="5"), "forgotten pin.autumn/soup  id 5"),
        (outcome(action=Action.DELETE), "deleted   pin.autumn/soup"),
        (outcome(action=Action.REPLACE, id="5"), "replaced  pin.autumn/soup  id 5"),
        (FAILED, "failed    pin.autumn/soup  No (HTTP 400)"),
        (SKIPPED, "skipped   pin.autumn/soup  it needs board.soups, which failed"),
        (DOUBT, "in doubt  pin.autumn/soup  no answer"),
        (outcome(Result.FAILED, id="5"), "failed    pin.autumn/soup"),
    ],
)
def test_an_outcome_is_one_line(given: Outcome, expected: str) -> None:
    assert line(given) == expected


def test_all_done_is_said_in_a_word() -> None:
    assert summary([DONE] * 1_200) == "\nApplied: 1,200 done.\n"


def test_what_failed_is_named_with_its_place_and_what_to_do() -> None:
    assert summary([DONE, DONE, FAILED, SKIPPED, DOUBT]) == (
        "\nApplied: 2 done, 1 failed, 1 skipped, 1 in doubt.\n"
        "autumn/soup.yaml:1: failed: pin.autumn/soup: No (HTTP 400)\n"
        "    Correct the link.\n"
        "autumn/soup.yaml:1: in doubt: pin.autumn/soup: no answer\n"
        "    Run plan again.\n"
        "What is done is recorded; the next plan holds only what is left.\n"
    )


def test_an_outcome_without_a_place_or_advice_is_named_all_the_same() -> None:
    failed = Outcome(Change("pin.a", "pin", Action.UPDATE), Result.FAILED, message="No")
    assert "\nfailed: pin.a: No\nWhat is done" in summary([failed])


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_no_text_acts_on_the_terminal(text: str) -> None:
    change = Change(f"pin.{text}", "pin", Action.CREATE, text, origin=Origin(text, 1, 1))
    for result in Result:
        given = Outcome(change, result, text, text, text, text)
        plain = Outcome(change, result, id=text)
        for shown in (line(given), line(plain), *summary([given]).splitlines()):
            assert_inert(shown)
            assert "\n" not in shown
        assert summary([given]).count("\n") == summary([Outcome(change, result, "a", "b", "c", "d")]).count("\n")


def test_no_line_of_the_summary_is_a_command_to_a_workflow_runner() -> None:
    change = Change("pin.a", "pin", Action.CREATE, origin=Origin("::stop-commands::x", 1, 1))
    shown = summary([Outcome(change, Result.FAILED, message="No", advice="::error::x")])
    assert not [one for one in shown.splitlines() if one.lstrip().startswith("::")]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_without_a_terminal_is_a_numbered_line_for_each_outcome() -> None:
    stream = io.StringIO()
    with following(12, stream) as follower:
        follower.ended(DONE)
        assert stream.getvalue() == "[ 1/12] created   pin.autumn/soup  https://www.pinterest.com/pin/5/\n"
        follower.ended(FAILED)
    assert stream.getvalue().splitlines()[1:] == ["[ 2/12] failed    pin.autumn/soup  No (HTTP 400)"]


def test_progress_on_a_terminal_shows_each_outcome_as_it_is() -> None:
    stream = Terminal()
    texts = ["[red]x[/red]", ":smile: :warning:", "[link=https://evil.example]y[/link]", "\x1b[31mred", "[/nonsense]"]
    with following(len(texts), stream, Screen(120, live=True)) as follower:
        for text in texts:
            follower.ended(outcome(Result.FAILED, message=text))
    shown = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", stream.getvalue())
    for text in texts:
        assert f"failed    pin.autumn/soup  {text}".replace("\x1b", "\\u001b") in shown


def test_nothing_to_follow_shows_nothing() -> None:
    stream = io.StringIO()
    with following(0, stream):
        pass
    assert stream.getvalue() == ""

"""Problems as text, JSON and annotations: each readable by its reader, none able to act on it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pinsync.content.problems import WARNING, Problem, ordered
from pinsync.report.problems import as_github, as_json, as_text
from tests.report.plans import HOSTILE
from tests.report.test_plans import assert_inert

ROOT = Path.cwd()


def problem(
    excerpt: str = "", column: int = 1, message: str = "wrong", advice: str = "Right it.", file: str = "p.yaml"
) -> Problem:
    return Problem(file, 3, column, "rule", message, advice, excerpt)


def caret(excerpt: str, column: int) -> tuple[str, int]:
    """The line that is shown, and how many columns stand before the caret."""
    _, line, mark = as_text([problem(excerpt, column)], ROOT).splitlines()
    assert mark.strip() == "^"
    return line, mark.index("^") - 4


def test_a_problem_is_a_place_a_sentence_and_advice_over_its_line() -> None:
    assert as_text([problem("titel: Soup", 1, "unknown key `titel`", "Did you mean `title`?")], ROOT) == (
        "p.yaml:3:1: unknown key `titel`. Did you mean `title`?\n    titel: Soup\n    ^\n"
    )


def test_what_has_no_line_is_shown_without_one() -> None:
    assert (
        as_text([Problem("p.yaml", 0, 0, "x", "cannot be read: no", "")], ROOT) == "p.yaml:1:1: cannot be read: no.\n"
    )
    assert as_text([problem("   ")], ROOT) == "p.yaml:3:1: wrong. Right it.\n"


def test_a_warning_says_so() -> None:
    warning = Problem("p.yaml", 1, 2, "x", "Really?", "", severity=WARNING)
    assert as_text([warning], ROOT) == "p.yaml:1:2: warning: Really?\n"
    assert as_github([warning], ROOT).startswith("::warning file=p.yaml,line=1,col=2,title=pinsync x::Really?\n")


@pytest.mark.parametrize(
    ("excerpt", "column", "line", "before"),
    [
        ("title: Soup", 8, "    title: Soup", 7),
        ("title: Soup", 12, "    title: Soup", 11),
        ("\ttitle: Soup", 2, "        title: Soup", 4),
        ("a\tb: Soup", 3, "    a    b: Soup", 5),
        ("湯: Soup", 4, "    湯: Soup", 4),
        ("🍲🍲: x", 3, "    🍲🍲: x", 4),
        ("e\u0301: x", 4, "    e\u0301: x", 2),
        ("a\u200bb: x", 3, "    a\u200bb: x", 1),
        ("❤\ufe0f: x", 4, "    ❤\ufe0f: x", 2),
        ("Ünï: x", 4, "    Ünï: x", 3),
    ],
)
def test_the_caret_is_under_its_character(excerpt: str, column: int, line: str, before: int) -> None:
    assert caret(excerpt, column) == (line, before)


@pytest.mark.parametrize("column", [1, 50, 300, 700, 1_000])
def test_of_a_long_line_the_part_around_the_place_is_shown(column: int) -> None:
    words = "".join(f"{number:04}x" for number in range(200))
    line, before = caret(words, column)
    assert len(line) <= 120
    assert line[4 + before] == words[column - 1]
    assert line.startswith("    … ") == (column > 50)


def test_a_control_character_in_a_line_keeps_the_caret_in_place() -> None:
    line, before = caret("a\x1bb: x", 3)
    assert (line, line[4 + before]) == ("    a\\u001bb: x", "b")


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_no_text_acts_on_a_terminal_or_a_runner(text: str) -> None:
    plain = problem("x", 1, "x", "x", "x")
    hostile = [problem(text, 2, text, text, text), Problem(text, 1, 1, "x", text, "", text, WARNING)]
    for as_form in (as_text, as_json, as_github):
        assert_inert(as_form(hostile, ROOT))
        assert "##[" not in as_form(hostile, ROOT)
    assert as_text(hostile[:1], ROOT).count("\n") in (1, as_text([plain], ROOT).count("\n"))
    assert not any(line.lstrip().startswith("::") for line in as_text(hostile, ROOT).splitlines())
    assert as_github(hostile, ROOT).count("\n") == len(hostile)


def test_properties_of_an_annotation_are_escaped_as_github_asks() -> None:
    file = "50%, a:b\r\nc"
    annotation = as_github([problem(file=file, message="50%: a, b\n::error::c", advice="")], ROOT)
    assert annotation == (
        "::error file=50%25%2C a%3Ab\\r\\nc,line=3,col=1,title=pinsync rule::50%25: a, b\\n::error::c.\n"
    )


def unescaped(text: str) -> str:
    """The text of an annotation as GitHub reads it."""
    for code, character in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(code, character)
    return text


# What acts on a terminal or a runner is shown escaped, and so not as it was.
harmless = st.characters(exclude_categories=["Cs", "Cc", "Cf", "Zl", "Zp"], exclude_characters="#/\\.")
words = st.text(harmless, min_size=1, max_size=30).map(lambda text: f"a{text}b")


@settings(deadline=None)
@given(words, words, words, st.integers(1, 99))
def test_an_annotation_is_read_back_as_it_was(file: str, message: str, advice: str, column: int) -> None:
    given_problem = problem("", column, message, advice, file)
    line = as_github([given_problem], ROOT)
    found = re.fullmatch(r"::error file=([^,:]*),line=3,col=(\d+),title=pinsync rule::(.*)\n", line)
    assert found
    assert int(found[2]) == column
    assert unescaped(found[1]) == file
    assert unescaped(found[3]).startswith(message)


@settings(deadline=None)
@given(st.text(min_size=1, max_size=30), st.text(max_size=30), st.text(max_size=30))
def test_json_is_read_back_as_it_was_whatever_is_in_it(message: str, advice: str, code: str) -> None:
    document = json.loads(as_json([Problem("p.yaml", 0, 0, code, message, advice)], ROOT))
    assert document == {
        "format_version": 1,
        "problems": [
            {"file": "p.yaml", "line": 1, "column": 1, "severity": "error", "code": code, "message": message, "advice": advice}
        ],
        "summary": {"errors": 1, "warnings": 0},
    }  # fmt: skip


def test_nothing_wrong_is_nothing_said() -> None:
    assert (as_text([], ROOT), as_github([], ROOT)) == ("", "")
    assert json.loads(as_json([], ROOT))["problems"] == []


def test_problems_are_in_the_order_of_files_lines_and_columns_and_each_once() -> None:
    places = [("b", 1, 1), ("a", 2, 1), ("a", 1, 9), ("a", 1, 1), ("a", 10, 1), ("a", 0, 0), ("a", 1, 1)]
    found = ordered(Problem(*place, "x", "m") for place in places)
    assert [(problem.file, problem.line, problem.column) for problem in found] == [
        ("a", 0, 0), ("a", 1, 1), ("a", 1, 9), ("a", 2, 1), ("a", 10, 1), ("b", 1, 1),
    ]  # fmt: skip

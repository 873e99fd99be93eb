"""The page of messages quotes what pinsync prints, and leaves no kind of message out."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from pinsync import errors
from pinsync.content.wording import CODES
from tests.docs.pages import ROOT, Page
from tests.docs.printed import source, text_of

PAGE = Page(ROOT / "docs" / "troubleshooting.md")
ROWS = [[[token.content for token in cell if token.type == "code_inline"] for cell in row] for row in PAGE.rows]
"""The code spans of each cell of its tables."""
QUOTED = [code for row in ROWS for code in row[0]]
_CODE = re.compile(r"[a-z]+(-[a-z]+)*")
_REPORTING = ("problem", "problem_at", "report", "add", "_add", "_stop", "Problem", "MediaProblem")
_OF_OTHER_FILES = {"csv", "scenario", "video"}


def explained(message: str) -> bool:
    """Whether the page quotes a part of the message."""
    return any(quote.strip("… ") in message for quote in QUOTED if len(quote) > 3)


def codes() -> Iterator[str]:
    """The code of every problem that content can have, and of all that a plan says beside its changes."""
    yield from CODES.values()
    for name in _REPORTING:
        for call in source().calls[name]:
            given = [text_of(argument) for argument in call.args]
            named = [place for place, text in enumerate(given) if _CODE.fullmatch(text)]
            if named and named[-1] + 1 < len(given):
                yield given[named[-1]]
    yield from (text_of(call.args[1]) for call in source().calls["Diagnostic"] if len(call.args) > 2)


def reasons() -> Iterator[str]:
    """What is written beside the places that hold a change."""
    for call in source().calls["replace"]:
        given = {keyword.arg: keyword.value for keyword in call.keywords}
        if "reason" in given and "action" in given and ast.unparse(given["action"]) == "Action.HELD":
            yield text_of(given["reason"])


def test_what_is_quoted_is_printed() -> None:
    assert len(QUOTED) > 100
    assert [quote for quote in QUOTED if quote not in source().texts] == []


def test_every_code_of_a_problem_is_explained() -> None:
    on_the_page = {code for row in ROWS if len(row) == 3 for code in row[1]}
    assert on_the_page == set(codes()) - _OF_OTHER_FILES


def test_every_reason_that_holds_a_change_is_explained() -> None:
    assert [reason for reason in reasons() if reason and not explained(reason)] == []


def test_every_kind_of_error_is_explained() -> None:
    for name in [name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, Exception)]:
        messages = [text for call in source().calls[name] if call.args and (text := text_of(call.args[0]).strip("… "))]
        assert not messages or any(explained(message) for message in messages), name


def test_a_message_that_nobody_prints_is_noticed() -> None:
    assert not explained("the moon is full")
    assert "the moon is full" not in source().texts

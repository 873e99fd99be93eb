"""What is wrong with the content, and where."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

ERROR = "error"
WARNING = "warning"

_SHOWN = 80


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake. ``file`` is relative to the content root; line and column count from 1, 0 where there is none.

    ``message`` says what is wrong and ``advice`` what to write instead. ``excerpt`` is the offending line as it stands.
    ``code`` names the rule, for people who search and for tools.
    """

    file: str
    line: int
    column: int
    code: str
    message: str
    advice: str = ""
    excerpt: str = ""
    severity: str = ERROR


def ordered(problems: Iterable[Problem]) -> list[Problem]:
    """The problems by file, line and column, each once."""
    unique = dict.fromkeys(problems)
    return sorted(unique, key=lambda problem: (problem.file, problem.line, problem.column, problem.message))


def shortened(text: str) -> str:
    """A text as it is quoted in a message: its beginning, where it is long."""
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


class MediaProblem(Exception):
    """A file that cannot be used as a picture or video; ``message`` continues a sentence that starts with its name."""

    def __init__(self, code: str, message: str, advice: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.advice = advice

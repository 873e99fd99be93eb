"""Content problems as text, JSON and GitHub annotations."""

from __future__ import annotations

import json
import os
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from pinsync.content.linting.rules import MEANINGS
from pinsync.content.problems import ERROR, Problem
from pinsync.report.escaping import terminal, workflow, workflow_property
from pinsync.report.screen import Line, Piece, Screen, row, text_of

FORMAT_VERSION = 1
_WIDTH = 110


def path_shown(root: Path, file: str) -> str:
    """A file of the content root as seen from the working folder, which is how tools find it."""
    full = root / file
    try:
        relative = os.path.relpath(full)
    except ValueError:  # on another drive
        return str(full)
    return str(full) if relative.startswith(f"..{os.sep}..") else relative


def counted(number: int, noun: str, plural: str = "") -> str:
    """``1 pin``, ``2 pins``, ``1,000 pins``."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def as_text(problems: Sequence[Problem], root: Path, screen: Screen | None = None) -> str:
    """Each problem as ``file:line:column: message``, with the line it is in and a caret."""
    lines: list[Line] = []
    for problem in problems:
        place = f"{terminal(path_shown(root, problem.file))}:{max(1, problem.line)}:{max(1, problem.column)}"
        link = Path(os.path.abspath(root / problem.file)).as_uri() if screen else ""  # noqa: PTH100 - it may be a link itself
        where = Piece(place, "bold", link)
        kind = Piece("" if problem.severity == ERROR else f"{problem.severity}: ", "bold magenta")
        rule = Piece(f" [{problem.code}]" if problem.code in MEANINGS else "", "dim")
        lines.append(row(where, Piece(": ", "bold red"), kind, terminal(sentences(problem)), rule, hang=4))
        lines += _excerpt(problem, min(_WIDTH, screen.width - 8) if screen else _WIDTH)
    return text_of(lines, screen)


def as_json(problems: Sequence[Problem], root: Path) -> str:
    """All problems as one JSON object, in which characters that act on a terminal are escaped."""
    errors = sum(problem.severity == ERROR for problem in problems)
    document = {
        "format_version": FORMAT_VERSION,
        "problems": [
            {
                "file": path_shown(root, problem.file),
                "line": max(1, problem.line),
                "column": max(1, problem.column),
                "severity": problem.severity,
                "code": problem.code,
                "message": problem.message,
                "advice": problem.advice,
            }
            for problem in problems
        ],
        "summary": {"errors": errors, "warnings": len(problems) - errors},
    }
    lines = json.dumps(document, ensure_ascii=False, indent=2).split("\n")
    return "".join(f"{terminal(line)}\n" for line in lines)


def as_github(problems: Sequence[Problem], root: Path) -> str:
    """Each problem as a workflow command, which GitHub shows at the line in the pull request."""
    lines: list[str] = []
    for problem in problems:
        properties = ",".join(
            f"{name}={workflow_property(str(value))}"
            for name, value in (
                ("file", path_shown(root, problem.file)),
                ("line", max(1, problem.line)),
                ("col", max(1, problem.column)),
                ("title", f"pinsync {problem.code}"),
            )
        )
        lines.append(f"::{problem.severity} {properties}::{workflow(sentences(problem))}\n")
    return "".join(lines)


FORMATS: dict[str, Callable[[Sequence[Problem], Path], str]] = {"text": as_text, "json": as_json, "github": as_github}


def sentences(problem: Problem) -> str:
    """What is wrong and what to do; not yet escaped."""
    end = "" if problem.message.endswith((".", "!", "?")) else "."
    return f"{problem.message}{end} {problem.advice}".rstrip()


def _excerpt(problem: Problem, width: int) -> Iterator[Line]:
    """The line that the problem is in, or about ``width`` characters of it, and a caret below the place."""
    if not problem.excerpt or problem.excerpt.isspace() or problem.line < 1:
        return
    column = max(1, problem.column) - 1
    start = max(0, min(column - width // 2, len(problem.excerpt) - width))
    shown = _visible(problem.excerpt[start : start + width].rstrip())
    before = _visible(problem.excerpt[start:column])
    lead = "… " if start else ""
    yield row(shown, margin=f"    {lead}")
    yield row(Piece("^", "bold red"), margin=f"    {' ' * len(lead)}{' ' * _columns(before)}")


def _visible(text: str) -> str:
    return terminal(text.replace("\t", "    "))


def _columns(text: str) -> int:
    """How many columns of a terminal a text takes."""
    if text.isascii():
        return len(text)
    wide = sum(unicodedata.east_asian_width(character) in ("W", "F") for character in text)
    # Accents that join the letter before them, and what only says how others are drawn.
    nothing = sum(unicodedata.category(character) in ("Mn", "Me", "Cf") for character in text)
    return len(text) + wide - nothing

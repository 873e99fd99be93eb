"""Content problems as text, JSON and GitHub annotations."""

from __future__ import annotations

import json
import os
import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path

from pinsync.content.problems import ERROR, Problem
from pinsync.report.escaping import terminal, workflow, workflow_property

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


def as_text(problems: Sequence[Problem], root: Path) -> str:
    """Each problem as ``file:line:column: message``, with the line it is in and a caret."""
    blocks: list[str] = []
    for problem in problems:
        where = f"{terminal(path_shown(root, problem.file))}:{max(1, problem.line)}:{max(1, problem.column)}"
        kind = "" if problem.severity == ERROR else f"{problem.severity}: "
        advice = f" {problem.advice}" if problem.advice else ""
        end = "" if problem.message.endswith((".", "!", "?")) else "."
        blocks.append(f"{where}: {kind}{terminal(problem.message)}{end}{terminal(advice)}\n{_excerpt(problem)}")
    return "".join(blocks)


def as_json(problems: Sequence[Problem], root: Path) -> str:
    """All problems as one JSON object."""
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
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


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
        message = workflow(f"{problem.message}. {problem.advice}".removesuffix(" "))
        lines.append(f"::{problem.severity} {properties}::{message}\n")
    return "".join(lines)


FORMATS: dict[str, Callable[[Sequence[Problem], Path], str]] = {"text": as_text, "json": as_json, "github": as_github}


def _excerpt(problem: Problem) -> str:
    if not problem.excerpt.strip() or problem.line < 1:
        return ""
    column = max(1, problem.column) - 1
    start = max(0, min(column - _WIDTH // 2, len(problem.excerpt) - _WIDTH))
    before = problem.excerpt[start:column]
    line = problem.excerpt[start : start + _WIDTH].rstrip()
    lead = "… " if start else ""
    return f"    {lead}{_visible(line)}\n    {lead and '  '}{' ' * _columns(_visible(before))}^\n"


def _visible(text: str) -> str:
    return terminal(text.replace("\t", "    "))


def _columns(text: str) -> int:
    """How many terminal columns a text takes."""
    wide = sum(unicodedata.east_asian_width(character) in ("W", "F") for character in text)
    combining = sum(unicodedata.combining(character) != 0 for character in text)
    return len(text) + wide - combining

"""YAML text to plain values with positions: YAML 1.2 core typing, bounded, with every mistake reported at its place."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Final

from pinsync.content.decoding import decode, lines_of
from pinsync.content.problems import Problem

Path = tuple[str | int, ...]
Mark = tuple[int, int]

_MAX_DIGITS = 400
_INT = re.compile(r"[-+]?[0-9]+\Z")
_BASED_INT = re.compile(r"0o[0-7]+\Z|0x[0-9a-fA-F]+\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_SPECIAL_FLOAT = re.compile(r"([-+]?)\.(inf|Inf|INF)\Z|\.(nan|NaN|NAN)\Z")
_WORDS: Final[dict[str, bool | None]] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_WORD = re.compile(r"[-+.\w]+")


@dataclass(slots=True)
class Document:
    """One parsed file. ``value`` is plain data, or None if it could not be parsed.

    ``keys`` and ``values`` give the place (line and column, from 1) of each key and value by its path in ``value``.
    ``wrong`` are the paths of values that cannot be what was meant, which ``problems`` says. ``aliases`` says that a value
    may stand in several places.
    """

    file: str
    text: str = field(repr=False)
    value: Any = None
    keys: dict[Path, Mark] = field(default_factory=dict, repr=False)
    values: dict[Path, Mark] = field(default_factory=dict, repr=False)
    wrong: set[Path] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)
    aliases: bool = False
    _lines: list[str] = field(default_factory=list, repr=False)

    def mark(self, path: Path, *, at_key: bool = False) -> Mark:
        """Where ``path`` stands: its key or value, or those of the nearest parent that exists."""
        first, second = (self.keys, self.values) if at_key else (self.values, self.keys)
        while path:
            mark = first.get(path) or second.get(path)
            if mark:
                return mark
            path = path[:-1]
        return self.values.get((), (1, 1))

    def problem(self, path: Path, code: str, message: str, advice: str = "", *, at_key: bool = False) -> Problem:
        """A problem at ``path`` of this document."""
        return self.problem_at(self.mark(path, at_key=at_key), code, message, advice)

    def problem_at(self, place: Mark, code: str, message: str, advice: str = "") -> Problem:
        """A problem at a line and column of this document."""
        return Problem(self.file, *place, code, message, advice, self.line(place[0]))

    def line(self, number: int) -> str:
        """The text of a line, counted from 1; empty beyond the end."""
        return self.lines[number - 1] if 0 < number <= len(self.lines) else ""

    @property
    def lines(self) -> list[str]:
        """All lines, without their ends."""
        if not self._lines:
            self._lines = lines_of(self.text)
        return self._lines

    def written(self, path: Path, value: float) -> str:
        """A number or truth value as the file spells it, such as ``0777``."""
        line, column = self.values.get(path, (0, 1))
        found = _WORD.match(self.line(line), column - 1)
        # As text, because .nan is not equal to itself.
        return found[0] if found and str(plain(found[0])) == str(value) else str(value)


def parse(file: str, data: bytes) -> Document:
    """The document in ``data``. Mistakes are in its ``problems``; its value is None where nothing can be trusted."""
    from pinsync.content.building import build  # and with it libyaml, which a run needs only for files that changed

    text, problem = decode(file, data)
    document = Document(file, text)
    if problem:
        document.problems.append(problem)
    else:
        build(document)
    return document


def plain(text: str) -> Any:
    """What a scalar without quotes means."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "0123456789+-.":
        return text
    if _INT.match(text) and len(text) <= _MAX_DIGITS:
        return int(text)
    if _BASED_INT.match(text) and len(text) <= _MAX_DIGITS:
        return int(text, 0)
    special = _SPECIAL_FLOAT.match(text)
    if special:
        return float(f"{special[1] or ''}inf") if special[2] else float("nan")
    # A number of more digits than anybody computes with is text.
    return float(text) if _FLOAT.match(text) and not _INT.match(text) else text

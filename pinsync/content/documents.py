"""YAML text to plain values with positions: YAML 1.2 core typing, bounded, with every mistake reported at its place.

The parser is libyaml by way of PyYAML's events; values are built here, because PyYAML's own constructors follow
YAML 1.1 (where ``no`` is false and ``12:30`` is 750), let duplicate keys pass and lose positions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn

import yaml

from pinsync.content.problems import Problem

MAX_BYTES: Final = 1_048_576
MAX_DEPTH: Final = 20
MAX_VALUES: Final = 100_000

Path = tuple[str | int, ...]
Mark = tuple[int, int]

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x84\x86-\x9f\ufffe\uffff]")
_INT = re.compile(r"[-+]?[0-9]+\Z")
_BASED_INT = re.compile(r"0o[0-7]+\Z|0x[0-9a-fA-F]+\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_SPECIAL_FLOAT = re.compile(r"[-+]?\.(inf|Inf|INF)\Z|\.(nan|NaN|NAN)\Z")
_WORDS: Final[dict[str, bool | None]] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip


@dataclass(slots=True)
class Document:
    """One parsed file. ``value`` is plain data, or None if it could not be parsed.

    ``keys`` and ``values`` give the place (line and column, from 1) of each key and value by its path in ``value``.
    """

    file: str
    text: str = field(repr=False)
    value: Any
    keys: dict[Path, Mark] = field(repr=False)
    values: dict[Path, Mark] = field(repr=False)
    problems: list[Problem]

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
        line, column = self.mark(path, at_key=at_key)
        return Problem(self.file, line, column, code, message, advice, self.line(line))

    def line(self, number: int) -> str:
        """The text of a line, counted from 1; empty beyond the end."""
        lines = self.text.split("\n")
        return lines[number - 1].rstrip("\r") if 0 < number <= len(lines) else ""


def parse(file: str, data: bytes) -> Document:
    """The document in ``data``. Mistakes are in its ``problems``; its value is None where nothing can be trusted."""
    text, problem = _decode(file, data)
    document = Document(file, text, None, {}, {}, [])
    if problem:
        document.problems.append(problem)
        return document
    builder = _Builder(document)
    try:
        document.value = builder.build()
    except _Stop:
        document.value = None
    except yaml.MarkedYAMLError as error:
        document.value = None
        document.problems.append(_syntax_problem(document, error))
    except yaml.YAMLError as error:
        document.value = None
        document.problems.append(Problem(file, 1, 1, "yaml", f"not readable as YAML: {error}"))
    return document


def _decode(file: str, data: bytes) -> tuple[str, Problem | None]:
    if len(data) > MAX_BYTES:
        return "", Problem(
            file, 0, 0, "too-big",
            f"the file has {len(data):,} bytes; pinsync reads at most {MAX_BYTES:,}", "Split it into several files.",
        )  # fmt: skip
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "", Problem(file, 1, 1, "encoding", "the file is UTF-16; pinsync reads UTF-8", "Save it as UTF-8.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8", "replace")
        line = before.count("\n") + 1
        column = len(before) - (before.rfind("\n") + 1) + 1
        excerpt = data.split(b"\n")[line - 1].decode("utf-8", "replace")
        return "", Problem(
            file, line, column, "encoding",
            f"byte 0x{data[error.start]:02x} is not UTF-8 text", "Save the file as UTF-8.", excerpt,
        )  # fmt: skip
    found = None if text.isprintable() else _CONTROL.search(text)
    if found:
        line = text.count("\n", 0, found.start()) + 1
        column = found.start() - (text.rfind("\n", 0, found.start()) + 1) + 1
        return text, Problem(
            file, line, column, "control-character",
            f"the control character U+{ord(found[0]):04X} may not stand in YAML", "Remove it.",
            text.split("\n")[line - 1],
        )  # fmt: skip
    return text, None


def _syntax_problem(document: Document, error: yaml.MarkedYAMLError) -> Problem:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    message = error.problem or "not readable as YAML"
    excerpt = document.line(line)
    advice = ""
    if "tab" in message or "\t" in excerpt[: len(excerpt) - len(excerpt.lstrip())]:
        advice = "Indent with spaces; YAML allows no tabs there."
    elif "mapping values are not allowed" in message:
        advice = 'Text with ": " in it goes into quotes: "Soup: the basics".'
    elif "undefined alias" in message or "cannot start any token" in message:
        advice = "Text that starts with one of * & ! % @ ` goes into quotes."
    elif "expected <block end>" in message or "did not find expected" in message:
        advice = "Look at the indentation and at quotes that are opened and not closed, here and just above."
    if error.context and error.context_mark and error.context_mark.line + 1 != line:
        message = f"{message} ({error.context} that starts in line {error.context_mark.line + 1})"
    return Problem(document.file, line, column, "yaml", f"not readable as YAML: {message}", advice, excerpt)


class _Stop(Exception):
    """Nothing after this point can be trusted."""


class _Builder:
    """Builds plain values from the parser's events."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._count = 0
        self._events: Iterator[Any] = iter(())

    def build(self) -> Any:
        self._events = yaml.parse(self._document.text, Loader=_LOADER)
        documents = 0
        value: Any = None
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self._stop(event, "several-documents", "a second document starts here",
                               "Keep one document a file; several pins go into a `pins:` list.")  # fmt: skip
            elif isinstance(event, yaml.NodeEvent):
                value = self._node(event, (), 0)
        if documents == 0 or (value is None and not self._document.problems):
            self._document.problems.append(
                Problem(self._document.file, 1, 1, "empty", "the file is empty",
                        "Declare a pin, `boards:` or `pins:`, or ignore the file in .pinsyncignore.",
                        self._document.line(1))
            )  # fmt: skip
        return value

    def _node(self, event: Any, path: Path, depth: int) -> Any:
        mark = event.start_mark
        self._document.values.setdefault(path, (mark.line + 1, mark.column + 1))
        before = self._count
        self._count += 1
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event)
        if depth > MAX_DEPTH:
            self._stop(
                event, "too-deep", f"nested more than {MAX_DEPTH} levels deep", "Nothing in pinsync nests so far."
            )
        if isinstance(event, yaml.ScalarEvent):
            value: Any = self._scalar(event)
        else:
            if event.tag and event.tag != "!":
                self._tag(event)
            nested = self._mapping if isinstance(event, yaml.MappingStartEvent) else self._sequence
            value = nested(path, depth)
        if self._count > MAX_VALUES:
            self._stop(event, "too-many-values", f"more than {MAX_VALUES:,} values", "Split the file.")
        if event.anchor:
            self._anchors[event.anchor] = (value, self._count - before)
        return value

    def _alias(self, event: Any) -> Any:
        if event.anchor not in self._anchors:
            self._stop(event, "alias", f"*{event.anchor} names nothing that stands before it",
                       "Put text that starts with * into quotes.")  # fmt: skip
        value, size = self._anchors[event.anchor]
        # What an alias stands for counts again, so that a few lines cannot unfold into millions of values.
        self._count += size
        if self._count > MAX_VALUES:
            self._stop(event, "alias-bomb", f"the aliases unfold into more than {MAX_VALUES:,} values",
                       "Write the values out, or use _defaults.yaml for what is shared.")  # fmt: skip
        return value

    def _mapping(self, path: Path, depth: int) -> dict[str, Any]:
        result: dict[str, Any] = {}
        document = self._document
        for event in self._events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            mark = event.start_mark
            place = (mark.line + 1, mark.column + 1)
            if not isinstance(event, yaml.ScalarEvent):
                self._stop(event, "key", "a key must be plain text")
            key: str = event.value
            if key == "<<" and event.implicit[0]:
                self._add(place, "merge-key", "merge keys (<<) are not part of YAML 1.2",
                          "Put what is shared into _defaults.yaml.")  # fmt: skip
            below = (*path, key)
            if key in result:
                first = document.keys[below][0]
                self._add(place, "duplicate-key", f"`{key}` is already given in line {first}", "Keep one of the two.")
                self._skip(next(self._events), depth + 1)
                continue
            document.keys[below] = place
            result[key] = self._node(next(self._events), below, depth + 1)
        return result

    def _sequence(self, path: Path, depth: int) -> list[Any]:
        result: list[Any] = []
        for event in self._events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            result.append(self._node(event, (*path, len(result)), depth + 1))
        return result

    def _skip(self, event: Any, depth: int) -> None:
        """Builds a value that is not kept, so that its own mistakes are still found."""
        saved_keys, saved_values = self._document.keys, self._document.values
        self._document.keys, self._document.values = {}, {}
        self._node(event, (), depth)
        self._document.keys, self._document.values = saved_keys, saved_values

    def _scalar(self, event: Any) -> Any:
        text: str = event.value
        tag = event.tag
        if tag and tag != "!":
            if tag == "tag:yaml.org,2002:str":
                return text
            self._tag(event)
            return text
        if not event.implicit[0] or tag == "!":
            return text
        if text in _WORDS:
            return _WORDS[text]
        first = text[0]
        if first in "0123456789+-.":
            return _number(text)
        return text

    def _tag(self, event: Any) -> None:
        mark = event.start_mark
        tag = event.tag.replace("tag:yaml.org,2002:", "!!")
        self._add((mark.line + 1, mark.column + 1), "tag", f"the tag {tag} is not supported",
                  "Remove it; text that starts with ! goes into quotes.")  # fmt: skip

    def _add(self, place: Mark, code: str, message: str, advice: str = "") -> None:
        document = self._document
        excerpt = document.line(place[0])
        document.problems.append(Problem(document.file, place[0], place[1], code, message, advice, excerpt))

    def _stop(self, event: Any, code: str, message: str, advice: str = "") -> NoReturn:
        mark = event.start_mark
        self._add((mark.line + 1, mark.column + 1), code, message, advice)
        raise _Stop


def _number(text: str) -> Any:
    if _INT.match(text):
        return int(text) if len(text) < 400 else text
    if _FLOAT.match(text) or _SPECIAL_FLOAT.match(text):
        return float(text.replace(".inf", "inf").replace(".Inf", "inf").replace(".INF", "inf")
                     .replace(".nan", "nan").replace(".NaN", "nan").replace(".NAN", "nan"))  # fmt: skip
    if _BASED_INT.match(text):
        return int(text, 0)
    return text

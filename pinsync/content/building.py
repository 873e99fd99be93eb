"""Builds the values of a document, with their places, from the events of its YAML.

The parser is libyaml by way of PyYAML's events; values are built here, because PyYAML's own constructors follow
YAML 1.1 (where ``no`` is false and ``12:30`` is 750), let duplicate keys pass and lose positions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, NoReturn

import yaml

from pinsync.content.decoding import has_control
from pinsync.content.documents import Document, Mark, Path, plain
from pinsync.content.problems import shortened
from pinsync.content.syntax import explain

MAX_DEPTH: Final = 20
MAX_VALUES: Final = 100_000

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def build(document: Document) -> None:
    """Sets the value of a document from its text, and what is wrong with it."""
    try:
        document.value = _Builder(document).build()
    except _Stop:
        pass
    except yaml.YAMLError as error:
        document.problems.append(explain(document.file, document.lines, error))


class _Stop(Exception):
    """Nothing after this point can be trusted."""


@dataclass(frozen=True, slots=True)
class _Anchored:
    """What an alias stands for, and how much of the limits it takes."""

    value: Any
    count: int
    depth: int


class _Builder:
    """Builds plain values from the parser's events."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._anchors: dict[str, _Anchored] = {}
        self._count = 0
        self._deepest = 0
        self._events: Iterator[Any] = iter(())

    def build(self) -> Any:
        loader = LOADER(self._document.text)
        try:
            return self._build(iter(loader.get_event, None))
        finally:
            loader.dispose()

    def _build(self, events: Iterator[Any]) -> Any:
        self._events = events
        documents = 0
        value: Any = None
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self._stop(event, "several-documents", "a second document starts here",
                               "Keep one document a file; several pins go into a `pins:` list.")  # fmt: skip
            elif isinstance(event, yaml.NodeEvent):
                value = self._node(event, (), 0)
        if value is None and not self._document.problems:
            advice = "Declare a pin, `boards:` or `pins:`, or ignore the file in .pinsyncignore."
            self._document.problems.append(self._document.problem_at((1, 1), "empty", "the file is empty", advice))
        return value

    def _node(self, event: Any, path: Path, depth: int) -> Any:
        self._document.values.setdefault(path, _place(event))
        count, deepest = self._count, self._deepest
        self._deepest = depth
        self._count += 1
        if depth > MAX_DEPTH:
            self._stop_too_deep(event)
        if isinstance(event, yaml.AliasEvent):
            value = self._alias(event, depth)
        elif isinstance(event, yaml.ScalarEvent):
            value = self._scalar(event, path)
        else:
            self._tag(event, path)
            nested = self._mapping if isinstance(event, yaml.MappingStartEvent) else self._sequence
            value = nested(path, depth)
        if self._count > MAX_VALUES:
            self._stop(event, "too-many-values", f"there are more than {MAX_VALUES:,} values, aliases unfolded",
                       "Split the file, or use _defaults.yaml for what is shared.")  # fmt: skip
        if event.anchor and not isinstance(event, yaml.AliasEvent):
            self._anchors[event.anchor] = _Anchored(value, self._count - count, self._deepest - depth)
        self._deepest = max(deepest, self._deepest)
        return value

    def _alias(self, event: Any, depth: int) -> Any:
        anchored = self._anchors.get(event.anchor)
        if anchored is None:
            self._stop(event, "alias", f"*{shortened(event.anchor)} names nothing that stands before it",
                       "Put text that starts with * into quotes.")  # fmt: skip
        self._document.aliases = True
        # What an alias stands for counts again, so that a few lines cannot unfold into millions of values.
        self._count += anchored.count
        self._deepest = depth + anchored.depth
        if self._deepest > MAX_DEPTH:
            self._stop_too_deep(event)
        return anchored.value

    def _mapping(self, path: Path, depth: int) -> dict[str, Any]:
        result: dict[str, Any] = {}
        merged: list[Any] = []
        for event in self._events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            if not isinstance(event, yaml.ScalarEvent):
                self._stop(event, "key", "a key must be plain text, not a list, a mapping or an alias",
                           "Write `key: value`; text with { or [ at its beginning goes into quotes.")  # fmt: skip
            key: str = event.value
            place, below = _place(event), (*path, key)
            self._tag(event, below)
            if event.anchor:
                self._anchors[event.anchor] = _Anchored(key, 1, 0)
            if event.implicit[0] and key in ("<<", ""):
                merged.append(self._no_key(place, key, depth))
            elif key in result:
                first = self._document.keys[below][0]
                self._add(place, "duplicate-key", f"`{shortened(key)}` is already given in line {first}",
                          "Keep one of the two.")  # fmt: skip
                self._skip(depth)
            else:
                self._document.keys[below] = place
                result[key] = self._node(next(self._events), below, depth + 1)
        for value in merged:
            # Reported, but done all the same: what it brings is not missing on top.
            for part in value if isinstance(value, list) else [value]:
                result.update({key: part[key] for key in part if key not in result} if isinstance(part, dict) else {})
        return result

    def _sequence(self, path: Path, depth: int) -> list[Any]:
        result: list[Any] = []
        for event in self._events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            result.append(self._node(event, (*path, len(result)), depth + 1))
        return result

    def _no_key(self, place: Mark, key: str, depth: int) -> Any:
        if key:
            self._add(place, "merge-key", "merge keys (<<) are not part of YAML 1.2",
                      "Put what is shared into _defaults.yaml.")  # fmt: skip
            return self._skip(depth)
        self._add(place, "key", "there is no key before the colon", "Write `key: value`.")
        self._skip(depth)
        return None

    def _skip(self, depth: int) -> Any:
        """Builds the next value without its places, so that its own mistakes are still found."""
        document = self._document
        saved = document.keys, document.values, document.wrong
        document.keys, document.values, document.wrong = {}, {}, set()
        try:
            return self._node(next(self._events), (), depth + 1)
        finally:
            document.keys, document.values, document.wrong = saved

    def _scalar(self, event: Any, path: Path) -> Any:
        text: str = event.value
        if has_control(text):
            self._document.wrong.add(path)
            self._add(_place(event), "control-character", "the text holds a control character, written as an escape",
                      "Remove it; a line break is \\n, or a text over several lines that starts with |.")  # fmt: skip
        self._tag(event, path)
        return plain(text) if event.implicit[0] and not event.tag else text

    def _tag(self, event: Any, path: Path) -> None:
        if not event.tag or event.tag in ("!", "tag:yaml.org,2002:str"):
            return
        tag = event.tag.replace("tag:yaml.org,2002:", "!!")
        self._document.wrong.add(path)
        self._add(_place(event), "tag", f"the tag {shortened(tag)} is not supported",
                  "Remove it; text that starts with ! goes into quotes.")  # fmt: skip

    def _add(self, place: Mark, code: str, message: str, advice: str) -> None:
        self._document.problems.append(self._document.problem_at(place, code, message, advice))

    def _stop(self, event: Any, code: str, message: str, advice: str) -> NoReturn:
        self._add(_place(event), code, message, advice)
        raise _Stop

    def _stop_too_deep(self, event: Any) -> NoReturn:
        self._stop(event, "too-deep", f"this is nested more than {MAX_DEPTH} levels deep",
                   "Nothing in pinsync nests so far; text that starts with [ or { goes into quotes.")  # fmt: skip


def _place(event: Any) -> Mark:
    return event.start_mark.line + 1, event.start_mark.column + 1

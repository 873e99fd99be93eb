"""Where each value of a YAML text stands, to the character: what an edit needs beyond lines and columns.

The text must be one that :func:`pinsync.content.documents.parse` reads without problems.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import yaml

from pinsync.content.building import LOADER

LINE_END: Final = re.compile(r"\r\n|\r|\n")
_LAST_BREAK = re.compile(r"(?:\r\n|\r|\n)\Z")

Span = tuple[int, int]


@dataclass(slots=True)
class Node:
    """One value in the text. All positions count characters from 0; an end is the position after the last one.

    ``start`` is where its anchor or tag begins, ``body`` where what follows them does, ``end`` where all of it ends,
    comments and blank lines after it left out. ``style`` is a scalar's: ``""`` plain, ``'``, ``"``, ``|`` or ``>``.
    ``column`` is that of the entries of a block collection. ``pairs`` are a mapping's, ``items`` a sequence's.
    """

    kind: Literal["scalar", "alias", "mapping", "sequence"]
    start: int
    body: int
    end: int
    line: int
    anchor: str = ""
    style: str = ""
    flow: bool = False
    column: int = 0
    pairs: dict[str, tuple[Node, Node]] = field(default_factory=dict)
    items: list[Node] = field(default_factory=list)

    @property
    def is_block(self) -> bool:
        """Whether this is a text of lines of its own, after | or >."""
        return self.style in ("|", ">")


@dataclass(frozen=True, slots=True)
class Tree:
    """The root of a text, and the lines (from 1) in which each anchor is used."""

    root: Node
    uses: dict[str, list[int]]


def tree_of(text: str) -> Tree:
    """The places of all values of ``text``."""
    bodies = {
        token.end_mark.index: token.start_mark.index
        for token in yaml.scan(text, Loader=LOADER)
        if isinstance(token, yaml.ScalarToken)
    }
    events = (
        event
        for event in yaml.parse(text, Loader=LOADER)
        if isinstance(event, (yaml.NodeEvent, yaml.CollectionEndEvent))
    )
    uses: dict[str, list[int]] = {}
    return Tree(_Spans(text, events, bodies, uses).node(next(events)), uses)


def header_of(text: str, node: Node) -> str:
    """What begins a block scalar, such as ``|-``."""
    return text[node.body : line_end(text, node.body)].partition("#")[0].rstrip()


def parts_of_block(text: str, node: Node) -> tuple[Span, Span]:
    """The header of a block scalar, and its lines: from the end of the line of the header to the end of the last."""
    header = node.body, node.body + len(header_of(text, node))
    return header, (min(line_end(text, header[1]), node.end), node.end)


def line_end(text: str, position: int) -> int:
    """Where the line in which ``position`` lies ends, its line break not included."""
    found = LINE_END.search(text, position)
    return found.start() if found else len(text)


class _Spans:
    def __init__(self, text: str, events: Iterator[Any], bodies: dict[int, int], uses: dict[str, list[int]]) -> None:
        self._text = text
        self._events = events
        self._bodies = bodies
        self._uses = uses

    def node(self, event: Any) -> Node:
        start, end, line = event.start_mark.index, event.end_mark.index, event.start_mark.line + 1
        anchor = event.anchor or ""
        if isinstance(event, yaml.AliasEvent):
            self._uses.setdefault(anchor, []).append(line)
            return Node("alias", start, start, end, line)
        if isinstance(event, yaml.ScalarEvent):
            # Without a scalar there is nothing after the anchor or tag.
            body = self._bodies.get(end, end) if end > start else end
            node = Node("scalar", start, body, end, line, anchor, style=event.style or "")
            if node.is_block:
                node.end = self._end_of_block(node)
            return node
        column = event.start_mark.column
        node = Node("mapping", start, start, end, line, anchor, flow=bool(event.flow_style), column=column)
        if isinstance(event, yaml.MappingStartEvent):
            last = self._pairs(node)
        else:
            node.kind = "sequence"
            last = self._items(node)
        # A block ends where the next token begins, which may be far below its last value.
        node.end = node.end if node.flow else last
        return node

    def _pairs(self, node: Node) -> int:
        last = node.start
        for event in self._until_end(node):
            if not node.pairs:
                node.column = event.start_mark.column
            key = self.node(event)
            value = self.node(next(self._events))
            node.pairs[event.value] = key, value
            last = max(key.end, value.end)
        return last

    def _items(self, node: Node) -> int:
        for event in self._until_end(node):
            node.items.append(self.node(event))
        return node.items[-1].end if node.items else node.start

    def _until_end(self, node: Node) -> Iterator[Any]:
        for event in self._events:
            if not isinstance(event, yaml.NodeEvent):
                node.end = event.end_mark.index
                return
            yield event

    def _end_of_block(self, node: Node) -> int:
        """The end of the last line that counts: without the blank lines below, unless the header keeps them (+)."""
        text = self._text[node.body : node.end]
        if "+" in header_of(self._text, node):
            return node.body + len(_LAST_BREAK.sub("", text))
        return line_end(self._text, node.body + len(text.rstrip(" \t\r\n")))

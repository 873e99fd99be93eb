"""Changes single values of a YAML text and leaves every other byte as it is.

Places are found by the parser's positions and the text between them is replaced; nothing is written anew from data. What comes
out is read again, and must be what was there with the changes and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from pinsync.content.decoding import has_control
from pinsync.content.documents import parse
from pinsync.content.scalars import NULL, Scalar, Setting, scalar
from pinsync.content.spans import LINE_END, Node, Tree, header_of, line_end, parts_of_block, tree_of
from pinsync.content.wrong import Place, copied
from pinsync.errors import NotEditable

BOM: Final = b"\xef\xbb\xbf"

Order = Callable[[Place], Sequence[str]]
"""The keys that a mapping at a place may have, in the order in which people write them."""

_WIDTH = 100
_LEAST_WIDTH = 40
_STEP = 2
_SURROGATE = re.compile("[\ud800-\udfff]")
_OWN_LINE = re.compile(r"[\r\n]([ \t]*)\Z")
_REST_OF_LINE = re.compile(r"[ \t]*(?P<comma>,?)(?:[ \t]+#[^\r\n]*|[ \t]*)(?=[\r\n])")


@dataclass(frozen=True, slots=True)
class _Splice:
    """``text`` takes the place of what is from ``start`` to ``end``; breaks in it are ``\\n``."""

    start: int
    end: int
    text: str


def edit(file: str, data: bytes, changes: Mapping[Place, Any], order: Order = lambda place: ()) -> bytes:
    """The file's bytes with each value of ``changes`` at its place: text, None, or a mapping of texts.

    A key that its mapping lacks is added after the nearest of those that go before it in ``order``. Raises NotEditable,
    with the place where there is one, if that cannot be done without touching more.
    """
    document = parse(file, data)
    if document.problems:
        raise NotEditable(f"{file}:{document.problems[0].line}: {document.problems[0].message}")
    tree = tree_of(document.text)
    error = ""
    # What goes wrong at all does so with texts over several lines, where the comments around them matter.
    for blocks in (True, False):
        text = _Editor(file, document.text, tree, order, blocks).edited(changes)
        written = BOM * data.startswith(BOM) + text.encode()
        again = parse(file, written)
        if not again.problems and _same(again.value, _changed(document.value, changes)):
            return written
        error = again.problems[0].message if again.problems else "it would read back as something else"
    line = min(document.mark(place)[0] for place in changes)
    raise NotEditable(f"{file}:{line}: this cannot be changed without touching more of the file: {error}")


class _Editor:
    """Gathers what is to be spliced into ``text``. Without ``blocks`` each text is written on one line."""

    def __init__(self, file: str, text: str, tree: Tree, order: Order, blocks: bool) -> None:
        self._file = file
        self._text = text
        self._tree = tree
        self._order = order
        self._blocks = blocks
        self._splices: list[_Splice] = []

    def edited(self, changes: Mapping[Place, Any]) -> str:
        """The text with these changes."""
        added: dict[Place, dict[str, Any]] = {}
        for place, value in changes.items():
            *path, last = place
            parent = self._node(path, place)
            self._check(parent, place, value)
            if parent.kind == "sequence" and isinstance(last, int) and last < len(parent.items):
                self._set(parent, parent.items[last], value, place)
            elif parent.kind == "mapping" and last in parent.pairs:
                self._set(parent, parent.pairs[str(last)][1], value, place)
            elif parent.kind == "mapping":
                added.setdefault(tuple(path), {})[str(last)] = value
            else:
                self._refuse(parent, place, "only a mapping can be given a new key")
        # What goes to the same spot goes there in this order: further lines of a value, then keys, the inner ones first.
        for mapping in sorted(added, key=len, reverse=True):
            self._add(mapping, added[mapping])
        return self._spliced()

    def _spliced(self) -> str:
        found = LINE_END.search(self._text)
        newline = found[0] if found else "\n"
        parts: list[str] = []
        done = 0
        for splice in sorted(self._splices, key=lambda splice: (splice.start, splice.end)):
            parts += [self._text[done : splice.start], splice.text.replace("\n", newline)]
            done = splice.end
        return "".join([*parts, self._text[done:]])

    def _node(self, path: Sequence[str | int], place: Place) -> Node:
        """What holds the value at ``place``, which must be nobody else's."""
        node = self._tree.root
        self._check_holder(node, place)
        for part in path:
            if isinstance(part, int) and part < len(node.items):
                node = node.items[part]
            elif part in node.pairs:
                node = node.pairs[str(part)][1]
            else:
                self._refuse(node, place, f"there is no {part} to change anything in")
            self._check_holder(node, place)
        return node

    def _check_holder(self, node: Node, place: Place) -> None:
        if node.kind == "alias":
            self._refuse(node, place, "the value stands behind an alias (*)")
        self._check_unshared(node, place)

    def _check_unshared(self, node: Node, place: Place) -> None:
        lines = self._tree.uses.get(node.anchor)
        if lines:
            self._refuse(node, place, f"the value has an anchor (&{node.anchor}) that line {lines[0]} uses, too")

    def _check(self, node: Node, place: Place, value: Any) -> None:
        for text in value.values() if isinstance(value, Mapping) else [value]:
            if text and (has_control(text) or _SURROGATE.search(text)):
                self._refuse(node, place, "the new text holds a character that YAML cannot hold")

    def _refuse(self, node: Node, place: Place, reason: str) -> NoReturn:
        raise NotEditable(f"{self._file}:{node.line}: {reason}", place=place)

    def _set(self, parent: Node, node: Node, value: Any, place: Place) -> None:
        for below in [node, *_all_below(node)]:
            self._check_unshared(below, place)
        if isinstance(value, Mapping) and node.pairs.keys() == value.keys():
            for key, text in value.items():
                self._set(node, node.pairs[key][1], text, (*place, key))
            return
        written = self._written(value, parent, node)
        # An anchor or a tag stays with a text; nothing else can have the tag of one.
        start = node.body if isinstance(value, str) else node.start
        if node.is_block:
            header, lines_below = parts_of_block(self._text, node)
            self._splices += [_Splice(start, header[1], written.inline), _Splice(*lines_below, written.lines)]
            return
        end, lead = node.end, " " * (node.body == node.end)
        is_tree = node.kind in ("mapping", "sequence") and not node.flow
        if parent.kind == "mapping" and (is_tree or node.start == node.end):
            after_key = parent.pairs[str(place[-1])][0].end
            between = self._text[after_key : node.start]
            if ":" not in between.partition("#")[0]:
                self._refuse(node, place, "the key has no colon (:)")
            if is_tree:
                # What stood below its key comes to stand beside it.
                start = end = after_key + between.index(":") + 1
                gone = start if between.strip() == ":" else after_key + len(between.rstrip())
                self._splices.append(_Splice(gone, node.end, ""))
            lead = "" if between.endswith(" ") and not is_tree else " "
        line = line_end(self._text, node.end)
        self._splices += [_Splice(start, end, lead + written.inline), _Splice(line, line, written.lines)]

    def _written(self, value: Any, parent: Node, node: Node) -> Scalar:
        """The new value in the place of ``node``."""
        raw = self._text[node.body : node.end]
        rows = LINE_END.split(raw)
        further = [row for row in rows[1:] if row.strip()]
        several = len(further) > node.is_block
        column = parent.column
        indent = min((len(row) - len(row.lstrip(" ")) for row in further), default=column + _STEP)
        width = max(_LEAST_WIDTH, *map(len, further)) if several else _WIDTH * node.is_block
        setting = Setting(
            column,
            parent.flow or not self._blocks,
            max(indent, column + 1),
            width if self._blocks else 0,
            node.is_block and "+" in header_of(self._text, node),
        )
        return _value(value, node.style, setting)

    def _add(self, place: Place, values: Mapping[str, Any]) -> None:
        mapping = self._node(place, place)
        order = list(self._order(place))
        rank = {key: number for number, key in enumerate(order)}
        groups: dict[str, dict[str, Any]] = {}
        for key in sorted(values, key=lambda key: rank.get(key, len(rank))):
            before = order[: rank[key]] if key in rank else list(mapping.pairs)
            neighbour = next((one for one in reversed(before) if one in mapping.pairs), "")
            groups.setdefault(neighbour, {})[key] = values[key]
        for neighbour, added in groups.items():
            if not mapping.pairs:
                start = self._text.index("{", mapping.start) + 1
                entries = [self._entry(key, value, mapping, None).inline for key, value in added.items()]
                self._splices.append(_Splice(start, start, ", ".join(entries)))
                continue
            pair = mapping.pairs.get(neighbour) or next(iter(mapping.pairs.values()))
            scalars = [self._entry(key, value, mapping, pair) for key, value in added.items()]
            if mapping.flow:
                self._add_flow([one.inline for one in scalars], pair, after=bool(neighbour))
            else:
                self._add_lines(
                    [one.inline + one.lines for one in scalars], mapping.column, pair, after=bool(neighbour)
                )

    def _entry(self, key: str, value: Any, mapping: Node, pair: tuple[Node, Node] | None) -> Scalar:
        """The new key with its value, in the quotes of its neighbour."""
        quotes = [node.style if node.style in ("'", '"') else "" for node in pair or ()] or ["", ""]
        flow = mapping.flow or not self._blocks
        written = _value(value, quotes[1], Setting(mapping.column, flow, mapping.column + _STEP))
        name = scalar(key, quotes[0], Setting(flow=True))
        return Scalar(f"{name.inline}: {written.inline}", written.lines)

    def _add_lines(self, entries: list[str], column: int, pair: tuple[Node, Node], *, after: bool) -> None:
        indent = " " * column
        if not after:
            start = pair[0].start
            self._splices.append(_Splice(start, start, "".join(f"{entry}\n{indent}" for entry in entries)))
            return
        end = line_end(self._text, max(node.end for node in pair))
        # What is commented out deeper below belongs to the value above.
        comments = re.compile(rf"(?:{LINE_END.pattern}) {{{column + 1},}}#[^\r\n]*")
        while found := comments.match(self._text, end):
            end = found.end()
        self._splices.append(_Splice(end, end, "".join(f"\n{indent}{entry}" for entry in entries)))

    def _add_flow(self, entries: list[str], pair: tuple[Node, Node], *, after: bool) -> None:
        start, end = pair[0].start, max(node.end for node in pair)
        above = self._text[:start]
        indent = _OWN_LINE.search(above, max(above.rfind("\n"), above.rfind("\r"), 0))
        if not after:
            gap = f",\n{indent[1]}" if indent else ", "
            self._splices.append(_Splice(start, start, "".join(f"{entry}{gap}" for entry in entries)))
            return
        rest = _REST_OF_LINE.match(self._text, end)
        if not indent or not rest:
            self._splices.append(_Splice(end, end, "".join(f", {entry}" for entry in entries)))
            return
        rows = f",\n{indent[1]}".join(entries)
        if not rest["comma"]:
            self._splices.append(_Splice(end, end, ","))
        rows = f"\n{indent[1]}{rows}{rest['comma']}"
        self._splices.append(_Splice(rest.end(), rest.end(), rows))


def _value(value: Any, style: str, setting: Setting) -> Scalar:
    if value is None:
        return NULL
    if isinstance(value, Mapping):
        parts = [f"{key}: {scalar(text, '', Setting(flow=True)).inline}" for key, text in value.items()]
        return Scalar(f"{{{', '.join(parts)}}}")
    return scalar(value, style, setting)


def _all_below(node: Node) -> Iterator[Node]:
    for below in [*node.items, *(one for pair in node.pairs.values() for one in pair)]:
        yield below
        yield from _all_below(below)


def _changed(value: Any, changes: Mapping[Place, Any]) -> Any:
    """A copy of ``value``, which aliases may hold together, with the changes."""
    result = copied(value)
    for place, new in changes.items():
        holder = result
        for part in place[:-1]:
            holder = holder[part]
        holder[place[-1]] = new
    return result


def _same(one: Any, other: Any) -> bool:
    """Equality that tells 1 from 1.0 and from true."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return repr(one) == repr(other)

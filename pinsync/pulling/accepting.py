"""Drift to edits: which values of which files have to become what, and what cannot be written and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_plus, urlsplit, urlunsplit

from pinsync.content import links
from pinsync.content.boards import clean
from pinsync.content.decoding import read_regular
from pinsync.content.defaults import with_params
from pinsync.content.documents import parse
from pinsync.content.editing import edit
from pinsync.content.loading import Content
from pinsync.content.problems import shortened
from pinsync.content.wrong import Place, mapping_of
from pinsync.errors import NotEditable
from pinsync.model import KINDS
from pinsync.model.resource import Found, Value
from pinsync.model.schemas import build
from pinsync.planning.drifting import Drifted
from pinsync.pulling.whereabouts import Unsayable, Whereabouts
from pinsync.report.problems import counted

PLACE = frozenset(("board", "section"))
"""Fields of a pin that only make sense together."""

_SLOT_TEXTS = ("title", "description", "link")
_ABSENT = object()


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Drift that is not pulled: what of which address, and why."""

    address: str
    what: str
    reason: str


@dataclass(frozen=True, slots=True)
class Accepted:
    """Live values of one resource that go into ``file``: ``edits`` by place, none where it says so already. ``fields`` are
    the names of those that are taken, ``existing`` the ids of boards and sections that the edits name, by address."""

    address: str
    found: Found
    fields: Sequence[str]
    file: str
    edits: Mapping[Place, Any] = field(default_factory=dict)
    existing: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A file of the content root, before and after."""

    file: str
    before: bytes
    after: bytes


def label(kind: str, names: Iterable[str]) -> str:
    """Fields as people call them."""
    return ", ".join(KINDS[kind].fields[name].label for name in names)


class Acceptance:
    """Decides for one resource after the other; ``accepted`` and ``left_out`` gather what became of them."""

    def __init__(self, content: Content, whereabouts: Whereabouts) -> None:
        self._content = content
        self.whereabouts = whereabouts
        self._data: dict[str, bytes] = {}
        self._values: dict[str, Any] = {}
        self.accepted: list[Accepted] = []
        self.left_out: list[LeftOut] = []

    def take(self, drifted: Drifted, found: Found, names: Sequence[str]) -> None:
        """Takes these drifted fields of a resource as they are live, as far as files can say them."""
        file, place = self._content.places[drifted.address]
        edits: dict[Place, Any] = {}
        taken: list[str] = []
        existing: dict[str, str] = {}
        moved = [name for name in names if name in PLACE]
        if moved and not self.whereabouts.is_on(found, self._content.resources[drifted.address].fields["board"]):
            moved = sorted({*moved, "board"})
        for group in filter(None, [moved, *([name] for name in names if name not in PLACE)]):
            try:
                if group is moved:
                    values, named = self.whereabouts.place(found)
                    edits |= {(*place, name): values[name] for name in group}
                    existing |= named
                else:
                    edits |= self._edits(drifted, group[0], found.fields.get(group[0]), file, place)
            except Unsayable as reason:
                self.left_out.append(LeftOut(drifted.address, label(drifted.kind, group), str(reason)))
                continue
            taken += group
        if taken:
            self.accepted.append(Accepted(drifted.address, found, taken, file, edits, existing))

    def rewrite(self) -> list[Rewritten]:
        """The files as they become. What turns out not to be editable moves from ``accepted`` to ``left_out``."""
        by_file: dict[str, list[Accepted]] = defaultdict(list)
        for one in self.accepted:
            by_file[one.file].append(one)
        rewritten = [self._rewritten(file, ones) for file, ones in by_file.items()]
        self.accepted = [one for ones in by_file.values() for one in ones]
        return [one for one in rewritten if one.before != one.after]

    def _rewritten(self, file: str, ones: list[Accepted]) -> Rewritten:
        before = self._read(file)
        while ones:
            edits = {place: value for one in ones for place, value in one.edits.items()}
            try:
                return Rewritten(file, before, edit(file, before, edits, _order) if edits else before)
            except NotEditable as error:
                refused = [one for one in ones if error.place in one.edits] or list(ones)
                for one in refused:
                    ones.remove(one)
                    what = label(one.found.kind, one.fields)
                    self.left_out.append(LeftOut(one.address, what, f"{error.message}; change it by hand"))
        return Rewritten(file, before, before)

    def _edits(self, drifted: Drifted, name: str, live: Value, file: str, place: Place) -> dict[Place, Any]:
        """The edits that make one field what it is live; none where the file says so already."""
        if name == "slots":
            return self._slot_edits(drifted, live, file, place)
        at = (*place, name)
        raw = self._raw(file, at)
        value = clean(live)
        if name == "link" and value:
            value = self._link(file, value)
        if name == "privacy" and isinstance(raw, str) and raw.isupper():
            value = value.upper()
        value = _checked(KINDS[drifted.kind].fields[name].schema or {}, name, value)
        return {} if clean(raw) == value else {at: _ending_like(raw, value)}

    def _slot_edits(self, drifted: Drifted, live: Any, file: str, place: Place) -> dict[Place, Any]:
        drift = drifted.fields["slots"]
        if len(live or ()) != len(drift.desired):
            raise Unsayable(f"the carousel has {counted(len(live or ()), 'picture')} on Pinterest")
        edits: dict[Place, Any] = {}
        for number, slot in enumerate(live):
            recorded = drift.recorded[number] if number < len(drift.recorded or ()) else {}
            for name in _SLOT_TEXTS:
                text = KINDS["pin"].fields[name]
                at = (*place, "carousel", number, name)
                if text.same(slot.get(name), recorded.get(name)):
                    continue
                value = clean(slot.get(name)) or ""  # a picture has no null
                if name == "link" and value:
                    value = self._link(file, value)
                raw = self._raw(file, at)
                value = _checked(text.schema or {}, name, value)
                if (clean(raw) if raw is not _ABSENT else None) != (value or None):
                    edits[at] = _ending_like(raw, value)
        return edits

    def _link(self, file: str, live: str) -> str:
        """The link that becomes the live one with the link_params of the file's folder."""
        layer = self._content.defaults.of_folder(file.rpartition("/")[0])
        params = mapping_of(layer.values.get("link_params"))
        short = _without(live, params)
        for link in (short, live):
            if with_params(link, params) == live:
                return link
        raise Unsayable("its link_params would be added to the live link again, which lacks some of them")

    def _read(self, file: str) -> bytes:
        if file not in self._data:
            try:
                self._data[file] = read_regular(self._content.root / file)
            except OSError as error:
                raise NotEditable(f"{file} cannot be read: {error.strerror}") from error
        return self._data[file]

    def _raw(self, file: str, place: Place) -> Any:
        """What the file says at a place now."""
        if file not in self._values:
            self._values[file] = parse(file, self._read(file)).value
        value = self._values[file]
        for part in place:
            try:
                value = value[part]
            except (KeyError, IndexError, TypeError):
                return _ABSENT
        return value


def _order(place: Place) -> Sequence[str]:
    """The keys of a mapping in the order of the documentation."""
    schema = build()["boards" if place[:1] in (("boards",), ("pins",)) else "pin"]
    for part in place:
        schema = schema["items"] if isinstance(part, int) else schema["properties"][part]
    return list(schema["properties"])


def _without(link: str, params: Mapping[str, Any]) -> str:
    """``link`` without the parameters that ``params`` gives the same value."""
    parts = urlsplit(link)
    kept = [
        piece
        for piece in parts.query.split("&")
        if params.get(unquote_plus(piece.partition("=")[0]), _ABSENT) != unquote_plus(piece.partition("=")[2])
    ]
    return urlunsplit(parts._replace(query="&".join(kept)))


def _checked(schema: Mapping[str, Any], name: str, value: Value) -> Value:
    """The value, if the rules for content let it pass. Raises Unsayable."""
    if not value:
        if "null" not in schema.get("type", ()) and value is None:
            raise Unsayable("it is empty on Pinterest, which the files cannot say")
        return value
    most = schema.get("maxLength", len(value))
    if len(value) > most:
        raise Unsayable(f"it has {len(value):,} characters on Pinterest; at most {most:,} are allowed in content")
    problem = links.address_problem(value, links.LINKS) if name == "link" else None
    if problem:
        raise Unsayable(f'"{shortened(value)}" {problem[0]}')
    return value


def _ending_like(raw: Any, value: Value) -> Value:
    """The value with the line breaks at the end of the old text, which mean nothing and keep its style."""
    if not value or not isinstance(raw, str):
        return value
    return value + raw[len(raw.rstrip("\n")) :]

"""``boards:`` lists to desired boards and sections."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pinsync.content.documents import Document
from pinsync.content.problems import Problem, shortened
from pinsync.content.wrong import WRONG, Place, mapping_of
from pinsync.model.address import board_address, section_address
from pinsync.model.board import FIELDS
from pinsync.model.equality import canonical_name
from pinsync.model.resource import Desired, Lifecycle, Origin

_USUAL = Lifecycle()
_CHOICES = ("on_media_change", "on_drift", "on_missing")


@dataclass(slots=True)
class Boards:
    """The declared boards and sections, gathered file by file.

    ``boards`` and ``sections`` are the resources by address, ``keys`` maps board keys to their section keys, and
    ``names`` each name to its board's key. ``partial`` holds the boards of which a section could not be read;
    ``complete`` is False where a board could not. ``places`` says where each address is declared.
    """

    boards: dict[str, Desired] = field(default_factory=dict)
    sections: dict[str, Desired] = field(default_factory=dict)
    keys: dict[str, list[str]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    partial: set[str] = field(default_factory=set)
    complete: bool = True
    places: dict[str, tuple[str, Place]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def resources(self) -> dict[str, Desired]:
        """Boards first, then sections, each by address."""
        return {address: kind[address] for kind in (self.boards, self.sections) for address in sorted(kind)}

    def declare(self, document: Document, entries: Any) -> None:
        """Adds the ``boards:`` list of a file, whose wrong values are marked."""
        if not isinstance(entries, list):
            self.complete = False
            return
        for number, entry in enumerate(entries):
            if isinstance(entry, dict) and isinstance(entry.get("key"), str):
                self._board(document, ("boards", number), entry)
            else:
                self.complete = False

    def _board(self, document: Document, path: Place, entry: dict[str, Any]) -> None:
        key: str = entry["key"]
        address = board_address(key)
        if address in self.boards:
            self._report(document, (*path, "key"), f"the board key `{key}` is already used in {self.boards[address].origin}",
                         "Give this board a key of its own.")  # fmt: skip
            return
        fields = {name: clean(entry[name]) for name in FIELDS if entry.get(name, WRONG) is not WRONG}
        if "privacy" in fields:
            fields["privacy"] = fields["privacy"].lower()
        if "name" in fields:
            self._name(document, (*path, "name"), key, fields["name"])
        else:
            fields["name"] = key
        self.boards[address] = Desired(
            address,
            "board",
            fields,
            Origin(document.file, *document.mark(path)),
            lifecycle=lifecycle_of(entry),
            moved_from=moved_from(entry),
        )
        self.places[address] = document.file, path
        self._sections(document, path, key, entry.get("sections", []))

    def _name(self, document: Document, path: Place, key: str, name: str) -> None:
        other = self.names.setdefault(canonical_name(name), key)
        if other != key:
            self._report(document, path, f'the board `{other}` is already called "{shortened(name)}"',
                         "Give one of them another name: Pinterest refuses two boards of one name.")  # fmt: skip

    def _sections(self, document: Document, path: Place, board: str, entries: Any) -> None:
        keys = self.keys.setdefault(board, [])
        names: dict[str, str] = {}
        if not isinstance(entries, list):
            self.partial.add(board)
            return
        for number, entry in enumerate(entries):
            place = (*path, "sections", number)
            if not isinstance(entry, dict) or not isinstance(entry.get("key"), str):
                self.partial.add(board)
                continue
            key: str = entry["key"]
            if key in keys:
                self._report(document, (*place, "key"), f"the section key `{key}` is given twice in board `{board}`",
                             "Give one of the two another key.")  # fmt: skip
                continue
            keys.append(key)
            name = clean(entry["name"]) if isinstance(entry.get("name"), str) else key
            twin = names.setdefault(canonical_name(name), key)
            if twin != key:
                self._report(document, (*place, "name"), f'the section `{twin}` is already called "{shortened(name)}"',
                             "Give one of the two another name.")  # fmt: skip
            address = section_address(board, key)
            self.places[address] = document.file, place
            origin = Origin(document.file, *document.mark(place))
            fields = {"board": board_address(board), "name": name}
            self.sections[address] = Desired(address, "section", fields, origin, lifecycle=lifecycle_of(entry))

    def _report(self, document: Document, path: Place, message: str, advice: str) -> None:
        self.problems.append(document.problem(path, "duplicate-address", message, advice))


def clean(value: Any) -> Any:
    """Text without white space around it; None for text that is empty."""
    return (value.strip() or None) if isinstance(value, str) else value


def lifecycle_of(value: Mapping[str, Any]) -> Lifecycle:
    """The lifecycle of a YAML mapping, defaults filled in."""
    if "lifecycle" not in value:
        return _USUAL
    given = mapping_of(value["lifecycle"])
    chosen = {name: given[name] for name in _CHOICES if isinstance(given.get(name), str)}
    return Lifecycle(bool(given.get("protect", False)), **chosen)


def moved_from(value: Mapping[str, Any]) -> str | None:
    """The former address that a YAML mapping gives."""
    given = value.get("moved_from")
    return given if isinstance(given, str) else None

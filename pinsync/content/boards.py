"""``boards:`` lists to desired boards and sections."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pinsync.content.documents import Document
from pinsync.content.problems import Problem
from pinsync.model.address import board_address, section_address
from pinsync.model.board import FIELDS
from pinsync.model.equality import canonical_text
from pinsync.model.resource import Desired, Lifecycle, Origin

Reopen = Callable[[str], Document]


@dataclass(slots=True)
class Boards:
    """The declared boards and sections. ``sections`` maps board keys to their section keys."""

    resources: dict[str, Desired] = field(default_factory=dict)
    sections: dict[str, list[str]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def declare_boards(parts: Iterable[tuple[str, list[Any]]], reopen: Reopen) -> Boards:
    """All boards of all files. ``parts`` holds each file with its list; resources come out boards first, by address."""
    boards = Boards()
    board_resources: dict[str, Desired] = {}
    section_resources: dict[str, Desired] = {}
    for file, entries in parts:
        for number, entry in enumerate(entries):
            if not isinstance(entry, dict) or not isinstance(entry.get("key"), str):
                continue
            _declare(boards, board_resources, section_resources, file, ("boards", number), entry, reopen)
    for resources in (board_resources, section_resources):
        for address in sorted(resources):
            boards.resources[address] = resources[address]
    return boards


def clean(value: Any) -> Any:
    """Text without white space around it; None for text that is empty."""
    return (value.strip() or None) if isinstance(value, str) else value


def lifecycle_of(value: Mapping[str, Any]) -> Lifecycle:
    """The lifecycle of a YAML mapping, defaults filled in."""
    given = value.get("lifecycle") or {}
    return Lifecycle(bool(given.get("protect", False)), str(given.get("on_media_change", "hold")))


def _declare(
    boards: Boards,
    board_resources: dict[str, Desired],
    section_resources: dict[str, Desired],
    file: str,
    path: tuple[str | int, ...],
    entry: dict[str, Any],
    reopen: Reopen,
) -> None:
    key = entry["key"]
    address = board_address(key)
    document = reopen(file)

    def report(below: tuple[str | int, ...], message: str, advice: str) -> None:
        boards.problems.append(document.problem((*path, *below), "duplicate-address", message, advice))

    if address in board_resources:
        first = board_resources[address].origin
        report(("key",), f"the board key `{key}` is already used in {first}", "Give this board a key of its own.")
        return
    fields = {name: clean(entry[name]) for name in FIELDS if name in entry}
    if "privacy" in fields:
        fields["privacy"] = fields["privacy"].lower()
    name = fields.get("name")
    if not isinstance(name, str):
        if "name" in entry:
            report(("name",), "the board's name must not be empty", "Give it a name.")
        name = fields["name"] = key
    other = boards.names.setdefault(canonical_text(name).casefold(), key)
    if other != key:
        report(
            ("name",), f'the board `{other}` is already called "{name}"', "Pinterest refuses two boards of one name."
        )
    line, column = document.mark(path)
    board_resources[address] = Desired(
        address,
        "board",
        fields,
        Origin(file, line, column),
        lifecycle=lifecycle_of(entry),
        moved_from=entry.get("moved_from"),
    )
    keys = boards.sections.setdefault(key, [])
    names: dict[str, str] = {}
    for number, section in enumerate(entry.get("sections") or ()):
        if not isinstance(section, dict) or not isinstance(section.get("key"), str):
            continue
        below = ("sections", number)
        section_key, section_name = section["key"], clean(section.get("name")) or section["key"]
        if section_key in keys:
            report((*below, "key"), f"the section key `{section_key}` is given twice in board `{key}`", "Rename one.")
            continue
        keys.append(section_key)
        twin = names.setdefault(canonical_text(section_name).casefold(), section_key)
        if twin != section_key:
            report((*below, "name"), f'the section `{twin}` is already called "{section_name}"', "Rename one.")
        line, column = document.mark((*path, *below))
        where = section_address(key, section_key)
        section_fields = {"board": address, "name": section_name}
        section_resources[where] = Desired(where, "section", section_fields, Origin(file, line, column))

"""Live boards and their sections as declared ones: known, found by name, or declared anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pinsync.importing.checking import Checker, Mistake
from pinsync.importing.journal import Journal
from pinsync.importing.naming import Names, slug
from pinsync.importing.pins import board_reference
from pinsync.importing.placing import Places, joined
from pinsync.importing.recording import Recorder, check_text
from pinsync.importing.result import LeftOut, Result
from pinsync.importing.spelling import spell
from pinsync.model.address import (
    board_address,
    existing_board_address,
    existing_section_address,
    key_of,
    kind_of,
    section_address,
)
from pinsync.model.equality import canonical_name
from pinsync.model.resource import Desired, Found

BOARD_FILE = "_board"


@dataclass(slots=True)
class Target:
    """Where the pins of a live board go: what their files say of board and section, and the folders they lie in.
    Sections are by the ids of the live ones; ``unnamed`` are those that the content does not declare."""

    found: Found
    board: Any
    folder: str
    sections: dict[str, tuple[str, str]] = field(default_factory=dict)
    unnamed: dict[str, str] = field(default_factory=dict)

    def place(self, section: str | None) -> tuple[dict[str, Any], str]:
        """The YAML of a pin's place, and its folder. Raises LeftOut."""
        if section is None:
            return {"board": self.board}, self.folder
        if section in self.sections:
            written, folder = self.sections[section]
            return {"board": self.board, "section": written}, joined(self.folder, folder)
        if section in self.unnamed:
            raise LeftOut(self.unnamed[section])
        raise LeftOut("its section is not among those that Pinterest lists: try again later")


@dataclass(slots=True)
class Boards:
    """Turns live boards into targets, writing files and state. ``adopt`` says whether a declared board that has the same
    name is taken to be the live one, as planning would."""

    checker: Checker
    places: Places
    recorder: Recorder
    journal: Journal
    result: Result
    adopt: bool
    keys: Names = field(init=False)

    def __post_init__(self) -> None:
        used = {address for address in self.recorder.addresses if kind_of(address) == "board"}
        self.keys = Names({*self.checker.boards.keys, *map(key_of, used)})

    def read_only(self, found: Found, sections: Sequence[Found]) -> Target:
        """The target for a board that is not to be declared."""
        name = found.fields["name"]
        self.recorder.note_existing(existing_board_address(name), found)
        target = Target(found, board_reference(name), self._folder(slug(name, f"board-{found.id}")))
        folders = Names()
        for section in sections:
            title = section.fields["name"]
            self.recorder.note_existing(existing_section_address(name, title), section)
            target.sections[section.id] = title, folders.claim(slug(title, f"section-{section.id}"))
        return target

    def managed(self, found: Found, sections: Sequence[Found]) -> Target:
        """The target for a board that is declared, or is from now on. Raises LeftOut."""
        check_text(found)
        known = self.recorder.ids.get(("board", found.id))
        name = canonical_name(found.fields["name"])
        called = self.checker.boards.names.get(name)
        key = key_of(known) if known else called
        if known and called and key not in self.checker.boards.keys:
            raise LeftOut(f"it is {known} so far, and declared as board.{called}: run `pinsync apply` first")
        if key is None or key not in self.checker.boards.keys:
            self._declare(found, sections, key)
            key = self.checker.boards.names[name]
        elif not known:
            self._take(self.checker.boards.boards[board_address(key)], found)
        return self._target(found, sections, key)

    def _folder(self, name: str) -> str:
        folder = joined(self.result.folder, name)
        self.places.check_read(joined(folder, "pin.yaml"))
        return folder

    def _declare(self, found: Found, sections: Sequence[Found], known_key: str | None) -> None:
        key = known_key or self.keys.claim(slug(found.fields["name"], f"board-{found.id}"))
        folder = self._folder(slug(key, key))
        begun = self.journal.files.get(f"board:{found.id}", "")
        file = begun if begun and not self.places.exists(begun) else ""
        file = file or joined(folder, f"{self.places.claim(folder, BOARD_FILE)}.yaml")
        entry = self._entry(found, sections, key)
        data = self._readable(file, entry)
        self.journal.begin(f"board:{found.id}", file)
        self.places.put(file, data)
        self.recorder.settle(self.checker.boards.boards[board_address(key)], found)
        self.result.boards += 1
        self.result.sections += len(entry.get("sections", ()))

    def _entry(self, found: Found, sections: Sequence[Found], key: str) -> dict[str, Any]:
        entry: dict[str, Any] = {"key": key, "name": found.fields["name"].strip()}
        description = (found.fields.get("description") or "").strip()
        if description:
            entry["description"] = description
        if found.fields["privacy"] != "public":
            entry["privacy"] = found.fields["privacy"]
        keys = Names()
        names: set[str] = set()
        declared: list[dict[str, str]] = []
        for section in sections:
            name = canonical_name(section.fields["name"])
            if name not in names:
                names.add(name)
                chosen = keys.claim(slug(section.fields["name"], f"section-{section.id}"))
                declared.append({"key": chosen, "name": section.fields["name"].strip()})
        if declared:
            entry["sections"] = declared
        return entry

    def _readable(self, file: str, entry: dict[str, Any]) -> bytes:
        """The board's file, without what pinsync would not read; the board is declared with it. Raises LeftOut."""
        while True:
            data = spell({"boards": [entry]})
            declared, mistakes = self.checker.board(file, data)
            if not mistakes:
                self.checker.add(declared)
                return data
            for mistake in sorted(mistakes, key=lambda mistake: [str(part) for part in mistake.path], reverse=True):
                self._drop(entry, mistake)

    def _drop(self, entry: dict[str, Any], mistake: Mistake) -> None:
        what, why = f'board "{entry["name"]}"', LeftOut(mistake.problem.message, hopeless=True)
        match mistake.path:
            case ("boards", 0, "description" | "privacy" as name, *_):
                entry.pop(name, None)
                self.result.notes.append(f"{what}: its {name} is not declared, because {mistake.problem.message}")
            case ("boards", 0, "sections", int(number), *_):
                sections = entry["sections"]
                if number < len(sections):
                    self.result.leave(f'section "{sections.pop(number)["name"]}" of {what}', why)
                if not sections:
                    del entry["sections"]
            case _:
                raise why

    def _take(self, desired: Desired, found: Found) -> None:
        """A declared board or section is the live one that is called the same."""
        if desired.address in self.recorder.addresses:
            raise LeftOut(f"{desired.address} has the same name, and is another one: rename it, or the live one")
        ours = f"board:{found.id}" in self.journal.files or f"board:{found.fields.get('board')}" in self.journal.files
        if not self.adopt and not ours:
            raise LeftOut(
                f"{desired.address} has the same name: say `pinsync state adopt {desired.address} {found.id}` if it is that"
            )
        self.recorder.settle(desired, found)

    def _target(self, found: Found, sections: Sequence[Found], key: str) -> Target:
        target = Target(found, key, self._folder(slug(key, key)))
        declared = self.checker.boards
        by_name = {
            canonical_name(declared.sections[address].fields["name"]): one
            for one in declared.keys[key]
            if (address := section_address(key, one)) in declared.sections
        }
        for section in sections:
            name = section.fields["name"]
            known = self.recorder.ids.get(("section", section.id))
            one = key_of(known).rpartition("/")[2] if known else by_name.get(canonical_name(name))
            if one is None or one not in declared.keys[key]:
                where = declared.boards[board_address(key)].origin
                wanted = slug(name, f"section-{section.id}")
                target.unnamed[section.id] = (
                    f'its section "{name}" is not declared: add {{key: {wanted}, name: …}} to the sections of {key} in '
                    f"{where}, and import again"
                )
                continue
            if not known:
                try:
                    self._take(declared.sections[section_address(key, one)], section)
                except LeftOut as why:
                    target.unnamed[section.id] = why.reason
                    continue
            target.sections[section.id] = one, slug(one, one)
        return target

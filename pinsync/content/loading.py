"""A content root, read and checked as a whole."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from pinsync.content.boards import declare_boards
from pinsync.content.defaults import Cascade
from pinsync.content.documents import Document, parse
from pinsync.content.locating import address_path, find_root, inside, locate
from pinsync.content.picture_cache import PictureCache
from pinsync.content.pins import Entry, Reading, declare_pin
from pinsync.content.problems import ERROR, Problem, ordered
from pinsync.content.schema import check, without
from pinsync.content.settings import Settings, load_settings
from pinsync.errors import ContentError
from pinsync.model.address import pin_address
from pinsync.model.pin import MEDIA_KEYS
from pinsync.model.resource import Desired, ExistingBoard
from pinsync.model.schemas import build

_PIN_KEYS = frozenset(build()["pin"]["properties"])
CACHE = Path(".pinsync") / "cache" / "pictures.json"


@dataclass(frozen=True)
class Content:
    """What a content root declares. ``resources`` maps addresses to what is wanted, boards first, then sections, then
    pins, each by address. ``existing`` are the boards that are only read. ``problems`` holds errors and warnings."""

    root: Path
    settings: Settings
    resources: Mapping[str, Desired]
    existing: Mapping[str, ExistingBoard]
    problems: tuple[Problem, ...] = field(default=())

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that forbid planning."""
        return tuple(problem for problem in self.problems if problem.severity == ERROR)

    @cached_property
    def digest(self) -> str:
        """A hash over all that is declared, media included: equal for contents that mean the same."""
        hasher = hashlib.sha256()
        for address, desired in self.resources.items():
            publish_at = desired.publish_at.isoformat() if desired.publish_at else None
            facts = [address, desired.fields, publish_at, desired.moved_from, desired.lifecycle.on_media_change]
            hasher.update(json.dumps(facts, sort_keys=True, ensure_ascii=False).encode())
        return hasher.hexdigest()


def load(start: Path) -> Content:
    """The content of the root at or above ``start``. Problems are in the result; nothing is sent anywhere.

    Raises UsageError when there is no content root.
    """
    root = find_root(start)
    settings, problems = load_settings(root)
    cache = PictureCache(root / CACHE)
    reader = _Reader(root)
    located = locate(root)
    problems += located.problems
    defaults = {file: reader.read_defaults(file) for file in located.defaults}
    boards_parts: list[tuple[str, list[Any]]] = []
    entries: list[Entry] = []
    for file in located.content:
        reader.read_content(file, boards_parts, entries)
    boards = declare_boards(boards_parts, reader.reopen)
    reading = Reading(root, settings, boards, cache, reader.reopen)
    cascade = Cascade(settings.defaults, defaults)
    pins: dict[str, Desired] = {}
    origins: dict[str, Entry] = {}
    for entry in entries:
        first = origins.setdefault(entry.address, entry)
        if first is not entry:
            reading.report(entry, ("id",) if entry.path else (), "duplicate-address",
                           f"{entry.address} is already declared in {first.file}, line {first.line}",
                           "Rename one of the two files." if not entry.path else "Give each entry an id of its own.")  # fmt: skip
            continue
        pin = declare_pin(entry, cascade.of_folder(entry.file.rpartition("/")[0]), reading)
        if pin:
            pins[pin.address] = pin
    cache.save()
    problems += [*reader.problems, *boards.problems, *reading.problems]
    resources = {**boards.resources, **{address: pins[address] for address in sorted(pins)}}
    problems += _moves(resources, reading, origins)
    return Content(root, settings, resources, reading.existing(), tuple(ordered(problems)))


def load_valid(start: Path) -> Content:
    """As :func:`load`, for those who go on to plan. Raises ContentError with all problems if there are errors."""
    content = load(start)
    if content.errors:
        raise ContentError(content.problems, content.root)
    return content


def _moves(resources: Mapping[str, Desired], reading: Reading, origins: Mapping[str, Entry]) -> Iterable[Problem]:
    seen: dict[str, str] = {}
    for desired in resources.values():
        source = desired.moved_from
        if source is None:
            continue
        advice = "Remove moved_from, or correct it to the address that the plan shows as gone."
        where = desired.origin
        message = ""
        if source in resources:
            message = f"moved_from names {source}, which is still declared in {resources[source].origin}"
        elif source in seen:
            message = f"moved_from names {source}, as {seen[source]} does already"
        seen.setdefault(source, desired.address)
        if message:
            entry = origins.get(desired.address)
            if entry:
                reading.report(entry, ("moved_from",), "moved-from", message, advice)
            else:
                yield Problem(where.file, where.line, where.column, "moved-from", message, advice)
    yield from ()


class _Reader:
    """Reads files once on the good path; a file is opened again only to say where in it a problem is."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._last: Document | None = None
        self.problems: list[Problem] = []

    def reopen(self, file: str) -> Document:
        """The document of a file, positions included."""
        if self._last is None or self._last.file != file:
            self._last = parse(file, self._bytes(file))
        return self._last

    def read_defaults(self, file: str) -> Mapping[str, Any]:
        document = self._parsed(file)
        if document.value is None:
            return {}
        value = self._checked(document, "defaults")
        return value if isinstance(value, dict) else {}

    def read_content(self, file: str, boards: list[tuple[str, list[Any]]], entries: list[Entry]) -> None:
        """Adds what the file declares to ``boards`` or ``entries``; mistakes go to ``problems``."""
        document = self._parsed(file)
        value = document.value
        if value is None:
            return
        if isinstance(value, dict) and not value.keys() & (_PIN_KEYS | {"boards", "pins"}):
            keys = ", ".join(f"`{key}`" for key in list(value)[:3])
            self.problems.append(
                document.problem((), "not-content", f"this file declares no pin and no boards (it has {keys or 'no keys'})",
                                 f"A pin needs one of {', '.join(f'`{key}`' for key in MEDIA_KEYS)}; a list file has "
                                 "`boards:` or `pins:`. A file that is not for pinsync goes into .pinsyncignore.")
            )  # fmt: skip
            return
        is_list = isinstance(value, dict) and bool(value.keys() & {"boards", "pins"})
        value = self._checked(document, "boards" if is_list else "pin")
        if not isinstance(value, dict):
            return
        stem = address_path(file)
        if not is_list:
            line, column = document.mark(())
            entries.append(Entry(pin_address(stem), file, (), line, column, value))
            return
        if isinstance(value.get("boards"), list):
            boards.append((file, value["boards"]))
        pins = value.get("pins")
        for number, pin in enumerate(pins if isinstance(pins, list) else ()):
            if isinstance(pin, dict):
                line, column = document.mark(("pins", number))
                entry_id = str(pin.get("id") or f"{number + 1}")
                entries.append(Entry(pin_address(stem, entry_id), file, ("pins", number), line, column, pin))

    def _bytes(self, file: str) -> bytes:
        with (self._root / file).open("rb") as stream:
            # One byte over the limit is enough to know; a huge file is not read to the end.
            return stream.read(_READ_LIMIT)

    def _parsed(self, file: str) -> Document:
        try:
            if not inside(self._root, self._root / file):
                raise OSError(0, "it leads out of the content folder")
            document = parse(file, self._bytes(file))
        except OSError as error:
            document = Document(
                file, "", None, {}, {}, [Problem(file, 0, 0, "unreadable", f"cannot be read: {error.strerror}")]
            )
        self.problems += document.problems
        self._last = document
        return document

    def _checked(self, document: Document, name: str) -> Any:
        found = check(document, name)
        self.problems += [problem for _, problem in found]
        return without(document.value, [path for path, _ in found]) if found else document.value


_READ_LIMIT = 1_048_576 * 4

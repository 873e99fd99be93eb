"""A content root, read and checked as a whole."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache, cached_property
from itertools import islice
from pathlib import Path
from typing import Any

from pinsync.content.ahead import looking_ahead, read_ahead
from pinsync.content.boards import Boards
from pinsync.content.caching import CACHE
from pinsync.content.defaults import Cascade
from pinsync.content.documents import Document
from pinsync.content.linting.running import lint
from pinsync.content.locating import address_path, find_root, locate
from pinsync.content.media import Media
from pinsync.content.media_cache import MediaCache
from pinsync.content.opening import opened, read
from pinsync.content.pins import Entry, Reading, Written, declare_pin
from pinsync.content.problems import ERROR, Problem, ordered, shortened
from pinsync.content.remembering import Memory, memory_of
from pinsync.content.reporting import Reports
from pinsync.content.schema import likely_keys
from pinsync.content.settings import Settings, load_settings
from pinsync.content.suggesting import listed
from pinsync.content.watching import Watch, unwatched
from pinsync.content.wrong import Place
from pinsync.errors import ContentError
from pinsync.model.address import pin_address
from pinsync.model.pin import MEDIA_KEYS
from pinsync.model.resource import Desired, ExistingBoard
from pinsync.model.schemas import build

_LISTS = frozenset(build()["boards"]["properties"])
_KEYS = _LISTS | build()["pin"]["properties"].keys()
_BOARDS = re.compile(r"^[\"']?boards[\"']?[ \t]*:", re.MULTILINE)
MEDIA = CACHE / "media.json"


@dataclass(frozen=True)
class Content:
    """What a content root declares. ``resources`` maps addresses to what is wanted, boards first, then sections, then
    pins, each by address. ``existing`` are the boards that are only read. ``problems`` holds what is wrong, without what
    the rules find. ``places`` says in which file each address is declared, and where in it; ``defaults`` what folders give
    to pins; ``written`` how those pins are written that have no mistakes in them."""

    root: Path
    settings: Settings
    resources: Mapping[str, Desired]
    existing: Mapping[str, ExistingBoard]
    problems: tuple[Problem, ...]
    places: Mapping[str, tuple[str, Place]]
    defaults: Cascade
    written: Mapping[str, Written]

    @cached_property
    def digest(self) -> str:
        """A hash over all that is declared, media and slots included: equal for contents that mean the same."""
        at_once = [address for address, one in self.resources.items() if one.at_once]
        hasher = hashlib.sha256(repr((self.settings.spread, at_once)).encode())
        encode = json.JSONEncoder(ensure_ascii=False).encode
        lifecycle = cache(asdict)
        resources = iter(self.resources.values())
        # Some at a time: an encoder is costly to set up, and all of them at once would be large. Fields have an order of their own.
        while some := list(islice(resources, 500)):
            facts = [
                [
                    one.address,
                    one.fields,
                    one.publish_at.isoformat() if one.publish_at else None,
                    one.moved_from,
                    lifecycle(one.lifecycle),
                ]
                for one in some
            ]
            hasher.update(encode(facts).encode())
        return hasher.hexdigest()


def load(start: Path, watch: Watch = unwatched) -> Content:
    """The content of the root at or above ``start``. Problems are in the result; nothing is sent anywhere. ``watch`` is told
    how reading a video, or looking at many pictures, gets on that were not looked at before.

    Raises UsageError when there is no content root.
    """
    root = find_root(start)
    memory = memory_of(root)
    settings, problems = load_settings(root, memory)
    located = locate(root)
    files = _Files(root, memory)
    cascade = Cascade(settings.defaults, {file: files.read_defaults(file) for file in located.defaults})
    read_ahead(root, located.content, memory, _schema_of)
    for file in located.content:
        files.read_content(file)
    memory.save()
    boards, reports = files.boards, Reports()
    media = MediaCache(root / MEDIA, watch=watch)
    reading = Reading(settings, boards, Media(root, media), reports)
    first: dict[str, Entry] = {}
    pins: dict[str, Desired] = {}
    for entry in looking_ahead(files.entries, reading.media, watch):
        other = first.setdefault(entry.address, entry)
        if other is not entry:
            _report_twin(entry, other, reports)
            continue
        pin = declare_pin(entry, cascade.of_folder(entry.file.rpartition("/")[0]), reading)
        if pin:
            pins[pin.address] = pin
    media.save()
    resources = {**boards.resources(), **{address: pins[address] for address in sorted(pins)}}
    places = {**boards.places, **{address: (entry.file, entry.path) for address, entry in first.items()}}
    _check_moves(resources, places, reports)
    written = {address: reading.written[address] for address in resources if address in reading.written}
    problems += [*located.problems, *files.problems, *boards.problems]
    problems += reports.placed(lambda file: opened(root, file))
    return Content(root, settings, resources, reading.existing(), tuple(ordered(problems)), places, cascade, written)


def load_valid(start: Path, watch: Watch = unwatched) -> Content:
    """As :func:`load`, for those who go on to plan.

    Raises ContentError with all problems if there are errors, those included that rules are set to.
    """
    content = load(start, watch)
    problems = ordered([*content.problems, *lint(content, only_errors=True)])
    if any(problem.severity == ERROR for problem in problems):
        raise ContentError(problems, content.root)
    return content


def _report_twin(entry: Entry, other: Entry, reports: Reports) -> None:
    message = f"{entry.address} is already declared in {other.file}, line {other.line}"
    advice = "Give each entry an id of its own." if entry.path else "Rename one of the two files."
    reports.add(entry.file, (*entry.path, "id") if entry.path else (), "duplicate-address", message, advice)


def _schema_of(value: Any) -> str:
    """What the value of a content file is checked against; nothing where it declares nothing."""
    keys = likely_keys(value, _KEYS) if isinstance(value, dict) else _KEYS
    return ("boards" if keys & _LISTS else "pin") if keys else ""


def _may_hold_boards(document: Document) -> bool:
    """Whether a file of which nothing can be used may declare boards that pins refer to."""
    if isinstance(document.value, list):
        return any(isinstance(entry, dict) and "key" in entry for entry in document.value)
    if all(problem.code == "empty" for problem in document.problems):
        return False
    return not document.text or _BOARDS.search(document.text) is not None


def _check_moves(resources: Mapping[str, Desired], places: Mapping[str, tuple[str, Place]], reports: Reports) -> None:
    seen: dict[str, str] = {}
    for address, desired in resources.items():
        source = desired.moved_from
        if source is None:
            continue
        message = ""
        if source in resources:
            message = f"moved_from names {source}, which is still declared in {resources[source].origin}"
        elif source in seen:
            message = f"moved_from names {source}, as {seen[source]} does already"
        seen.setdefault(source, address)
        if message:
            file, path = places[address]
            reports.add(file, (*path, "moved_from"), "moved-from", message,
                        "Remove moved_from, or correct it to the address that the plan shows as gone.")  # fmt: skip


class _Files:
    """What all files declare. Each is read once; its positions go with it."""

    def __init__(self, root: Path, memory: Memory) -> None:
        self._root = root
        self._memory = memory
        self.boards = Boards()
        self.entries: list[Entry] = []
        self.problems: list[Problem] = []

    def read_defaults(self, file: str) -> Any:
        """The values of a ``_defaults.yaml``. That it is empty is no problem."""
        _, _, value, found = read(self._root, file, self._memory, lambda value: "defaults")
        self.problems += [problem for problem in found if problem.code != "empty"]
        return value

    def read_content(self, file: str) -> None:
        """Adds what the file declares to ``boards`` or ``entries``; mistakes go to ``problems``."""
        document, schema, value, found = read(self._root, file, self._memory, _schema_of)
        self.problems += found
        if document.value is None or (schema and not isinstance(value, dict)):
            self.boards.complete &= not _may_hold_boards(document)
        elif not schema:
            given = listed(map(shortened, document.value), "no keys", most=3)
            self.problems.append(
                document.problem((), "not-content", f"this file declares no pin and no boards (it has {given})",
                                 f"A pin needs one of {listed(MEDIA_KEYS, '')}; a list file has `boards:` or `pins:`. "
                                 "A file that is not for pinsync goes into .pinsyncignore.")
            )  # fmt: skip
        elif schema == "boards":
            self._add_lists(document, value)
        else:
            self.entries.append(Entry(pin_address(address_path(file)), file, (), *document.mark(()), value))

    def _add_lists(self, document: Document, value: Mapping[str, Any]) -> None:
        if "boards" in value:
            self.boards.declare(document, value["boards"])
        pins = value.get("pins")
        for number, pin in enumerate(pins if isinstance(pins, list) else ()):
            if isinstance(pin, dict):
                # Two entries whose id is wrong are not the same pin.
                entry_id = pin["id"] if isinstance(pin.get("id"), str) else f"?{number + 1}"
                address = pin_address(address_path(document.file), entry_id)
                path = ("pins", number)
                self.entries.append(Entry(address, document.file, path, *document.mark(path), pin))

"""A pin as written, its folder's defaults laid under it, to a desired pin."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pinsync.content.boards import Boards, clean, lifecycle_of
from pinsync.content.defaults import Layer, overlay, with_params
from pinsync.content.documents import Document
from pinsync.content.locating import CONFIG, inside
from pinsync.content.picture_cache import PictureCache
from pinsync.content.pictures import PictureProblem
from pinsync.content.problems import Problem
from pinsync.content.schema import nearest
from pinsync.content.settings import Settings
from pinsync.model.address import board_address, existing_board_address, existing_section_address, section_address
from pinsync.model.equality import canonical_text
from pinsync.model.pin import LINK_LIMIT, MEDIA_KEYS, media_value
from pinsync.model.resource import Desired, ExistingBoard, Image, Origin

_TEXTS = ("title", "description", "link", "alt_text")
_SLOT_TEXTS = ("title", "description", "link")


@dataclass(frozen=True, slots=True)
class Entry:
    """A pin as it stands in a file: ``path`` is () for a one-pin file, else its place in the list."""

    address: str
    file: str
    path: tuple[str | int, ...]
    line: int
    column: int
    value: Mapping[str, Any]


class Reading:
    """What reading pins needs and gathers: boards to refer to, pictures to look at, problems to report."""

    def __init__(
        self, root: Path, settings: Settings, boards: Boards, cache: PictureCache, reopen: Callable[[str], Document]
    ) -> None:
        self.root = root
        self.settings = settings
        self.boards = boards
        self.cache = cache
        self.problems: list[Problem] = []
        self._reopen = reopen
        self._existing: dict[str, set[str]] = {}

    def report(self, entry: Entry, below: tuple[str | int, ...], code: str, message: str, advice: str = "") -> None:
        """A problem at ``below`` in the entry."""
        self.report_at(entry.file, (*entry.path, *below), code, message, advice)

    def report_at(self, file: str, path: tuple[str | int, ...], code: str, message: str, advice: str = "") -> None:
        """A problem at ``path`` of ``file``."""
        self.problems.append(self._reopen(file).problem(path, code, message, advice))

    def refer(self, board: str, section: str | None) -> None:
        """Notes that a pin uses this existing board, and section if any."""
        sections = self._existing.setdefault(board, set())
        if section is not None:
            sections.add(section)

    def existing(self) -> dict[str, ExistingBoard]:
        """The boards that are only read, by address."""
        return {
            existing_board_address(name): ExistingBoard(name, frozenset(sections))
            for name, sections in sorted(self._existing.items())
        }


def declare_pin(entry: Entry, layer: Layer, reading: Reading) -> Desired | None:
    """The desired pin, or None when a problem leaves too little of it; every problem is reported to ``reading``."""
    resolved = _Pin(entry, overlay(layer, entry.value, {}), reading)
    keys = [key for key in MEDIA_KEYS if entry.value.get(key) is not None]
    fields: dict[str, Any] = {}
    resolved.place(fields)
    images: tuple[Image, ...] = ()
    key = keys[0] if keys else None
    if key == "save":
        resolved.save(fields)
    else:
        resolved.texts(fields)
        if key in ("image", "carousel"):
            images = resolved.pictures(fields, key)
        elif key == "video":
            reading.report(entry, ("video",), "not-supported", "video pins are not supported by this version of pinsync",
                           "Move the file aside, or name it in .pinsyncignore, until they are.")  # fmt: skip
    if "cover" in entry.value and key != "video":
        reading.report(entry, ("cover",), "cover", "`cover` belongs to a video", "Remove it.")
    publish_at = resolved.publish_at()
    if "media" not in fields or "board" not in fields:
        return None
    return Desired(
        address=entry.address,
        kind="pin",
        fields=fields,
        origin=Origin(entry.file, entry.line, entry.column),
        images=images,
        lifecycle=lifecycle_of(resolved.values),
        publish_at=publish_at,
        moved_from=entry.value.get("moved_from"),
    )


class _Pin:
    """One pin on its way from YAML to fields."""

    def __init__(self, entry: Entry, layer: Layer, reading: Reading) -> None:
        self.values = layer.values
        self._sources = layer.sources
        self._entry = entry
        self._reading = reading

    def _report(self, name: str, code: str, message: str, advice: str = "", below: tuple[str | int, ...] = ()) -> None:
        """A problem with the value ``name``, where it stands: in the pin or in the defaults it comes from."""
        if name in self._entry.value or name not in self._sources:
            self._reading.report(self._entry, (name, *below), code, message, advice)
        else:
            file, path = self._sources[name]
            self._reading.report_at(file, (*path, *below), code, message, advice)

    def place(self, fields: dict[str, Any]) -> None:
        """Sets ``board`` and ``section``."""
        board, section = self.values.get("board"), self.values.get("section")
        if board is None:
            # A pin whose `board` was wrong has been told so by the schema.
            self._reading.report(self._entry, (), "missing-key", "`board` is missing",
                                 "Say where the pin goes: `board: KEY` here or in a _defaults.yaml above.")  # fmt: skip
        elif isinstance(board, Mapping):
            self._existing_place(fields, str(board.get("existing")), section)
        else:
            self._declared_place(fields, str(board), section)
        if "section" in self.values and section is None and "board" in fields:
            fields["section"] = None

    def _existing_place(self, fields: dict[str, Any], name: str, section: str | None) -> None:
        declared = self._reading.boards.names.get(canonical_text(name).casefold())
        if declared is not None:
            self._report("board", "unknown-board", f'"{name}" is the declared board `{declared}`',
                         f"Write `board: {declared}`.")  # fmt: skip
            return
        self._reading.refer(name, section)
        fields["board"] = existing_board_address(name)
        if section is not None:
            fields["section"] = existing_section_address(name, section)

    def _declared_place(self, fields: dict[str, Any], board: str, section: str | None) -> None:
        sections = self._reading.boards.sections
        if board not in sections:
            guess = nearest(board, sections)
            names = self._reading.boards.names
            by_name = names.get(canonical_text(board).casefold())
            if by_name:
                advice = f"Boards are referred to by key: `board: {by_name}`."
            elif guess:
                advice = f"Did you mean `{guess}`?"
            else:
                known = ", ".join(f"`{key}`" for key in sections) or "none yet"
                advice = f"Declare it under `boards:` (declared: {known}), or write {{existing: NAME}} for one you only add to."
            self._report("board", "unknown-board", f"there is no board with the key `{board}`", advice)
            return
        fields["board"] = board_address(board)
        if section is None:
            return
        if section not in sections[board]:
            guess = nearest(section, sections[board])
            known = ", ".join(f"`{key}`" for key in sections[board]) or "none"
            advice = f"Did you mean `{guess}`?" if guess else f"Sections of `{board}`: {known}."
            self._report(
                "section", "unknown-section", f"the board `{board}` has no section with the key `{section}`", advice
            )
            return
        fields["section"] = section_address(board, section)

    def texts(self, fields: dict[str, Any]) -> None:
        """Sets title, description, link and alt text."""
        for name in _TEXTS:
            if name in self.values:
                fields[name] = clean(self.values[name])
        link = fields.get("link")
        if link:
            fields["link"] = self._link(link, "link", ())

    def save(self, fields: dict[str, Any]) -> None:
        """Sets the media of a saved pin, which keeps the texts of the original."""
        for name in _TEXTS:
            if name in self._entry.value:
                self._report(name, "save", f"`{name}` cannot be given with `save`: a saved pin keeps the original's",
                             "Remove it.")  # fmt: skip
        fields["media"] = media_value("save", [str(self.values["save"]).rstrip("/").rpartition("/")[2]])

    def pictures(self, fields: dict[str, Any], key: str) -> tuple[Image, ...]:
        """Sets the media of an image pin or carousel, and the texts of its slots."""
        if key == "image":
            image = self._picture(str(self.values["image"]), "image", ())
            if image is None:
                return ()
            fields["media"] = media_value("image", [image.fingerprint])
            return (image,)
        images: list[Image] = []
        slots: list[dict[str, Any]] = []
        whole = True
        for number, slot in enumerate(self.values["carousel"]):
            image = None
            if isinstance(slot, Mapping):
                if isinstance(slot.get("image"), str):
                    image = self._picture(slot["image"], "carousel", (number, "image"))
                texts = {name: clean(slot[name]) for name in _SLOT_TEXTS if name in slot}
                if texts.get("link"):
                    texts["link"] = self._link(texts["link"], "carousel", (number, "link"))
                slots.append(texts)
            if image:
                images.append(image)
            else:
                whole = False
        files = [image for image in images if image.sha256]
        if files and len(files) != len(images):
            number = next(index for index, image in enumerate(images) if bool(image.sha256) != bool(images[0].sha256))
            self._report("carousel", "mixed-carousel", "a carousel is either all files or all web addresses: "
                         "Pinterest takes no mixture", "Save the pictures beside this file.", (number, "image"))  # fmt: skip
            whole = False
        if not whole:
            return ()
        fields["media"] = media_value("carousel", [image.fingerprint for image in images])
        fields["slots"] = slots
        return tuple(images)

    def publish_at(self) -> datetime | None:
        """The time before which the pin must not appear, in UTC."""
        text = self._entry.value.get("publish_at")
        if not isinstance(text, str):
            return None
        try:
            moment = datetime.fromisoformat(text.strip())
        except ValueError as error:
            self._report("publish_at", "wrong-form", f'"{text}" is not a date and time ({error})',
                         "Write it as 2026-12-01T09:00+01:00.")  # fmt: skip
            return None
        if moment.tzinfo is None:
            zone = self._reading.settings.timezone
            if zone is None:
                self._report("publish_at", "time-zone", f'"{text}" does not say which time zone it means',
                             f"Add the offset (2026-12-01T09:00+01:00), or set `timezone:` in {CONFIG}.")  # fmt: skip
                return None
            moment = moment.replace(tzinfo=zone)
            if moment.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != moment.replace(tzinfo=None):
                self._report("publish_at", "time-zone", f'"{text}" does not exist in {zone.key}: the clocks skip it',
                             "Choose a time an hour later.")  # fmt: skip
                return None
        return moment.astimezone(UTC)

    def _link(self, link: str, name: str, below: tuple[str | int, ...]) -> str:
        problem = _address_problem(link, ("http", "https"))
        if problem:
            self._report(name, "bad-link", f'the link "{_shortened(link)}" {problem[0]}', problem[1], below)
            return link
        tagged = with_params(link, self.values.get("link_params") or {})
        if len(tagged) > LINK_LIMIT >= len(link):
            message = (
                f"the link has {len(tagged):,} characters with its link_params; at most {LINK_LIMIT:,} are allowed"
            )
            self._report(name, "too-long", message, f"Shorten it by {len(tagged) - LINK_LIMIT:,}.", below)
        return tagged

    def _picture(self, source: str, name: str, below: tuple[str | int, ...]) -> Image | None:
        if "://" in source:
            problem = _address_problem(source, ("https",))
            if problem:
                self._report(name, "bad-url", f'the address "{_shortened(source)}" {problem[0]}', problem[1], below)
                return None
            return Image(source)
        reading, root = self._reading, self._reading.root
        folder = root / self._entry.file.rpartition("/")[0]
        if "\\" in source:
            self._report(
                name, "bad-path", f'the path "{source}" has a backslash', "Write paths with slashes: a/b.jpg.", below
            )
            return None
        if source.startswith("/") or "\0" in source or not inside(root, folder / source):
            self._report(name, "outside-root", f'"{source}" leads out of the content folder',
                         f"Keep pictures below the folder of {CONFIG}; name them relative to this file.", below)  # fmt: skip
            return None
        file = folder / source
        if not file.is_file():
            self._report(name, "missing-media", *_missing(file, source), below)
            return None
        relative = file.resolve().relative_to(root.resolve()).as_posix()
        try:
            return reading.cache.probe(relative, file)
        except PictureProblem as problem_found:
            self._report(name, problem_found.code, f"{source} {problem_found.message}", problem_found.advice, below)
            return None


def _address_problem(text: str, schemes: tuple[str, ...]) -> tuple[str, str] | None:
    """What is wrong with a web address and what to write instead, or None."""
    example = "Write it in full, such as https://example.com/pumpkin-soup."
    if any(character.isspace() for character in text):
        return "has white space in it", "Write %20 for a blank, and keep the address on one line."
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "is not a web address", example
    if parts.scheme not in schemes:
        wanted = " or ".join(schemes)
        if parts.scheme == "http":
            return "is not https", f"Pinterest fetches pictures by https: https{text[4:]}"
        if not parts.scheme and "." in text.split("/")[0]:
            return f"lacks its {wanted}://", f"Write https://{text}."
        return f"does not start with {wanted}://", example
    if not host or ("." not in host and host != "localhost"):
        return "has no host name", example
    return None


def _missing(file: Path, source: str) -> tuple[str, str]:
    if file.is_dir():
        return f'"{source}" is a folder, not a picture', "Name the picture in it."
    folder = file.parent
    if not folder.is_dir():
        return (
            f'there is no file "{source}"',
            f'There is no folder "{Path(source).parent.as_posix()}" beside this file either.',
        )
    names = [child.name for child in folder.iterdir() if child.is_file()]
    lower = {child.lower(): child for child in names}
    guess = lower.get(file.name.lower()) or nearest(file.name, names)
    advice = f"Did you mean {guess}? Upper and lower case count." if guess else "Put the picture beside this file."
    return f'there is no file "{source}"', advice


def _shortened(text: str) -> str:
    return text if len(text) <= 80 else f"{text[:79]}…"

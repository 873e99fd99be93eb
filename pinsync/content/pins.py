"""A pin as written, its folder's defaults laid under it, to a desired pin."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from pinsync.content import links
from pinsync.content.boards import Boards, clean, lifecycle_of, moved_from
from pinsync.content.defaults import Layer, merged, with_params
from pinsync.content.locating import CONFIG
from pinsync.content.media import Media
from pinsync.content.problems import MediaProblem, shortened
from pinsync.content.reporting import Reports
from pinsync.content.settings import Settings
from pinsync.content.suggesting import Names, listed, nearest
from pinsync.content.wrong import WRONG, Place, mapping_of
from pinsync.model.address import board_address, existing_board_address, existing_section_address, section_address
from pinsync.model.equality import canonical_name
from pinsync.model.pin import LINK_LIMIT, MEDIA_KEYS, media_value
from pinsync.model.resource import Desired, ExistingBoard, Image, Origin, Video

_TEXTS = ("title", "description", "link", "alt_text")
_SLOT_TEXTS = ("title", "description", "link")
_NONE: frozenset[str] = frozenset()
_NOTHING: Mapping[str, str] = MappingProxyType({})
_TIME = re.compile(r"([0-9]{1,6})s")
_LIKE_A_TIME = re.compile(
    r"[0-9]+([.:,][0-9]+)*\s*(ms|h|hours?|m|mins?|minutes?|s|secs?|seconds?)?\s*([0-9]+\s*(ms|m|s)?)?"
)

AT_ONCE = "now"
"""The `publish_at` of a pin that waits for no slot."""

KEY_FRAME = "1s"
"""Where in a video its cover is taken from, if none is named: the very first picture is black more often than not."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A pin as it stands in a file: ``path`` is () for a one-pin file, else its place in the list."""

    address: str
    file: str
    path: Place
    line: int
    column: int
    value: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Written:
    """How a pin is written, for what is found in it once its file has been left.

    ``path`` is its place in ``file``. ``defaults`` says of values where in the defaults they come from, unless the pin
    has its ``own``. ``lints`` maps rules to what they are set to for this pin.
    """

    file: str
    path: Place
    defaults: Mapping[str, tuple[str, tuple[str, ...]]]
    own: frozenset[str]
    lints: Mapping[str, str]

    def place(self, below: Place) -> tuple[str, Place]:
        """The file and the place in it where a value of the pin stands: in the pin, or in the defaults it comes from."""
        if below and below[0] in self.defaults and below[0] not in self.own:
            file, path = self.defaults[str(below[0])]
            return file, (*path, *below[1:])
        return self.file, (*self.path, *below)


class Reading:
    """What reading pins needs and gathers: boards to refer to, pictures to look at, problems to report."""

    def __init__(self, settings: Settings, boards: Boards, media: Media, reports: Reports) -> None:
        self.settings = settings
        self.boards = boards
        self.board_keys = Names(boards.keys)
        self.media = media
        self.reports = reports
        self.written: dict[str, Written] = {}
        self._existing: dict[str, set[str]] = {}

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
    resolved = _Pin(entry, layer, reading)
    fields: dict[str, Any] = {}
    resolved.place(fields)
    images: tuple[Image, ...] = ()
    video: Video | None = None
    key = next((key for key in MEDIA_KEYS if entry.value.get(key) is not None), None)
    if key == "save":
        resolved.save(fields)
    else:
        resolved.texts(fields)
        if key in ("image", "carousel"):
            images = resolved.pictures(fields, key)
        elif key == "video":
            video = resolved.video()
            if video:
                images = resolved.cover(fields, video)
    if key != "video" and entry.value.get("cover", WRONG) is not WRONG:
        resolved.report("cover", "cover", "`cover` belongs to a video", "Remove it.")
    publish_at = resolved.publish_at()
    if "media" not in fields or "board" not in fields:
        return None
    if _is_whole(resolved.values):
        reading.written[entry.address] = resolved.written
    return Desired(
        address=entry.address,
        kind="pin",
        fields=fields,
        origin=Origin(entry.file, entry.line, entry.column),
        images=images,
        video=video,
        lifecycle=lifecycle_of(resolved.values),
        publish_at=publish_at,
        moved_from=moved_from(entry.value),
        at_once=entry.value.get("publish_at") == AT_ONCE,
    )


def pictures_of(entry: Entry) -> Iterator[str]:
    """What the local pictures of a pin are called in it."""
    slots = entry.value.get("carousel")
    slots = [mapping_of(slot) for slot in slots] if isinstance(slots, list) else []
    for given in (entry.value.get("image"), entry.value.get("cover"), *(slot.get("image") for slot in slots)):
        if isinstance(given, str) and "://" not in given and not _LIKE_A_TIME.fullmatch(given.strip()):
            yield given


def _is_whole(values: Mapping[str, Any]) -> bool:
    """Whether nothing in the pin was reported, so that what is missing was left out on purpose."""
    slots = values.get("carousel")
    parts = [values, values.get("lints"), *(slots if isinstance(slots, list) else ())]
    return not any(WRONG in part.values() for part in parts if part and isinstance(part, dict))


class _Pin:
    """One pin on its way from YAML to fields."""

    def __init__(self, entry: Entry, layer: Layer, reading: Reading) -> None:
        self.values = merged(layer.values, entry.value)
        own = frozenset(entry.value.keys() & layer.sources.keys()) if layer.sources else _NONE
        lints = mapping_of(self.values["lints"]) if "lints" in self.values else _NOTHING
        self.written = Written(entry.file, entry.path, layer.sources, own, lints)
        self._entry = entry
        self._reading = reading

    def report(self, name: str, code: str, message: str, advice: str = "", below: Place = ()) -> None:
        """A problem with the value ``name``, where it stands: in the pin or in the defaults it comes from."""
        self._reading.reports.add(*self.written.place((name, *below)), code, message, advice)

    def place(self, fields: dict[str, Any]) -> None:
        """Sets ``board`` and ``section``."""
        board, section = self.values.get("board"), self.values.get("section")
        if board is WRONG or section is WRONG:
            section = None
        elif board is None:
            advice = "Say where the pin goes: `board: KEY` here or in a _defaults.yaml above."
            where = self._entry.file, self._entry.path
            self._reading.reports.add(*where, "missing-key", "`board` is missing", advice)
        if isinstance(board, Mapping):
            self._existing_place(fields, board.get("existing"), section)
        elif isinstance(board, str):
            self._declared_place(fields, board, section)
        if "section" in self.values and section is None and "board" in fields:
            fields["section"] = None

    def _existing_place(self, fields: dict[str, Any], name: Any, section: str | None) -> None:
        if not isinstance(name, str):
            return
        declared = self._reading.boards.names.get(canonical_name(name))
        if declared is not None:
            self.report("board", "unknown-board", f'"{shortened(name)}" is the declared board `{declared}`',
                        f"Write `board: {declared}`.")  # fmt: skip
            return
        self._reading.refer(name, section)
        fields["board"] = existing_board_address(name)
        if section is not None:
            fields["section"] = existing_section_address(name, section)

    def _declared_place(self, fields: dict[str, Any], board: str, section: str | None) -> None:
        boards = self._reading.boards
        if board not in boards.keys:
            if not boards.complete:
                return  # It may be the board that could not be read, which has been reported.
            by_name = boards.names.get(canonical_name(board))
            guess = self._reading.board_keys.nearest(board)
            if by_name:
                advice = f"Boards are referred to by key: `board: {by_name}`."
            elif guess:
                advice = f"Did you mean `{guess}`?"
            else:
                known = listed(boards.keys, "none yet")
                advice = f"Declare it under `boards:` (declared: {known}), or write {{existing: NAME}} for one you only add to."
            self.report("board", "unknown-board", f"there is no board with the key `{shortened(board)}`", advice)
            return
        fields["board"] = board_address(board)
        if section is None:
            return
        sections = boards.keys[board]
        if section in sections:
            fields["section"] = section_address(board, section)
        elif board not in boards.partial:
            guess = nearest(section, sections)
            advice = f"Did you mean `{guess}`?" if guess else f"Sections of `{board}`: {listed(sections, 'none')}."
            message = f"the board `{board}` has no section with the key `{shortened(section)}`"
            self.report("section", "unknown-section", message, advice)

    def texts(self, fields: dict[str, Any]) -> None:
        """Sets title, description, link and alt text."""
        for name in _TEXTS:
            if self.values.get(name, WRONG) is not WRONG:
                fields[name] = clean(self.values[name])
        link = fields.get("link")
        if link:
            fields["link"] = self._link(link, "link", ())

    def save(self, fields: dict[str, Any]) -> None:
        """Sets the media of a saved pin, which keeps the texts of the original."""
        for name in _TEXTS:
            if name in self._entry.value:
                self.report(name, "save", f"`{name}` cannot be given with `save`: a saved pin keeps the original's",
                            "Remove it.")  # fmt: skip
        if isinstance(self.values["save"], str):
            fields["media"] = media_value("save", [self.values["save"].rstrip("/").rpartition("/")[2]])

    def pictures(self, fields: dict[str, Any], key: str) -> tuple[Image, ...]:
        """Sets the media of an image pin or carousel, and the texts of its slots."""
        if key == "image":
            image = self._picture(self.values["image"], "image", ())
            if image is None:
                return ()
            fields["media"] = media_value("image", [image.fingerprint])
            return (image,)
        entries = self.values["carousel"]
        slots = [mapping_of(slot) for slot in entries] if isinstance(entries, list) else []
        images = [self._picture(slot.get("image"), "carousel", (number, "image")) for number, slot in enumerate(slots)]
        texts = [self._slot_texts(slot, number) for number, slot in enumerate(slots)]
        whole = [image for image in images if image]
        mixed = next((image for image in whole if bool(image.sha256) != bool(whole[0].sha256)), None)
        if mixed:
            message = "a carousel is either all files or all web addresses: Pinterest takes no mixture"
            advice = "Save the pictures beside this file."
            self.report("carousel", "mixed-carousel", message, advice, (images.index(mixed), "image"))
        if mixed or not whole or len(whole) != len(images):
            return ()
        fields["media"] = media_value("carousel", [image.fingerprint for image in whole])
        fields["slots"] = texts
        return tuple(whole)

    def video(self) -> Video | None:
        """The video, if it can be used."""
        source = self.values["video"]
        if not isinstance(source, str):
            return None
        if "://" in source:
            message = f'the video "{shortened(source)}" is a web address, and Pinterest takes videos as files only'
            self.report("video", "bad-url", message, "Download it, and name the file.")
            return None
        try:
            return self._reading.media.video(self._entry.file.rpartition("/")[0], source)
        except MediaProblem as found:
            self.report("video", found.code, f'"{shortened(source)}" {found.message}', found.advice)
            return None

    def cover(self, fields: dict[str, Any], video: Video) -> tuple[Image, ...]:
        """Sets the media of a video pin; returns the picture of its cover, if it is not one of the video's own."""
        given = self.values.get("cover", KEY_FRAME)
        if not isinstance(given, str):
            return ()
        given = given.strip()
        time = _TIME.fullmatch(given)
        if time is None:
            if _LIKE_A_TIME.fullmatch(given):
                self.report("cover", "wrong-form", f'the cover "{shortened(given)}" is not a time in whole seconds',
                            "Write it as 3s, or name a picture.")  # fmt: skip
                return ()
            image = self._picture(given, "cover", ())
            if image is None:
                return ()
            fields["media"] = media_value("video", [video.fingerprint, image.fingerprint])
            return (image,)
        seconds = int(time[1])
        if seconds >= video.duration:
            message = f'the cover "{given}" is after the end of the video, which is {video.duration:.1f} seconds long'
            self.report("cover", "out-of-range", message, f"Write at most {math.ceil(video.duration) - 1}s.")
            return ()
        fields["media"] = media_value("video", [video.fingerprint, f"{seconds}s"])
        return ()

    def _slot_texts(self, slot: Mapping[str, Any], number: int) -> dict[str, Any]:
        texts = {name: clean(slot[name]) for name in _SLOT_TEXTS if name in slot}
        if texts.get("link"):
            texts["link"] = self._link(texts["link"], "carousel", (number, "link"))
        return texts

    def publish_at(self) -> datetime | None:
        """The time before which the pin must not appear, in UTC."""
        text = self._entry.value.get("publish_at")
        if not isinstance(text, str) or text == AT_ONCE:
            return None
        try:
            return self._moment(text, datetime.fromisoformat(text.strip()))
        except (ValueError, OverflowError) as error:
            reason = "" if "isoformat" in str(error) else f" ({error})"
            self.report("publish_at", "wrong-form", f'"{shortened(text)}" is not a date and time{reason}',
                        f"Write it as 2026-12-01T09:00+01:00, or as {AT_ONCE}.")  # fmt: skip
            return None

    def _moment(self, text: str, moment: datetime) -> datetime | None:
        if moment.tzinfo is None:
            zone = self._reading.settings.timezone
            if zone is None:
                # A zone that is wrong in the configuration is reported there.
                if not self._reading.settings.timezone_wrong:
                    advice = f"Add the offset (2026-12-01T09:00+01:00), or set `timezone:` in {CONFIG}."
                    self.report("publish_at", "time-zone", f'"{text}" does not say which time zone it means', advice)
                return None
            moment = moment.replace(tzinfo=zone)
            if moment.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != moment.replace(tzinfo=None):
                self.report("publish_at", "time-zone", f'"{text}" does not exist in {zone.key}: the clocks skip it',
                            "Choose a time an hour later.")  # fmt: skip
                return None
            first, second = (moment.replace(fold=fold).isoformat(timespec="minutes") for fold in (0, 1))
            if first != second:
                self.report("publish_at", "time-zone", f'"{text}" exists twice in {zone.key}: the clocks are set back',
                            f"Say which one it is: {first} is the first, {second} the second.")  # fmt: skip
                return None
        return moment.astimezone(UTC)

    def _link(self, link: str, name: str, below: Place) -> str:
        problem = links.address_problem(link, links.LINKS)
        if problem:
            self.report(name, "bad-link", f'the link "{shortened(link)}" {problem[0]}', problem[1], below)
            return link
        tagged = with_params(link, mapping_of(self.values.get("link_params")))
        if len(tagged) > LINK_LIMIT >= len(link):
            message = (
                f"the link has {len(tagged):,} characters with its link_params; at most {LINK_LIMIT:,} are allowed"
            )
            self.report(name, "too-long", message, f"Shorten it by {len(tagged) - LINK_LIMIT:,}.", below)
        return tagged

    def _picture(self, source: Any, name: str, below: Place) -> Image | None:
        if not isinstance(source, str):
            return None
        if "://" in source:
            problem = links.address_problem(source, links.PICTURES)
            if problem is None:
                return Image(source)
            self.report(name, "bad-url", f'the address "{shortened(source)}" {problem[0]}', problem[1], below)
            return None
        try:
            return self._reading.media.picture(self._entry.file.rpartition("/")[0], source)
        except MediaProblem as found:
            self.report(name, found.code, f'"{shortened(source)}" {found.message}', found.advice, below)
            return None

"""What a pin on Pinterest would be in YAML."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pinsync.importing.result import LeftOut
from pinsync.importing.spelling import Inline
from pinsync.model.pin import CAROUSEL_SIZES

TEXTS = ("title", "description", "link", "alt_text")
_SLOT_TEXTS = ("title", "description", "link")
_SIDE = re.compile(r"[0-9]{1,9}")
_CROPPED = re.compile(r"[0-9]+x[0-9]+")
_LEFT_OUT = {
    "video": "it shows a video, and Pinterest's API does not hand out the file",
    "multiple_videos": "it shows several videos, which no app can make through the API",
    "multiple_mixed": "it shows pictures and videos together, which no app can make through the API",
}


@dataclass(frozen=True, slots=True)
class Described:
    """A pin as far as it can be declared. ``urls`` are its pictures in their largest size, ``slots`` the texts of a
    carousel's pictures, ``saved`` the id of the pin that it saves."""

    texts: Mapping[str, str]
    urls: tuple[str, ...] = ()
    slots: tuple[Mapping[str, str], ...] | None = None
    saved: str = ""

    @property
    def title(self) -> str:
        """What to call it, if it has a name at all."""
        return self.texts.get("title") or next((slot["title"] for slot in self.slots or () if "title" in slot), "")


def describe(answer: Mapping[str, Any]) -> Described:
    """The pin that Pinterest answered. Raises LeftOut where pinsync has no words for it."""
    parent = answer.get("parent_pin_id")
    if parent:
        return Described({}, saved=str(parent))
    media = _mapping(answer.get("media"))
    kind = str(media.get("media_type") or "")
    if kind == "image":
        return Described(_texts(answer, TEXTS), (_largest(media.get("images")),))
    if kind == "multiple_images":
        items = [_mapping(item) for item in media.get("items") or ()]
        fewest, most = CAROUSEL_SIZES
        if not fewest <= len(items) <= most:
            raise LeftOut(f"it is a carousel of {len(items)} pictures; pinsync knows {fewest} to {most}", hopeless=True)
        return Described(
            _texts(answer, TEXTS),
            tuple(_largest(item.get("images")) for item in items),
            tuple(_texts(item, _SLOT_TEXTS) for item in items),
        )
    other = f"media of the kind {kind}" if kind else "nothing that Pinterest tells"
    raise LeftOut(_LEFT_OUT.get(kind) or f"it shows {other}, which pinsync does not know", hopeless=True)


def declared(
    described: Described, place: Mapping[str, Any], sources: Sequence[str], defaults: Mapping[str, Any]
) -> dict[str, Any]:
    """The YAML of a pin: ``place`` is where it is, ``sources`` names its pictures. What folders would give to it and it
    does not have is taken away."""
    value = dict(place)
    if "section" not in value and defaults.get("section") is not None and defaults.get("board") == value["board"]:
        value["section"] = None
    if described.saved:
        return {**value, "save": f"https://www.pinterest.com/pin/{described.saved}/"}
    for name in TEXTS:
        if name in described.texts:
            value[name] = described.texts[name]
        elif defaults.get(name) is not None:
            value[name] = None
    if described.slots is None:
        return {**value, "image": sources[0]}
    slots = [{"image": source, **texts} for source, texts in zip(sources, described.slots, strict=True)]
    return {**value, "carousel": slots}


def board_reference(name: str) -> Inline:
    """The reference to a board that is not declared."""
    return Inline(existing=name)


def without(value: Mapping[str, Any], path: Sequence[str | int]) -> dict[str, Any] | None:
    """A pin's YAML without the text at ``path``; None where it would not be the same pin without it."""
    match list(path):
        case [str(name)] if name in TEXTS:
            return {key: part for key, part in value.items() if key != name}
        case ["carousel", int(number), str(name)] if name in _SLOT_TEXTS:
            slots = [dict(slot) for slot in value["carousel"]]
            slots[number].pop(name, None)
            return {**value, "carousel": slots}
    return None


def _texts(answer: Mapping[str, Any], names: Sequence[str]) -> dict[str, str]:
    texts = {name: answer.get(name) for name in names}
    return {name: text.strip() for name, text in texts.items() if isinstance(text, str) and text.strip()}


def _largest(images: Any) -> str:
    """The address of the largest size that shows the whole picture; those named after both sides are cut to fit."""
    found: list[tuple[bool, float, int, str]] = []
    for name, details in _mapping(images).items():
        about = _mapping(details)
        url, width, height = about.get("url"), about.get("width"), about.get("height")
        if isinstance(url, str) and url:
            area = width * height if isinstance(width, (int, float)) and isinstance(height, (int, float)) else 0
            side = _SIDE.match(str(name))
            found.append((not _CROPPED.fullmatch(str(name)), float(area), int(side[0]) if side else 0, url))
    if not found:
        raise LeftOut("Pinterest does not say where its picture is")
    return max(found)[-1]


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}

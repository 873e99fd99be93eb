"""What a new pin shows: ``media_source`` by its ``source_type``, read into pictures with their texts, or a video."""

from __future__ import annotations

import base64
import binascii
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pinsync.emulator import bodies, fetching, pictures
from pinsync.emulator.calls import World
from pinsync.emulator.errors import image_not_fetched, invalid, not_permitted
from pinsync.emulator.pictures import NotAPicture, Picture

TITLE_LIMIT = 100
DESCRIPTION_LIMIT = 800
CAROUSEL_SIZES = (2, 5)

Uploaded = Callable[[Any], sqlite3.Row]
"""The upload with an id, refused where a new pin cannot show it."""

_CONTENT_TYPES = ("image/jpeg", "image/png")
_ITEM_TEXTS = ("title", "description", "link")


@dataclass(frozen=True, slots=True)
class Slot:
    """One picture of a pin. The texts are those of a carousel slot and None for a pin with one picture."""

    picture: Picture
    title: str | None = None
    description: str | None = None
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Media:
    """What a pin shows. The one picture of a video, which ``media_id`` names, is its cover."""

    slots: tuple[Slot, ...]
    carousel: bool
    is_standard: bool
    media_id: int | None = None

    @property
    def types(self) -> tuple[str, str]:
        """The ``media_type`` and ``creative_type`` of its pin."""
        if self.media_id is not None:
            return "video", "VIDEO"
        return ("multiple_images", "CAROUSEL") if self.carousel else ("image", "REGULAR")


def read(world: World, source: Any, uploaded: Uploaded) -> Media:
    """The media that ``source`` stands for; refused where it is not what the description allows or cannot be read."""
    if not isinstance(source, dict):
        raise invalid("'media_source' is required and has to be an object.")
    source_type = source.get("source_type")
    reader = _READERS.get(source_type) if isinstance(source_type, str) else None
    if reader is None:
        raise invalid(
            f"'media_source.source_type' has to be one of {', '.join(_READERS)}, not {bodies.quoted(source_type)}."
        )
    return reader(world, source, uploaded)


def _image_base64(world: World, source: Mapping[str, Any], uploaded: Uploaded) -> Media:
    bodies.mapping(source, ("source_type", "content_type", "data", "is_standard"), "'media_source'")
    return Media((Slot(_decoded(world, source)),), False, bodies.flag(source, "is_standard", True))


def _image_url(world: World, source: Mapping[str, Any], uploaded: Uploaded) -> Media:
    bodies.mapping(source, ("source_type", "url", "is_standard"), "'media_source'")
    return Media((Slot(_fetched(world, source)),), False, bodies.flag(source, "is_standard", True))


def _multiple_image_base64(world: World, source: Mapping[str, Any], uploaded: Uploaded) -> Media:
    return _carousel(world, source, ("content_type", "data"), _decoded)


def _multiple_image_urls(world: World, source: Mapping[str, Any], uploaded: Uploaded) -> Media:
    return _carousel(world, source, ("url",), _fetched)


def _carousel(
    world: World,
    source: Mapping[str, Any],
    names: tuple[str, ...],
    picture: Callable[[World, Mapping[str, Any]], Picture],
) -> Media:
    bodies.mapping(source, ("source_type", "items", "index"), "'media_source'")
    items = source.get("items")
    fewest, most = CAROUSEL_SIZES
    if not isinstance(items, list) or not fewest <= len(items) <= most:
        raise invalid(f"'media_source.items' has to be a list of {fewest} to {most} images.")
    index = source.get("index", 0)
    if not isinstance(index, int) or isinstance(index, bool) or not 0 <= index < len(items):
        raise invalid("'media_source.index' has to be the place of one of the items, counted from 0.")
    read = [bodies.mapping(item, (*names, *_ITEM_TEXTS), "an item of 'media_source.items'") for item in items]
    return Media(tuple(Slot(picture(world, item), **slot_texts(item)) for item in read), True, True)


def slot_texts(item: Mapping[str, Any]) -> dict[str, str | None]:
    """The stored texts of a carousel slot. The description has no null for them; an empty one stands for none."""
    return {
        "title": bodies.text(item, "title", TITLE_LIMIT, nullable=False),
        "description": bodies.text(item, "description", DESCRIPTION_LIMIT, nullable=False),
        "link": bodies.link(item, nullable=False),
    }


def _decoded(world: World, source: Mapping[str, Any]) -> Picture:
    content_type = bodies.choice(source, "content_type", _CONTENT_TYPES, "")
    data = source.get("data")
    if not isinstance(data, str) or not data:
        raise invalid("'data' has to be the picture in base64.")
    if len(data) > pictures.LARGEST * 4 // 3 + 4:
        raise invalid(f"the picture is larger than {pictures.LARGEST // 2**20} MB.")
    try:
        content = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        raise invalid("'data' is not valid base64.") from None
    try:
        picture = _known(world, content) or pictures.decode(content)
    except NotAPicture as error:
        raise invalid(f"{error}.") from None
    if picture.content_type != content_type:
        raise invalid(f"'content_type' is {content_type}, but 'data' is {picture.content_type}.")
    return picture


def _fetched(world: World, source: Mapping[str, Any]) -> Picture:
    url = source.get("url")
    if not isinstance(url, str) or not url:
        raise invalid("'url' has to be the https address of a picture.")
    content = fetching.fetch(url)
    try:
        return _known(world, content) or pictures.decode(content)
    except NotAPicture:
        raise image_not_fetched() from None


def _known(world: World, content: bytes) -> Picture | None:
    # Decoding is by far the dearest part of a call; the same bytes have the same pixels.
    with world.store.reading() as db:
        row = db.execute(
            "SELECT sha256, content_type, width, height, dominant_color FROM pictures WHERE sha256 = ?",
            (pictures.fingerprint(content),),
        ).fetchone()
    return Picture(**dict(row), data=content) if row else None


def _video_id(world: World, source: Mapping[str, Any], uploaded: Uploaded) -> Media:
    names = ("cover_image_url", "cover_image_content_type", "cover_image_data", "cover_image_key_frame_time")
    bodies.mapping(source, ("source_type", "media_id", "is_standard", *names), "'media_source'")
    row = uploaded(source.get("media_id"))
    kinds = [kind for kind in ("url", "data", "key_frame_time") if source.get(f"cover_image_{kind}") is not None]
    if len(kinds) != 1:
        raise invalid(
            "a video needs exactly one of 'cover_image_url', 'cover_image_data' and 'cover_image_key_frame_time'."
        )
    cover = _COVERS[kinds[0]](world, source, row)
    return Media((Slot(cover),), False, bodies.flag(source, "is_standard", True), row["id"])


def _cover_url(world: World, source: Mapping[str, Any], row: sqlite3.Row) -> Picture:
    return _fetched(world, {"url": source["cover_image_url"]})


def _cover_data(world: World, source: Mapping[str, Any], row: sqlite3.Row) -> Picture:
    kind = source.get("cover_image_content_type")
    return _decoded(world, {"content_type": kind, "data": source["cover_image_data"]})


def _cover_frame(world: World, source: Mapping[str, Any], row: sqlite3.Row) -> Picture:
    second = source["cover_image_key_frame_time"]
    if not isinstance(second, int) or isinstance(second, bool) or second < 0:
        raise invalid("'cover_image_key_frame_time' has to be a whole number of seconds.")
    # Nothing here decodes videos: the frame is drawn, and says of when it is.
    last = min(second, row["seconds"])
    return pictures.decode(pictures.frame(str(row["key"]), row["width"], row["height"], last))


_COVERS = {"url": _cover_url, "data": _cover_data, "key_frame_time": _cover_frame}


def _pin_url(world: World, source: Mapping[str, Any], uploaded: Uploaded) -> Media:
    raise not_permitted()


_READERS: Mapping[str, Callable[[World, Mapping[str, Any], Uploaded], Media]] = {
    "image_base64": _image_base64,
    "image_url": _image_url,
    "multiple_image_base64": _multiple_image_base64,
    "multiple_image_urls": _multiple_image_urls,
    "video_id": _video_id,
    "pin_url": _pin_url,
}

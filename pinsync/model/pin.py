"""Pins: image pins, carousels, videos and saved pins."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

from pinsync.model.equality import (
    canonical_link,
    canonical_slots,
    canonical_text,
    same_link,
    same_slots,
    same_text,
)
from pinsync.model.kind import Field, Kind, Payload, Uploaded, table
from pinsync.model.resource import Desired, Found, Value
from pinsync.pinterest.operations import Call, create_pin, delete_pin, save_pin, update_pin

TITLE_LIMIT = 100
DESCRIPTION_LIMIT = 800
LINK_LIMIT = 2048
ALT_TEXT_LIMIT = 500
CAROUSEL_SIZES = (2, 5)
MEDIA_KEYS = ("image", "carousel", "video", "save")

_SLOT_TEXTS = ("title", "description", "link")
_SIMILAR = 0.8  # share of a text that agrees
_SAME_SHAPE = 0.02  # renditions are rounded to whole pixels, so proportions agree only about


def _text(limit: int, description: str, example: str) -> dict[str, Any]:
    return {"type": ["string", "null"], "maxLength": limit, "description": description, "examples": [example]}


TITLE_SCHEMA = _text(TITLE_LIMIT, "The title on the pin. null removes it.", "Pumpkin soup in 20 minutes")
DESCRIPTION_SCHEMA = _text(
    DESCRIPTION_LIMIT, "The text under the title. null removes it.", "One pot, five ingredients."
)
LINK_SCHEMA = _text(
    LINK_LIMIT, "Where a click leads: an http or https address. null removes it.", "https://example.com/pumpkin-soup"
)

FIELDS = table(
    Field("board", "board", reference=True),
    Field("section", "section", reference=True),
    Field("title", "title", TITLE_SCHEMA, same_text),
    Field("description", "description", DESCRIPTION_SCHEMA, same_text),
    Field("link", "link", LINK_SCHEMA, same_link),
    Field(
        "alt_text",
        "alt text",
        _text(ALT_TEXT_LIMIT, "What the picture shows, for people who do not see it.", "A bowl of orange soup"),
        same_text,
    ),
    Field("media", "media", readable=False),
    Field("slots", "carousel texts", None, same_slots),
)

_WIRE_NAMES = {"board": "board_id", "section": "board_section_id", "slots": "carousel_slots"}


def media_value(key: str, sources: Sequence[str]) -> dict[str, Any]:
    """The comparable value of the ``media`` field: its YAML key with fingerprints, URLs or the id of a saved pin.

    A video has its cover with it: a fingerprint, a URL, or a time in whole seconds such as ``3s``.
    """
    if key == "video":
        return dict(zip(("video", "cover"), sources, strict=True))
    return {key: list(sources) if key == "carousel" else sources[0]}


def _video_source(desired: Desired, payloads: Sequence[Payload], video: Uploaded) -> dict[str, Any]:
    cover: dict[str, Any]
    if payloads:
        data = base64.b64encode(payloads[0].data).decode("ascii")
        cover = {"cover_image_content_type": payloads[0].content_type, "cover_image_data": data}
    elif desired.images:
        cover = {"cover_image_url": desired.images[0].source}
    else:
        cover = {"cover_image_key_frame_time": int(desired.fields["media"]["cover"].removesuffix("s"))}
    return {"source_type": "video_id", "media_id": video.media_id, **cover}


def _media_source(desired: Desired, payloads: Sequence[Payload]) -> dict[str, Any]:
    slots = desired.fields.get("slots") or [{} for _ in desired.images]
    parts: list[dict[str, Any]]
    if payloads:
        parts = [
            {"content_type": payload.content_type, "data": base64.b64encode(payload.data).decode("ascii")}
            for payload in payloads
        ]
    else:
        parts = [{"url": image.source} for image in desired.images]
    if "carousel" not in desired.fields["media"]:
        return {"source_type": "image_base64" if payloads else "image_url", **parts[0]}
    texts = [{name: slot[name] for name in _SLOT_TEXTS if slot.get(name)} for slot in slots]
    return {
        "source_type": "multiple_image_base64" if payloads else "multiple_image_urls",
        "items": [{**text, **part} for text, part in zip(texts, parts, strict=True)],
    }


def _create(
    desired: Desired, fields: Mapping[str, Value], payloads: Sequence[Payload], video: Uploaded | None
) -> Call[Any]:
    body = {
        _WIRE_NAMES.get(name, name): value
        for name, value in fields.items()
        if value is not None and name not in ("media", "slots")
    }
    saved = desired.fields["media"].get("save")
    if saved:
        return save_pin(saved, body)
    source = _video_source(desired, payloads, video) if video else _media_source(desired, payloads)
    return create_pin({**body, "media_source": source})


def _update(pin_id: str, fields: Mapping[str, Value], before: Mapping[str, Value]) -> Call[Any]:
    body: dict[str, Any] = {}
    for name, old in before.items():
        value = fields[name]
        if name == "slots":
            # Where it is not known what a slot has, it may have any text.
            value = list(map(_slot_update, value, old or [dict.fromkeys(_SLOT_TEXTS, "?")] * len(value)))
        body[_WIRE_NAMES.get(name, name)] = value
    return update_pin(pin_id, body)


def _slot_update(slot: Mapping[str, Any], old: Mapping[str, Any]) -> dict[str, Any]:
    # A text that is absent stays, and the description has no null: an empty one is how a slot's text is taken away.
    return {text: slot.get(text) or "" for text in _SLOT_TEXTS if text in slot or old.get(text)}


def _slot_of(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: item.get(name) for name in _SLOT_TEXTS}


def _proportion(images: Any) -> float:
    """Width by height of a pin's picture, or 0.0 where it is not known."""
    # The 150x150 and 400x300 renditions are cropped; the others keep the proportions of the original.
    for rendition in ("1200x", "600x"):
        proportion = _width_by_height(_object(_object(images).get(rendition)))
        if proportion:
            return proportion
    return 0.0


def _width_by_height(details: Mapping[str, Any]) -> float:
    width, height = details.get("width"), details.get("height")
    if isinstance(width, (int, float)) and isinstance(height, (int, float)) and width > 0 and height > 0:
        return width / height
    return 0.0


def _object(value: Any) -> Mapping[str, Any]:
    # What media looks like is not needed to know that the pin is there, so that no surprise in it may hide the pin.
    return value if isinstance(value, Mapping) else {}


def _observe(answer: Mapping[str, Any], context: Mapping[str, Value]) -> Found:
    media = _object(answer.get("media"))
    items = [_object(item) for item in media.get("items") or []]
    fields: dict[str, Value] = {
        "board": answer.get("board_id"),
        "section": answer.get("board_section_id"),
        "title": answer.get("title"),
        "description": answer.get("description"),
        "link": answer.get("link"),
        "alt_text": answer.get("alt_text"),
    }
    if items:
        fields["slots"] = [_slot_of(item) for item in items]
        proportions = tuple(_proportion(item.get("images")) for item in items)
    elif media.get("media_type") == "video":
        # The pictures are those of the cover, which may have other proportions than the video.
        proportions = (_width_by_height(media),)
    else:
        proportions = (_proportion(media.get("images")),)
    parent = answer.get("parent_pin_id")
    shape: tuple[Any, ...] = (media.get("media_type", ""), str(parent) if parent else None, proportions)
    return Found("pin", str(answer["id"]), fields, shape, str(answer.get("created_at") or ""))


def shape_of(desired: Desired) -> tuple[Any, ...]:
    """What a live pin made from this one looks like from outside: (media type, id of the saved pin, proportions).

    A proportion is width divided by height, or 0.0 where it is not known. An empty media type means any.
    """
    media = desired.fields["media"]
    saved = media.get("save")
    if saved:
        return ("", str(saved), ())
    if desired.video:
        return ("video", None, (desired.video.width / desired.video.height,))
    proportions = tuple(image.width / image.height if image.height else 0.0 for image in desired.images)
    return ("multiple_images" if "carousel" in media else "image", None, proportions)


def _texts(fields: Mapping[str, Value]) -> tuple[str, str, str, str]:
    return (
        canonical_text(fields.get("title")),
        canonical_text(fields.get("description")),
        canonical_link(fields.get("link")),
        canonical_text(fields.get("alt_text")),
    )


def _identity(fields: Mapping[str, Value], shape: tuple[Any, ...]) -> Any:
    media_type, saved, proportions = shape
    place = (fields.get("board"), fields.get("section"))
    if saved:
        return (*place, "save", saved)
    slots = tuple(canonical_slots(fields.get("slots"))) if media_type == "multiple_images" else ()
    return (*place, media_type, len(proportions), _texts(fields), slots)


def _is_anonymous(fields: Mapping[str, Value]) -> bool:
    slots = canonical_slots(fields.get("slots"))
    return "save" not in fields["media"] and not any(_texts(fields)) and not any(map(any, slots))


def _resembles(fields: Mapping[str, Value], shape: tuple[Any, ...], found: Found) -> bool:
    """Whether place and media agree and no text is quite another: so a pin looks whose texts the server changed."""
    media_type, saved, proportions = shape
    if saved or (media_type, len(proportions)) != (found.shape[0], len(found.shape[2])):
        return False
    if any(fields.get(name) != found.fields.get(name) for name in ("board", "section")):
        return False
    mine, theirs = _texts(fields), _texts(found.fields)
    return any(mine) and same_proportions(shape, found.shape) and all(map(_close, mine, theirs))


def _close(one: str, other: str) -> bool:
    one, other = one.partition("?")[0], other.partition("?")[0]  # link parameters come and go
    return one == other or (bool(one and other) and SequenceMatcher(None, one, other).ratio() >= _SIMILAR)


def same_proportions(one: tuple[Any, ...], other: tuple[Any, ...]) -> bool:
    """Whether two shapes of equal identity can show the same pictures: proportions agree where both are known."""
    return all(
        not mine or not theirs or abs(mine - theirs) <= _SAME_SHAPE * max(mine, theirs)
        for mine, theirs in zip(one[2], other[2], strict=False)
    )


def _parents(desired: Desired) -> tuple[str, ...]:
    references = (desired.fields.get("section"), desired.fields.get("board"))
    return tuple(reference for reference in references if reference)


def _describe(desired: Desired) -> str:
    title = desired.fields.get("title")
    if title:
        return str(title)
    slots = desired.fields.get("slots") or []
    texts = [slot["title"] for slot in slots if slot.get("title")]
    return str(texts[0]) if texts else ""


KIND = Kind(
    name="pin",
    plural="pins",
    fields=FIELDS,
    parents=_parents,
    describe=_describe,
    create=_create,
    update=_update,
    delete=lambda resource_id, fields: delete_pin(resource_id),
    observe=_observe,
    identity=_identity,
    shape=shape_of,
    is_anonymous=_is_anonymous,
    resembles=_resembles,
)

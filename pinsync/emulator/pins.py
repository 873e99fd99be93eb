"""Pins: one at a time. Listings of them are in `pin_listings`."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping
from functools import partial
from typing import Any

from pinsync.emulator import boards, bodies, media, media_sources, renditions, sections
from pinsync.emulator.calls import Answer, Call, Handler, World, timestamp
from pinsync.emulator.errors import invalid, not_permitted, pin_not_found
from pinsync.emulator.media_sources import Media
from pinsync.emulator.settings import EmulatorSettings
from pinsync.emulator.store import row_id

# Source: the official description, schemas PinCreate and PinUpdate.
TITLE_LIMIT = 100
DESCRIPTION_LIMIT = 800
ALT_TEXT_LIMIT = 500

_TEXTS = ("title", "description", "link", "alt_text")
_PLACE = ("board_id", "board_section_id")
_CREATABLE = (*_TEXTS, *_PLACE, "dominant_color", "media_source", "parent_pin_id", "sponsor_id")
_CHANGEABLE = (*_TEXTS, *_PLACE, "carousel_slots")
_SLOT_TEXTS = ("title", "description", "link")


def find(db: sqlite3.Connection, call: Call, number: int) -> sqlite3.Row:
    """The pin with row id ``number``, joined with its board's owner, if the caller may see it; 404 otherwise."""
    row: sqlite3.Row | None = db.execute(
        "SELECT pins.*, boards.username, boards.privacy FROM pins JOIN boards ON boards.id = pins.board_id"
        " WHERE pins.id = ? AND pins.account_id = ?",
        (number, call.identity.account_id),
    ).fetchone()
    if row is None:
        raise pin_not_found()
    if row["privacy"] == "SECRET":
        boards.permit_secret(call, "pins:read_secret", pin_not_found())
    return row


def find_by_path(db: sqlite3.Connection, call: Call) -> sqlite3.Row:
    """The pin that the path names."""
    text = call.path["pin_id"]
    if not text.isascii() or not text.isdigit():
        raise invalid(f"{bodies.quoted(text)} is not a pin id.")
    return find(db, call, row_id(text))


def shown(db: sqlite3.Connection, call: Call, row: sqlite3.Row) -> dict[str, Any]:
    """A pin as the API answers it."""
    slots = db.execute(
        "SELECT slots.*, width, height FROM slots JOIN pictures USING (sha256) WHERE pin_id = ? ORDER BY place",
        (row["id"],),
    ).fetchall()
    return {
        "id": str(row["id"]),
        "title": row["title"],
        "description": row["description"],
        "link": row["link"],
        "alt_text": row["alt_text"],
        "dominant_color": row["dominant_color"],
        "board_id": str(row["board_id"]),
        "board_section_id": _id(row["section_id"]),
        "board_owner": {"username": row["username"]},
        "parent_pin_id": _id(row["parent_pin_id"]),
        "created_at": timestamp(row["created_at"]),
        "creative_type": row["creative_type"],
        "is_owner": True,
        "is_standard": bool(row["is_standard"]),
        "has_been_promoted": False,
        "pin_metrics": None,
        "media": _media(call, row["media_type"], slots) if row["media_id"] is None else _video(db, call, row, slots[0]),
    }


def _id(number: int | None) -> str | None:
    return None if number is None else str(number)


def _media(call: Call, media_type: str, slots: list[sqlite3.Row]) -> dict[str, Any]:
    if media_type == "image":
        return {"media_type": media_type, "images": renditions.listed(call.origin, slots[0])}
    items = [
        {
            "item_type": "image",
            **{name: slot[name] for name in _SLOT_TEXTS},
            "images": renditions.listed(call.origin, slot),
        }
        for slot in slots
    ]
    return {"media_type": media_type, "items": items}


def _video(db: sqlite3.Connection, call: Call, pin: sqlite3.Row, cover: sqlite3.Row) -> dict[str, Any]:
    video = db.execute("SELECT * FROM media WHERE id = ?", (pin["media_id"],)).fetchone()
    images = renditions.listed(call.origin, cover)
    return {
        "media_type": "video",
        "images": images,
        "cover_image_url": images["1200x"]["url"],
        "duration": round(video["seconds"] * 1000),
        "width": video["width"],
        "height": video["height"],
        "video_url": f"{call.origin}/videos/{video['id']}",
    }


def _texts(body: Mapping[str, Any]) -> dict[str, str | None]:
    """The stored forms of those texts that the body has."""
    stored = {
        "title": bodies.text(body, "title", TITLE_LIMIT),
        "description": bodies.text(body, "description", DESCRIPTION_LIMIT),
        "alt_text": bodies.text(body, "alt_text", ALT_TEXT_LIMIT),
        "link": bodies.link(body),
    }
    return {name: value for name, value in stored.items() if name in body}


def _color(body: Mapping[str, Any]) -> str | None:
    color = body.get("dominant_color")
    if color is None:
        return None
    if not isinstance(color, str) or not re.fullmatch(r"#[0-9a-fA-F]{6}", color):
        raise invalid("'dominant_color' has to be a hex number such as #6E7874.")
    return color.lower()


def _place(db: sqlite3.Connection, call: Call, body: Mapping[str, Any]) -> tuple[int, int | None]:
    """Board and section that the body names, both there and belonging together."""
    board_number = bodies.identifier(body, "board_id")
    if board_number is None:
        raise invalid("'board_id' is required.")
    section_number = bodies.identifier(body, "board_section_id")
    boards.find(db, call, board_number)
    if section_number is not None:
        sections.find(db, board_number, section_number)
    return board_number, section_number


def _create(settings: EmulatorSettings, world: World, call: Call) -> Answer:
    """``POST /pins``. Two equal requests make two pins: there is no idempotency key."""
    body = bodies.mapping(call.body, _CREATABLE)
    texts = {**dict.fromkeys(_TEXTS), **_texts(body)}
    color = _color(body)
    if body.get("sponsor_id") is not None:
        raise not_permitted()
    with world.store.reading() as db:
        _place(db, call, body)
    # Reading pictures takes long and may ask this very server, so no lock is held meanwhile; the board is looked for again.
    owner = call.identity.account_id
    shown_media = media_sources.read(
        world, body.get("media_source"), lambda media_id: media.usable(settings, world, owner, media_id)
    )
    with world.store.writing() as db:
        place = _place(db, call, body)
        parent = bodies.identifier(body, "parent_pin_id")
        if parent is not None:
            find(db, call, parent)
        number = world.store.new_id(db)
        now = world.clock()
        first = shown_media.slots[0].picture
        if shown_media.media_id is not None and not _claim(db, shown_media.media_id):
            raise invalid(f"media {shown_media.media_id} is used by a pin already.")
        db.execute(
            "INSERT INTO pins VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                number,
                owner,
                *place,
                *(texts[name] for name in _TEXTS),
                color or first.dominant_color,
                *shown_media.types,
                shown_media.is_standard,
                parent,
                now,
                shown_media.media_id,
            ),
        )
        _keep_media(db, number, shown_media)
        boards.touch(db, place[0], now)
        return Answer(201, shown(db, call, find(db, call, number)))


def _claim(db: sqlite3.Connection, media_id: int) -> bool:
    return db.execute("UPDATE media SET used = 1 WHERE id = ? AND NOT used", (media_id,)).rowcount == 1


def _keep_media(db: sqlite3.Connection, number: int, media: Media) -> None:
    for place, slot in enumerate(media.slots):
        picture = slot.picture
        db.execute(
            "INSERT OR IGNORE INTO pictures VALUES (?, ?, ?, ?, ?, ?)",
            (
                picture.sha256,
                picture.content_type,
                picture.width,
                picture.height,
                picture.dominant_color,
                picture.data,
            ),
        )
        db.execute(
            "INSERT INTO slots VALUES (?, ?, ?, ?, ?, ?)",
            (number, place, picture.sha256, slot.title, slot.description, slot.link),
        )


def get(world: World, call: Call) -> Answer:
    """``GET /pins/{pin_id}``."""
    with world.store.reading() as db:
        return Answer(200, shown(db, call, find_by_path(db, call)))


def update(world: World, call: Call) -> Answer:
    """``PATCH /pins/{pin_id}``: what is absent stays, null clears. Media cannot change."""
    body = bodies.mapping(call.body, _CHANGEABLE)
    texts = _texts(body)
    with world.store.writing() as db:
        before = find_by_path(db, call)
        place = _new_place(db, call, body, before)
        stored = {name: texts.get(name, before[name]) for name in _TEXTS}
        db.execute(
            "UPDATE pins SET board_id = ?, section_id = ?, title = ?, description = ?, link = ?, alt_text = ? WHERE id = ?",
            (*place, *(stored[name] for name in _TEXTS), before["id"]),
        )
        if "carousel_slots" in body:
            _update_slots(db, before, body["carousel_slots"])
        if place[0] != before["board_id"]:
            now = world.clock()
            boards.touch(db, place[0], now)
            boards.touch(db, before["board_id"], now)
        return Answer(200, shown(db, call, find(db, call, before["id"])))


def _new_place(
    db: sqlite3.Connection, call: Call, body: Mapping[str, Any], before: sqlite3.Row
) -> tuple[int, int | None]:
    if "board_id" in body and body["board_id"] is None:
        raise invalid("'board_id' cannot be null: a pin is always on a board.")
    board_id = body.get("board_id", str(before["board_id"]))
    moves = bodies.identifier({"board_id": board_id}, "board_id") != before["board_id"]
    section_id = body.get("board_section_id", None if moves else _id(before["section_id"]))
    return _place(db, call, {"board_id": board_id, "board_section_id": section_id})


def _update_slots(db: sqlite3.Connection, before: sqlite3.Row, sent: Any) -> None:
    slots = db.execute("SELECT * FROM slots WHERE pin_id = ? ORDER BY place", (before["id"],)).fetchall()
    if before["media_type"] != "multiple_images":
        raise invalid("'carousel_slots' is for carousel pins only.")
    if not isinstance(sent, list) or len(sent) != len(slots):
        raise invalid(f"'carousel_slots' has to be a list of {len(slots)} slots, as many as the pin has.")
    for slot, item in zip(slots, sent, strict=True):
        known = bodies.mapping(item, _SLOT_TEXTS, "a slot of 'carousel_slots'")
        stored = media_sources.slot_texts(known)
        # A text that is absent stays, as with every other property of a PATCH.
        texts = [stored[name] if name in known else slot[name] for name in _SLOT_TEXTS]
        db.execute(
            "UPDATE slots SET title = ?, description = ?, link = ? WHERE pin_id = ? AND place = ?",
            (*texts, before["id"], slot["place"]),
        )


def delete(world: World, call: Call) -> Answer:
    """``DELETE /pins/{pin_id}``."""
    with world.store.writing() as db:
        pin = find_by_path(db, call)
        db.execute("DELETE FROM pins WHERE id = ?", (pin["id"],))
        boards.touch(db, pin["board_id"], world.clock())
    return Answer(204)


def save(world: World, call: Call) -> Answer:
    """``POST /pins/{pin_id}/save``: a new pin with the same media and texts, on a board of the caller."""
    body = bodies.mapping(call.body, _PLACE)
    with world.store.writing() as db:
        parent = find_by_path(db, call)
        place = _place(db, call, body)
        number = world.store.new_id(db)
        now = world.clock()
        db.execute(
            "INSERT INTO pins SELECT ?, ?, ?, ?, title, description, link, alt_text, dominant_color, media_type,"
            " creative_type, is_standard, id, ?, media_id FROM pins WHERE id = ?",
            (number, call.identity.account_id, *place, now, parent["id"]),
        )
        db.execute(
            "INSERT INTO slots SELECT ?, place, sha256, title, description, link FROM slots WHERE pin_id = ?",
            (number, parent["id"]),
        )
        boards.touch(db, place[0], now)
        return Answer(201, shown(db, call, find(db, call, number)))


def handlers(settings: EmulatorSettings) -> Mapping[str, Handler]:
    """The operations on pins."""
    return {
        "pins/create": partial(_create, settings),
        "pins/get": get,
        "pins/update": update,
        "pins/delete": delete,
        "pins/save": save,
    }

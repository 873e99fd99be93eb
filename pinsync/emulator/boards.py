"""Boards."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any

from pinsync.emulator import bodies, listings, normalising
from pinsync.emulator.calls import Answer, Call, Handler, World, timestamp
from pinsync.emulator.errors import Refusal, board_not_found, invalid, lacking
from pinsync.emulator.renditions import address
from pinsync.emulator.store import row_id

# The official description names no limit for boards; sections have 180.
NAME_LIMIT = 180
DESCRIPTION_LIMIT = 500

_PRIVACIES = ("PUBLIC", "PROTECTED", "SECRET")
_UPDATE_PRIVACIES = ("PUBLIC", "SECRET")
_FILTERS: Mapping[str, tuple[str, ...]] = {
    "ALL": _PRIVACIES,
    "PUBLIC": ("PUBLIC",),
    "PROTECTED": ("PROTECTED",),
    "SECRET": ("SECRET",),
    "PUBLIC_AND_SECRET": ("PUBLIC", "SECRET"),
}
_ADS_ONLY_NAME = "Ad-only Pins"
_THUMBNAILS = 5

_WITH_COUNT = "SELECT *, (SELECT count(*) FROM pins WHERE pins.board_id = boards.id) AS pin_count FROM boards"


def find(db: sqlite3.Connection, call: Call, number: int) -> sqlite3.Row:
    """The board with row id ``number``, if the caller may see it; 404 otherwise."""
    row: sqlite3.Row | None = db.execute(
        f"{_WITH_COUNT} WHERE id = ? AND account_id = ?", (number, call.identity.account_id)
    ).fetchone()
    if row is None:
        raise board_not_found()
    if row["privacy"] == "SECRET":
        permit_secret(call, "boards:read_secret", board_not_found())
    return row


def permit_secret(call: Call, to_see: str, unseen: Refusal) -> None:
    """Refuses a call that meets something secret without the scopes for it: with ``unseen`` where it lacks ``to_see``."""
    if missing := call.identity.lacks_for_secrets(call.operation):
        raise unseen if to_see in missing else lacking(missing)


def _permit_privacy(call: Call, privacy: str) -> None:
    missing = call.identity.lacks_for_secrets(call.operation)
    if missing and privacy == "SECRET":
        raise lacking(missing)


def find_by_path(db: sqlite3.Connection, call: Call) -> sqlite3.Row:
    """The board that the path names."""
    text = call.path["board_id"]
    if not text.isascii() or not text.isdigit():
        raise invalid(f"{bodies.quoted(text)} is not a board id.")
    return find(db, call, row_id(text))


def touch(db: sqlite3.Connection, number: int, now: float) -> None:
    """Notes that the pins of a board changed."""
    db.execute("UPDATE boards SET pins_modified_at = ? WHERE id = ?", (now, number))


def shown(db: sqlite3.Connection, call: Call, row: sqlite3.Row) -> dict[str, Any]:
    """A board as the API answers it."""
    covers = [
        cover["sha256"]
        for cover in db.execute(
            "SELECT sha256 FROM pins JOIN slots ON slots.pin_id = pins.id AND place = 0"
            " WHERE board_id = ? ORDER BY pins.id DESC LIMIT ?",
            (row["id"], _THUMBNAILS),
        )
    ]
    return {
        "id": str(row["id"]),
        "name": row["name"],
        "description": row["description"],
        "privacy": row["privacy"],
        "is_ads_only": bool(row["is_ads_only"]),
        "owner": {"username": row["username"]},
        "pin_count": row["pin_count"],
        "follower_count": 0,
        "collaborator_count": 0,
        "created_at": timestamp(row["created_at"]),
        "board_pins_modified_at": timestamp(row["pins_modified_at"]),
        "media": {
            "image_cover_url": address(call.origin, "400x300", covers[0]) if covers else None,
            "pin_thumbnail_urls": [address(call.origin, "150x150", cover) for cover in covers],
        },
    }


def create(world: World, call: Call) -> Answer:
    """``POST /boards``."""
    body = bodies.mapping(call.body, ("name", "description", "privacy", "is_ads_only"))
    name = bodies.name(body, NAME_LIMIT)
    description = bodies.text(body, "description", DESCRIPTION_LIMIT)
    privacy = bodies.choice(body, "privacy", _PRIVACIES, "PUBLIC")
    ads_only = bodies.flag(body, "is_ads_only", False)
    if ads_only:
        name, privacy = _ADS_ONLY_NAME, "PROTECTED"
    _permit_privacy(call, privacy)
    now = world.clock()
    account = call.identity
    with world.store.writing() as db:
        _refuse_taken(db, account.account_id, name, None)
        number = world.store.new_id(db)
        db.execute(
            "INSERT INTO boards VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                number,
                account.account_id,
                account.username,
                name,
                normalising.folded(name),
                description,
                privacy,
                ads_only,
                now,
                now,
            ),
        )
        row = db.execute(f"{_WITH_COUNT} WHERE id = ?", (number,)).fetchone()
        return Answer(201, shown(db, call, row))


def _refuse_taken(db: sqlite3.Connection, account_id: str, name: str, own: int | None) -> None:
    taken = db.execute(
        "SELECT 1 FROM boards WHERE account_id = ? AND folded = ? AND id IS NOT ?",
        (account_id, normalising.folded(name), own),
    ).fetchone()
    if taken:
        raise Refusal(400, 58, "You already have a board with this name.")


def list_(world: World, call: Call) -> Answer:
    """``GET /boards``, newest first."""
    privacies = _FILTERS[listings.one_of(call, "privacy", tuple(_FILTERS), "ALL")]
    if call.identity.lacks_for_secrets(call.operation):
        privacies = tuple(privacy for privacy in privacies if privacy != "SECRET")
    with world.store.reading() as db:
        rows = db.execute(
            f"{_WITH_COUNT} WHERE account_id = ? AND privacy IN (?, ?, ?) AND id < ? AND created_at <= ?"
            " ORDER BY id DESC LIMIT ?",
            (
                call.identity.account_id,
                *(*privacies, None, None)[:3],
                listings.before(call),
                listings.newest_shown(world, call),
                listings.page_size(call) + 1,
            ),
        ).fetchall()
        return listings.page(call, rows, lambda row: shown(db, call, row))


def get(world: World, call: Call) -> Answer:
    """``GET /boards/{board_id}``."""
    with world.store.reading() as db:
        return Answer(200, shown(db, call, find_by_path(db, call)))


def update(world: World, call: Call) -> Answer:
    """``PATCH /boards/{board_id}``: what is absent stays; privacy can only become PUBLIC or SECRET."""
    body = bodies.mapping(call.body, ("name", "description", "privacy"))
    with world.store.writing() as db:
        before = find_by_path(db, call)
        name = bodies.name(body, NAME_LIMIT) if "name" in body else before["name"]
        description = before["description"]
        if "description" in body:
            description = bodies.text(body, "description", DESCRIPTION_LIMIT)
        privacy = before["privacy"]
        if "privacy" in body:
            privacy = bodies.choice(body, "privacy", _UPDATE_PRIVACIES, "PUBLIC")
            _permit_privacy(call, privacy)
        _refuse_taken(db, call.identity.account_id, name, before["id"])
        db.execute(
            "UPDATE boards SET name = ?, folded = ?, description = ?, privacy = ? WHERE id = ?",
            (name, normalising.folded(name), description, privacy, before["id"]),
        )
        answer = shown(db, call, find(db, call, before["id"]))
    if answer["privacy"] not in _UPDATE_PRIVACIES:
        # The schema of this one answer does not know PROTECTED.
        del answer["privacy"]
    return Answer(200, answer)


def delete(world: World, call: Call) -> Answer:
    """``DELETE /boards/{board_id}``: its sections and pins go with it."""
    with world.store.writing() as db:
        db.execute("DELETE FROM boards WHERE id = ?", (find_by_path(db, call)["id"],))
    return Answer(204)


HANDLERS: Mapping[str, Handler] = {
    "boards/list": list_,
    "boards/create": create,
    "boards/get": get,
    "boards/update": update,
    "boards/delete": delete,
}

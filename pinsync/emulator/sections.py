"""Board sections."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any

from pinsync.emulator import boards, bodies, listings, normalising
from pinsync.emulator.calls import Answer, Call, Handler, World
from pinsync.emulator.errors import invalid, section_not_found
from pinsync.emulator.store import row_id

# Source: the official description, schema BoardSection.
NAME_LIMIT = 180


def find(db: sqlite3.Connection, board_number: int, number: int) -> sqlite3.Row:
    """The section with row id ``number`` on that board; 404 otherwise."""
    row: sqlite3.Row | None = db.execute(
        "SELECT * FROM sections WHERE id = ? AND board_id = ?", (number, board_number)
    ).fetchone()
    if row is None:
        raise section_not_found()
    return row


def find_by_path(db: sqlite3.Connection, call: Call) -> sqlite3.Row:
    """The section that the path names, on the board that it names."""
    text = call.path["section_id"]
    if not text.isascii() or not text.isdigit():
        raise invalid(f"{bodies.quoted(text)} is not a board section id.")
    return find(db, boards.find_by_path(db, call)["id"], row_id(text))


def shown(row: sqlite3.Row) -> dict[str, Any]:
    """A section as the API answers it."""
    return {"id": str(row["id"]), "name": row["name"]}


def _refuse_taken(db: sqlite3.Connection, board_number: int, name: str, own: int | None) -> None:
    taken = db.execute(
        "SELECT 1 FROM sections WHERE board_id = ? AND folded = ? AND id IS NOT ?",
        (board_number, normalising.folded(name), own),
    ).fetchone()
    if taken:
        raise invalid("you already have a section with this name on this board.")


def list_(world: World, call: Call) -> Answer:
    """``GET /boards/{board_id}/sections``, oldest first."""
    with world.store.reading() as db:
        rows = db.execute(
            "SELECT * FROM sections WHERE board_id = ? AND id > ? AND created_at <= ? ORDER BY id LIMIT ?",
            (
                boards.find_by_path(db, call)["id"],
                listings.after(call),
                listings.newest_shown(world, call),
                listings.page_size(call) + 1,
            ),
        ).fetchall()
    return listings.page(call, rows, shown)


def create(world: World, call: Call) -> Answer:
    """``POST /boards/{board_id}/sections``."""
    name = bodies.name(bodies.mapping(call.body, ("name",)), NAME_LIMIT)
    with world.store.writing() as db:
        board_number = boards.find_by_path(db, call)["id"]
        _refuse_taken(db, board_number, name, None)
        number = world.store.new_id(db)
        db.execute(
            "INSERT INTO sections VALUES (?, ?, ?, ?, ?)",
            (number, board_number, name, normalising.folded(name), world.clock()),
        )
    return Answer(201, {"id": str(number), "name": name})


def update(world: World, call: Call) -> Answer:
    """``PATCH /boards/{board_id}/sections/{section_id}``."""
    name = bodies.name(bodies.mapping(call.body, ("name",)), NAME_LIMIT)
    with world.store.writing() as db:
        section = find_by_path(db, call)
        _refuse_taken(db, section["board_id"], name, section["id"])
        db.execute(
            "UPDATE sections SET name = ?, folded = ? WHERE id = ?", (name, normalising.folded(name), section["id"])
        )
    return Answer(200, {"id": str(section["id"]), "name": name})


def delete(world: World, call: Call) -> Answer:
    """``DELETE /boards/{board_id}/sections/{section_id}``: its pins go with it, as on Pinterest (help centre)."""
    with world.store.writing() as db:
        section = find_by_path(db, call)
        db.execute("DELETE FROM sections WHERE id = ?", (section["id"],))
        boards.touch(db, section["board_id"], world.clock())
    return Answer(204)


HANDLERS: Mapping[str, Handler] = {
    "board_sections/list": list_,
    "board_sections/create": create,
    "board_sections/update": update,
    "board_sections/delete": delete,
}

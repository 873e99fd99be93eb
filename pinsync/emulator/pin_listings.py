"""Listings of pins: of an account, a board or a section, newest first."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

from pinsync.emulator import boards, listings, pins, sections
from pinsync.emulator.bodies import quoted
from pinsync.emulator.calls import Answer, Call, Handler, World
from pinsync.emulator.errors import invalid

# Source: the official description, schema CreativeType.
_CREATIVE_TYPES = (
    "REGULAR",
    "VIDEO",
    "SHOPPING",
    "CAROUSEL",
    "MAX_VIDEO",
    "SHOP_THE_PIN",
    "COLLECTION",
    "IDEA",
    "SHOWCASE",
    "QUIZ",
    "COLLAGE",
    "MAX_WIDTH_REGULAR_COLLECTION",
    "MAX_WIDTH_VIDEO_COLLECTION",
)
_FILTERS = ("exclude_native", "exclude_repins", "has_been_promoted")


def list_(world: World, call: Call) -> Answer:
    """``GET /pins``: all pins of the account; those on protected boards only if asked for."""
    conditions: dict[str, str | None] = {"pins.account_id = ?": call.identity.account_id}
    pin_filter = listings.one_of(call, "pin_filter", _FILTERS)
    if pin_filter == "exclude_native":
        conditions["parent_pin_id IS NOT ?"] = None
    elif pin_filter == "exclude_repins":
        conditions["parent_pin_id IS ?"] = None
    elif pin_filter == "has_been_promoted":
        conditions["pins.id IS ?"] = None  # nothing is ever promoted here
    if not listings.yes(call, "include_protected_pins"):
        conditions["privacy != ?"] = "PROTECTED"
    if listings.one_of(call, "pin_type", ("PRIVATE",)):
        conditions["privacy = ?"] = "SECRET"
    if call.identity.lacks_for_secrets(call.operation):
        conditions["privacy IS NOT ?"] = "SECRET"
    with world.store.reading() as db:
        return _page(world, call, db, conditions)


def list_of_board(world: World, call: Call) -> Answer:
    """``GET /boards/{board_id}/pins``: whole pins, those in sections included."""
    with world.store.reading() as db:
        return _page(world, call, db, {"board_id = ?": boards.find_by_path(db, call)["id"]})


def list_of_section(world: World, call: Call) -> Answer:
    """``GET /boards/{board_id}/sections/{section_id}/pins``."""
    with world.store.reading() as db:
        return _page(world, call, db, {"section_id = ?": sections.find_by_path(db, call)["id"]})


def _page(world: World, call: Call, db: sqlite3.Connection, conditions: Mapping[str, object]) -> Answer:
    listings.yes(call, "pin_metrics")  # accepted; numbers are in analytics only
    creative_types = [part for value in call.query.getlist("creative_types") for part in value.split(",") if part]
    for creative_type in creative_types:
        if creative_type not in _CREATIVE_TYPES:
            raise invalid(f"'creative_types' has no {quoted(creative_type)}.")
    wanted = ", ".join("?" for _ in creative_types)
    clauses = [
        *conditions,
        "pins.id < ?",
        "pins.created_at <= ?",
        *([f"creative_type IN ({wanted})"] if creative_types else []),
    ]
    rows = db.execute(
        "SELECT pins.*, boards.username FROM pins JOIN boards ON boards.id = pins.board_id"  # noqa: S608 - literals only
        f" WHERE {' AND '.join(clauses)} ORDER BY pins.id DESC LIMIT ?",
        (
            *conditions.values(),
            listings.before(call),
            listings.newest_shown(world, call),
            *creative_types,
            listings.page_size(call) + 1,
        ),
    ).fetchall()
    return listings.page(call, rows, lambda row: pins.shown(db, call, row))


HANDLERS: Mapping[str, Handler] = {
    "pins/list": list_,
    "boards/list_pins": list_of_board,
    "board_sections/list_pins": list_of_section,
}

"""The pages for people: boards, their sections and pins, on the cards of the gallery. Nothing from elsewhere."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Sequence

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pinsync.emulator import pictures, renditions
from pinsync.emulator.store import Store, row_id
from pinsync.gallery.cards import Board, Card, Gallery, Section, Slot
from pinsync.gallery.page import Sources, document, policy, sheet
from pinsync.model.resource import Image, Video

OVERVIEW_PINS = 24
BOARD_PINS = 500

_NAME = "pinsync emulator"
_SOURCES = Sources(
    lambda image: renditions.address("", "600x", image.source), lambda video: f"/videos/{video.source}", served=True
)
_HEADERS = {
    "content-security-policy": f"{policy(served=True)}; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "same-origin",
}
_KEPT = {**_HEADERS, "cache-control": "public, max-age=31536000, immutable"}
_FRESH = {**_HEADERS, "cache-control": "no-store"}


def routes(store: Store) -> list[Route]:
    """``/``, ``/boards/<id>``, and the pictures at ``/media/<size>/<file>``."""

    async def overview(request: Request) -> Response:
        return _answer(await run_in_threadpool(_overview, store))

    async def board(request: Request) -> Response:
        before = request.query_params.get("before")
        found = await run_in_threadpool(_board_page, store, row_id(request.path_params["board_id"]), before)
        if found is None:
            raise HTTPException(404)
        return _answer(found)

    async def profile(request: Request) -> Response:
        data = await run_in_threadpool(pictures.placeholder, "profile")
        return Response(data, media_type="image/jpeg", headers=_KEPT)

    async def picture(request: Request) -> Response:
        params = request.path_params
        found = await run_in_threadpool(renditions.serve, store, params["size"], params["file"])
        if found is None:
            raise HTTPException(404)
        return Response(found[1], media_type=found[0], headers=_KEPT)

    return [
        Route("/", overview),
        Route("/boards/{board_id}", board),
        Route("/media/profile.jpg", profile),
        Route("/media/{size}/{file}", picture),
    ]


def asking(title: str, body: str, status: int = 200) -> Response:
    """A page of its own as an answer; ``title`` is text and ``body`` HTML. It may hold a form, whose answer may lead on to
    an app."""
    # Browsers hold a form to this even where its answer sends them elsewhere.
    forms = _FRESH["content-security-policy"].replace("form-action 'none'", "form-action 'self' http: https:")
    headers = {**_FRESH, "content-security-policy": forms}
    return Response(sheet(title, body, _SOURCES).html, status, media_type="text/html", headers=headers)


def _answer(html: str) -> Response:
    return Response(html, media_type="text/html", headers=_FRESH)


def _overview(store: Store) -> str:
    with store.reading() as db:
        boards = [_board(db, row, _pins(db, row["id"], None, OVERVIEW_PINS)) for row in _boards(db)]
    if not boards:
        return sheet("No boards yet", _EMPTY, _SOURCES).html
    return document(Gallery(_NAME, "", tuple(boards), title=f"Boards - {_NAME}", home="/"), _SOURCES).html


def _board_page(store: Store, number: int, before: str | None) -> str | None:
    with store.reading() as db:
        found = [row for row in _boards(db) if row["id"] == number]
        if not found:
            return None
        pins = _pins(db, number, row_id(before) if before else None, BOARD_PINS + 1)
        more = [("All boards", "/")]
        if len(pins) > BOARD_PINS:
            pins = pins[:BOARD_PINS]
            more.insert(0, ("Older pins", f"/boards/{number}?before={pins[-1]['id']}"))
        board = _board(db, found[0], pins, more)
    return document(Gallery(_NAME, "", (board,), title=f"{board.name} - {_NAME}", home="/"), _SOURCES).html


def _boards(db: sqlite3.Connection) -> list[sqlite3.Row]:
    return db.execute(
        "SELECT *, (SELECT count(*) FROM pins WHERE board_id = boards.id) AS pin_count FROM boards ORDER BY id DESC"
    ).fetchall()


def _pins(db: sqlite3.Connection, board: int, before: int | None, limit: int) -> list[sqlite3.Row]:
    return db.execute(
        "SELECT pins.*, media.width, media.height, media.seconds FROM pins LEFT JOIN media ON media.id = media_id "
        "WHERE board_id = ? AND (? IS NULL OR pins.id < ?) ORDER BY pins.id DESC LIMIT ?",
        (board, before, before, limit),
    ).fetchall()


def _board(
    db: sqlite3.Connection, row: sqlite3.Row, pins: Sequence[sqlite3.Row], more: Sequence[tuple[str, str]] = ()
) -> Board:
    """A board with these of its pins. Without ``more``, which leads to others, it leads to the page of all of them."""
    cards: dict[int | None, list[Card]] = defaultdict(list)
    for pin in pins:
        cards[pin["section_id"]].append(_card(db, pin))
    sections = db.execute("SELECT id, name FROM sections WHERE board_id = ? ORDER BY id", (row["id"],)).fetchall()
    count, link = row["pin_count"], "" if more else f"/boards/{row['id']}"
    facts = [f"{count:,} pin{'' if count == 1 else 's'}"]
    if row["privacy"] != "PUBLIC":
        facts.append(row["privacy"].lower())
    if count > len(pins) and link:
        more = [(f"All {count:,} pins", link)]
    return Board(
        row["name"],
        tuple(cards[None]),
        tuple(Section(one["name"], tuple(cards[one["id"]]), anchor=f"section-{one['id']}") for one in sections),
        row["description"] or "",
        tuple(facts),
        anchor=f"board-{row['id']}",
        link=link,
        more=tuple(more),
    )


def _card(db: sqlite3.Connection, pin: sqlite3.Row) -> Card:
    slots = db.execute(
        "SELECT slots.*, width, height FROM slots JOIN pictures USING (sha256) WHERE pin_id = ? ORDER BY place",
        (pin["id"],),
    ).fetchall()
    number = str(pin["id"])
    video = None
    if pin["media_id"] is not None:
        video = Video(str(pin["media_id"]), "", pin["width"], pin["height"], pin["seconds"], "MP4", "", 0)
    return Card(
        number,
        pin["title"] or "",
        pin["description"] or "",
        pin["link"] or "",
        pin["alt_text"] or "",
        tuple(_slot(slot) for slot in slots),
        video,
        facts=(("Id", number), *((("Saved from", str(pin["parent_pin_id"])),) if pin["parent_pin_id"] else ())),
        anchor=f"pin-{number}",
    )


def _slot(slot: sqlite3.Row) -> Slot:
    image = Image(slot["sha256"], slot["sha256"], slot["width"], slot["height"])
    return Slot(image, slot["title"] or "", slot["description"] or "", slot["link"] or "")


_EMPTY = (
    "<p>Point pinsync here and apply something:</p>"
    "<p><code>PINTEREST_API_URL=&lt;this address&gt;/v5 PINTEREST_ACCESS_TOKEN=emulator pinsync apply</code></p>"
)

"""The page for people: boards, their sections and pins, with the pictures. No script, nothing from elsewhere."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from html import escape
from importlib import resources
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pinsync.emulator import pictures, renditions
from pinsync.emulator.store import Store, row_id

OVERVIEW_PINS = 24
BOARD_PINS = 500

_HEADERS = {
    "content-security-policy": "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "same-origin",
}
_KEPT = {**_HEADERS, "cache-control": "public, max-age=31536000, immutable"}
_FRESH = {**_HEADERS, "cache-control": "no-store"}


def routes(store: Store) -> list[Route]:
    """``/``, ``/boards/<id>``, their style sheet, and the pictures at ``/media/<size>/<file>``."""

    async def overview(request: Request) -> Response:
        return html(await run_in_threadpool(_overview, store))

    async def board(request: Request) -> Response:
        before = request.query_params.get("before")
        found = await run_in_threadpool(_board_page, store, row_id(request.path_params["board_id"]), before)
        if found is None:
            raise HTTPException(404)
        return html(found)

    async def style(request: Request) -> Response:
        css = resources.files("pinsync.emulator").joinpath("page.css").read_text("utf-8")
        return Response(css, media_type="text/css", headers=_FRESH)

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
        Route("/page.css", style),
        Route("/media/profile.jpg", profile),
        Route("/media/{size}/{file}", picture),
    ]


def html(body: str, status: int = 200, *, form: bool = False) -> Response:
    """A page as an answer. Only with ``form`` may it hold one, whose answer may lead on to an app."""
    headers = dict(_FRESH)
    if form:
        # Browsers hold a form to this even where its answer sends them elsewhere.
        policy = headers["content-security-policy"].replace("form-action 'none'", "form-action 'self' http: https:")
        headers["content-security-policy"] = policy
    return Response(body, status, media_type="text/html", headers=headers)


def _overview(store: Store) -> str:
    with store.reading() as db:
        boards = _boards(db)
        if not boards:
            return document("No boards yet", "", _EMPTY)
        shown = [_board(db, board, _pins(db, board["id"], None, OVERVIEW_PINS), linked=True) for board in boards]
    links = "".join(
        f'<a href="#board-{board["id"]}">{escape(board["name"])}<small>{board["pin_count"]}</small></a>'
        for board in boards
    )
    return document("Boards", f'<nav aria-label="Boards">{links}</nav>', "".join(shown))


def _board_page(store: Store, number: int, before: str | None) -> str | None:
    with store.reading() as db:
        found = [board for board in _boards(db) if board["id"] == number]
        if not found:
            return None
        board = found[0]
        pins = _pins(db, number, row_id(before) if before else None, BOARD_PINS + 1)
        older = ""
        if len(pins) > BOARD_PINS:
            pins = pins[:BOARD_PINS]
            older = f'<p class="more"><a href="/boards/{number}?before={pins[-1]["id"]}">Older pins</a></p>'
        sections = db.execute("SELECT id, name FROM sections WHERE board_id = ? ORDER BY id", (number,)).fetchall()
        links = "".join(f'<a href="#section-{section["id"]}">{escape(section["name"])}</a>' for section in sections)
        nav = f'<nav aria-label="Sections"><a href="/">All boards</a>{links}</nav>'
        return document(board["name"], nav, _board(db, board, pins, linked=False) + older)


def _boards(db: sqlite3.Connection) -> list[sqlite3.Row]:
    return db.execute(
        "SELECT *, (SELECT count(*) FROM pins WHERE board_id = boards.id) AS pin_count FROM boards ORDER BY id DESC"
    ).fetchall()


def _pins(db: sqlite3.Connection, board: int, before: int | None, limit: int) -> list[sqlite3.Row]:
    return db.execute(
        "SELECT * FROM pins WHERE board_id = ? AND (? IS NULL OR id < ?) ORDER BY id DESC LIMIT ?",
        (board, before, before, limit),
    ).fetchall()


def _board(db: sqlite3.Connection, board: sqlite3.Row, pins: Sequence[sqlite3.Row], linked: bool) -> str:
    number, count = board["id"], board["pin_count"]
    name = escape(board["name"])
    if linked:
        name = f'<a href="/boards/{number}">{name}</a>'
    badge = "" if board["privacy"] == "PUBLIC" else f'<span class="badge">{board["privacy"].lower()}</span>'
    about = f"<p>{escape(board['description'])}</p>" if board["description"] else ""
    header = (
        f'<header><h2>{name}{badge}</h2>{about}<p class="count">{count} pin{"" if count == 1 else "s"}</p></header>'
    )
    parts = [f'<section class="board" id="board-{number}">{header}']
    parts.append(_cards(db, [pin for pin in pins if pin["section_id"] is None]))
    for section in db.execute("SELECT id, name FROM sections WHERE board_id = ? ORDER BY id", (number,)).fetchall():
        inside = [pin for pin in pins if pin["section_id"] == section["id"]]
        parts.append(f'<h3 id="section-{section["id"]}">{escape(section["name"])}</h3>{_cards(db, inside)}')
    if linked and count > len(pins):
        parts.append(f'<p class="more"><a href="/boards/{number}">All {count} pins</a></p>')
    return "".join([*parts, "</section>"])


def _cards(db: sqlite3.Connection, pins: Sequence[sqlite3.Row]) -> str:
    return f'<div class="pins">{"".join(_card(db, pin) for pin in pins)}</div>' if pins else ""


def _card(db: sqlite3.Connection, pin: sqlite3.Row) -> str:
    slots = db.execute(
        "SELECT slots.*, width, height FROM slots JOIN pictures USING (sha256) WHERE pin_id = ? ORDER BY place",
        (pin["id"],),
    ).fetchall()
    alt = escape(pin["alt_text"] or pin["title"] or "")
    if pin["media_id"] is not None:
        media = _video(pin["media_id"], slots[0], alt)
    elif len(slots) == 1:
        media = _picture(slots[0], alt)
    else:
        shown = "".join(
            f"<li>{_picture(slot, escape(slot['title'] or '') or alt)}{_slot_text(slot)}</li>" for slot in slots
        )
        media = f'<ol class="slots" aria-label="Carousel of {len(slots)}">{shown}</ol>'
    texts = [
        f"<h4>{escape(pin['title'])}</h4>" if pin["title"] else "",
        f"<p>{escape(pin['description'])}</p>" if pin["description"] else "",
        _link(pin["link"]),
        '<p class="note">saved</p>' if pin["parent_pin_id"] else "",
    ]
    return f'<article class="pin" id="pin-{pin["id"]}">{media}<div class="text">{"".join(texts)}</div></article>'


def _picture(slot: sqlite3.Row, alt: str) -> str:
    width, height = renditions.dimensions("600x", slot["width"], slot["height"])
    source = renditions.address("", "600x", slot["sha256"])
    return f'<img src="{source}" alt="{alt}" width="{width}" height="{height}" loading="lazy">'


def _video(number: int, cover: sqlite3.Row, alt: str) -> str:
    width, height = renditions.dimensions("600x", cover["width"], cover["height"])
    poster = renditions.address("", "600x", cover["sha256"])
    return (
        f'<video src="/videos/{number}" poster="{poster}" width="{width}" height="{height}" controls preload="none" '
        f'aria-label="{alt}"></video>'
    )


def _slot_text(slot: sqlite3.Row) -> str:
    title = f"<b>{escape(slot['title'])}</b>" if slot["title"] else ""
    description = f" {escape(slot['description'])}" if slot["description"] else ""
    return f'<div class="text"><p>{title}{description}</p>{_link(slot["link"])}</div>'


def _link(link: str | None) -> str:
    if not link:
        return ""
    host = urlsplit(link).hostname or link
    return f'<p class="link"><a href="{escape(link)}" rel="noopener noreferrer nofollow">{escape(host)}</a></p>'


_EMPTY = (
    '<section class="empty"><h2>No boards yet</h2><p>Point pinsync here and apply something:</p>'
    "<p><code>PINTEREST_API_URL=&lt;this address&gt;/v5 PINTEREST_ACCESS_TOKEN=emulator pinsync apply</code></p></section>"
)


def document(title: str, nav: str, main: str) -> str:
    """A whole page around the HTML of ``nav`` and ``main``; ``title`` is text."""
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{escape(title)} - pinsync emulator</title><link rel="stylesheet" href="/page.css"></head><body>'
        f'<header class="top"><h1><a href="/">pinsync emulator</a></h1>{nav}</header><main>{main}</main></body></html>'
    )

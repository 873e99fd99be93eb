"""The operations of the API that pinsync uses, as data: building a call sends nothing.

Source of paths, parameters and rate categories: the official API description, version 5.23.0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Generic, TypeVar

from pinsync.pinterest.answers import Account, Analytics, Board, MediaStatus, Page, Pin, Registration, Section

Answer = TypeVar("Answer")
Item = TypeVar("Item")

READ = "org_read"
WRITE = "org_write"
ANALYTICS = "org_analytics"
PAGE_SIZE = 250  # the largest the API allows
MOST_PINS = 100  # that one call answers analytics of
_NAMED = ("id", "name")


@dataclass(frozen=True, slots=True)
class Call(Generic[Answer]):
    """One request to be sent; ``Answer`` is the type of its JSON answer.

    ``operation`` is the official operation id, ``path`` is relative to the base URL, ``category`` is the rate category.
    ``repeatable`` says that sending it twice has the effect of sending it once, so that a lost answer is no doubt.
    ``fetches_urls`` says that Pinterest itself fetches pictures for it, which fails now and then without fault of ours.
    ``needs`` are the texts without which an answered resource, or item of a listing, is of no use.
    """

    operation: str
    method: str
    path: str
    category: str
    query: Mapping[str, str | int | Sequence[str]] = field(default_factory=dict)
    body: Mapping[str, Any] | None = field(default=None, repr=False)
    repeatable: bool = True
    fetches_urls: bool = False
    needs: tuple[str, ...] = ("id",)


def next_page(call: Call[Page[Item]], bookmark: str) -> Call[Page[Item]]:
    """The same listing from ``bookmark`` on."""
    return replace(call, query={**call.query, "bookmark": bookmark})


def get_account() -> Call[Account]:
    """Who the token acts for."""
    return Call("user_account/get", "GET", "/user_account", READ, needs=())


def list_boards() -> Call[Page[Board]]:
    """All boards of the account, 250 a page."""
    return Call("boards/list", "GET", "/boards", READ, query={"page_size": PAGE_SIZE}, needs=_NAMED)


def get_board(board_id: str) -> Call[Board]:
    """One board."""
    return Call("boards/get", "GET", f"/boards/{board_id}", READ, needs=_NAMED)


def create_board(body: Mapping[str, Any]) -> Call[Board]:
    """A new board; a second one of the same name is refused by the server."""
    return Call("boards/create", "POST", "/boards", WRITE, body=body, repeatable=False, needs=_NAMED)


def update_board(board_id: str, body: Mapping[str, Any]) -> Call[Board]:
    """Changes of a board; privacy can only become PUBLIC or SECRET."""
    return Call("boards/update", "PATCH", f"/boards/{board_id}", WRITE, body=body, needs=_NAMED)


def delete_board(board_id: str) -> Call[None]:
    """Takes a board away, and all its sections and pins with it."""
    return Call("boards/delete", "DELETE", f"/boards/{board_id}", WRITE)


def list_board_pins(board_id: str) -> Call[Page[Pin]]:
    """All pins of a board, those in sections included, 250 a page."""
    return Call("boards/list_pins", "GET", f"/boards/{board_id}/pins", READ, query={"page_size": PAGE_SIZE})


def list_sections(board_id: str) -> Call[Page[Section]]:
    """All sections of a board, 250 a page."""
    path = f"/boards/{board_id}/sections"
    return Call("board_sections/list", "GET", path, READ, query={"page_size": PAGE_SIZE}, needs=_NAMED)


def create_section(board_id: str, name: str) -> Call[Section]:
    """A new section."""
    path = f"/boards/{board_id}/sections"
    return Call("board_sections/create", "POST", path, WRITE, body={"name": name}, repeatable=False, needs=_NAMED)


def update_section(board_id: str, section_id: str, name: str) -> Call[Section]:
    """A new name for a section."""
    path = f"/boards/{board_id}/sections/{section_id}"
    return Call("board_sections/update", "PATCH", path, WRITE, body={"name": name}, needs=_NAMED)


def delete_section(board_id: str, section_id: str) -> Call[None]:
    """Takes a section away, and all its pins with it."""
    return Call("board_sections/delete", "DELETE", f"/boards/{board_id}/sections/{section_id}", WRITE)


def get_pin(pin_id: str) -> Call[Pin]:
    """One pin."""
    return Call("pins/get", "GET", f"/pins/{pin_id}", READ)


def create_pin(body: Mapping[str, Any]) -> Call[Pin]:
    """A new pin. Two equal requests make two pins: the API has no idempotency key."""
    source = body["media_source"]
    urls = str(source["source_type"]).endswith(("_url", "_urls")) or "cover_image_url" in source
    return Call("pins/create", "POST", "/pins", WRITE, body=body, repeatable=False, fetches_urls=urls)


def save_pin(pin_id: str, body: Mapping[str, Any]) -> Call[Pin]:
    """A new pin that saves an existing one to a board."""
    return Call("pins/save", "POST", f"/pins/{pin_id}/save", WRITE, body=body, repeatable=False)


def update_pin(pin_id: str, body: Mapping[str, Any]) -> Call[Pin]:
    """Changes of a pin; null clears a field, media cannot change. Beta: not available to all apps."""
    return Call("pins/update", "PATCH", f"/pins/{pin_id}", WRITE, body=body)


def delete_pin(pin_id: str) -> Call[None]:
    """Takes a pin away."""
    return Call("pins/delete", "DELETE", f"/pins/{pin_id}", WRITE)


def register_media() -> Call[Registration]:
    """A place to upload a video to. One that is never used does no harm, so that it may be asked for again."""
    body = {"media_type": "video"}
    return Call("media/create", "POST", "/media", WRITE, body=body, needs=("media_id", "upload_url"))


def get_media(media_id: str) -> Call[MediaStatus]:
    """How far Pinterest is with a video."""
    return Call("media/get", "GET", f"/media/{media_id}", READ, needs=("media_id", "status"))


def pin_analytics(pin_id: str, start: date, end: date, metrics: Sequence[str]) -> Call[Mapping[str, Analytics]]:
    """Numbers of a pin for each day from ``start`` to ``end`` (UTC, both included), by group: ``all``."""
    path, query = f"/pins/{pin_id}/analytics", _period(start, end, metrics)
    return Call("pins/analytics", "GET", path, ANALYTICS, query=query, needs=())


def pins_analytics(
    pin_ids: Sequence[str], start: date, end: date, metrics: Sequence[str]
) -> Call[Mapping[str, Mapping[str, Analytics]]]:
    """The same of up to 100 pins, by their ids. Beta: not available to all apps."""
    query = {"pin_ids": list(pin_ids), **_period(start, end, metrics)}
    return Call("multi_pins/analytics", "GET", "/pins/analytics", ANALYTICS, query=query, needs=())


def _period(start: date, end: date, metrics: Sequence[str]) -> dict[str, str]:
    return {"start_date": start.isoformat(), "end_date": end.isoformat(), "metric_types": ",".join(metrics)}

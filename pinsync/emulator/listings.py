"""Pages: ``page_size``, ``bookmark`` and filters in the query of a listing."""

from __future__ import annotations

import base64
import binascii
import math
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pinsync.emulator.bodies import quoted
from pinsync.emulator.calls import Answer, Call, World
from pinsync.emulator.errors import invalid

DEFAULT_SIZE = 25
LARGEST_SIZE = 250


def page_size(call: Call) -> int:
    """How many items a page may have: 1 to 250."""
    text = call.query.get("page_size", str(DEFAULT_SIZE))
    size = int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
    if not 1 <= size <= LARGEST_SIZE:
        raise invalid(f"'page_size' has to be a number from 1 to {LARGEST_SIZE}, not {quoted(text)}.")
    return size


def after(call: Call) -> int:
    """Oldest first: the id that the page comes after."""
    return _bookmarked(call, 0)


def before(call: Call) -> int:
    """Newest first: the id that the page comes before."""
    return _bookmarked(call, 2**63 - 1)


def newest_shown(world: World, call: Call) -> float:
    """The moment after which what was created does not show yet, in seconds since 1970."""
    return world.clock() - call.stale if call.stale else math.inf


def _bookmarked(call: Call, start: int) -> int:
    # A bookmark is only good for the listing it came from.
    bookmark = call.query.get("bookmark")
    if not bookmark:
        return start
    try:
        place, _, last = base64.urlsafe_b64decode(bookmark.encode("ascii")).decode("ascii").rpartition(":")
        if place != _place(call):
            raise ValueError(place)
        return int(last)
    except (ValueError, binascii.Error):
        raise invalid("'bookmark' is not one of this listing.") from None


def _place(call: Call) -> str:
    return ":".join([call.operation.id, *(call.path[name] for name in sorted(call.path))])


def page(call: Call, rows: Sequence[sqlite3.Row], shown: Callable[[sqlite3.Row], Mapping[str, Any]]) -> Answer:
    """The answer for ``rows``, of which there is one more than fits where another page follows."""
    size = page_size(call)
    bookmark = None
    if len(rows) > size:
        rows = rows[:size]
        bookmark = base64.urlsafe_b64encode(f"{_place(call)}:{rows[-1]['id']}".encode("ascii")).decode("ascii")
    return Answer(200, {"items": [shown(row) for row in rows], "bookmark": bookmark})


def one_of(call: Call, name: str, choices: Sequence[str], default: str = "") -> str:
    """A query parameter that has one of a few values."""
    value = call.query.get(name, default)
    if value != default and value not in choices:
        raise invalid(f"'{name}' has to be one of {', '.join(choices)}, not {quoted(value)}.")
    return value


def yes(call: Call, name: str) -> bool:
    """A query parameter that is true or false; false where it is absent."""
    return one_of(call, name, ("true", "false"), "false") == "true"

"""When pins are to appear, and which are due."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from pinsync.model import KINDS
from pinsync.model.resource import Desired, Origin
from pinsync.state.document import State


@dataclass(frozen=True, slots=True)
class Date:
    """A pin with a time of its own. ``at`` is in UTC, ``board`` its board's address. ``status`` is ``published`` (``id`` is then
    that of the pin), ``due`` where its time has come and no run has made it yet, or ``scheduled``."""

    at: datetime
    address: str
    title: str
    board: str
    status: str
    origin: Origin
    id: str = ""


def agenda(desired: Mapping[str, Desired], state: State, now: datetime) -> list[Date]:
    """All pins with a time, in the order of their times."""
    dates = []
    for address, one in desired.items():
        if one.publish_at is None:
            continue
        known = state.resources.get(address)
        status = "published" if known else "due" if one.publish_at <= now else "scheduled"
        title = KINDS[one.kind].describe(one)
        board = str(one.fields.get("board") or "")
        dates.append(Date(one.publish_at, address, title, board, status, one.origin, known.id if known else ""))
    return sorted(dates, key=lambda date: (date.at, date.address))

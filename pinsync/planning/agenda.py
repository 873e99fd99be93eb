"""When pins are to appear, and which are due."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from pinsync.model import KINDS
from pinsync.model.resource import Desired, Origin
from pinsync.state.document import State, slot_of


@dataclass(frozen=True, slots=True)
class Date:
    """A pin with a time. ``at`` is in UTC, ``board`` its board's address. ``status`` is ``published`` (``id`` is then
    that of the pin), ``due`` where its time has come and no run has made it yet, or ``scheduled``. ``slot`` is empty where the
    content says the time, ``recorded`` where the state does, and ``proposed`` where it will with the next apply."""

    at: datetime
    address: str
    title: str
    board: str
    status: str
    origin: Origin
    id: str = ""
    slot: str = ""


def agenda(desired: Mapping[str, Desired], state: State, now: datetime, slots: Mapping[str, str]) -> list[Date]:
    """All pins with a time, in the order of their times. ``slots`` are those of the state, or of a plan."""
    dates = []
    for address, one in desired.items():
        known = state.resources.get(address)
        at, slot = one.publish_at, ""
        if not (at or one.at_once or known) and address in slots:
            at = slot_of(slots[address])
            slot = "recorded" if state.slots.get(address) == slots[address] else "proposed"
        if at is None:
            continue
        status = "published" if known else "due" if at <= now else "scheduled"
        title = KINDS[one.kind].describe(one)
        board = str(one.fields.get("board") or "")
        dates.append(Date(at, address, title, board, status, one.origin, known.id if known else "", slot))
    return sorted(dates, key=lambda date: (date.at, date.address))

"""The best state that can be made of damaged files: what is readable counts, what is not is named.

Nothing that a journal or a snapshot still holds is lost. A creation whose outcome was lost stays pending and is looked
for on Pinterest; a resource that was lost altogether is recognised there by the next plan.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from pinsync.errors import StateError, StateMoved
from pinsync.state import document, journal
from pinsync.state.document import State
from pinsync.state.journal import Record


@dataclass(frozen=True, slots=True)
class Salvaged:
    """``state`` is what could be put together, with a serial of its own; ``losses`` say what could not, a line each."""

    state: State
    losses: tuple[str, ...]


def salvage(snapshots: Iterable[tuple[str, bytes | None]], records: tuple[str, bytes | None]) -> Salvaged:
    """Puts a state together from snapshots, best first, and a journal, each with its name and content (None: missing).

    Raises StateError where a snapshot is no damaged one but of a newer format, or was moved away.
    """
    losses: list[str] = []
    base: State | None = None
    for name, data in snapshots:
        base = _snapshot(name, data, losses)
        if base:
            break
    name, data = records
    found = list(_readable(name, data or b"", losses))
    head = _head(found)
    if base is None:
        base = State(head[0] if head else document.new_state().lineage)
    serial = base.serial
    if head:
        serial = max(serial, head[1])
        if head[0] != base.lineage:
            losses.append(f"{name} belongs to another state; nothing of it was used")
            found = []
        elif head[1] < base.serial:
            found = []  # folded into the snapshot already
        elif head[1] > base.serial:
            losses.append(f"what happened between the serials {base.serial} and {head[1]} is not known any more")
    state = base
    for record in found:
        try:
            state = journal.replay(state, [record])
        except StateError as error:
            if record["do"] != "continue":
                losses.append(f"{name}: a record was left out: {error.message}")
    return Salvaged(replace(state, serial=serial + 1), tuple(losses))


def _snapshot(name: str, data: bytes | None, losses: list[str]) -> State | None:
    if data is None:
        losses.append(f"{name} is missing")
        return None
    try:
        return document.parse(data.decode("utf-8"), name)
    except UnicodeDecodeError:
        losses.append(f"{name} is not text")
    except StateMoved:
        raise
    except StateError as error:
        if document.is_newer(data):
            raise
        losses.append(error.message)
    return None


def _readable(name: str, data: bytes, losses: list[str]) -> Iterable[Record]:
    for number, line in enumerate(data.split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            record: Any = json.loads(line)
            if not isinstance(record, dict) or not isinstance(record.get("do"), str):
                raise ValueError("not a record")
        except (ValueError, RecursionError):
            losses.append(f"{name}, line {number}, is damaged and was left out")
        else:
            yield record


def _head(found: list[Record]) -> tuple[str, int] | None:
    try:
        return journal.continued(found[0], "") if found else None
    except StateError:
        return None

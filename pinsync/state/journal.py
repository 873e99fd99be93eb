"""Changes of a state as records, one JSON line each, appended as they happen and folded into the document later.

A record is ``{"do": VERB, …}``; :func:`replay` gives each verb its meaning. The first line of a journal names the
document that it continues, so that a journal that was already folded is recognised and not replayed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from typing import Any

from pinsync.errors import StateError
from pinsync.state.document import Known, Pending, State, known_of, pending_of

Record = Mapping[str, Any]

_WAY_OUT = "Run `pinsync state recover`: it keeps all that can still be read and says what cannot."


def header(state: State) -> Record:
    """The first record of a journal that continues ``state``."""
    return {"do": "continue", "lineage": state.lineage, "serial": state.serial}


def continued(head: Record, where: str) -> tuple[str, int]:
    """Lineage and serial of the document that a journal with this first record continues. Raises StateError."""
    match head:
        case {"do": "continue", "lineage": str(lineage), "serial": int(serial)} if lineage and serial >= 0:
            return lineage, serial
    raise StateError(f"{where} does not begin with what it continues", _WAY_OUT)


def begin(address: str, pending: Pending) -> Record:
    """The operation is about to be sent."""
    return {"do": "begin", "address": address, "pending": asdict(pending)}


def settle(address: str, known: Known) -> Record:
    """The resource is known to be live like this; a pending operation on it is over."""
    return {"do": "settle", "address": address, "known": asdict(known)}


def abandon(address: str) -> Record:
    """The pending operation surely did not happen."""
    return {"do": "abandon", "address": address}


def move(source: str, address: str) -> Record:
    """What was known as ``source`` is called ``address`` from now on."""
    return {"do": "move", "source": source, "address": address}


def forget(address: str) -> Record:
    """The resource is no longer ours to manage."""
    return {"do": "forget", "address": address}


def note_existing(found: Mapping[str, str]) -> Record:
    """The ids of boards and sections that are only read."""
    return {"do": "existing", "found": dict(found)}


def note_environment(environment: str) -> Record:
    """Which Pinterest the ids belong to."""
    return {"do": "environment", "environment": environment}


def line(record: Record) -> bytes:
    """The record as a line of the journal."""
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def records(data: bytes, where: str) -> list[Record]:
    """The records in a journal. A torn last line, the trace of a crash while writing it, is left out.

    Raises StateError when a line before the last is damaged.
    """
    return [record for record, _ in _lines(data, where)]


def intact(data: bytes, where: str) -> int:
    """How many bytes of a journal hold its :func:`records`; what follows them is the trace of a crash."""
    return sum(length for _, length in _lines(data, where))


def _lines(data: bytes, where: str) -> list[tuple[Record, int]]:
    lines = data.split(b"\n")
    torn = lines.pop()  # whatever follows the last line feed was not written completely
    result: list[tuple[Record, int]] = []
    for number, text in enumerate(lines, 1):
        try:
            record = json.loads(text)
            if not isinstance(record, dict) or not isinstance(record.get("do"), str):
                raise ValueError("not a record")
        except (ValueError, RecursionError) as error:
            if number == len(lines) and not torn:
                break
            raise StateError(f"{where}, line {number}, is damaged", _WAY_OUT) from error
        result.append((record, len(text) + 1))
    return result


def replay(state: State, changes: Iterable[Record]) -> State:
    """``state`` with the records applied in order. Raises StateError when one of them makes no sense."""
    resources = dict(state.resources)
    pending = dict(state.pending)
    existing = dict(state.existing)
    environment = state.environment
    for number, record in enumerate(changes, 1):
        try:
            match record:
                case {"do": "begin", "address": str(address), "pending": entry}:
                    pending[address] = pending_of(entry)
                case {"do": "settle", "address": str(address), "known": entry}:
                    resources[address] = known_of(entry)
                    pending.pop(address, None)
                case {"do": "abandon", "address": str(address)}:
                    pending.pop(address, None)
                case {"do": "move", "address": str(address), "source": str(source)}:
                    resources[address] = resources.pop(source)
                    if source in pending:
                        pending[address] = pending.pop(source)
                case {"do": "forget", "address": str(address)}:
                    resources.pop(address, None)
                    pending.pop(address, None)
                case {"do": "existing", "found": dict(found)}:
                    existing |= found
                case {"do": "environment", "environment": str(name)}:
                    environment = name
                case _:
                    raise ValueError(f"this pinsync knows no such {record.get('do')}")
        except (KeyError, TypeError, ValueError) as error:
            raise StateError(
                f"record {number} of the state's journal cannot be applied: {type(error).__name__}: {error}",
                f"If a newer pinsync wrote it, upgrade this one. {_WAY_OUT}",
            ) from error
    return replace(state, resources=resources, pending=pending, existing=existing, environment=environment)

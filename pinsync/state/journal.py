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


def header(state: State) -> Record:
    """The first record of a journal that continues ``state``."""
    return {"do": "continue", "lineage": state.lineage, "serial": state.serial}


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
    lines = data.split(b"\n")
    torn = lines.pop()  # whatever follows the last line feed was not written completely
    result: list[Record] = []
    for number, text in enumerate(lines, 1):
        try:
            result.append(json.loads(text))
        except ValueError as error:
            if number == len(lines) and not torn:
                break
            raise StateError(
                f"{where}, line {number}, is damaged",
                "Restore the file from a backup, or move it aside to continue from the last snapshot: "
                "pins made after that are then found on the boards again.",
            ) from error
    return result


def replay(state: State, changes: Iterable[Record]) -> State:
    """``state`` with the records applied in order."""
    resources = dict(state.resources)
    pending = dict(state.pending)
    existing = dict(state.existing)
    environment = state.environment
    for record in changes:
        address = record.get("address", "")
        match record["do"]:
            case "begin":
                pending[address] = pending_of(record["pending"])
            case "settle":
                resources[address] = known_of(record["known"])
                pending.pop(address, None)
            case "abandon":
                pending.pop(address, None)
            case "move":
                resources[address] = resources.pop(record["source"])
                if record["source"] in pending:
                    pending[address] = pending.pop(record["source"])
            case "forget":
                resources.pop(address, None)
                pending.pop(address, None)
            case "existing":
                existing |= record["found"]
            case "environment":
                environment = record["environment"]
    return replace(state, resources=resources, pending=pending, existing=existing, environment=environment)

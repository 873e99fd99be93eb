"""Changes of a state as records, one JSON line each, appended as they happen and folded into the document later.

A record is ``{"do": VERB, …}``; :func:`replay` gives each verb its meaning. The first line of a journal names the
document that it continues, so that a journal that was already folded is recognised and not replayed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pinsync.errors import StateError
from pinsync.state.document import (
    Known,
    Pending,
    State,
    Upload,
    known_of,
    media_id_of,
    pending_of,
    plain,
    slot_of,
    slot_text,
    upload_of,
)

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
    return {"do": "begin", "address": address, "pending": plain(pending)}


def settle(address: str, known: Known) -> Record:
    """The resource is known to be live like this; a pending operation on it is over, and no slot is kept for it."""
    return {"do": "settle", "address": address, "known": plain(known)}


def abandon(address: str) -> Record:
    """The pending operation surely did not happen."""
    return {"do": "abandon", "address": address}


def move(source: str, address: str) -> Record:
    """What was known as ``source`` is called ``address`` from now on."""
    return {"do": "move", "source": source, "address": address}


def forget(address: str) -> Record:
    """The resource is no longer ours to manage."""
    return {"do": "forget", "address": address}


def depart(address: str) -> Record:
    """Somebody deleted the resource, and it is not to be made again."""
    return {"do": "depart", "address": address}


def replace_by(address: str, known: Known, retired: str) -> Record:
    """Another resource is live in the place of the one with the id ``retired``, which is to be deleted."""
    return {"do": "replace", "address": address, "known": plain(known), "retired": retired}


def retire(resource_id: str, address: str) -> Record:
    """The pin with this id, of which nothing else is known, is to be deleted; it was made for this address."""
    return {"do": "retire", "id": resource_id, "address": address}


def bury(resource_id: str) -> Record:
    """The pin that was to be deleted is gone."""
    return {"do": "bury", "id": resource_id}


def note_existing(found: Mapping[str, str]) -> Record:
    """The ids of boards and sections that are only read."""
    return {"do": "existing", "found": dict(found)}


def note_environment(environment: str) -> Record:
    """Which Pinterest the ids belong to."""
    return {"do": "environment", "environment": environment}


def note_account(account: str) -> Record:
    """Whose they are, by the id of the account."""
    return {"do": "account", "account": account}


def keep_media(media_id: str, upload: Upload) -> Record:
    """A video lies at Pinterest, or is on its way there, and no pin uses it yet."""
    return {"do": "media", "id": media_id, "upload": plain(upload)}


def discard_media(media_id: str) -> Record:
    """The uploaded video is of no use any more."""
    return {"do": "discard", "id": media_id}


def give_slots(slots: Mapping[str, str | None]) -> Record:
    """When pins that do not exist yet are to appear, by address; None where an address has no slot any more."""
    return {"do": "slots", "slots": dict(slots)}


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


@dataclass(slots=True)
class _Draft:
    """A state on its way to the next."""

    environment: str
    account: str
    resources: dict[str, Known]
    pending: dict[str, Pending]
    existing: dict[str, str]
    retired: dict[str, str]
    departed: dict[str, Known]
    media: dict[str, Upload]
    slots: dict[str, str]

    def begin(self, record: Record) -> None:
        self.pending[_text(record, "address")] = pending_of(record["pending"])

    def settle(self, record: Record) -> None:
        self.resources[_text(record, "address")] = known_of(record["known"])
        self._end(record["address"])
        self.departed.pop(record["address"], None)
        self.slots.pop(record["address"], None)

    def _end(self, address: str) -> None:
        """What was begun is over, and the video that it may have used is not offered to another."""
        pending = self.pending.pop(address, None)
        if pending:
            self.media.pop(pending.media, None)

    def replace(self, record: Record) -> None:
        self.settle(record)
        self.retired[_text(record, "retired")] = record["address"]

    def retire(self, record: Record) -> None:
        self.retired[_text(record, "id")] = _text(record, "address")

    def bury(self, record: Record) -> None:
        self.retired.pop(_text(record, "id"), None)

    def abandon(self, record: Record) -> None:
        self.pending.pop(_text(record, "address"), None)

    def move(self, record: Record) -> None:
        address, source = _text(record, "address"), _text(record, "source")
        if source in self.departed and source not in self.resources:
            self.departed[address] = self.departed.pop(source)
            return
        if source in self.resources or source not in self.pending:
            self.resources[address] = self.resources.pop(source)
        if source in self.pending:
            self.pending[address] = self.pending.pop(source)

    def forget(self, record: Record) -> None:
        self.resources.pop(_text(record, "address"), None)
        self._end(record["address"])
        self.departed.pop(record["address"], None)

    def depart(self, record: Record) -> None:
        address = _text(record, "address")
        self.departed[address] = self.resources.pop(address)
        self.pending.pop(address, None)

    def keep_media(self, record: Record) -> None:
        self.media[media_id_of(record["id"])] = upload_of(record["upload"])

    def discard_media(self, record: Record) -> None:
        self.media.pop(_text(record, "id"), None)

    def give_slots(self, record: Record) -> None:
        for address, slot in record["slots"].items():
            self.slots.pop(address, None)
            if slot is not None:
                self.slots[address] = slot_text(slot_of(slot))

    def note_existing(self, record: Record) -> None:
        if not isinstance(record["found"], dict):
            raise TypeError("found is no object")
        self.existing |= record["found"]

    def note_environment(self, record: Record) -> None:
        self.environment = _text(record, "environment")

    def note_account(self, record: Record) -> None:
        self.account = _text(record, "account")


_VERBS: Mapping[str, Callable[[_Draft, Record], None]] = {
    "begin": _Draft.begin,
    "settle": _Draft.settle,
    "replace": _Draft.replace,
    "retire": _Draft.retire,
    "bury": _Draft.bury,
    "abandon": _Draft.abandon,
    "move": _Draft.move,
    "forget": _Draft.forget,
    "depart": _Draft.depart,
    "existing": _Draft.note_existing,
    "environment": _Draft.note_environment,
    "account": _Draft.note_account,
    "media": _Draft.keep_media,
    "discard": _Draft.discard_media,
    "slots": _Draft.give_slots,
}


def replay(state: State, changes: Iterable[Record]) -> State:
    """``state`` with the records applied in order. Raises StateError when one of them makes no sense."""
    draft = _Draft(
        state.environment,
        state.account,
        dict(state.resources),
        dict(state.pending),
        dict(state.existing),
        dict(state.retired),
        dict(state.departed),
        dict(state.media),
        dict(state.slots),
    )
    for number, record in enumerate(changes, 1):
        try:
            verb = _VERBS.get(record["do"])
            if verb is None:
                raise ValueError(f"this pinsync knows no such {record['do']}")
            verb(draft, record)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise StateError(
                f"record {number} of the state's journal cannot be applied: {type(error).__name__}: {error}",
                f"If a newer pinsync wrote it, upgrade this one. {_WAY_OUT}",
            ) from error
    return replace(
        state,
        environment=draft.environment,
        account=draft.account,
        resources=draft.resources,
        pending=draft.pending,
        existing=draft.existing,
        retired=draft.retired,
        departed=draft.departed,
        media=draft.media,
        slots=draft.slots,
    )


def _text(record: Record, name: str) -> str:
    value = record[name]
    if not isinstance(value, str):
        raise TypeError(f"{name} is no text")
    return value

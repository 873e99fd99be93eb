"""The state document: one JSON object, read by any pinsync of the same or a later format.

    {"format_version": 4, "lineage": "<uuid>", "serial": 7, "environment": "production", "account": "549",
     "resources": {"pin.autumn/pumpkin-soup": {"kind": "pin", "id": "123", "applied": {…}, "observed": {…},
                                               "created_at": "…", "updated_at": "…"}},
     "pending": {"pin.autumn/tart": {"action": "create", "kind": "pin", "sent": {…}, "shape": […], "at": "…"}},
     "existing": {"existing-board.Soups": "456"},
     "retired": {"789": "pin.autumn/pumpkin-soup"},
     "departed": {"pin.autumn/stew": {…}},
     "media": {"5212": {"fingerprint": "sha256:…", "source": "soup.mp4", "status": "uploaded", "at": "…"}},
     "slots": {"pin.autumn/tart": "2026-12-01T08:30:00+00:00"}}

``applied`` is what was sent (references as ids, media as fingerprints), ``observed`` what the server answered to it:
a change is desired against applied, drift is live against observed, so that what the server normalises is neither.
Never a secret in it.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from pinsync.errors import StateError, StateMoved
from pinsync.model import KINDS
from pinsync.model.resource import Value
from pinsync.pinterest.answers import is_id

FORMAT_VERSION = 4
REGISTERED, UPLOADED, REFUSED = "registered", "uploaded", "refused"
AHEAD = 120.0


@dataclass(frozen=True, slots=True)
class Known:
    """One live resource that is ours. Times are ISO 8601 in UTC. ``protected`` says that it was last declared so."""

    kind: str
    id: str
    applied: Mapping[str, Value]
    observed: Mapping[str, Value]
    created_at: str = ""
    updated_at: str = ""
    protected: bool = False


@dataclass(frozen=True, slots=True)
class Pending:
    """An operation that was begun and whose outcome is not recorded.

    ``sent`` are the fields as sent (references as ids), ``shape`` a pin's media as it would be recognised, ``at`` a
    time before the call, by at most ``AHEAD`` seconds, ISO 8601 in UTC. ``id`` is that of the resource, empty for a creation.
    ``media`` is the id of the uploaded video that a creation uses, or empty.
    """

    action: str
    kind: str
    sent: Mapping[str, Value]
    at: str
    id: str = ""
    shape: tuple[Any, ...] = ()
    media: str = ""


@dataclass(frozen=True, slots=True)
class Upload:
    """A video on its way to a pin that does not exist yet.

    ``fingerprint`` is that of the file, ``source`` the path it had, relative to the content root. ``status`` is
    ``registered`` before all of it was sent, then ``uploaded``, and ``refused`` once a pin with it was refused. ``at`` is when it
    was registered, ISO 8601 in UTC.
    """

    fingerprint: str
    source: str
    status: str
    at: str


@dataclass(frozen=True, slots=True)
class State:
    """The whole document. ``account`` is the id of the account that all is part of, empty where it is not known.

    ``existing`` maps addresses of boards and sections that are only read to their ids, ``retired`` the ids of pins that are
    to be deleted, because another took their place, to the address they had. ``departed`` are the resources that somebody
    deleted on Pinterest and that are not to be made again, though they are still declared. ``media`` are uploaded videos
    that no pin uses yet, by the id of their media. ``slots`` are the times at which pins that do not exist yet are to appear,
    ISO 8601 in UTC, by the address of the pin."""

    lineage: str
    serial: int = 0
    environment: str = ""
    resources: Mapping[str, Known] = field(default_factory=dict)
    pending: Mapping[str, Pending] = field(default_factory=dict)
    existing: Mapping[str, str] = field(default_factory=dict)
    retired: Mapping[str, str] = field(default_factory=dict)
    departed: Mapping[str, Known] = field(default_factory=dict)
    account: str = ""
    media: Mapping[str, Upload] = field(default_factory=dict)
    slots: Mapping[str, str] = field(default_factory=dict)


_NAMES = {kind: tuple(one.name for one in fields(kind)) for kind in (Known, Pending, Upload)}


def new_state() -> State:
    """A state that knows nothing, of a lineage of its own."""
    return State(lineage=str(uuid.uuid4()))


def plain(entry: Known | Pending | Upload) -> dict[str, Any]:
    """An entry as JSON has it. Its values are shared with it: copying them would take longer than all else."""
    return {name: getattr(entry, name) for name in _NAMES[type(entry)]}


def dump(state: State) -> str:
    """The document as text, keys in a stable order, each on a line of its own, so that versions can be compared."""
    document = {
        "format_version": FORMAT_VERSION,
        "lineage": state.lineage,
        "serial": state.serial,
        "environment": state.environment,
        "account": state.account,
        "resources": {address: plain(state.resources[address]) for address in sorted(state.resources)},
        "pending": {address: plain(state.pending[address]) for address in sorted(state.pending)},
        "existing": dict(sorted(state.existing.items())),
        "retired": dict(sorted(state.retired.items())),
        "departed": {address: plain(state.departed[address]) for address in sorted(state.departed)},
        "media": {media_id: plain(state.media[media_id]) for media_id in sorted(state.media)},
        "slots": dict(sorted(state.slots.items())),
    }
    # Indented it would look nicer, and take the encoder that is several times slower.
    return json.dumps(document, ensure_ascii=False, separators=(",\n", ": ")) + "\n"


def dump_moved(state: State, where: str) -> str:
    """What is left in the place of a document that is kept ``where`` from now on: nothing that could be used."""
    marker = {"format_version": FORMAT_VERSION, "lineage": state.lineage, "serial": state.serial, "moved_to": where}
    return json.dumps(marker, ensure_ascii=False, indent=1) + "\n"


def moved_from_here(text: str) -> tuple[str, int] | None:
    """Lineage and serial of the document whose place this marker took, or None where it is no marker."""
    try:
        marker = json.loads(text)
        return (_word(marker["lineage"]), _count(marker["serial"])) if "moved_to" in marker else None
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def fingerprint(data: bytes | None) -> str:
    """What tells one document from another; that of no document is one, too."""
    return hashlib.sha256(data or b"").hexdigest()


def parse(text: str, where: str) -> State:
    """The state in ``text``; ``where`` names its place in messages.

    Raises StateError when the text is damaged or of a newer format, and StateMoved when it only says where the state is.
    """
    try:
        document = json.loads(text)
        if "moved_to" in document:
            raise StateMoved(
                f"{where} is not used any more: this state was moved to {_text(document['moved_to'])}",
                "Get the pinsync.yaml that says so (pull, if it is in version control), or correct its `state:`.",
            )
        version = _count(document["format_version"])
        if version > FORMAT_VERSION:
            raise StateError(
                f"{where} has format {version}; this pinsync reads up to format {FORMAT_VERSION}",
                "A newer pinsync wrote it: upgrade this one.",
            )
        if version < 1:
            raise ValueError(f"there is no format {version}")
        # What a format did not know of yet.
        document = {
            **({"departed": {}, "account": ""} if version < 2 else {}),
            **({"media": {}} if version < 3 else {}),
            **({"slots": {}} if version < 4 else {}),
            **document,
        }
        return State(
            lineage=_word(document["lineage"]),
            serial=_count(document["serial"]),
            environment=_text(document["environment"]),
            account=_text(document["account"]),
            resources={address: known_of(entry) for address, entry in document["resources"].items()},
            pending={address: pending_of(entry) for address, entry in document["pending"].items()},
            existing={address: _word(found) for address, found in document["existing"].items()},
            retired={_word(old): _word(address) for old, address in document["retired"].items()},
            departed={address: known_of(entry) for address, entry in document["departed"].items()},
            media={media_id_of(found): upload_of(entry) for found, entry in document["media"].items()},
            slots={_word(address): slot_text(slot_of(at)) for address, at in document["slots"].items()},
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise StateError(
            f"{where} is damaged: {type(error).__name__}: {error}",
            "Restore it from version control, or let `pinsync state recover` mend it. Do not delete it: pinsync would "
            "forget which pins are yours.",
        ) from error


def is_newer(data: bytes) -> bool:
    """Whether this is a document that only a newer pinsync can read."""
    try:
        version = json.loads(data)["format_version"]
        return isinstance(version, int) and version > FORMAT_VERSION
    except (ValueError, KeyError, TypeError, RecursionError):
        return False


def known_of(entry: Mapping[str, Any]) -> Known:
    """A resource from its JSON form. Raises TypeError or ValueError when it is none."""
    known = Known(**entry)
    _check_kind(known.kind)
    if not is_id(_word(known.id)):
        raise ValueError(f"{known.id!r} is no id")
    for text in (known.created_at, known.updated_at):
        _text(text)
    if not isinstance(known.protected, bool):
        raise TypeError(f"{known.protected!r} is neither true nor false")
    for values in (known.applied, known.observed):
        _object(values)
    return known


def pending_of(entry: Mapping[str, Any]) -> Pending:
    """An intent from its JSON form. Raises TypeError or ValueError when it is none."""
    pending = replace(Pending(**entry), shape=_tuples(entry.get("shape", ())))
    _check_kind(pending.kind)
    for text in (pending.action, pending.at, pending.id, pending.media):
        _text(text)
    _object(pending.sent)
    if not isinstance(pending.shape, tuple):
        raise TypeError("a shape is not a list")
    return pending


def upload_of(entry: Mapping[str, Any]) -> Upload:
    """An upload from its JSON form. Raises TypeError or ValueError when it is none."""
    upload = Upload(**entry)
    for text in (upload.fingerprint, upload.source, upload.status, upload.at):
        _text(text)
    if upload.status not in (REGISTERED, UPLOADED, REFUSED):
        raise ValueError(f"{upload.status!r} is no status of an upload")
    return upload


def media_id_of(text: Any) -> str:
    """The id of media. Raises TypeError or ValueError when it is none."""
    if not is_id(_word(text)):
        raise ValueError(f"{text!r} is no id")
    return str(text)


def slot_of(text: Any) -> datetime:
    """The time of a slot. Raises TypeError or ValueError when it is none."""
    moment = datetime.fromisoformat(_text(text))
    if moment.utcoffset() != timedelta():
        raise ValueError(f"{text!r} is no time in UTC")
    return moment


def slot_text(slot: datetime) -> str:
    """A slot as the state has it."""
    return slot.astimezone(UTC).isoformat(timespec="seconds")


def _check_kind(kind: str) -> None:
    if kind not in KINDS:
        raise ValueError(f"there is no kind of resource called {kind!r}")


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is not a text")
    return value


def _word(value: Any) -> str:
    if not _text(value):
        raise ValueError("an id is empty")
    return str(value)


def _count(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise TypeError(f"{value!r} is not a whole number")
    return value


def _object(value: Any) -> None:
    if not isinstance(value, dict):
        raise TypeError(f"{value!r} is not an object")


def _tuples(value: Any) -> Any:
    # JSON has no tuples; shapes are compared as such.
    return tuple(_tuples(part) for part in value) if isinstance(value, (list, tuple)) else value

"""The pins that numbers are about, as content and state know them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from pinsync.content.suggesting import nearest
from pinsync.errors import UsageError
from pinsync.model.address import EXISTING_BOARD, EXISTING_SECTION, key_of, kind_of
from pinsync.model.resource import Desired, Origin, Value
from pinsync.planning.targeting import fits
from pinsync.state.document import State

_UTM = "utm_"


@dataclass(frozen=True, slots=True)
class Subject:
    """A pin. ``id`` is empty where it is not on Pinterest, and ``absence`` then says why.

    ``board`` and ``section`` are addresses, empty where there is none or it is unknown. ``link`` is the pin's, or the first of a
    carousel's. ``origin`` is None where the pin is declared no more.
    """

    address: str
    id: str
    title: str
    board: str
    section: str
    link: str
    is_video: bool
    origin: Origin | None
    absence: str = ""

    @property
    def link_params(self) -> dict[str, str]:
        """The UTM parameters of the link."""
        try:
            pairs = parse_qsl(urlsplit(self.link).query)
        except ValueError:
            return {}
        return {name: value for name, value in pairs if name.startswith(_UTM)}

    @property
    def campaign(self) -> str:
        """Its ``utm_campaign``, or empty."""
        return self.link_params.get("utm_campaign", "")


def all_subjects(desired: Mapping[str, Desired], state: State) -> list[Subject]:
    """Every pin that is declared or on Pinterest, by address. Published ones are taken as they were last sent."""
    ids = {known.id: address for address, known in state.resources.items() if known.kind != "pin"}
    ids |= {found: address for address, found in state.existing.items()}
    found = []
    for address, known in state.resources.items():
        if known.kind == "pin":
            origin = desired[address].origin if address in desired else None
            fields = {
                **known.applied,
                "board": ids.get(str(known.applied.get("board"))),
                "section": ids.get(str(known.applied.get("section"))),
            }
            found.append(_subject(address, known.id, fields, origin))
    renamed = {one.address for one in desired.values() if one.moved_from in state.resources}
    for address, one in desired.items():
        if one.kind == "pin" and address not in state.resources and address not in renamed:
            absence = "deleted on Pinterest" if address in state.departed else "never published"
            found.append(_subject(address, "", one.fields, one.origin, absence))
    return sorted(found, key=lambda subject: subject.address)


def names_of_places(state: State) -> dict[str, str]:
    """What people call each board and section on Pinterest, by address."""
    names = {
        address: str(known.applied.get("name") or key_of(address))
        for address, known in state.resources.items()
        if known.kind != "pin"
    }
    return names | {
        address: key_of(address) for address in state.existing if kind_of(address) in (EXISTING_BOARD, EXISTING_SECTION)
    }


def choose(subjects: Sequence[Subject], patterns: Sequence[str], boards: Sequence[str]) -> list[Subject]:
    """The pins that a pattern fits, or whose board or section it fits, or that are on a board with one of these keys; all
    pins where nothing is asked for. Raises UsageError where something fits nothing."""
    if not patterns and not boards:
        return list(subjects)
    chosen: set[str] = set()
    for pattern in patterns:
        fitting = {one.address for one in subjects if any(fits(name, pattern) for name in _names(one))}
        if not fitting:
            _refuse(f"no pin fits {pattern}", pattern, (name for one in subjects for name in _names(one)))
        chosen |= fitting
    for key in boards:
        fitting = {one.address for one in subjects if one.board and fits(key_of(one.board), key)}
        if not fitting:
            _refuse(f"no pin is on a board {key}", key, {key_of(one.board) for one in subjects if one.board})
        chosen |= fitting
    return [one for one in subjects if one.address in chosen]


def _refuse(message: str, word: str, known: Iterable[str]) -> None:
    guess = nearest(word, known)
    raise UsageError(message, f"Did you mean {guess}?" if guess else "Write it as in the plan; * stands for anything.")


def _names(subject: Subject) -> tuple[str, ...]:
    return tuple(name for name in (subject.address, subject.board, subject.section) if name)


def _subject(
    address: str, pin_id: str, fields: Mapping[str, Value], origin: Origin | None, absence: str = ""
) -> Subject:
    slots: list[Mapping[str, Any]] = fields.get("slots") or []

    def text(name: str) -> str:
        return str(fields.get(name) or next((slot[name] for slot in slots if slot.get(name)), ""))

    board, section = (str(fields.get(name) or "") for name in ("board", "section"))
    is_video = "video" in (fields.get("media") or {})
    return Subject(address, pin_id, text("title"), board, section, text("link"), is_video, origin, absence)

"""From the API to :class:`Live`: the boards that matter, their pins by listing or one by one, sections where in doubt.

What it costs: one listing of boards (250 a call); per board that matters the cheaper of a listing of its pins (250 a
call) and single reads of the known ones; and a listing of sections only where one is new, was renamed in the content,
or is not proven to exist by a pin that lies in it.
"""

from __future__ import annotations

import asyncio
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pinsync.errors import PinsyncError, Refused
from pinsync.model import KINDS
from pinsync.model.address import EXISTING_BOARD, existing_section_address, kind_of
from pinsync.model.equality import canonical_name, same_name
from pinsync.model.resource import Desired, ExistingBoard, Found
from pinsync.pinterest.client import Client
from pinsync.pinterest.operations import (
    PAGE_SIZE,
    get_board,
    get_pin,
    list_board_pins,
    list_boards,
    list_sections,
)
from pinsync.planning.live import Live, LiveKey
from pinsync.refreshing.doubt import Patience, resolve
from pinsync.state.document import State

PROOFS = 25
"""How many missing pins are looked for one by one in a run; a later one goes on with the rest."""


@dataclass(slots=True)
class _Needs:
    """What has to be known of one live board."""

    known_pins: set[str] = field(default_factory=set)
    new_pins: bool = False
    all_pins: bool = False
    known_sections: dict[str, str] = field(default_factory=dict)
    new_sections: bool = False


async def refresh(
    client: Client,
    desired: Mapping[str, Desired],
    existing: Mapping[str, ExistingBoard],
    state: State,
    concurrency: int,
    patience: Patience,
    *,
    prune: bool = False,
) -> Live:
    """Reads what :func:`pinsync.planning.planner.make_plan` needs. Raises ApiError.

    To ``prune``, all pins of boards and sections that may be deleted have to be known. Where an interrupted run left
    creations in doubt, this waits until the listings show what became of them.
    """
    reader = _Reader(client, asyncio.Semaphore(concurrency))
    if not desired and not state.resources and not state.pending:
        return Live()
    boards = await _boards(reader, desired, existing, state)
    by_name = _Lookup(boards)
    ids = _board_ids(desired, existing, state, boards, by_name)
    needs = _needs(desired, existing, state, ids, boards)
    if prune:
        for address, entry in state.resources.items():
            board_id = entry.id if entry.kind == "board" else str(entry.applied.get("board"))
            if entry.kind != "pin" and address not in desired and board_id in boards:
                needs.setdefault(board_id, _Needs()).all_pins = True
    try:
        async with asyncio.TaskGroup() as group:
            for board_id, need in needs.items():
                group.create_task(reader.read_board(boards[board_id], need))
    except* PinsyncError as failures:
        raise failures.exceptions[0] from None
    await _settle_doubts(reader, state, patience)
    unseen = await _prove_missing(reader, state, boards)
    for address, board in existing.items():
        for section in board.sections:
            for found in reader.sections_of(ids.get(address, "")):
                if found.fields["name"] == section or same_name(found.fields["name"], section):
                    reader.existing[existing_section_address(board.name, section)] = found.id
    reader.existing |= {address: ids[address] for address in existing if address in ids}
    return Live(reader.found, frozenset(reader.absent), reader.existing, unseen=unseen, listed=frozenset(reader.listed))


async def _settle_doubts(reader: _Reader, state: State, patience: Patience) -> None:
    for kind in KINDS:
        doubts = {
            address: pending
            for address, pending in state.pending.items()
            if pending.kind == kind and pending.action == "create"
        }
        if doubts:
            claimed = {entry.id for entry in state.resources.values() if entry.kind == kind} | state.retired.keys()
            seen = [found for (found_kind, _), found in reader.found.items() if found_kind == kind]
            verdict = await resolve(reader.client, kind, doubts, claimed, patience, seen)
            for found in verdict.found.values():
                reader.add(found)


class _Lookup:
    """Live boards by name: exactly first, else as Pinterest compares names."""

    def __init__(self, boards: Mapping[str, Found]) -> None:
        self._exactly: dict[str, str] = {}
        self._alike: dict[str, str] = {}
        for board in boards.values():
            name = str(board.fields["name"])
            self._exactly.setdefault(name, board.id)
            self._alike.setdefault(canonical_name(name), board.id)

    def __getitem__(self, name: str) -> str | None:
        return self._exactly.get(name) or self._alike.get(canonical_name(name))


class _Reader:
    """Reads, and gathers what was found."""

    def __init__(self, client: Client, slots: asyncio.Semaphore) -> None:
        self.client = client
        self.found: dict[LiveKey, Found] = {}
        self.absent: set[LiveKey] = set()
        self.existing: dict[str, str] = {}
        self.listed: set[str] = set()
        self._slots = slots
        self._proven: set[str] = set()

    def add(self, found: Found) -> None:
        self.found[found.kind, found.id] = found
        if found.kind == "pin" and found.fields["section"]:
            self._proven.add(found.fields["section"])

    def sections_of(self, board_id: str) -> list[Found]:
        return [one for one in self.found.values() if one.kind == "section" and one.fields["board"] == board_id]

    async def read_board(self, board: Found, need: _Needs) -> None:
        """Its pins and sections, as far as they are needed."""
        pages = max(1, math.ceil(board.pin_count / PAGE_SIZE))
        single = need.known_pins and not need.new_pins and not need.all_pins and len(need.known_pins) < pages
        if single:
            for pin_id in sorted(need.known_pins):
                await self.read_pin(pin_id)
        elif need.known_pins or need.all_pins or need.new_pins:
            self.listed.add(board.id)
            async with self._slots:
                async for page in self.client.pages(list_board_pins(board.id)):
                    for answer in page:
                        self.add(KINDS["pin"].observe(answer, {}))
        if need.new_sections or any(section not in self._proven for section in need.known_sections):
            async with self._slots:
                async for sections in self.client.pages(list_sections(board.id)):
                    for section in sections:
                        self.add(KINDS["section"].observe(section, {"board": board.id}))
            self.absent |= {("section", one) for one in need.known_sections if ("section", one) not in self.found}

    async def read_pin(self, pin_id: str) -> None:
        """One pin, which may be gone."""
        try:
            async with self._slots:
                answer = await self.client.send(get_pin(pin_id))
            self.add(KINDS["pin"].observe(answer, {}))
        except Refused as error:
            if error.status != 404:
                raise
            self.absent.add(("pin", pin_id))


async def _boards(
    reader: _Reader, desired: Mapping[str, Desired], existing: Mapping[str, ExistingBoard], state: State
) -> dict[str, Found]:
    """The live boards by id: all that were read, which include all that matter if they exist."""
    known = {entry.id for entry in state.resources.values() if entry.kind == "board"}
    known |= {
        found for address, found in state.existing.items() if kind_of(address) == EXISTING_BOARD and address in existing
    }
    names = {
        str(one.fields["name"])
        for address, one in desired.items()
        if one.kind == "board" and address not in state.resources
    }
    names |= {referred.name for address, referred in existing.items() if address not in state.existing}
    if len(known) == 1 and not names:
        (board_id,) = known
        try:
            board = await reader.client.send(get_board(board_id))
            reader.add(KINDS["board"].observe(board, {}))
        except Refused as error:
            if error.status != 404:
                raise
    else:
        left_ids, left_names = set(known), set(names)
        async for page in reader.client.pages(list_boards()):
            for answer in page:
                found = KINDS["board"].observe(answer, {})
                reader.add(found)
                left_ids.discard(found.id)
                left_names.discard(found.fields["name"])
            if not left_ids and not left_names:
                break
    boards = {found.id: found for found in reader.found.values() if found.kind == "board"}
    reader.absent |= {("board", board_id) for board_id in known if board_id not in boards}
    return boards


def _board_ids(
    desired: Mapping[str, Desired],
    existing: Mapping[str, ExistingBoard],
    state: State,
    boards: Mapping[str, Found],
    by_name: _Lookup,
) -> dict[str, str]:
    """The live board of each board address, where there is one."""
    ids: dict[str, str] = {}
    for address, one in desired.items():
        if one.kind == "board":
            entry = state.resources.get(address)
            found = entry.id if entry else by_name[str(one.fields["name"])]
            if found in boards and found is not None:
                ids[address] = found
    for address, board in existing.items():
        recorded = state.existing.get(address)
        found = recorded if recorded in boards else by_name[board.name]
        if found is not None:
            ids[address] = found
    return ids


def _needs(
    desired: Mapping[str, Desired],
    existing: Mapping[str, ExistingBoard],
    state: State,
    ids: Mapping[str, str],
    boards: Mapping[str, Found],
) -> dict[str, _Needs]:
    """What has to be read of which live board."""
    needs: dict[str, _Needs] = defaultdict(_Needs)
    for address, entry in state.resources.items():
        board_id = str(entry.observed.get("board") or entry.applied.get("board") or "")
        if entry.kind == "pin":
            needs[board_id].known_pins.add(entry.id)
        elif entry.kind == "section":
            needs[board_id].known_sections[entry.id] = address
            wanted = desired.get(address)
            if wanted is None or wanted.fields["name"] != entry.applied.get("name"):
                needs[board_id].new_sections = True
    for pending in state.pending.values():
        board_id = str(pending.sent.get("board") or "")
        needs[board_id].new_pins |= pending.kind == "pin"
        needs[board_id].new_sections |= pending.kind == "section"
    for address, one in desired.items():
        board = str(one.fields.get("board") or "")
        if address in state.resources or address in state.departed or board not in ids:
            continue
        needs[ids[board]].new_pins |= one.kind == "pin"
        needs[ids[board]].new_sections |= one.kind == "section"
    for address, referred in existing.items():
        unresolved = any(
            existing_section_address(referred.name, name) not in state.existing for name in referred.sections
        )
        if address in ids and unresolved:
            needs[ids[address]].new_sections = True
    return {board_id: need for board_id, need in needs.items() if board_id in boards}


async def _prove_missing(reader: _Reader, state: State, boards: Iterable[str]) -> frozenset[LiveKey]:
    """Looks once more for known pins that no listing showed: somebody may have moved them, also from a board that is gone
    by now. The sections of such a board are gone with it.

    Returns those for which there were too many to look.
    """
    standing = set(boards)
    suspects: list[str] = []
    for entry in state.resources.values():
        key = (entry.kind, entry.id)
        if entry.kind == "board" or key in reader.found or key in reader.absent:
            continue
        board_id = entry.observed.get("board") or entry.applied.get("board")
        if entry.kind == "pin":
            suspects.append(entry.id)
        elif board_id not in standing:
            reader.absent.add(key)
    for pin_id in suspects[:PROOFS]:
        await reader.read_pin(pin_id)
    return frozenset(("pin", pin_id) for pin_id in suspects[PROOFS:])

"""Which board and section a pin was moved to, in the words of the YAML files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pinsync.content.loading import Content
from pinsync.errors import Refused
from pinsync.model.address import (
    EXISTING_BOARD,
    existing_board_address,
    existing_section_address,
    key_of,
    kind_of,
)
from pinsync.model.resource import Found
from pinsync.pinterest.client import Client
from pinsync.pinterest.operations import get_board, list_sections
from pinsync.planning.live import Live
from pinsync.state.document import State


class Unsayable(Exception):
    """A live value cannot be written into a file; the message says why."""


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """``declared`` maps kind and id to the address of what the content declares or names. ``names`` maps kind and id to the
    name of what it does not."""

    declared: Mapping[tuple[str, str], str]
    names: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def is_on(self, found: Found, board: str) -> bool:
        """Whether a live pin is on the board with this address."""
        return self.declared.get(("board", str(found.fields["board"]))) == board

    def place(self, found: Found) -> tuple[dict[str, Any], dict[str, str]]:
        """The YAML values of ``board`` and ``section`` of a live pin, and the ids of what they newly name, by address.

        Raises Unsayable.
        """
        board_id, section_id = str(found.fields["board"]), found.fields.get("section")
        board = self.declared.get(("board", board_id), "")
        existing: dict[str, str] = {}
        if not board:
            name = self.names.get(("board", board_id))
            if name is None:
                raise Unsayable("it was moved to a board that this account cannot see")
            board = existing_board_address(name)
            existing[board] = board_id
        name = key_of(board)
        is_existing = kind_of(board) == EXISTING_BOARD
        value: dict[str, Any] = {"board": {"existing": name} if is_existing else name, "section": None}
        if section_id is None:
            return value, existing
        section = self.declared.get(("section", str(section_id)), "")
        if section.startswith(f"section.{name}/") and not is_existing:
            value["section"] = key_of(section).removeprefix(f"{name}/")
            return value, existing
        section_name = self.names.get(("section", str(section_id)))
        if not is_existing or section_name is None:
            called = f' "{section_name}"' if section_name else ""
            raise Unsayable(
                f"it was moved to the section{called} of {board}, which is not declared: add it to `sections:` there and "
                "run `pinsync apply`, which adopts it, first"
            )
        value["section"] = section_name
        existing[existing_section_address(name, section_name)] = str(section_id)
        return value, existing


async def look_up(client: Client, content: Content, state: State, live: Live, moved: Iterable[Found]) -> Whereabouts:
    """Where these live pins are; reads the boards, and the sections of boards, that are neither declared nor named."""
    declared = {
        (known.kind, known.id): address
        for address, known in state.resources.items()
        if known.kind != "pin" and address in content.resources
    }
    for address, found_id in live.existing.items():
        if kind_of(address) == EXISTING_BOARD:
            declared.setdefault(("board", found_id), address)
    names: dict[tuple[str, str], str] = {}
    for found in moved:
        board_id, section_id = str(found.fields["board"]), found.fields.get("section")
        if ("board", board_id) not in declared and ("board", board_id) not in names:
            name = await _board_name(client, live, board_id)
            if name is None:
                continue
            names["board", board_id] = name
        section = ("section", str(section_id))
        if section_id is not None and section not in declared and section not in names:
            async for page in client.pages(list_sections(board_id)):
                names |= {("section", str(one["id"])): str(one["name"]) for one in page}
    return Whereabouts(declared, names)


async def _board_name(client: Client, live: Live, board_id: str) -> str | None:
    found = live.found.get(("board", board_id))
    if found:
        return str(found.fields["name"])
    try:
        return str((await client.send(get_board(board_id)))["name"])
    except Refused as error:
        if error.status in (403, 404):
            return None
        raise

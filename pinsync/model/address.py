"""Addresses: the names by which people, state and plans refer to one declared thing.

board.soups                       a board, by its key
section.soups/autumn              a section, by its board's key and its own
pin.autumn/pumpkin-soup           a pin alone in autumn/pumpkin-soup.yaml
pin.autumn/list#tomato            an entry of a list file, by its id
existing-board.Weeknight soups    a board that pinsync reads and never manages, by its name on Pinterest
existing-section.Soups > Autumn   a section of such a board
"""

from __future__ import annotations

EXISTING_BOARD = "existing-board"
EXISTING_SECTION = "existing-section"


def board_address(key: str) -> str:
    """The address of the declared board with this key."""
    return f"board.{key}"


def section_address(board_key: str, key: str) -> str:
    """The address of a declared section of a declared board."""
    return f"section.{board_key}/{key}"


def pin_address(path: str, entry_id: str | None = None) -> str:
    """The address of a pin: ``path`` is its file's, relative to the root, with slashes and without extension."""
    return f"pin.{path}" if entry_id is None else f"pin.{path}#{entry_id}"


def existing_board_address(name: str) -> str:
    """The address of a board that is only read, by its name."""
    return f"{EXISTING_BOARD}.{name}"


def existing_section_address(board_name: str, name: str) -> str:
    """The address of a section of a board that is only read, by both names."""
    return f"{EXISTING_SECTION}.{board_name} > {name}"


def kind_of(address: str) -> str:
    """``pin`` of ``pin.autumn/pumpkin-soup``."""
    return address.partition(".")[0]


def key_of(address: str) -> str:
    """``autumn/pumpkin-soup`` of ``pin.autumn/pumpkin-soup``."""
    return address.partition(".")[2]

"""Addresses: what they are made of can be read back."""

from __future__ import annotations

import pytest

from pinsync.model import KINDS
from pinsync.model.address import (
    board_address,
    existing_board_address,
    existing_section_address,
    key_of,
    kind_of,
    pin_address,
    section_address,
)


@pytest.mark.parametrize(
    ("address", "text"),
    [
        (board_address("soups"), "board.soups"),
        (board_address("a.b"), "board.a.b"),
        (section_address("soups", "autumn"), "section.soups/autumn"),
        (pin_address("autumn/pumpkin.soup"), "pin.autumn/pumpkin.soup"),
        (pin_address("autumn/list", "tomato"), "pin.autumn/list#tomato"),
        (existing_board_address("My. Soups"), "existing-board.My. Soups"),
        (existing_section_address("A", "B"), "existing-section.A > B"),
    ],
)
def test_an_address_says_its_kind_and_key(address: str, text: str) -> None:
    assert address == text
    assert f"{kind_of(address)}.{key_of(address)}" == text


def test_kinds_come_with_parents_before_children() -> None:
    assert list(KINDS) == ["board", "section", "pin"]

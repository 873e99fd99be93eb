"""A single pin goes where a person wants it."""

from __future__ import annotations

from pathlib import Path

import pytest

from pinsync.errors import UsageError
from tests.importing.running import board, image_pin, import_pin, section
from tests.world import BOARDS, World, actions


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_to_a_board_that_is_managed(world: World) -> None:
    world.write({"boards.yaml": BOARDS}).apply()
    soups = world.state().resources["board.soups"].id
    autumn = world.state().resources["section.soups/autumn"].id
    pin = image_pin(world, soups, title="Pumpkin", board_section_id=autumn)
    result = import_pin(world, f"https://www.pinterest.com/pin/{pin}/", "pin.mine/soup")
    assert (result.pins, result.pictures) == (1, 1)
    text = (world.root / "mine/soup.yaml").read_text("utf-8")
    assert text == "board: soups\nsection: autumn\ntitle: Pumpkin\nimage: soup.jpg\n"
    assert set(actions(world.plan()).values()) == {"no-op"}


def test_to_a_board_that_is_not(world: World) -> None:
    soups = board(world, "Soups")
    pin = image_pin(world, soups, board_section_id=section(world, soups, "Autumn"))
    import_pin(world, pin, "pin.soup", media="link")
    text = (world.root / "soup.yaml").read_text("utf-8")
    assert text.startswith("board: {existing: Soups}\nsection: Autumn\nimage: https://")
    assert set(actions(world.plan()).values()) == {"no-op"}


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("pin.there", "another one already"),
        ("pin.known", "another one already"),
        ("pin.file", "file.yaml exists already"),
        ("pin.other", "other.yml exists already"),
        ("pin.taken", "in the place of taken.yaml or of its pictures"),
        ("pin.../out", "no file that pinsync would read"),
        ("pin./etc/passwd", "no file that pinsync would read"),
        ("pin.a/.hidden", "no file that pinsync would read"),
        ("pin.a/_defaults", "no file of a pin"),
        ("pin.list#entry", "no address that a file of one pin has"),
        ("board.soups", "no address that a file of one pin has"),
        ("pin.drafts/a", ".pinsyncignore leaves out drafts"),
        ("pin.u\u0308", "not in composed Unicode"),
    ],
)
def test_addresses_that_cannot_be(world: World, address: str, message: str) -> None:
    world.write({"boards.yaml": BOARDS}).pin("there", "board: bakes\n").pin("known", "board: bakes\ntitle: A\n").apply()
    (world.root / "known.yaml").unlink()
    world.write({"file.yaml/keep": "", "other.yml/keep": "", "taken.jpg": b"mine", ".pinsyncignore": "drafts/\n"})
    pin = image_pin(world, world.state().resources["board.soups"].id, "red")
    before = sorted(world.root.rglob("*"))
    with pytest.raises(UsageError, match=message.replace(".", r"\.").replace("(", r"\(")):
        import_pin(world, pin, address)
    assert [path for path in sorted(world.root.rglob("*")) if ".pinsync/" not in str(path)] == [
        path for path in before if ".pinsync/" not in str(path)
    ]


@pytest.mark.parametrize("pin", ["12345", "nonsense"])
def test_pins_that_are_not_there(world: World, pin: str) -> None:
    with pytest.raises(UsageError, match="no pin"):
        import_pin(world, pin, "pin.soup")


def test_a_pin_that_is_known(world: World) -> None:
    world.write({"boards.yaml": BOARDS}).pin("there", "board: bakes\n").apply()
    with pytest.raises(UsageError, match=r"is pin\.there already"):
        import_pin(world, world.state().resources["pin.there"].id, "pin.again")

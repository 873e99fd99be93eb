"""What somebody changed on Pinterest comes into the files, and nothing else of them changes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pinsync.errors import NotEditable, UsageError
from pinsync.pulling.pull import Pull, carry_out, prepare
from pinsync.report.differences import unified
from tests.world import BOARDS, World, actions, picture

PIN = """\
# Soup of the week -- do not touch the picture!
"board":   soups     # the key
section: 'autumn'

title:  "Pumpkin soup"   # at most 100
description: >-
   One pot,
   five ingredients.
# The shop:
link: https://example.com/soup
alt_text: |
  A bowl.

  Orange.
image:    soup.jpg   # 2:3
lifecycle: {protect: true,}
"""


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path).write({"boards.yaml": BOARDS, "soup.yaml": PIN, "soup.jpg": picture()})


def ready(world: World, **files: str) -> World:
    world.write({f"{name}.yaml": text for name, text in files.items()})
    assert all(outcome.result.value == "done" for outcome in world.apply())
    return world


def edit(world: World, address: str, **fields: Any) -> None:
    """Somebody changes it on Pinterest."""
    known = world.state().resources[address]
    board = known.observed.get("board")
    path = {"board": "/boards/", "section": f"/boards/{board}/sections/", "pin": "/pins/"}[known.kind]
    world.request("PATCH", f"{path}{known.id}", fields)


def pull(world: World, *addresses: str, between: Callable[[], None] = lambda: None) -> Pull:
    session = world.session()
    lock = session.backend.lock("pull")
    session.backend.fold()

    async def look() -> Pull:
        async with session.client() as client:
            return await prepare(session, session.read_state(), client, addresses)

    try:
        found = asyncio.run(look())
        between()
        carry_out(session, session.read_state(), found)
        return found
    finally:
        session.backend.fold()
        session.backend.release(lock)


def text(world: World, name: str) -> str:
    return (world.root / name).read_bytes().decode()


def replaced(text: str, *pairs: tuple[str, str]) -> str:
    for old, new in pairs:
        assert text.count(old) == 1
        text = text.replace(old, new)
    return text


def assert_settled(world: World) -> None:
    plan = world.plan()
    assert set(actions(plan).values()) == {"no-op"}
    assert not plan.diagnostics


def reasons(found: Pull) -> dict[str, str]:
    return {one.address: f"{one.what}: {one.reason}" for one in found.left_out}


def test_nothing_changed(world: World) -> None:
    found = pull(ready(world))
    assert (found.values, found.files, found.left_out) == (0, [], [])
    assert text(world, "soup.yaml") == PIN


def test_every_text_of_a_pin(world: World) -> None:
    ready(world)
    edit(
        world,
        "pin.soup",
        title='No: "1"',
        description="Two pots, six ingredients.",
        link="https://example.com/x",
        alt_text="A bowl.\n\nRed.",
    )
    found = pull(world)
    assert (found.values, len(found.files), found.left_out) == (4, 1, [])
    assert text(world, "soup.yaml") == replaced(
        PIN,
        ('"Pumpkin soup"', '"No: \\"1\\""'),
        ("One pot,\n   five ingredients.", "Two pots, six ingredients."),
        ("com/soup", "com/x"),
        ("A bowl.\n\n  Orange.", "A bowl. Red."),
    )
    assert_settled(world)


def test_what_is_taken_away_becomes_null(world: World) -> None:
    ready(world)
    edit(world, "pin.soup", title=None, alt_text=None)
    pull(world)
    assert "title:  null   # at most 100\n" in text(world, "soup.yaml")
    assert "alt_text: null\nimage: " in text(world, "soup.yaml")
    assert_settled(world)


def test_boards_and_sections(world: World) -> None:
    ready(world)
    edit(world, "board.soups", name="Soups: all", description=None)
    edit(world, "section.soups/winter", name="Deep, deep winter")
    pull(world)
    assert text(world, "boards.yaml") == replaced(
        BOARDS,
        ("Weeknight soups", '"Soups: all"'),
        ("Quick ones.", "null"),
        ("name: Winter", 'name: "Deep, deep winter"'),
    )
    assert_settled(world)


def test_privacy_keeps_its_case(world: World) -> None:
    ready(world, more="boards: [{key: a, name: A, privacy: PUBLIC}, {key: b, name: B, privacy: public}]\n")
    edit(world, "board.a", privacy="SECRET")
    edit(world, "board.b", privacy="SECRET")
    pull(world)
    assert text(world, "more.yaml") == (
        "boards: [{key: a, name: A, privacy: SECRET}, {key: b, name: B, privacy: secret}]\n"
    )
    assert_settled(world)


CAROUSEL = """\
pins:
- id: one   # first
  board: bakes
  image: soup.jpg
- board: bakes
  id: three
  carousel:
  - {image: soup.jpg, title: Classic}   # plain
  - image: other.jpg
    title: Coconut
    link: https://example.com/2
"""


def test_carousels_and_lists(world: World) -> None:
    world.write({"other.jpg": picture("red")})
    ready(world, list=CAROUSEL)
    slots = [{"title": "Classic, too", "description": "New"}, {"title": "", "link": "https://example.com/2"}]
    edit(world, "pin.list#three", carousel_slots=slots)
    pull(world)
    assert text(world, "list.yaml") == replaced(
        CAROUSEL,
        ("title: Classic}", 'title: "Classic, too", description: New}'),
        ("title: Coconut", 'title: ""'),
    )
    assert_settled(world)


def test_defaults_stay_and_the_pin_says_it_itself(world: World) -> None:
    defaults = "board: soups\nsection: autumn\ndescription: From the kitchen.\nlink: https://example.com\n"
    ready(world, **{"a/_defaults": defaults, "a/pin": "# mine\nimage: ../soup.jpg\n"})
    edit(world, "pin.a/pin", description="By hand.", link=None)
    pull(world)
    assert text(world, "a/_defaults.yaml") == defaults
    assert text(world, "a/pin.yaml") == "# mine\ndescription: By hand.\nlink: null\nimage: ../soup.jpg\n"
    assert_settled(world)


PARAMS = "board: soups\nlink_params: {utm_source: pinterest, utm_medium: a b}\n"


@pytest.mark.parametrize(
    ("live", "written"),
    [
        ("https://example.com/new?x=1&utm_source=pinterest&utm_medium=a%20b", "https://example.com/new?x=1"),
        (
            "https://example.com/new?utm_source=me&utm_medium=you",
            "https://example.com/new?utm_source=me&utm_medium=you",
        ),
        ("https://example.com/new?utm_source=pinterest", ""),
    ],
)
def test_links_without_what_the_defaults_add(world: World, live: str, written: str) -> None:
    pin = "link: https://example.com/old\nimage: ../soup.jpg\n"
    ready(world, **{"a/_defaults": PARAMS, "a/pin": pin})
    edit(world, "pin.a/pin", link=live)
    found = pull(world)
    assert text(world, "a/pin.yaml") == (pin.replace("https://example.com/old", written) if written else pin)
    if written:
        assert_settled(world)
    else:
        assert "link_params" in reasons(found)["pin.a/pin"]


def id_of(world: World, address: str) -> str:
    return world.state().resources[address].id


def test_moved_to_a_declared_section(world: World) -> None:
    ready(world)
    edit(world, "pin.soup", board_section_id=id_of(world, "section.soups/winter"))
    pull(world)
    assert text(world, "soup.yaml") == PIN.replace("'autumn'", "'winter'")
    assert_settled(world)


def test_moved_to_a_declared_board(world: World) -> None:
    ready(world)
    edit(world, "pin.soup", board_id=id_of(world, "board.bakes"), board_section_id=None)
    pull(world)
    assert text(world, "soup.yaml") == replaced(PIN, ("   soups ", "   bakes "), ("'autumn'", "null"))
    assert_settled(world)


@pytest.mark.parametrize("section", [None, "Hot: ones"])
def test_moved_to_a_board_that_nobody_declared(world: World, section: str | None) -> None:
    ready(world)
    board = world.request("POST", "/boards", {"name": "Foreign, really"})["id"]
    section_id = section and world.request("POST", f"/boards/{board}/sections", {"name": section})["id"]
    edit(world, "pin.soup", board_id=board, board_section_id=section_id)
    pull(world)
    wanted = "'Hot: ones'" if section else "null"
    assert text(world, "soup.yaml") == replaced(
        PIN, ("   soups ", '   {existing: "Foreign, really"} '), ("'autumn'", wanted)
    )
    assert world.state().existing["existing-board.Foreign, really"] == board
    assert_settled(world)


def test_moved_where_no_file_can_say_it(world: World) -> None:
    ready(world)
    board = id_of(world, "board.soups")
    section = world.request("POST", f"/boards/{board}/sections", {"name": "Spring"})["id"]
    edit(world, "pin.soup", board_section_id=section, title="New")
    found = pull(world)
    assert 'the section "Spring" of board.soups' in reasons(found)["pin.soup"]
    assert text(world, "soup.yaml") == PIN.replace('"Pumpkin soup"', '"New"')


def test_what_both_sides_changed_waits_for_a_word(world: World) -> None:
    ready(world)
    mine = PIN.replace("Pumpkin soup", "My soup")
    world.write({"soup.yaml": mine})
    edit(world, "pin.soup", title="Their soup", alt_text="Theirs.")
    found = pull(world)
    assert "title: the file was changed as well" in reasons(found)["pin.soup"]
    assert text(world, "soup.yaml") == replaced(mine, ("A bowl.\n\n  Orange.", "Theirs."))
    pull(world, "pin.soup")
    assert text(world, "soup.yaml") == replaced(PIN, ("A bowl.\n\n  Orange.", "Theirs."), ("Pumpkin", "Their"))
    assert_settled(world)


def test_another_board_here_and_another_section_there(world: World) -> None:
    ready(world)
    mine = replaced(PIN, ("   soups ", "   bakes "), ("section: 'autumn'\n", ""))
    world.write({"soup.yaml": mine})
    edit(world, "pin.soup", board_section_id=id_of(world, "section.soups/winter"))
    assert pull(world).values == 0
    mine = replaced(PIN, ("   soups ", "   bakes "), ("'autumn'", "null"))
    world.write({"soup.yaml": mine})
    assert "section: the file was changed" in reasons(pull(world))["pin.soup"]
    pull(world, "pin.soup")
    assert text(world, "soup.yaml") == PIN.replace("'autumn'", "winter")
    assert_settled(world)


def test_only_what_is_named(world: World) -> None:
    ready(world)
    edit(world, "pin.soup", title="New")
    edit(world, "board.bakes", name="Cakes")
    pull(world, "board.bakes")
    assert text(world, "soup.yaml") == PIN
    assert text(world, "boards.yaml") == BOARDS.replace("name: Bakes", "name: Cakes")
    with pytest.raises(UsageError, match=r"pin\.soap is not declared") as caught:
        pull(world, "pin.soap")
    assert "pin.soup" in caught.value.advice
    assert "nobody changed it" in reasons(pull(world, "board.soups"))["board.soups"]


def test_what_is_gone_stays_declared(world: World) -> None:
    ready(world)
    world.request("DELETE", f"/pins/{id_of(world, 'pin.soup')}")
    assert "pinsync state forget pin.soup" in reasons(pull(world))["pin.soup"]
    assert text(world, "soup.yaml") == PIN
    assert "pin.soup" in world.state().resources


def test_a_text_that_content_may_not_hold(world: World) -> None:
    ready(world)
    edit(world, "pin.soup", link="https://me:secret@example.com/", title="New")
    assert "user name" in reasons(pull(world))["pin.soup"]
    assert text(world, "soup.yaml") == PIN.replace('"Pumpkin soup"', '"New"')


def test_mistakes_that_it_would_make_put_all_files_back(world: World) -> None:
    ready(world)
    boards = BOARDS + "  - {key: stews, name: Stews}\n"
    world.write({"boards.yaml": boards})
    edit(world, "board.soups", name="Stews")
    edit(world, "pin.soup", title="New")
    with pytest.raises(NotEditable, match=r"boards.yaml.*already called"):
        pull(world)
    assert (text(world, "boards.yaml"), text(world, "soup.yaml")) == (boards, PIN)
    assert not list(world.root.glob(".*.pinsync"))


@pytest.mark.parametrize("name", ["soup.yaml", "boards.yaml"])
def test_a_file_that_changes_meanwhile_is_not_overwritten(world: World, name: str) -> None:
    ready(world)
    edit(world, "pin.soup", title="New")
    edit(world, "board.bakes", name="Cakes")
    mine = replaced(text(world, name), *([("Pumpkin", "My")] if name == "soup.yaml" else [("Quick", "My")]))
    other = {"soup.yaml": "boards.yaml", "boards.yaml": "soup.yaml"}[name]
    before = text(world, other)
    with pytest.raises(NotEditable, match=rf"{name} was changed in the meantime"):
        pull(world, between=lambda: world.write({name: mine}) and None)
    assert (text(world, name), text(world, other)) == (mine, before)


def test_other_content_that_changes_meanwhile(world: World) -> None:
    ready(world, other="board: bakes\nimage: soup.jpg\n")
    edit(world, "pin.soup", title="New")
    with pytest.raises(NotEditable, match=r"pin\.other changed in the meantime"):
        pull(world, between=lambda: world.write({"other.yaml": "board: soups\nimage: soup.jpg\n"}) and None)
    assert text(world, "soup.yaml") == PIN


def test_killed_between_files_and_state(world: World) -> None:
    ready(world)
    edit(world, "pin.soup", title="New", board_id=id_of(world, "board.bakes"), board_section_id=None)
    session = world.session()

    async def look() -> Pull:
        async with session.client() as client:
            return await prepare(session, session.read_state(), client, ())

    for file in asyncio.run(look()).files:
        (world.root / file.file).write_bytes(file.after)
    assert_settled(world)
    again = pull(world)
    assert (again.values, again.files) == (3, [])
    known = world.state().resources["pin.soup"]
    assert (known.applied["title"], known.observed["section"]) == ("New", None)
    assert_settled(world)


def test_modes_and_links_stay(world: World) -> None:
    ready(world)
    (world.root / "real").mkdir()
    real = world.root / "real" / "soup.txt"
    (world.root / "soup.yaml").rename(real)
    real.chmod(0o640)
    (world.root / "soup.yaml").symlink_to(Path("real") / "soup.txt")
    edit(world, "pin.soup", title="New")
    pull(world)
    assert (world.root / "soup.yaml").is_symlink()
    assert real.read_text() == PIN.replace('"Pumpkin soup"', '"New"')
    assert real.stat().st_mode & 0o777 == 0o640


def test_what_stands_behind_an_alias_is_left_out(world: World) -> None:
    pin = "board: bakes\ntitle: &t Same\nalt_text: *t\nimage: soup.jpg\n"
    ready(world, twice=pin)
    edit(world, "pin.twice", title="Other")
    assert "twice.yaml:2: the value has an anchor (&t) that line 3 uses" in reasons(pull(world))["pin.twice"]
    assert text(world, "twice.yaml") == pin


def test_the_difference_shows_no_control_characters() -> None:
    shown = unified("a\x1b.yaml", b"one\ntitle: a\n", "one\ntitle: \u202eb\n".encode())
    assert shown.splitlines() == [
        "--- a/a\\u001b.yaml",
        "+++ b/a\\u001b.yaml",
        "@@ -1,2 +1,2 @@",
        " one",
        "-title: a",
        "+title: \\u202eb",
    ]

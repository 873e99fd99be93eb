"""An account as it may be becomes content and state, and the next plan has nothing to do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pinsync.errors import UsageError
from tests.importing.running import board, carousel, files, image_pin, import_boards, section
from tests.world import World, actions, picture


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def nothing_to_do(world: World) -> bool:
    plan = world.plan()
    return set(actions(plan).values()) <= {"no-op"} and not plan.diagnostics


def test_a_mixed_account(world: World) -> None:
    soups = board(world, "Weeknight soups", description="Quick: ones.")
    board(world, "Empty")
    autumn = section(world, soups, "Осень")
    first = image_pin(world, soups, title="Pumpkin soup", link="https://example.com/soup", alt_text="A bowl")
    image_pin(world, soups, "red", board_section_id=autumn, description="- a: b # c\nno")
    image_pin(world, soups, "green", "PNG", title="Pumpkin soup")
    carousel(
        world, soups, [{"title": "12:30"}, {"description": "no", "link": "https://example.com/2"}], title="Three ways"
    )
    world.request("POST", f"/pins/{first}/save", {"board_id": soups, "board_section_id": autumn})

    result = import_boards(world)

    assert (result.boards, result.sections, result.pins, result.pictures) == (2, 1, 5, 5)
    assert result.complete
    assert result.left == []
    assert world.calls == {"org_read": 1 + 2 * 2}
    assert nothing_to_do(world)
    saved, untitled = sorted(file for file in files(world) if "/осень/" in file)
    if "save:" not in (world.root / saved).read_text("utf-8"):
        saved, untitled = untitled, saved
    assert (world.root / saved).read_text("utf-8") == (
        f"board: weeknight-soups\nsection: осень\nsave: https://www.pinterest.com/pin/{first}/\n"
    )
    assert "description: '- a: b # c no'\n" in (world.root / untitled).read_text("utf-8")
    assert (world.root / "weeknight-soups/_board.yaml").read_text("utf-8") == (
        "boards:\n  - key: weeknight-soups\n    name: Weeknight soups\n    description: 'Quick: ones.'\n"
        "    sections:\n      - key: осень\n        name: Осень\n"
    )
    # Which of the two comes first depends on whose picture arrives first.
    texts = {
        stem: (world.root / f"weeknight-soups/{stem}.yaml").read_text("utf-8")
        for stem in ("pumpkin-soup", "pumpkin-soup-2")
    }
    ((stem, text),) = [(stem, text) for stem, text in texts.items() if "link:" in text]
    assert text == (
        "board: weeknight-soups\ntitle: Pumpkin soup\nlink: https://example.com/soup\nalt_text: A bowl\n"
        f"image: {stem}.jpg\n"
    )
    pictures = {"weeknight-soups/three-ways-1.jpg", "weeknight-soups/three-ways-2.jpg"}
    assert {file for file in files(world, ".jpg") if "three-ways" in file} == pictures
    assert not (world.root / ".pinsync/import").exists()


def test_links_instead_of_downloads(world: World) -> None:
    soups = board(world, "Soups", privacy="PROTECTED")
    pin = image_pin(world, soups, title="Pumpkin")
    carousel(world, soups, [{}, {}])
    result = import_boards(world, "Soups", media="link", into="from/pinterest")
    assert (result.pins, result.pictures) == (2, 0)
    assert files(world, ".jpg") == []
    assert "privacy: protected" in (world.root / "from/pinterest/soups/_board.yaml").read_text("utf-8")
    text = (world.root / "from/pinterest/soups/pumpkin.yaml").read_text("utf-8")
    assert "image: https://127.0.0.1:1/media/1200x/" in text
    assert nothing_to_do(world)
    assert world.state().resources["pin.from/pinterest/soups/pumpkin"].id == pin


def test_again_brings_only_what_is_new(world: World) -> None:
    soups = board(world, "Soups")
    image_pin(world, soups, title="Pumpkin")
    import_boards(world)
    before = {file: (world.root / file).read_bytes() for file in files(world)}
    image_pin(world, soups, title="Pumpkin")
    result = import_boards(world)
    assert (result.boards, result.pins, result.known) == (0, 1, 1)
    assert {file: (world.root / file).read_bytes() for file in before} == before
    assert sorted(set(files(world)) - set(before)) == ["soups/pumpkin-2.yaml"]
    assert nothing_to_do(world)


def test_files_that_are_there_are_never_overwritten(world: World) -> None:
    soups = board(world, "Soups")
    image_pin(world, soups, title="Pumpkin")
    image_pin(world, soups, title="PINSYNC")
    world.write({"soups/Pumpkin.JPG": b"mine", "soups/_BOARD.txt": "mine"})
    import_boards(world)
    assert (world.root / "soups/Pumpkin.JPG").read_bytes() == b"mine"
    assert "soups/pumpkin-2.yaml" in files(world)
    assert "soups/_board-2.yaml" in files(world)
    assert nothing_to_do(world)


def test_a_declared_board_is_used_and_adopted_by_name(world: World) -> None:
    soups = board(world, "Soups")
    autumn, winter = section(world, soups, "Autumn"), section(world, soups, "Winter")
    image_pin(world, soups, title="Pumpkin", board_section_id=autumn)
    image_pin(world, soups, title="Leek", board_section_id=winter)
    world.write({"boards.yaml": "boards: [{key: s, name: SOUPS, sections: [{key: a, name: Autumn}]}]\n"})
    result = import_boards(world)
    assert (result.boards, result.pins) == (0, 1)
    (left,) = result.left
    assert not left.hopeless
    assert (
        'section "Winter" is not declared: add {key: winter, name: …} to the sections of s in boards.yaml:1'
        in left.reason
    )
    assert files(world) == ["boards.yaml", "s/a/pumpkin.yaml"]
    # How the name is written is the content's to say, and for the plan to bring about.
    assert {address for address, action in actions(world.plan()).items() if action != "no-op"} == {"board.s"}


def test_a_board_under_hold_is_not_taken(world: World) -> None:
    board(world, "Soups")
    world.write(
        {
            "pinsync.yaml": "environment: emulator\npolicies: {on_existing: hold}\n",
            "boards.yaml": "boards: [{key: s, name: Soups}]\n",
        }
    )
    (left,) = import_boards(world).left
    assert "`pinsync state adopt board.s " in left.reason
    assert world.state().resources == {}


def test_a_pin_that_looks_like_a_declared_one_is_not_declared_twice(world: World) -> None:
    soups = board(world, "Soups")
    image_pin(world, soups, title="Pumpkin")
    world.write({"boards.yaml": "boards: [{key: s, name: Soups}]\n"}).pin("mine", "board: s\ntitle: Pumpkin\n")
    result = import_boards(world)
    assert not result.complete
    assert "it looks like pin.mine" in result.left[0].reason
    assert result.pins == 0
    world.apply()
    assert import_boards(world).complete
    assert len(world.live("/pins")) == 1
    assert nothing_to_do(world)


def test_nor_one_on_a_board_that_is_only_added_to(world: World) -> None:
    soups = board(world, "Soups")
    image_pin(world, soups, title="Pumpkin", board_section_id=section(world, soups, "Autumn"))
    world.pin("mine", "board: {existing: soups}\nsection: autumn\ntitle: Pumpkin\n")
    result = import_boards(world)
    assert "it looks like pin.mine" in result.left[0].reason
    assert result.pins == 0


def test_a_board_that_content_only_adds_to_stays_so(world: World) -> None:
    soups = board(world, "Soups")
    image_pin(world, soups, title="Pumpkin", board_section_id=section(world, soups, "A & b"))
    world.pin("mine", "board: {existing: soups}\ntitle: Mine\n").apply()
    assert import_boards(world).boards == 0
    assert (
        (world.root / "soups/a-b/pumpkin.yaml")
        .read_text("utf-8")
        .startswith("board: {existing: Soups}\nsection: A & b\ntitle: Pumpkin\n")
    )
    assert nothing_to_do(world)


def test_what_folders_would_give_is_taken_away(world: World) -> None:
    soups = board(world, "Soups")
    image_pin(world, soups)
    world.write({"_defaults.yaml": "title: Of the folder\n"})
    import_boards(world)
    assert nothing_to_do(world)
    world.write({"_defaults.yaml": "link_params: {utm_source: pinterest}\n"})
    image_pin(world, soups, "red", link="https://example.com/a")
    result = import_boards(world)
    assert "the next plan shows them as updates" in result.notes[0]
    assert [action for action in actions(world.plan()).values() if action != "no-op"] == ["update"]


def test_folders_that_pinsync_would_not_read_are_refused(world: World) -> None:
    soups = board(world, "Soups")
    image_pin(world, soups, title="Pumpkin")
    for file, text in (
        (".pinsyncignore", "soups/\n"),
        (".pinsyncignore", "pumpkin.yaml\n"),
        ("soups/pinsync.yaml", ""),
    ):
        world.write({file: text})
        result = import_boards(world)
        assert not result.complete
        assert result.pins == 0
        (world.root / file).unlink()
    assert import_boards(world).complete
    assert nothing_to_do(world)


def altered_pins(**by_title: dict[str, Any]) -> Any:
    """Changes what Pinterest answers of pins with these titles."""

    def alter(path: str, answer: Any) -> Any:
        for pin in answer.get("items", []) if path.endswith("/pins") else ():
            pin.update(by_title.get(pin["title"], {}))
        return answer

    return alter


def test_what_pinsync_has_no_words_for_is_left_out_and_named(world: World) -> None:
    soups = board(world, "Soups")
    for title in ("Video", "Idea", "Many", "Fine", "Nowhere", "Half"):
        image_pin(world, soups, title=title)
    alter = altered_pins(
        Video={"media": {"media_type": "video"}},
        Idea={"media": None},
        Many={"media": {"media_type": "multiple_images", "items": [{}] * 6}},
        Nowhere={"media": {"media_type": "image", "images": {"600x": {"url": "ftp://a", "width": 1, "height": 1}}}},
        Half={"description": "\ud83d"},
    )
    result = import_boards(world, alter=alter)
    assert result.pins == 1
    assert {left.what.split('"')[1]: left.hopeless for left in result.left} == {
        "Video": True, "Idea": True, "Many": True, "Nowhere": False, "Half": True,
    }  # fmt: skip


def test_texts_that_content_cannot_hold_are_left_out_alone(world: World) -> None:
    soups = board(world, "Soups")
    image_pin(world, soups, title="Long")
    alter = altered_pins(
        Long={"description": "x" * 900, "link": "https://user:pass@example.com/", "alt_text": "a\x07b"}
    )
    result = import_boards(world, alter=alter)
    assert result.pins == 1
    assert len(result.notes) == 3
    assert (world.root / "soups/long.yaml").read_text("utf-8") == "board: soups\ntitle: Long\nimage: long.jpg\n"


def test_the_largest_whole_rendition_is_taken(world: World) -> None:
    soups = board(world, "Soups")
    image_pin(world, soups, title="Small")
    import_boards(world)
    from PIL import Image

    with Image.open(world.root / "soups/small.jpg") as small:
        assert small.size == (20, 30)  # and not the larger one that is cut to fit


def owned_by(name: str, other: str) -> Any:
    """The board of this name belongs to somebody else."""

    def alter(path: str, answer: Any) -> Any:
        for one in answer.get("items", []) if path == "/v5/boards" else ():
            if one["name"] == name:
                one["owner"] = {"username": other}
        for number, pin in enumerate(answer.get("items", []) if path.endswith("/pins") else ()):
            pin["is_owner"] = number > 0
        return answer

    return alter


def test_boards_of_others_and_secret_ones_come_in_only_by_name(world: World) -> None:
    board(world, "Mine")
    board(world, "Diary", privacy="SECRET")
    theirs = board(world, "Theirs")
    image_pin(world, theirs, title="By me")
    image_pin(world, theirs, title="By them")
    result = import_boards(world, alter=owned_by("Theirs", "somebody"))
    assert (result.boards, result.pins, result.complete) == (1, 0, True)
    assert sorted(left.what for left in result.left) == ['board "Diary"', 'board "Theirs"']
    result = import_boards(world, "Theirs", "Diary", alter=owned_by("Theirs", "somebody"))
    assert (result.boards, result.pins, result.complete) == (1, 1, True)
    assert "board: {existing: Theirs}\n" in (world.root / "theirs/by-me.yaml").read_text("utf-8")
    assert "privacy: secret\n" in (world.root / "diary/_board.yaml").read_text("utf-8")
    assert nothing_to_do(world)


def test_an_unknown_board_is_named_with_what_was_meant(world: World) -> None:
    board(world, "Weeknight soups")
    with pytest.raises(UsageError) as caught:
        import_boards(world, "Weeknight soup")
    assert "Weeknight soups" in caught.value.advice


def test_doubt_has_to_be_settled_first(world: World) -> None:
    world.write({"boards.yaml": "boards: [{key: s, name: Soups}]\n"})
    world.apply_and_die("settle")
    with pytest.raises(UsageError, match="in doubt"):
        import_boards(world)


def test_a_picture_that_fails_is_left_for_the_next_run(world: World) -> None:
    soups = board(world, "Soups")
    image_pin(world, soups, title="Good")
    image_pin(world, soups, title="Bad")
    page = "https://127.0.0.1:1/"
    alter = altered_pins(Bad={"media": {"media_type": "image", "images": {"1200x": {"url": page}}}})
    result = import_boards(world, alter=alter)
    assert (result.pins, result.complete) == (1, False)
    assert result.left[0].reason == f"what {page} gave is a web page, not a picture"
    assert files(world, ".tmp") == []
    result = import_boards(world)
    assert (result.pins, result.known, result.complete) == (1, 1, True)
    assert nothing_to_do(world)


def test_formats_are_told_by_the_picture_itself(world: World) -> None:
    soups = board(world, "Soups")
    image_pin(world, soups, title="Png", form="PNG")

    def originals(path: str, answer: Any) -> Any:
        for pin in answer.get("items", []) if path.endswith("/pins") else ():
            images = pin["media"]["images"]
            images["originals"] = {
                **images["1200x"],
                "width": 4000,
                "url": images["1200x"]["url"].replace("1200x", "originals"),
            }
        return answer

    import_boards(world, alter=originals)
    assert (world.root / "soups/png.png").read_bytes() == picture(form="PNG")
    assert nothing_to_do(world)


def test_a_board_whose_key_changed_is_not_declared_twice(world: World) -> None:
    soups = board(world, "Soups")
    import_boards(world)
    file = world.root / "soups/_board.yaml"
    file.write_text(file.read_text().replace("key: soups", "key: suppen"))
    image_pin(world, soups)
    result = import_boards(world)
    assert "is board.soups so far, and declared as board.suppen" in result.left[0].reason
    assert files(world) == ["soups/_board.yaml"]


def test_a_known_board_that_is_declared_no_more_comes_back_under_its_key(world: World) -> None:
    soups = board(world, "Soups")
    image_pin(world, soups)
    import_boards(world)
    image_pin(world, soups, "red", title="New")
    for left in files(world):
        (world.root / left).unlink()
    assert import_boards(world).pins == 1
    assert "soups/_board.yaml" in files(world)
    assert actions(world.plan())["board.soups"] == "no-op"

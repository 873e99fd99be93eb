from __future__ import annotations

import re
from base64 import b64encode
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as pillow

from pinsync.applying.saved import save as save_plan
from pinsync.emulator.server import in_background
from pinsync.errors import ContentError, UsageError
from pinsync.gallery.arranging import GONE
from pinsync.gallery.cards import Board, Card, Difference, Fate, Gallery, Mistake, Slot
from pinsync.gallery.looking import Looking
from pinsync.gallery.saving import alone, save
from pinsync.gallery.thumbnails import FOLDER, TOTAL, thumbnail
from pinsync.model.resource import Image, Video
from pinsync.pinterest.credentials import TOKEN, URL
from pinsync.report.comparing import ADDED, compared
from pinsync.report.comparing import GONE as TAKEN
from tests.emulator.elements import Elements
from tests.videos import video
from tests.world import BOARDS, World, picture

EVIL = "</script><script>alert(1)</script>\"'&<img src=x onerror=alert(1)>\u202egnp.\n::set-env"


def look(world: World, **options: object) -> Gallery:
    """The gallery without a network, a token or anything of the environment."""
    return Looking(world.root, {}, **options).strictly()  # type: ignore[arg-type]


def badges(gallery: Gallery) -> dict[str, tuple[str, ...]]:
    return {card.address: card.fate.badges for card in gallery.cards}


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path).write({"boards.yaml": BOARDS})


def test_what_the_plan_does_is_said_on_the_cards(world: World) -> None:
    for name in ("same", "changed", "placed", "renamed", "repainted", "gone"):
        world.pin(name, f"board: soups\nsection: autumn\ntitle: Soup {name}\n")
    world.apply()
    world.pin("changed", "board: soups\nsection: autumn\ntitle: Stew changed\n")
    world.pin("placed", "board: bakes\ntitle: Soup placed\n")
    world.pin("repainted", "board: soups\nsection: autumn\ntitle: Soup repainted\n", "blue")
    (world.root / "renamed.yaml").rename(world.root / "other.yaml")
    (world.root / "gone.yaml").unlink()
    world.pin("new", "board: bakes\ntitle: Soup new\n").pin("later", "board: bakes\npublish_at: 2999-01-01T09:00Z\n")
    gallery = look(world)
    assert badges(gallery) == {
        "pin.same": ("unchanged",),
        "pin.changed": ("changed",),
        "pin.placed": ("moved",),
        "pin.other": ("moved",),
        "pin.repainted": ("held",),
        "pin.gone": ("held",),
        "pin.new": ("new",),
        "pin.later": ("scheduled",),
    }
    assert [(board.name, len(board.cards)) for board in gallery.boards] == [
        ("Bakes", 3),
        ("Weeknight soups", 0),
        (GONE, 1),
    ]
    assert [(part.name, len(part.cards)) for part in gallery.boards[1].sections] == [("Autumn", 4), ("Winter", 0)]
    html = alone(gallery, world.root)
    assert (
        '<del><span class="sr">removed: </span>Soup</del><ins><span class="sr">added: </span>Stew</ins> changed' in html
    )
    for said in (
        "Was <code>pin.renamed</code>",
        "1 Jan 2999, 09:00 UTC",
        "--allow-replace",
        "2 pins held back",
    ):
        assert said in html
    Elements(html)  # which is well-formed


def test_a_slot_is_shown_like_any_other_time(world: World) -> None:
    world.write({"pinsync.yaml": "environment: emulator\ntimezone: UTC\nspread: {every: 24h, between: 09:30-09:30}\n"})
    world.pin("a", "board: soups\ntitle: A\n")
    gallery = look(world)
    assert badges(gallery) == {"pin.a": ("scheduled",)}
    assert "09:30 UTC</time>" in alone(gallery, world.root)


def test_a_saved_plan_gives_the_badges(world: World, tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    world.pin("a", "board: soups\n")
    save_plan(world.plan(), world.root, file)
    gallery = look(world, saved=file)
    assert badges(gallery) == {"pin.a": ("new",)}
    assert not gallery.notices
    world.pin("b", "board: soups\n")
    gallery = look(world, saved=file)
    assert badges(gallery) == {"pin.a": ("new",), "pin.b": ()}
    assert "other content" in gallery.notices[0]


def test_a_plan_made_after_reading_pinterest_shows_drift(world: World) -> None:
    world.pin("a", "board: soups\ntitle: Soup\n")
    world.apply()
    world.request("PATCH", f"/pins/{world.live('/pins')[0]['id']}", {"title": "Stew"})
    assert badges(look(world)) == {"pin.a": ("unchanged",)}
    with in_background(world.network._inner.app) as origin:
        gallery = Looking(world.root, {URL: f"{origin}/v5", TOKEN: "emulator"}, refresh=True).strictly()
    assert badges(gallery) == {"pin.a": ("drift",)}
    assert '<dt>title, on Pinterest</dt><dd dir="auto">&quot;Stew&quot;</dd>' in alone(gallery, world.root)


def test_every_kind_of_pin_has_something_to_show(world: World) -> None:
    world.write({
        "web.yaml": "board: {existing: Theirs}\nsection: Old\ntitle: Web\nimage: https://images.example.com/a.jpg\n",
        "many.yaml": "board: soups\ntitle: Many\ncarousel:\n- {image: red.jpg, title: One, link: https://example.org/x}\n"
        "- {image: blue.jpg, description: Two}\n",
        "red.jpg": picture("red"), "blue.jpg": picture("blue"),
        "frame.yaml": "board: soups\nvideo: v.mp4\ncover: 3s\n", "v.mp4": video(65),
        "cover.yaml": "board: soups\nvideo: v.mp4\ncover: red.jpg\n",
        "saved.yaml": "board: soups\nsave: https://www.pinterest.com/pin/4711/\n",
    })  # fmt: skip
    html = alone(look(world), world.root)
    elements = Elements(html)
    for said in (
        "only added to",
        "images.example.com",
        "picture at 3s",
        "1:05",
        "Carousel of 2",
        "1 of 2",
        "example.org",
    ):
        assert said in html
    sources = elements.all("img", "src")
    assert len(sources) == 3
    assert all(source.startswith("data:image/webp;base64,") for source in sources)
    assert "https://www.pinterest.com/pin/4711/" in elements.all("a", "href")
    assert not {"video", "iframe", "object"} & {element for element, _ in elements.found}


def test_text_stays_text_however_hostile_and_long(tmp_path: Path) -> None:
    fate = Fate(("changed",), EVIL, EVIL, (Difference(EVIL, EVIL, f"{EVIL}x", prose=True),), (), (EVIL,))
    slot = Slot(Image(f"https://{EVIL}"), EVIL, EVIL, "javascript:alert(1)")
    clip = Video(EVIL, "0", 9, 16, 5, "MP4", "AVC", 1)
    cards = (
        Card(f"pin.{EVIL}", EVIL, EVIL, f"https://example.com/{EVIL}", EVIL, (slot, slot), fate=fate),
        Card("pin.long", "x" * 10_000, "y " * 10_000, link="https://[bad", video=clip, frame=EVIL),
        Card("pin.diff", fate=Fate(differences=(Difference("title", "a " * 9_999, "b " * 9_999, prose=True),))),
    )
    board = Board(EVIL, cards, description=EVIL, facts=(EVIL,), fate=fate)
    html = alone(Gallery(EVIL, EVIL, (board,), EVIL, (EVIL,), (Mistake(EVIL, EVIL, EVIL),), EVIL), tmp_path)
    assert len(html) < 100_000
    assert "\u202e" not in html
    elements = Elements(html)
    names = [name for name, _ in elements.found]
    assert names.count("script") == names.count("style") == 1
    assert "img" not in names
    attributes = {name for _, those in elements.found for name in those}
    assert not {name for name in attributes if name.startswith("on")} | {"style"} & attributes
    assert all(link.startswith(("https://example.com/", "#", "data:,")) for link in elements.all("a", "href"))


def test_the_page_needs_no_network_and_runs_nothing_but_its_own_script(world: World) -> None:
    html = alone(look(world.pin("a", "board: soups\n")), world.root)
    found = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', html)
    assert found
    policy = found[1]
    assert policy.startswith("default-src 'none'; img-src data:;")
    assert "unsafe" not in policy
    assert "self" not in policy
    assert policy.count("sha256-") == 2
    assert not re.search(r"url\(|@import|(src|href)=\"(?!data:|#)", html)


def noise(folder: Path) -> Slot:
    """A picture that takes as many bytes as any."""
    pillow.effect_noise((500, 750), 120).convert("RGB").save(folder / "noise.jpg")
    return Slot(Image("noise.jpg", "0", 1000, 1500))


def test_five_thousand_pins_have_a_bounded_size(tmp_path: Path) -> None:
    count = 5000
    slot = noise(tmp_path)
    cards = tuple(Card(f"pin.{number}", "Noise", slots=(slot,)) for number in range(count))
    html = alone(Gallery("", "", (Board("A", cards),)), tmp_path)
    assert html.count('<img src="data:') == count
    assert len(html) < TOTAL * 4 / 3 + count * 1_500


def test_small_pictures_are_kept_as_long_as_they_are_shown(tmp_path: Path) -> None:
    slot = noise(tmp_path)
    gallery = Gallery("", "", (Board("A", (Card("pin.a", slots=(slot,)),)),))
    first = alone(gallery, tmp_path)
    (kept,) = (tmp_path / FOLDER).iterdir()
    assert b64encode(kept.read_bytes()).decode() in first
    kept.write_bytes(kept.read_bytes()[:-1])  # as a full disk leaves it
    assert alone(gallery, tmp_path) == first
    (tmp_path / "noise.jpg").unlink()
    assert alone(gallery, tmp_path) == first
    alone(Gallery("", "", ()), tmp_path)
    assert not [*(tmp_path / FOLDER).iterdir()]


def test_pictures_are_made_small_and_upright(tmp_path: Path) -> None:
    exif = pillow.Exif()
    exif[0x0112] = 6
    pillow.new("RGB", (3000, 2000), "red").save(tmp_path / "turned.jpg", exif=exif)
    pillow.new("LA", (40, 900), (0, 0)).save(tmp_path / "tall.png")
    for name, size, whole in (("turned.jpg", (500, 750), (2000, 3000)), ("tall.png", (40, 84), (40, 900))):
        data = thumbnail(tmp_path, Image(name, "0", *whole))
        assert data
        (tmp_path / "small.webp").write_bytes(data)
        with pillow.open(tmp_path / "small.webp") as small:
            assert small.size == size
            pixel = small.getpixel((0, 0))
            assert isinstance(pixel, tuple)
            assert pixel[1:] == (0, 0) if name == "turned.jpg" else pixel == (255, 255, 255)
    (tmp_path / "broken.jpg").write_bytes(b"GIF89a")
    assert thumbnail(tmp_path, Image("broken.jpg", "0", 10, 10)) is None
    assert thumbnail(tmp_path, Image("missing.jpg", "0", 10, 10)) is None


@given(
    st.lists(st.sampled_from(["a", "b ", " ", "\n", ".", "ü"])), st.lists(st.sampled_from(["a", "b ", " ", "é", "."]))
)
def test_a_comparison_holds_both_texts(before: list[str], after: list[str]) -> None:
    parts = compared("".join(before), "".join(after))
    assert "".join(text for what, text in parts if what != ADDED) == "".join(before)
    assert "".join(text for what, text in parts if what != TAKEN) == "".join(after)


def test_mistakes_are_refused_or_shown_where_they_are(world: World) -> None:
    world.pin("a", "board: soups\ntitel: Soup\n").pin("b", "board: soups\n")
    world.write(
        {
            "list.yaml": "pins:\n- {id: one, board: soups, image: no.jpg}\n- {id: two, board: soups, image: a.jpg, x: 1}\n"
        }
    )
    looking = Looking(world.root, {})
    with pytest.raises(ContentError):
        looking.strictly()
    gallery = looking.anyway()
    assert [mistake.where.rpartition(":")[0] for mistake in gallery.mistakes] == [
        "a.yaml:3",
        "list.yaml:2",
        "list.yaml:3",
    ]
    # Of the entries of the list one has no card, so that nobody can tell whose the mistakes are.
    assert badges(gallery) == {"pin.a": ("error",), "pin.b": (), "pin.list#two": ()}
    assert alone(gallery, world.root).count("<code>a.yaml:3:1</code>") == 2


def test_only_previews_are_overwritten(tmp_path: Path) -> None:
    html = alone(Gallery("content", "", ()), tmp_path)
    file = tmp_path / "new" / "a.html"
    save(html, file)
    save(f"{html}again", file)
    assert file.read_text("utf-8").endswith("again")
    file.write_text("<!doctype html>\n<html>", "utf-8")
    for wrong in (file, tmp_path / "a.yaml", tmp_path):
        with pytest.raises(UsageError):
            save(html, wrong)
    assert sorted(path.name for path in file.parent.iterdir()) == ["a.html"]

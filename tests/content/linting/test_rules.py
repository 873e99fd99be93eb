"""Each rule: what it finds and where, what it lets pass, and the bounds between the two."""

from __future__ import annotations

import io
import random
from functools import cache
from pathlib import Path

import pytest
from PIL import Image

from pinsync.content.linting.rules import DEAD_LINK, MEANINGS
from pinsync.content.linting.running import lint
from pinsync.content.loading import load, load_valid
from pinsync.errors import ContentError
from tests.content.corpus import Files, root
from tests.videos import video
from tests.world import picture

BASE = "board: soups\nimage: tall.jpg\n"
CAROUSEL = "board: soups\ncarousel:\n"
ITEMS = "- {image: tall.jpg}\n- {image: 1000x1500.jpg}\n"
WHOLE = "title: T\ndescription: D\nalt_text: A\nlink: https://example.com/\n"


@cache
def sized(width: int, height: int) -> bytes:
    return picture("orange", (width, height))


@cache
def painted(seed: int, width: int = 640, quality: int = 90) -> bytes:
    """A picture with enough in it to tell it from others: blurred patches of random colours."""
    chance = random.Random(seed)
    small = Image.frombytes("RGB", (12, 18), chance.randbytes(12 * 18 * 3))
    out = io.BytesIO()
    large = small.resize((640, 960), Image.Resampling.BICUBIC)
    large.resize((width, width * 3 // 2), Image.Resampling.LANCZOS).save(out, "JPEG", quality=quality)
    return out.getvalue()


def write(folder: Path, files: Files) -> Path:
    """A content root with pictures that no rule about single pictures finds anything in."""
    return root(folder, {"tall.jpg": sized(600, 900), "1000x1500.jpg": sized(1000, 1500), **files})


def found(folder: Path, files: Files, code: str) -> list[tuple[str, str]]:
    """The places of what this rule finds, and the words."""
    content = load(write(folder, files))
    assert content.problems == ()
    problems = lint(content)
    assert all(problem.advice and problem.excerpt and problem.severity == "warning" for problem in problems)
    return [
        (f"{problem.file}:{problem.line}:{problem.column}", problem.message)
        for problem in problems
        if problem.code == code
    ]


def one(text: str) -> Files:
    return {"p.yaml": text}


def shaped(width: int, height: int) -> Files:
    return {"p.yaml": "board: soups\nimage: it.png\n", "it.png": picture("red", (width, height), "PNG")}


def two(first: bytes, second: bytes) -> Files:
    return {
        "a.yaml": "board: soups\nimage: a.jpg\n", "a.jpg": first,
        "b.yaml": "board: bakes\nimage: b.jpg\n", "b.jpg": second,
    }  # fmt: skip


def moving(size: tuple[int, int], codec: bytes = b"avc1", cover: tuple[int, int] | None = None) -> Files:
    text = "board: soups\nvideo: it.mp4\n" + ("cover: it.png\n" if cover else "")
    return {"p.yaml": text, "it.mp4": video(size=size, codec=codec), "it.png": picture("red", cover or (9, 9), "PNG")}


def slots(*texts: str) -> Files:
    return one(CAROUSEL + "".join(f"- {{image: tall.jpg, {text}}}\n" for text in texts))


SAVE = one("board: soups\nsave: https://www.pinterest.com/pin/1234/\n")
CASES: dict[str, tuple[str, Files, list[str]]] = {
    # missing texts
    "no alt text": ("missing-alt-text", one(BASE), ["p.yaml:1:1"]),
    "no alt text of a picture by address": (
        "missing-alt-text", one("board: soups\nimage: https://example.com/1.jpg\n"), ["p.yaml:1:1"]),
    "no alt text of a carousel": ("missing-alt-text", one(CAROUSEL + ITEMS), ["p.yaml:1:1"]),
    "no alt text of an entry": (
        "missing-alt-text", {"l.yaml": f"pins:\n- {{id: a, {WHOLE.strip().replace(chr(10), ', ')}, board: soups, "
                             "image: tall.jpg}\n- {id: b, board: soups, image: 1000x1500.jpg}\n"}, ["l.yaml:3:3"]),
    "an alt text": ("missing-alt-text", one(f"{BASE}alt_text: A\n"), []),
    "an alt text from the defaults": ("missing-alt-text", {**one(BASE), "_defaults.yaml": "alt_text: A\n"}, []),
    "a null is a decision": ("missing-alt-text", one(f"{BASE}alt_text: null\n"), []),
    "an empty text is a decision": ("missing-alt-text", one(f"{BASE}alt_text: ''\n"), []),
    "a decision in the defaults": ("missing-alt-text", {**one(BASE), "_defaults.yaml": "alt_text:\n"}, []),
    "a saved pin has no alt text of its own": ("missing-alt-text", SAVE, []),
    "a saved pin has no title of its own": ("missing-title", SAVE, []),
    "no title": ("missing-title", one(BASE), ["p.yaml:1:1"]),
    "no title, but each picture has": ("missing-title", slots("title: A", "title: B"), []),
    "no title, and one picture has none": ("missing-title", slots("title: A", "link: 'https://a.com'"), ["p.yaml:1:1"]),
    "no title, and one picture has an empty one": ("missing-title", slots("title: A", "title: ' '"), ["p.yaml:1:1"]),
    "no description": ("missing-description", one(BASE), ["p.yaml:1:1"]),
    "a description": ("missing-description", one(f"{BASE}description: D\n"), []),
    "no link": ("missing-link", one(BASE), ["p.yaml:1:1"]),
    "no link, but each picture has": (
        "missing-link", slots("link: 'https://a.com'", "link: 'https://b.com'"), []),
    "a link of the whole is enough": ("missing-link", one(f"link: https://a.com\n{CAROUSEL}{ITEMS}"), []),
    # videos
    "a wide video": ("video-shape", moving((400, 300)), ["p.yaml:2:8"]),
    "a square video": ("video-shape", moving((300, 300)), []),
    "an odd encoding": ("video-encoding", moving((300, 400), b"mp4v"), ["p.yaml:2:8"]),
    "a common encoding": ("video-encoding", moving((300, 400), b"hvc1"), []),
    "a cover of another shape": ("cover-shape", moving((300, 400), cover=(600, 900)), ["p.yaml:3:8"]),
    "a cover of the same shape": ("cover-shape", moving((200, 301), cover=(600, 900)), []),
    "a small cover": ("small-image", moving((300, 400), cover=(300, 400)), ["p.yaml:3:8"]),
    # insecure-link
    "http": ("insecure-link", one(f"{BASE}link: http://example.com/a\n"), ["p.yaml:3:7"]),
    "http with its own port": ("insecure-link", one(f"{BASE}link: http://example.com:80/a\n"), ["p.yaml:3:7"]),
    "http of a picture": (
        "insecure-link", slots("link: 'https://a.com'", "link: 'http://a.com'"), ["p.yaml:4:27"]),
    "http in the defaults, said once": (
        "insecure-link",
        {"a.yaml": BASE, "b.yaml": BASE, "_defaults.yaml": "link: http://a.com\n"}, ["_defaults.yaml:1:7"]),
    "https": ("insecure-link", one(f"{BASE}link: https://example.com/a\n"), []),
    "http of another port": ("insecure-link", one(f"{BASE}link: http://example.com:8080/a\n"), []),
    "http of this machine": ("insecure-link", one(f"{BASE}link: http://localhost/a\n"), []),
    "http of an address": ("insecure-link", one(f"{BASE}link: 'http://[::1]/a'\n"), []),
    # repeated-title
    "the same title": (
        "repeated-title", {"a.yaml": f"{BASE}title: Soup\n", "b.yaml": f"{BASE}title: Soup\n"}, ["b.yaml:3:8"]),
    "the same title in other letters": (
        "repeated-title", {"a.yaml": f"{BASE}title: Straße  zwei\n", "b.yaml": f"{BASE}title: 'STRASSE ZWEI'\n"},
        ["b.yaml:3:8"]),
    "the same title, thrice": (
        "repeated-title", {f"{name}.yaml": f"{BASE}title: Soup\n" for name in "abc"}, ["b.yaml:3:8", "c.yaml:3:8"]),
    "another title": (
        "repeated-title", {"a.yaml": f"{BASE}title: Soup\n", "b.yaml": f"{BASE}title: Soups\n"}, []),
    "no title twice": ("repeated-title", {"a.yaml": f"{BASE}title: ''\n", "b.yaml": BASE}, []),
    # small-image
    "599 pixels": ("small-image", shaped(599, 900), ["p.yaml:2:8"]),
    "600 pixels": ("small-image", shaped(600, 900), []),
    "a small picture of a carousel": (
        "small-image", {**one(f"{CAROUSEL}- {{image: tall.jpg}}\n- {{image: soup.jpg}}\n")}, ["p.yaml:4:11"]),
    "of a picture by address nothing is known": (
        "small-image", one("board: soups\nimage: https://example.com/1.jpg\n"), []),
    # image-shape
    "2:3": ("image-shape", shaped(1000, 1500), []),
    "square": ("image-shape", shaped(700, 700), []),
    "a pixel wider": ("image-shape", shaped(701, 700), []),
    "wider than high": ("image-shape", shaped(710, 700), ["p.yaml:2:8"]),
    "1:2.1": ("image-shape", shaped(100, 210), []),
    "higher": ("image-shape", shaped(100, 213), ["p.yaml:2:8"]),
    "of the shape by address nothing is known": (
        "image-shape", one("board: soups\nimage: https://example.com/1.jpg\n"), []),
    # carousel-shapes
    "one shape in two sizes": ("carousel-shapes", one(CAROUSEL + ITEMS), []),
    "about one shape": (
        "carousel-shapes", {**one(f"{CAROUSEL}{ITEMS}- {{image: c.jpg}}\n"), "c.jpg": sized(603, 900)}, []),
    "two shapes": (
        "carousel-shapes", {**one(f"{CAROUSEL}{ITEMS}- {{image: c.jpg}}\n"), "c.jpg": sized(610, 900)}, ["p.yaml:5:11"]),
    "shapes by address": (
        "carousel-shapes",
        one(f"{CAROUSEL}- {{image: 'https://a.com/1.jpg'}}\n- {{image: 'https://a.com/2.jpg'}}\n"), []),
    # same-picture
    "one file in two pins": ("same-picture", {"a.yaml": BASE, "b.yaml": BASE}, ["b.yaml:2:8"]),
    "two equal files": ("same-picture", two(sized(600, 901), sized(600, 901)), ["b.yaml:2:8"]),
    "one address in two pins": (
        "same-picture", dict.fromkeys(("a.yaml", "b.yaml"), "board: soups\nimage: https://example.com/1.jpg\n"),
        ["b.yaml:2:8"]),
    "one file twice in a carousel": (
        "same-picture", one(f"{CAROUSEL}- {{image: tall.jpg}}\n- {{image: tall.jpg}}\n"), ["p.yaml:4:11"]),
    "saved again": ("same-picture", two(painted(1), painted(1, quality=50)), ["b.yaml:2:8"]),
    "made smaller": ("same-picture", two(painted(1), painted(1, 400)), ["b.yaml:2:8"]),
    "another picture": ("same-picture", two(painted(1), painted(2)), []),
    "two sizes of one colour": ("same-picture", two(sized(600, 900), sized(600, 901)), []),
    "two colours": ("same-picture", two(sized(600, 900), picture("blue", (600, 900))), []),
    "a saved pin": ("same-picture", {"a.yaml": SAVE["p.yaml"], "b.yaml": SAVE["p.yaml"]}, []),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_rule(name: str, tmp_path: Path) -> None:
    code, files, places = CASES[name]
    assert [place for place, _ in found(tmp_path, files, code)] == places


def test_every_rule_has_a_case_that_it_finds_and_one_that_it_lets_pass() -> None:
    for code in MEANINGS.keys() - {DEAD_LINK.code}:
        assert {bool(places) for other, _, places in CASES.values() if other == code} == {True, False}, code


@pytest.mark.parametrize("code", sorted(MEANINGS.keys() - {DEAD_LINK.code}))
def test_a_rule_is_silenced_by_the_pins_switched_off_and_made_an_error(code: str, tmp_path: Path) -> None:
    files, places = next((files, places) for other, files, places in CASES.values() if other == code and places)
    assert "_defaults.yaml" not in files
    assert found(tmp_path, {**files, "_defaults.yaml": f"lints: {{{code}: off}}\n"}, code) == []
    (tmp_path / "_defaults.yaml").unlink()
    assert found(tmp_path, {**files, "pinsync.yaml": f"lints: {{{code}: off}}\n"}, code) == []
    (tmp_path / "pinsync.yaml").write_text(f"lints: {{{code}: error}}\n")
    severities = [problem.severity for problem in lint(load(tmp_path)) if problem.code == code]
    assert severities == ["error"] * len(places)
    with pytest.raises(ContentError) as caught:
        load_valid(tmp_path)
    assert [problem.code for problem in caught.value.problems] == [code] * len(places)


def test_the_other_pin_is_named_with_its_file_and_line(tmp_path: Path) -> None:
    pin = "board: soups\nimage: tall.jpg\ntitle: Soup\n"
    files = {"list.yaml": f"pins:\n- id: one\n  {pin.replace(chr(10), chr(10) + '  ')}", "p.yaml": pin}
    assert found(tmp_path, files, "repeated-title")[0][1].endswith("pin.list#one (list.yaml:2)")
    assert found(tmp_path, files, "same-picture")[0][1].endswith("pin.list#one (list.yaml:2)")


def test_a_picture_that_is_turned_or_transparent_looks_like_itself(tmp_path: Path) -> None:
    upright = Image.open(io.BytesIO(painted(3)))
    turned, clear, grey = io.BytesIO(), io.BytesIO(), io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    upright.transpose(Image.Transpose.ROTATE_90).save(turned, "JPEG", exif=exif, quality=90)
    upright.convert("RGBA").save(clear, "PNG")
    upright.convert("P").save(grey, "PNG", transparency=0)
    for number, other in enumerate((turned, clear, grey)):
        files = two(painted(3), other.getvalue())
        assert len(found(tmp_path / str(number), files, "same-picture")) == 1

"""Right content: what it comes to."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from pinsync.content.loading import Content, load, load_valid
from pinsync.errors import ContentError
from pinsync.model.resource import Desired, ExistingBoard, Lifecycle, Video
from pinsync.model.spread import Spread
from tests.content.corpus import PIN, Files, root
from tests.videos import video
from tests.world import picture


def content(folder: Path, files: Files) -> Content:
    found = load(root(folder, files))
    assert found.problems == ()
    return found


def pin(folder: Path, text: str, **files: str) -> Desired:
    """The one pin of these files; ``text`` is ``p.yaml``, and ``_defaults`` is ``_defaults.yaml``."""
    more = {f"{name}.yaml": value for name, value in files.items()}
    return content(folder, {"p.yaml": text, **more}).resources["pin.p"]


def test_a_pin_has_the_fields_that_it_declares_and_no_others(tmp_path: Path) -> None:
    found = pin(tmp_path, f"{PIN}title: ' Soup '\nlink: https://example.com\nalt_text: null\n")
    assert {name: value for name, value in found.fields.items() if name != "media"} == {
        "board": "board.soups", "title": "Soup", "link": "https://example.com", "alt_text": None,
    }  # fmt: skip
    (image,) = found.images
    assert (image.source, image.format, image.width, image.height, image.conversion) == ("soup.jpg", "JPEG", 20, 30, "")
    assert found.fields["media"] == {"image": f"sha256:{image.sha256}"}
    assert str(found.origin) == "p.yaml:1"


def test_an_empty_text_clears_as_null_does(tmp_path: Path) -> None:
    assert pin(tmp_path, f"{PIN}title: ''\nlink: '  '\n").fields["title"] is None


@pytest.mark.parametrize(
    "written",
    ["no", "on", "yes", "Off", "y", "12:30", "1_000", "0o", "0x", "1e", "+", ".", "..", "2026-12-01", "1.2.3", "0b1",
     "1,000", "50%", "~soup", "nul", "TRUE!", "=", "1st", "⅓", "１", "<<", "-.", ".infinity"],
)  # fmt: skip
def test_what_yaml_1_1_takes_for_something_else_is_text(written: str, tmp_path: Path) -> None:
    assert pin(tmp_path, f"{PIN}title: {written}\n").fields["title"] == written


@pytest.mark.parametrize(
    "quoted", ['"2026"', "'0777'", '"true"', "'null'", '"~"', "'1e3'", '".nan"', "!!str 2026", "! 2026"]
)
def test_quotes_make_text_of_everything(quoted: str, tmp_path: Path) -> None:
    assert pin(tmp_path, f"{PIN}title: {quoted}\n").fields["title"] == quoted.split()[-1].strip("'\"")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_every_line_end_and_a_byte_order_mark_are_fine(encoding: str, line_end: str, tmp_path: Path) -> None:
    text = f"{PIN}title: Crème 🍲\ndescription: |\n  one\n  two\n".replace("\n", line_end).encode(encoding)
    found = content(tmp_path, {"p.yaml": text}).resources["pin.p"].fields
    assert (found["title"], found["description"]) == ("Crème 🍲", "one\ntwo")


@pytest.mark.parametrize("character", ["x", "ü", "湯", "🍲"])
def test_limits_are_met_exactly_in_characters(character: str, tmp_path: Path) -> None:
    board = f"boards:\n- key: {'k' * 100}\n  name: {character * 180}\n  description: {character * 500}\n"
    sections = f"  sections:\n  - {{key: s, name: {character * 180}}}\n"
    texts = f"title: {character * 100}\ndescription: |\n  {character * 800}\nalt_text: {character * 500}\n"
    link = f"link: https://example.com/{character * 2028}\n"
    fields = content(tmp_path, {"b.yaml": board + sections, "p.yaml": PIN + texts + link}).resources["pin.p"].fields
    lengths = [len(fields[name]) for name in ("title", "description", "alt_text", "link")]
    assert lengths == [100, 800, 500, 2048]


def test_a_link_may_have_its_full_length_with_parameters(tmp_path: Path) -> None:
    link = f"https://example.com/{'x' * 2024}"
    found = pin(tmp_path, f"{PIN}link: {link}\n", _defaults="link_params: {a: b}\n").fields["link"]
    assert found == f"{link}?a=b"
    assert len(found) == 2048


def test_anchors_share_values(tmp_path: Path) -> None:
    text = "pins:\n- id: a\n  board: &b {existing: Board}\n  image: &i soup.jpg\n- {id: b, board: *b, image: *i}\n"
    found = content(tmp_path, {"l.yaml": text}).resources
    assert found["pin.l#a"].fields == found["pin.l#b"].fields


NEST = {
    "pinsync.yaml": "defaults: {board: soups, section: autumn, title: root, link_params: {a: root, b: root}}\n",
    "_defaults.yaml": "alt_text: top\nlink_params: {b: top, c: top}\nlifecycle: {protect: true}\n",
    "in/_defaults.yaml": "title: in\nlink_params: {c: in, a: null}\nlifecycle: {on_media_change: replace}\n",
    "in/other/_defaults.yaml": "board: bakes\n",
    "p.yaml": "image: soup.jpg\nlink: https://example.com\n",
    "in/p.yaml": "image: ../soup.jpg\nlink: https://example.com\n",
    "in/other/p.yaml": "image: ../../soup.jpg\nalt_text: null\nlifecycle: {protect: false}\n",
    "in/other/deep/p.yaml": "image: ../../../soup.jpg\nboard: soups\nsection: winter\ntitle: own\n",
}


def test_the_nearest_default_wins_and_the_pin_itself_most(tmp_path: Path) -> None:
    found = content(tmp_path, NEST).resources
    fields: dict[str, dict[str, Any]] = {
        address.removeprefix("pin."): {name: value for name, value in desired.fields.items() if name != "media"}
        for address, desired in found.items()
        if address.startswith("pin.")
    }
    autumn = {"board": "board.soups", "section": "section.soups/autumn", "alt_text": "top"}
    assert fields == {
        "p": {**autumn, "title": "root", "link": "https://example.com?a=root&b=top&c=top"},
        "in/p": {**autumn, "title": "in", "link": "https://example.com?b=top&c=in"},
        "in/other/p": {"board": "board.bakes", "title": "in", "alt_text": None},
        "in/other/deep/p": {
            "board": "board.soups", "section": "section.soups/winter", "title": "own", "alt_text": "top",
        },
    }  # fmt: skip
    assert {address: desired.lifecycle for address, desired in found.items() if address.startswith("pin.")} == {
        "pin.p": Lifecycle(True, None),
        "pin.in/p": Lifecycle(True, "replace"),
        "pin.in/other/p": Lifecycle(False, "replace"),
        "pin.in/other/deep/p": Lifecycle(True, "replace"),
    }


@pytest.mark.parametrize(
    ("outer", "own", "board", "section"),
    [
        ("board: soups\nsection: autumn", "", "board.soups", "section.soups/autumn"),
        ("board: soups\nsection: autumn", "section: winter\n", "board.soups", "section.soups/winter"),
        ("board: soups\nsection: autumn", "section: null\n", "board.soups", None),
        ("board: soups\nsection: autumn", "board: bakes\n", "board.bakes", "-"),
        ("board: soups\nsection: autumn", "board: soups\n", "board.soups", "section.soups/autumn"),
        ("section: autumn", "board: soups\n", "board.soups", "-"),
        ("board: {existing: A}", "section: B\n", "existing-board.A", "existing-section.A > B"),
    ],
)
def test_a_section_goes_with_its_board(outer: str, own: str, board: str, section: str | None, tmp_path: Path) -> None:
    fields = pin(tmp_path, f"image: soup.jpg\n{own}", _defaults=outer).fields
    assert (fields["board"], fields.get("section", "-")) == (board, section)


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "---\n", "{}\n"])
def test_defaults_and_configuration_may_be_empty(text: str, tmp_path: Path) -> None:
    found = content(tmp_path, {"pinsync.yaml": text, "_defaults.yaml": text, "p.yaml": PIN})
    assert (found.settings.environment, found.settings.concurrency) == ("production", 8)


@pytest.mark.parametrize(
    ("link", "with_both"),
    [
        ("https://example.com", "https://example.com?s=p&m=o"),
        ("https://example.com/", "https://example.com/?s=p&m=o"),
        ("https://example.com/a?", "https://example.com/a?s=p&m=o"),
        ("https://example.com/a?x=1", "https://example.com/a?x=1&s=p&m=o"),
        ("https://example.com/a?s=mine", "https://example.com/a?s=mine&m=o"),
        ("https://example.com/a?s", "https://example.com/a?s&m=o"),
        ("https://example.com/a?s=&m=", "https://example.com/a?s=&m="),
        ("https://example.com/a?%73=mine", "https://example.com/a?%73=mine&m=o"),
        ("https://example.com/a?S=mine", "https://example.com/a?S=mine&s=p&m=o"),
        ("https://example.com/a#s=1", "https://example.com/a?s=p&m=o#s=1"),
        ("https://example.com/a?x=1#part", "https://example.com/a?x=1&s=p&m=o#part"),
        ("https://example.com/a;v=1?x=a+b", "https://example.com/a;v=1?x=a+b&s=p&m=o"),
        ("https://bücher.example/ä?q=ü", "https://bücher.example/ä?q=ü&s=p&m=o"),
        ("HTTP://Example.com:80/%7Ea", "http://Example.com:80/%7Ea?s=p&m=o"),
        ("https://[::1]:8080/a", "https://[::1]:8080/a?s=p&m=o"),
        ("https://localhost/a", "https://localhost/a?s=p&m=o"),
    ],
)
def test_parameters_are_added_to_links_that_lack_them(link: str, with_both: str, tmp_path: Path) -> None:
    found = pin(tmp_path, f"{PIN}link: {link}\n", _defaults="link_params: {s: p, m: o}\n")
    assert found.fields["link"] == with_both


def test_parameters_are_encoded_and_reach_every_slot(tmp_path: Path) -> None:
    text = "board: soups\ncarousel:\n- {image: soup.jpg, link: https://example.com/a}\n- image: soup.jpg\n"
    found = pin(tmp_path, text, _defaults="link: https://example.com/b\nlink_params: {'a b&': 'ü/='}\n")
    assert found.fields["slots"] == [{"link": "https://example.com/a?a%20b%26=%C3%BC%2F%3D"}, {}]
    assert found.fields["link"] == "https://example.com/b?a%20b%26=%C3%BC%2F%3D"


def test_one_file_may_hold_boards_and_pins(tmp_path: Path) -> None:
    text = """\
boards:
  - key: new
    name: " New "
    privacy: SECRET
    description: null
    lifecycle: {protect: true}
    moved_from: board.old
    sections:
      - {key: b, name: B}
      - {key: a, name: A}
pins:
  - {id: one, board: new, section: a, image: soup.jpg}
  - {id: "2", board: new, image: https://example.com/2.jpg, moved_from: pin.two}
"""
    found = content(tmp_path, {"sub/list.yaml": text, "sub/soup.jpg": picture()}).resources
    assert list(found) == [
        "board.bakes", "board.new", "board.soups", "section.new/a", "section.new/b", "section.soups/autumn",
        "section.soups/winter", "pin.sub/list#2", "pin.sub/list#one",
    ]  # fmt: skip
    board = found["board.new"]
    assert board.fields == {"name": "New", "privacy": "secret", "description": None}
    assert (board.lifecycle.protect, board.moved_from, str(board.origin)) == (True, "board.old", "sub/list.yaml:2")
    assert found["section.new/a"].fields == {"board": "board.new", "name": "A"}
    assert str(found["section.new/a"].origin) == "sub/list.yaml:10"
    assert found["pin.sub/list#2"].moved_from == "pin.two"
    assert found["pin.sub/list#2"].fields["media"] == {"image": "https://example.com/2.jpg"}


def test_existing_boards_are_read_and_not_declared(tmp_path: Path) -> None:
    found = content(tmp_path, {
        "p.yaml": "board: {existing: Old Board}\nsection: Part\nimage: soup.jpg\n",
        "q.yaml": "board: {existing: Old Board}\nimage: soup.jpg\n",
    })  # fmt: skip
    assert found.existing == {"existing-board.Old Board": ExistingBoard("Old Board", frozenset({"Part"}))}
    assert "existing-board.Old Board" not in found.resources


def test_a_section_may_be_declared_in_a_later_file(tmp_path: Path) -> None:
    found = content(tmp_path, {"a.yaml": "board: z\nsection: y\nimage: soup.jpg\n",
                               "z.yaml": "boards: [{key: z, name: Z, sections: [{key: y, name: Y}]}]\n"})  # fmt: skip
    assert found.resources["pin.a"].fields["section"] == "section.z/y"


@pytest.mark.parametrize(
    "save",
    [
        "'1234'",
        "https://www.pinterest.com/pin/1234/",
        "https://pinterest.de/pin/1234",
        "https://www.pinterest.co.uk/pin/1234/",
    ],
)
def test_a_saved_pin_has_the_id_of_the_original_and_no_texts(save: str, tmp_path: Path) -> None:
    found = pin(tmp_path, f"board: soups\nsave: {save}\n", _defaults="title: A\nlink: https://example.com\n")
    assert found.fields == {"board": "board.soups", "media": {"save": "1234"}}
    assert found.images == ()


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2026-12-01T09:00+01:00", datetime(2026, 12, 1, 8, tzinfo=UTC)),
        ("2026-12-01T09:00:30Z", datetime(2026, 12, 1, 9, 0, 30, tzinfo=UTC)),
        ("2026-12-01 09:00", datetime(2026, 12, 1, 8, tzinfo=UTC)),
        ("2026-12-01", datetime(2026, 11, 30, 23, tzinfo=UTC)),
        ("2026-07-01T09:00", datetime(2026, 7, 1, 7, tzinfo=UTC)),
        ("2026-03-29T03:00", datetime(2026, 3, 29, 1, tzinfo=UTC)),
    ],
)
def test_a_time_is_kept_in_utc(written: str, moment: datetime, tmp_path: Path) -> None:
    found = content(tmp_path, {"pinsync.yaml": "timezone: Europe/Berlin\n", "p.yaml": f"{PIN}publish_at: {written}\n"})
    assert found.resources["pin.p"].publish_at == moment


def test_the_configuration_is_read(tmp_path: Path) -> None:
    text = """\
environment: sandbox
tier: standard
timezone: Asia/Tokyo
spread: {every: 2h, between: 8:05 - 21:00}
concurrency: 4.0
settling: 500ms
rates: {org_write: {calls: 5, seconds: 0.5}, universal: {calls: 10, seconds: 1}}
state: {path: kept/elsewhere.json}
policies: {on_existing: hold, prune: true}
limits: {update: 5.0, delete: 10%, from: 20.0}
"""
    settings = content(tmp_path, {"pinsync.yaml": text}).settings
    assert (settings.environment, settings.tier) == ("sandbox", "standard")
    assert (settings.policies.on_existing, settings.policies.prune, settings.policies.limits_from) == ("hold", True, 20)
    assert settings.policies.limits == {"update": 5, "replace": 0.3, "delete": 0.1}
    assert isinstance(settings.policies.limits["update"], int)
    assert (str(settings.timezone), settings.concurrency, type(settings.concurrency)) == ("Asia/Tokyo", 4, int)
    assert settings.rates == {"org_write": ((5, 0.5),), "universal": ((10, 1.0),)}
    assert settings.state_path == tmp_path / "kept" / "elsewhere.json"
    assert settings.spread == Spread(120, 485, 1260, ZoneInfo("Asia/Tokyo"))
    assert settings.settling.total_seconds() == 0.5


def test_the_digest_tells_contents_apart_by_what_they_mean(tmp_path: Path) -> None:
    def digest(name: str, files: Files) -> str:
        return content(tmp_path / name, {"p.yaml": f"{PIN}title: A\n", **files}).digest

    first = digest("a", {})
    assert digest("b", {"p.yaml": f"# again\ntitle: 'A'\n{PIN}"}) == first
    assert digest("c", {"p.yaml": f"{PIN}title: B\n"}) != first
    assert digest("d", {"soup.jpg": picture("blue")}) != first
    assert digest("e", {"p.yaml": f"{PIN}title: A\npublish_at: 2026-12-01T00:00Z\n"}) != first
    assert digest("f", {"p.yaml": f"{PIN}title: A\npublish_at: now\n"}) != first
    assert digest("g", {"pinsync.yaml": "timezone: UTC\nspread: {every: 45m, between: 8:00-21:00}\n"}) != first


def test_content_with_errors_is_not_gone_on_with(tmp_path: Path) -> None:
    folder = root(tmp_path, {"p.yaml": f"{PIN}titel: A\n", "q.yaml": PIN})
    with pytest.raises(ContentError, match="1 problem in the content; nothing was sent") as caught:
        load_valid(folder)
    assert (caught.value.root, len(caught.value.problems)) == (folder, 1)
    assert "pin.q" in load(folder).resources


@pytest.mark.parametrize(
    ("cover", "expected"),
    [("", "1s"), ("cover: 0s\n", "0s"), ("cover: ' 04s'\n", "4s"), ("cover: soup.jpg\n", "soup.jpg"),
     ("cover: https://example.com/c.jpg\n", "https://example.com/c.jpg")],
)  # fmt: skip
def test_a_video_has_its_cover_with_it(cover: str, expected: str, tmp_path: Path) -> None:
    data = video(5.5, (320, 240), turned=90, index_last=True)
    found = content(tmp_path, {"p.yaml": f"board: soups\nvideo: v/a.mp4\n{cover}", "v/a.mp4": data}).resources["pin.p"]
    given = found.video
    assert given == Video("v/a.mp4", sha256(data).hexdigest(), 240, 320, 5.5, "MP4", "AVC", len(data))
    assert [image.source for image in found.images] == ([expected] if "." in expected else [])
    shown = found.images[0].fingerprint if found.images else expected
    assert found.fields["media"] == {"video": given.fingerprint, "cover": shown}


def test_a_video_is_looked_at_once_until_it_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root(tmp_path, {"p.yaml": "board: soups\nvideo: a.mov\n", "a.mov": video(brand=b"qt  ")})
    os.utime(tmp_path / "a.mov", (1, 1))
    monkeypatch.setattr("pinsync.content.caching._RACY", -(10**12))  # as if it had been written long ago
    first = load(tmp_path).resources
    monkeypatch.setattr("pinsync.content.videos._tracks", None)
    assert load(tmp_path).resources == first
    assert first["pin.p"].video is not None
    assert first["pin.p"].video.format == "MOV"
    (tmp_path / "a.mov").write_bytes(video(salt=b"other"))
    with pytest.raises(TypeError):
        load(tmp_path)

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pinsync.emulator import page
from tests.emulator.client import Client, carousel, emulator
from tests.emulator.elements import Elements

EVIL = "<script>alert(1)</script>\"'&<img src=x>"


def test_an_empty_emulator_says_how_to_begin(client: Client) -> None:
    assert "No boards yet" in client.page().text


def test_boards_sections_and_pins_are_shown(client: Client) -> None:
    board = client.board("Soups", description="Quick ones.", privacy="SECRET")
    section = client.section(board)
    client.pin(board, title="Loose", link="https://example.com/a?b=1&c=2", alt_text="A bowl")
    several = client.pin(board, title="Filed", board_section_id=section, media_source=carousel(3))
    for path in ("/", f"/boards/{board}"):
        response = client.page(path)
        elements = Elements(response.text)
        for text in ("Soups", "Quick ones.", "secret", "2 pins", "Loose", "Autumn", "Filed", "example.com"):
            assert text in response.text
        assert {f"board-{board}", f"section-{section}", f"pin-{several}"} <= set(
            elements.all("section", "id") + elements.all("article", "id")
        )
        assert len(elements.all("img", "src")) == 4
        assert elements.all("img", "alt")[0] == "A bowl"
        assert "https://example.com/a?b=1&c=2" in elements.all("a", "href")
        for source in elements.all("img", "src"):
            assert client.page(source).status_code == 200


def test_anchors_lead_somewhere(client: Client) -> None:
    board = client.board()
    client.section(board)
    for path in ("/", f"/boards/{board}"):
        elements = Elements(client.page(path).text)
        ids = {attributes["id"] for _, attributes in elements.found if "id" in attributes}
        assert f"/boards/{board}" in elements.all("a", "href") or path != "/"
        for target in elements.all("a", "href"):
            assert target[1:] in ids if target.startswith("#") else client.page(target).status_code == 200


def test_everything_is_escaped(client: Client) -> None:
    texts = {"title": EVIL, "description": EVIL, "alt_text": EVIL, "link": "https://example.com/\"><script>'&"}
    board = client.board(EVIL, description=EVIL)
    section = client.section(board, EVIL)
    media_source = carousel(2)
    media_source["items"][0] |= {name: texts[name] for name in ("title", "description", "link")}
    client.pin(board, **texts)
    client.pin(board, **texts, board_section_id=section, media_source=media_source)
    for path in ("/", f"/boards/{board}"):
        elements = Elements(client.page(path).text)
        assert [element for element, _ in elements.found].count("script") == 1  # the page's own
        assert set(elements.all("img", "src")) == {
            src for src in elements.all("img", "src") if src.startswith("/media/")
        }
        assert not [name for _, attributes in elements.found for name in attributes if name.startswith("on")]


def test_nothing_comes_from_elsewhere(client: Client) -> None:
    board = client.board()
    client.pin(board)
    response = client.page()
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert policy.count("sha256-") == 2
    assert not re.search(r" style=|url\(|@import", response.text)


def test_a_large_board_has_pages(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "OVERVIEW_PINS", 2)
    monkeypatch.setattr(page, "BOARD_PINS", 3)
    board = client.board()
    pins = [client.pin(board) for _ in range(5)]
    assert Elements(client.page().text).all("article", "id") == [f"pin-{pin}" for pin in (pins[4], pins[3])]
    first = Elements(client.page(f"/boards/{board}").text)
    older = next(target for target in first.all("a", "href") if "before=" in target)
    rest = Elements(client.page(older).text)
    assert first.all("article", "id") + rest.all("article", "id") == [f"pin-{pin}" for pin in pins[::-1]]


@pytest.mark.parametrize(
    "path",
    [
        "/boards/1",
        "/boards/soups",
        "/media/600x/nothing.jpg",
        f"/media/600x/{'0' * 64}.jpg",
        f"/media/9x9/{'0' * 64}.jpg",
        "/media/../",
    ],
)
def test_what_is_not_there(client: Client, path: str) -> None:
    response = client.page(path)
    assert response.status_code in (200, 404)
    assert (response.status_code == 200) == (path == "/media/../")  # resolved by the client


def test_the_page_needs_no_token(tmp_path: Path) -> None:
    with emulator(tmp_path, token=None) as client:
        assert client.page().status_code == 200

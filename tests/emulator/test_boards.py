from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from tests.emulator.client import Client, Clock, emulator, refusal, source


def test_a_new_board_answers_every_field(tmp_path: Path) -> None:
    with emulator(tmp_path, clock=Clock()) as client:
        board = client.post("/boards", json={"name": "Soups", "description": "Quick ones.", "privacy": "SECRET"}).json()
    assert board.pop("id").isdigit()
    assert board == {
        "name": "Soups",
        "description": "Quick ones.",
        "privacy": "SECRET",
        "is_ads_only": False,
        "owner": {"username": "emulator"},
        "pin_count": 0,
        "follower_count": 0,
        "collaborator_count": 0,
        "created_at": "2026-01-01T00:00:00+00:00",
        "board_pins_modified_at": "2026-01-01T00:00:00+00:00",
        "media": {"image_cover_url": None, "pin_thumbnail_urls": []},
    }


def test_what_is_stored_is_not_what_was_sent(client: Client) -> None:
    board = client.post("/boards", json={"name": "  Soups &amp;\n stews ", "description": " "}).json()
    assert (board["name"], board["description"]) == ("Soups & stews", None)
    assert client.get(f"/boards/{board['id']}").json() == board


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": ""},
        {"name": " \n "},
        {"name": None},
        {"name": 7},
        {"name": "x" * 181},
        {"name": "Soups", "privacy": "HIDDEN"},
        {"name": "Soups", "privacy": None},
        {"name": "Soups", "description": "x" * 501},
        {"name": "Soups", "is_ads_only": "yes"},
        {"name": "Soups", "colour": "red"},
        [],
        None,
    ],
)
def test_boards_that_are_refused(client: Client, body: object) -> None:
    status, code, message = refusal(client.post("/boards", json=body))
    assert (status, code) == (400, 1)
    assert message.startswith("Invalid request: ")
    assert client.get("/boards").json()["items"] == []


def test_names_are_unique_whatever_their_case(client: Client) -> None:
    soups = client.board("Soups")
    taken = (400, 58, "You already have a board with this name.")
    assert refusal(client.post("/boards", json={"name": "sOUPS "})) == taken
    bakes = client.board("Bakes")
    assert refusal(client.patch(f"/boards/{bakes}", json={"name": "Soups"})) == taken
    assert client.patch(f"/boards/{soups}", json={"name": "SOUPS"}).json()["name"] == "SOUPS"
    client.delete(f"/boards/{soups}")
    client.board("Soups")


def test_the_ad_only_board_has_a_name_and_privacy_of_its_own(client: Client) -> None:
    board = client.post("/boards", json={"name": "Ours", "is_ads_only": True}).json()
    assert (board["name"], board["privacy"], board["is_ads_only"]) == ("Ad-only Pins", "PROTECTED", True)


def test_an_update_changes_what_it_names(client: Client) -> None:
    board = client.board("Soups", description="Quick ones.")
    assert client.patch(f"/boards/{board}", json={"name": "Stews"}).json()["description"] == "Quick ones."
    changed = client.patch(f"/boards/{board}", json={"description": None, "privacy": "SECRET"}).json()
    assert (changed["name"], changed["description"], changed["privacy"]) == ("Stews", None, "SECRET")
    assert client.get(f"/boards/{board}").json() == changed


def test_no_update_makes_a_board_protected(client: Client) -> None:
    board = client.board(privacy="PROTECTED")
    assert refusal(client.patch(f"/boards/{board}", json={"privacy": "PROTECTED"}))[0] == 400
    # The schema of that answer has no PROTECTED, so that a protected board answers without privacy.
    assert "privacy" not in client.patch(f"/boards/{board}", json={"name": "Stews"}).json()
    assert client.get(f"/boards/{board}").json()["privacy"] == "PROTECTED"


def test_what_is_on_a_board_goes_with_it(client: Client) -> None:
    board = client.board()
    section = client.section(board)
    loose, filed = client.pin(board), client.pin(board, board_section_id=section)
    assert client.delete(f"/boards/{board}").status_code == 204
    gone = (404, 40, "Board not found.")
    assert refusal(client.get(f"/boards/{board}")) == gone
    assert refusal(client.delete(f"/boards/{board}")) == gone
    assert refusal(client.get(f"/boards/{board}/sections")) == gone
    assert refusal(client.get(f"/boards/{board}/pins")) == gone
    assert {refusal(client.get(f"/pins/{pin}"))[:2] for pin in (loose, filed)} == {(404, 50)}


@pytest.mark.parametrize("number", ["1", "9" * 18, "9" * 40])
def test_an_unknown_board_is_not_found(client: Client, number: str) -> None:
    assert refusal(client.get(f"/boards/{number}")) == (404, 40, "Board not found.")


def test_a_board_shows_its_newest_pins(client: Client) -> None:
    board = client.board()
    for _ in range(6):
        client.pin(board)
    shown = client.get(f"/boards/{board}").json()
    assert shown["pin_count"] == 6
    assert len(shown["media"]["pin_thumbnail_urls"]) == 5
    assert client.get(shown["media"]["image_cover_url"]).headers["content-type"] == "image/jpeg"


def test_pages_of_boards_newest_first(client: Client) -> None:
    made = [client.board(f"Board {number}") for number in range(5)]
    found: list[str] = []
    bookmark: str | None = ""
    while bookmark is not None:
        page = client.get("/boards", params={"page_size": 2, **({"bookmark": bookmark} if bookmark else {})}).json()
        assert len(page["items"]) <= 2
        found += [board["id"] for board in page["items"]]
        bookmark = page["bookmark"]
    assert found == made[::-1]


@pytest.mark.parametrize(
    ("privacy", "names"),
    [
        ("ALL", {"a", "b", "c"}),
        ("PUBLIC", {"a"}),
        ("PROTECTED", {"b"}),
        ("SECRET", {"c"}),
        ("PUBLIC_AND_SECRET", {"a", "c"}),
    ],
)
def test_boards_by_privacy(client: Client, privacy: str, names: set[str]) -> None:
    for name, kind in (("a", "PUBLIC"), ("b", "PROTECTED"), ("c", "SECRET")):
        client.board(name, privacy=kind)
    assert {board["name"] for board in client.get(f"/boards?privacy={privacy}").json()["items"]} == names


def test_ids_grow_without_being_consecutive(client: Client) -> None:
    numbers = [int(client.board(str(number))) for number in range(5)]
    steps = {later - earlier for earlier, later in itertools.pairwise(numbers)}
    assert min(steps) > 1
    assert len(steps) > 1


def test_the_account_counts_boards_and_pins(client: Client) -> None:
    client.post("/pins", json={"board_id": client.board(), "media_source": source()})
    account = client.get("/user_account").json()
    assert (account["username"], account["board_count"], account["pin_count"]) == ("emulator", 1, 1)
    assert client.get(account["profile_image"]).headers["content-type"] == "image/jpeg"

from __future__ import annotations

from pathlib import Path

import pytest

from tests.emulator.client import Client, Clock, carousel, emulator, refusal


def _ids(client: Client, path: str) -> list[str]:
    return [item["id"] for item in client.get(path).json()["items"]]


def _all_ids(client: Client, path: str, size: int) -> list[str]:
    found: list[str] = []
    query: dict[str, str | int] = {"page_size": size}
    while True:
        page = client.get(path, params=query).json()
        found += [item["id"] for item in page["items"]]
        if page["bookmark"] is None:
            return found
        query["bookmark"] = page["bookmark"]


@pytest.mark.parametrize("size", [1, 3, 6, 7, 250])
def test_pages_hold_every_pin_once_newest_first(client: Client, size: int) -> None:
    board = client.board()
    section = client.section(board)
    made = [client.pin(board, board_section_id=section if number % 2 else None) for number in range(6)]
    assert _all_ids(client, f"/boards/{board}/pins", size) == made[::-1]
    assert _all_ids(client, f"/boards/{board}/sections/{section}/pins", size) == made[::-1][::2]
    assert _all_ids(client, "/pins", size) == made[::-1]


def test_a_page_has_25_unless_told_otherwise(client: Client) -> None:
    board = client.board()
    for _ in range(26):
        client.pin(board)
    assert len(_ids(client, f"/boards/{board}/pins")) == 25


def test_what_comes_and_goes_while_paging_disturbs_nothing(client: Client) -> None:
    board = client.board()
    made = [client.pin(board) for _ in range(4)]
    first = client.get(f"/boards/{board}/pins?page_size=2").json()
    client.pin(board)
    client.delete(f"/pins/{made[2]}")
    rest = client.get(f"/boards/{board}/pins", params={"page_size": 2, "bookmark": first["bookmark"]}).json()
    assert [item["id"] for item in rest["items"]] == [made[1], made[0]]


@pytest.mark.parametrize("size", ["0", "251", "-1", "ten", "1.5", "9" * 30])
def test_page_sizes_that_are_refused(client: Client, size: str) -> None:
    assert refusal(client.get("/boards", params={"page_size": size}))[:2] == (400, 1)


def test_a_bookmark_is_good_for_its_own_listing_only(client: Client) -> None:
    boards = [client.board(str(number)) for number in range(2)]
    bookmark = client.get("/boards?page_size=1").json()["bookmark"]
    for path in (f"/boards/{boards[0]}/pins", "/pins"):
        assert refusal(client.get(path, params={"bookmark": bookmark}))[:2] == (400, 1)
    for wrong in ("nonsense", "%%%", "ü", "YTpi"):
        assert refusal(client.get("/boards", params={"bookmark": wrong}))[:2] == (400, 1)


def test_filters_of_all_pins(client: Client) -> None:
    boards = {kind: client.board(kind, privacy=kind) for kind in ("PUBLIC", "PROTECTED", "SECRET")}
    pins = {kind: client.pin(board) for kind, board in boards.items()}
    several = client.pin(boards["PUBLIC"], media_source=carousel())
    saved = client.post(f"/pins/{several}/save", json={"board_id": boards["PUBLIC"]}).json()["id"]
    assert set(_ids(client, "/pins")) == {pins["PUBLIC"], pins["SECRET"], several, saved}
    assert pins["PROTECTED"] in _ids(client, "/pins?include_protected_pins=true")
    assert _ids(client, "/pins?pin_type=PRIVATE") == [pins["SECRET"]]
    assert _ids(client, "/pins?pin_filter=exclude_native") == [saved]
    assert saved not in _ids(client, "/pins?pin_filter=exclude_repins")
    assert _ids(client, "/pins?pin_filter=has_been_promoted") == []
    assert _ids(client, "/pins?creative_types=CAROUSEL") == [saved, several]
    assert len(_ids(client, "/pins?creative_types=CAROUSEL&creative_types=REGULAR&pin_metrics=false")) == 4
    for wrong in ("pin_filter=new", "creative_types=BIG", "include_protected_pins=1", "pin_metrics=yes"):
        assert refusal(client.get(f"/pins?{wrong}"))[:2] == (400, 1)


def test_stale_listings_do_not_show_what_is_new(tmp_path: Path) -> None:
    clock = Clock()
    with emulator(tmp_path, "*:stale=60", clock=clock) as client:
        board = client.board()
        section, pin = client.section(board), client.pin(board)
        paths = ("/boards", f"/boards/{board}/sections", f"/boards/{board}/pins", "/pins")
        assert [_ids(client, path) for path in paths] == [[]] * 4
        # Asked for by id, it is there.
        assert client.get(f"/pins/{pin}").json()["id"] == pin
        clock.now += 61
        assert [_ids(client, path) for path in paths] == [[board], [section], [pin], [pin]]

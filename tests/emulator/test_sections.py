from __future__ import annotations

import pytest

from tests.emulator.client import Client, refusal

GONE = (404, 2031, "Sorry! We couldn't find this board section.")


def test_the_life_of_a_section(client: Client) -> None:
    board = client.board()
    section = client.post(f"/boards/{board}/sections", json={"name": " Autumn  soups "}).json()
    assert section["name"] == "Autumn soups"
    path = f"/boards/{board}/sections/{section['id']}"
    assert client.patch(path, json={"name": "Winter"}).json() == {"id": section["id"], "name": "Winter"}
    assert client.get(f"/boards/{board}/sections").json()["items"] == [{"id": section["id"], "name": "Winter"}]
    assert client.delete(path).status_code == 204
    assert refusal(client.delete(path)) == GONE
    assert refusal(client.patch(path, json={"name": "Autumn"})) == GONE


@pytest.mark.parametrize(
    "body", [{}, {"name": ""}, {"name": "  "}, {"name": "x" * 181}, {"name": "a", "id": "1"}, None]
)
def test_sections_that_are_refused(client: Client, body: object) -> None:
    assert refusal(client.post(f"/boards/{client.board()}/sections", json=body))[:2] == (400, 1)


def test_180_characters_are_counted_as_characters(client: Client) -> None:
    board = client.board()
    name = "ü" * 180
    client.section(board, name)
    assert client.get(f"/boards/{board}/sections").json()["items"][0]["name"] == name


def test_names_are_unique_on_a_board(client: Client) -> None:
    board, other = client.board("a"), client.board("b")
    section = client.section(board, "Autumn")
    client.section(other, "Autumn")
    assert refusal(client.post(f"/boards/{board}/sections", json={"name": "autumn"}))[0] == 400
    winter = client.section(board, "Winter")
    assert refusal(client.patch(f"/boards/{board}/sections/{winter}", json={"name": "AUTUMN"}))[0] == 400
    assert client.patch(f"/boards/{board}/sections/{section}", json={"name": "AUTUMN"}).status_code == 200


def test_a_section_of_another_board_is_not_found(client: Client) -> None:
    board, other = client.board("a"), client.board("b")
    section = client.section(other)
    assert refusal(client.delete(f"/boards/{board}/sections/{section}")) == GONE
    assert refusal(client.get(f"/boards/{board}/sections/{section}/pins")) == GONE
    assert refusal(client.post("/boards/1/sections", json={"name": "a"}))[:2] == (404, 40)


def test_pins_go_with_their_section(client: Client) -> None:
    board = client.board()
    section = client.section(board)
    pin = client.pin(board, board_section_id=section)
    kept = client.pin(board)
    assert [item["id"] for item in client.get(f"/boards/{board}/sections/{section}/pins").json()["items"]] == [pin]
    client.delete(f"/boards/{board}/sections/{section}")
    assert [item["id"] for item in client.get(f"/boards/{board}/pins").json()["items"]] == [kept]


def test_pages_of_sections_oldest_first(client: Client) -> None:
    board = client.board()
    made = [client.section(board, str(number)) for number in range(3)]
    first = client.get(f"/boards/{board}/sections?page_size=2").json()
    rest = client.get(f"/boards/{board}/sections", params={"page_size": 2, "bookmark": first["bookmark"]}).json()
    assert [item["id"] for item in first["items"] + rest["items"]] == made
    assert rest["bookmark"] is None

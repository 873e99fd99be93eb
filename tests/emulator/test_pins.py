from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.emulator.client import Client, Clock, carousel, emulator, picture, refusal, source


def test_a_new_pin_answers_every_field(tmp_path: Path) -> None:
    with emulator(tmp_path, clock=Clock(1_767_225_600.9)) as client:
        board = client.board()
        section = client.section(board)
        media_source = source(picture("#ff8800", (1500, 2250)))
        pin = client.post(
            "/pins",
            json={
                "board_id": board,
                "board_section_id": section,
                "title": "Pumpkin soup",
                "description": "One pot.",
                "link": "https://example.com/soup?a=1",
                "alt_text": "A bowl",
                "media_source": media_source,
            },
        ).json()
        assert client.get(f"/pins/{pin['id']}").json() == pin
    images = pin.pop("media")["images"]
    assert {size: (image["width"], image["height"]) for size, image in images.items()} == {
        "150x150": (150, 150),
        "400x300": (400, 300),
        "600x": (600, 900),
        "1200x": (1200, 1800),
    }
    assert pin.pop("id").isdigit()
    color = pin.pop("dominant_color")
    assert all(abs(int(color[place : place + 2], 16) - wanted) < 4 for place, wanted in ((1, 255), (3, 136), (5, 0)))
    assert pin == {
        "title": "Pumpkin soup",
        "description": "One pot.",
        "link": "https://example.com/soup?a=1",
        "alt_text": "A bowl",
        "board_id": board,
        "board_section_id": section,
        "board_owner": {"username": "emulator"},
        "parent_pin_id": None,
        "created_at": "2026-01-01T00:00:00+00:00",
        "creative_type": "REGULAR",
        "is_owner": True,
        "is_standard": True,
        "has_been_promoted": False,
        "pin_metrics": None,
    }


@pytest.mark.parametrize("size", ["150x150", "400x300", "600x", "1200x"])
@pytest.mark.parametrize("form", ["JPEG", "PNG"])
def test_every_rendition_is_served_in_its_size(client: Client, size: str, form: str) -> None:
    data = picture("teal", (700, 1000), form)
    pin = client.pin(client.board(), media_source=source(data, f"image/{form.lower()}"))
    details = client.get(f"/pins/{pin}").json()["media"]["images"][size]
    for _ in range(2):  # made, then kept
        served = client.get(details["url"])
        assert served.headers["content-type"] == "image/jpeg"
        with Image.open(io.BytesIO(served.content)) as image:
            assert image.size == (details["width"], details["height"])


def test_the_original_is_served_as_it_came(client: Client) -> None:
    data = picture("teal", (20, 30), "PNG")
    pin = client.pin(client.board(), media_source=source(data, "image/png"))
    url = client.get(f"/pins/{pin}").json()["media"]["images"]["600x"]["url"].replace("/600x/", "/originals/")
    served = client.get(url)
    assert (served.headers["content-type"], served.content) == ("image/png", data)


def test_two_equal_requests_make_two_pins(client: Client) -> None:
    board = client.board()
    assert client.pin(board, title="Soup") != client.pin(board, title="Soup")
    assert client.get(f"/boards/{board}").json()["pin_count"] == 2


def test_a_dominant_color_of_ones_own(client: Client) -> None:
    pin = client.pin(client.board(), dominant_color="#6E7874")
    assert client.get(f"/pins/{pin}").json()["dominant_color"] == "#6e7874"


@pytest.mark.parametrize(("name", "limit"), [("title", 100), ("description", 800), ("alt_text", 500)])
def test_texts_have_limits_in_characters(client: Client, name: str, limit: int) -> None:
    board = client.board()
    pin = client.pin(board, **{name: "ü" * limit})
    assert client.get(f"/pins/{pin}").json()[name] == "ü" * limit
    body = {"board_id": board, "media_source": source(), name: "ü" * (limit + 1)}
    assert refusal(client.post("/pins", json=body)) == (
        400,
        1,
        f"Invalid request: '{name}' is longer than {limit} characters ({limit + 1}).",
    )


@pytest.mark.parametrize(
    "fields",
    [
        {"board_id": None},
        {"board_id": 12},
        {"board_id": "soups"},
        {"board_section_id": "autumn"},
        {"title": 1},
        {"link": "example.com"},
        {"link": "ftp://example.com/"},
        {"link": "javascript:alert(1)"},
        {"link": "https://"},
        {"link": "https://[broken"},
        {"link": "https://example.com/a b"},
        {"link": "https://example.com/" + "a" * 2048},
        {"dominant_color": "red"},
        {"media_source": None},
        {"media_source": {"source_type": "image"}},
        {"media_source": {"source_type": ["image_url"]}},
        {"media_source": {"source_type": "video_id", "media_id": "1"}},
        {"media_source": {"source_type": "image_url"}},
        {"media_source": {"source_type": "image_url", "url": "soup.jpg"}},
        {"titel": "Soup"},
    ],
)
def test_pins_that_are_refused(client: Client, fields: dict[str, Any]) -> None:
    board = client.board()
    body = {"board_id": board, "media_source": source(), **fields}
    assert refusal(client.post("/pins", json=body))[:2] == (400, 1)
    assert client.get(f"/boards/{board}").json()["pin_count"] == 0


def _source(**changes: Any) -> dict[str, Any]:
    return {**source(), **changes}


@pytest.mark.parametrize(
    ("media_source", "says"),
    [
        (_source(data=""), "base64"),
        (_source(data="****"), "not valid base64"),
        (_source(data="abc"), "not valid base64"),
        (_source(content_type="image/gif"), "image/jpeg, image/png"),
        (_source(content_type="image/png"), "'content_type' is image/png, but 'data' is image/jpeg"),
        (source(b"<!DOCTYPE html><html></html>"), "neither JPEG nor PNG"),
        (source(picture("teal", form="GIF")), "neither JPEG nor PNG"),
        (source(picture("teal", (200, 300))[:-40]), "broken or cut off"),
        (source(picture("teal", (200, 300), "PNG")[:-60], "image/png"), "broken or cut off"),
        (source(b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "image/png"), "broken or cut off"),
        (source(b"\xff\xd8\xff" + b"\0" * 100), "broken or cut off"),
        (source(b"\xff\xd8\xff" + b"\0" * 20 * 2**20), "larger than 20 MB"),
        (_source(url="https://example.com/a.jpg"), "no property 'url'"),
        (_source(is_standard=1), "'is_standard'"),
        (carousel(1), "2 to 5"),
        (carousel(6), "2 to 5"),
        (carousel(2, index=2), "index"),
        (carousel(2, index=-1), "index"),
        (carousel(2, index=True), "index"),
        ({"source_type": "multiple_image_urls", "items": ["https://example.com/a.jpg"] * 2}, "an object"),
        ({"source_type": "multiple_image_base64", "items": [source(), source()]}, "no property 'source_type'"),
    ],
)
def test_pictures_that_are_refused(client: Client, media_source: dict[str, Any], says: str) -> None:
    status, code, message = refusal(
        client.post("/pins", json={"board_id": client.board(), "media_source": media_source})
    )
    assert (status, code) == (400, 1)
    assert says in message


def test_pin_url_is_not_permitted(client: Client) -> None:
    body = {"board_id": client.board(), "media_source": {"source_type": "pin_url"}}
    assert refusal(client.post("/pins", json=body))[:2] == (403, 29)


def test_sponsors_are_not_permitted(client: Client) -> None:
    body = {"board_id": client.board(), "media_source": source(), "sponsor_id": "1"}
    assert refusal(client.post("/pins", json=body))[:2] == (403, 29)


def test_board_section_and_parent_have_to_be_there(client: Client) -> None:
    board, other = client.board("a"), client.board("b")
    elsewhere = client.section(other)
    body = {"media_source": source()}
    assert refusal(client.post("/pins", json={**body, "board_id": "1"})) == (404, 40, "Board not found.")
    for section in ("1", elsewhere):
        answer = client.post("/pins", json={**body, "board_id": board, "board_section_id": section})
        assert refusal(answer)[:2] == (404, 2031)
    assert refusal(client.post("/pins", json={**body, "board_id": board, "parent_pin_id": "1"}))[:2] == (404, 50)


def test_exif_turns_a_picture(client: Client) -> None:
    stream = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (90, 60), "teal").save(stream, "JPEG", exif=exif)
    pin = client.pin(client.board(), media_source=source(stream.getvalue()))
    details = client.get(f"/pins/{pin}").json()["media"]["images"]["600x"]
    assert (details["width"], details["height"]) == (60, 90)
    with Image.open(io.BytesIO(client.get(details["url"]).content)) as image:
        assert image.size == (60, 90)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "L", "1", "I;16"])
def test_every_kind_of_png_is_read(client: Client, mode: str) -> None:
    stream = io.BytesIO()
    Image.new(mode, (30, 40)).save(stream, "PNG")
    pin = client.pin(client.board(), media_source=source(stream.getvalue(), "image/png"))
    url = client.get(f"/pins/{pin}").json()["media"]["images"]["150x150"]["url"]
    assert client.get(url).status_code == 200


def test_a_carousel_has_its_slots(client: Client) -> None:
    media_source = carousel(5, index=4)
    media_source["items"][1] |= {"description": " a  b ", "link": "HTTPS://Example.com"}
    pin = client.pin(client.board(), media_source=media_source)
    answer = client.get(f"/pins/{pin}").json()
    assert (answer["creative_type"], answer["media"]["media_type"]) == ("CAROUSEL", "multiple_images")
    items = answer["media"]["items"]
    assert [item["title"] for item in items] == ["1", "2", "3", "4", "5"]
    assert (items[1]["description"], items[1]["link"]) == ("a b", "https://example.com/")
    assert {client.get(item["images"]["600x"]["url"]).status_code for item in items} == {200}


def test_an_update_changes_what_it_names_and_null_clears(client: Client) -> None:
    board = client.board()
    texts = {"title": "a", "description": "b", "link": "https://example.com/", "alt_text": "d"}
    pin = client.pin(board, **texts)
    before = client.get(f"/pins/{pin}").json()
    assert client.patch(f"/pins/{pin}", json={"title": " A  A "}).json() == {**before, "title": "A A"}
    cleared = client.patch(f"/pins/{pin}", json=dict.fromkeys(texts)).json()
    assert [cleared[name] for name in texts] == [None] * 4
    assert client.patch(f"/pins/{pin}", json={}).json() == cleared


@pytest.mark.parametrize(
    "body",
    [
        {"media_source": source()},
        {"dominant_color": "#ffffff"},
        {"titel": "a"},
        {"title": "x" * 101},
        {"link": "nowhere"},
        {"board_id": None},
        {"carousel_slots": []},
        {"carousel_slots": [{"title": "a"}]},
        None,
    ],
)
def test_updates_that_are_refused(client: Client, body: object) -> None:
    pin = client.pin(client.board(), title="Soup")
    before = client.get(f"/pins/{pin}").json()
    assert refusal(client.patch(f"/pins/{pin}", json=body))[:2] == (400, 1)
    assert client.get(f"/pins/{pin}").json() == before


def test_moving_to_another_board_leaves_the_section(client: Client) -> None:
    one, two = client.board("a"), client.board("b")
    section, other = client.section(one), client.section(two)
    pin = client.pin(one, board_section_id=section)

    def place(body: dict[str, Any]) -> tuple[str, str | None]:
        answer = client.patch(f"/pins/{pin}", json=body).json()
        return answer["board_id"], answer["board_section_id"]

    assert place({"title": "still there"}) == (one, section)
    assert place({"board_id": one}) == (one, section)
    assert place({"board_id": two}) == (two, None)
    assert place({"board_section_id": other}) == (two, other)
    assert place({"board_section_id": None}) == (two, None)
    assert place({"board_id": one, "board_section_id": section}) == (one, section)
    assert refusal(client.patch(f"/pins/{pin}", json={"board_id": two, "board_section_id": section}))[:2] == (404, 2031)
    assert refusal(client.patch(f"/pins/{pin}", json={"board_id": "1"}))[:2] == (404, 40)
    assert place({}) == (one, section)


def test_carousel_slots_change_one_by_one(client: Client) -> None:
    pin = client.pin(client.board(), media_source=carousel(3))
    slots = [{"title": "one"}, {"title": "", "description": "two"}, {}]
    items = client.patch(f"/pins/{pin}", json={"carousel_slots": slots}).json()["media"]["items"]
    assert [(item["title"], item["description"]) for item in items] == [("one", None), (None, "two"), ("3", None)]
    for wrong in ([{}] * 2, [{}] * 4, {}, None, [{"title": None}] * 3, [{"image": "x"}] * 3, ["a"] * 3):
        assert refusal(client.patch(f"/pins/{pin}", json={"carousel_slots": wrong}))[:2] == (400, 1)


def test_saving_makes_a_new_pin(client: Client) -> None:
    one, two = client.board("a"), client.board("b")
    section = client.section(two)
    pin = client.pin(one, title="Soup", media_source=carousel(2))
    saved = client.post(f"/pins/{pin}/save", json={"board_id": two, "board_section_id": section}).json()
    original = client.get(f"/pins/{pin}").json()
    changed = {name for name in original if original[name] != saved[name]} - {"created_at"}
    assert changed == {"id", "board_id", "board_section_id", "parent_pin_id"}
    assert (saved["board_id"], saved["board_section_id"], saved["parent_pin_id"]) == (two, section, pin)
    client.delete(f"/pins/{pin}")
    assert client.get(f"/pins/{saved['id']}").json()["parent_pin_id"] == pin


def test_saving_that_is_refused(client: Client) -> None:
    board = client.board()
    pin = client.pin(board)
    assert refusal(client.post(f"/pins/{pin}/save", json={}))[:2] == (400, 1)
    assert refusal(client.post(f"/pins/{pin}/save", json={"board_id": "1"}))[:2] == (404, 40)
    assert refusal(client.post("/pins/1/save", json={"board_id": board}))[:2] == (404, 50)
    assert refusal(client.post(f"/pins/{pin}/save", json={"board_id": board, "board_section_id": "1"}))[:2] == (
        404,
        2031,
    )


def test_a_deleted_pin_is_gone(client: Client) -> None:
    board = client.board()
    pin = client.pin(board)
    response = client.delete(f"/pins/{pin}")
    assert (response.status_code, response.content) == (204, b"")
    for answer in (client.get(f"/pins/{pin}"), client.delete(f"/pins/{pin}"), client.patch(f"/pins/{pin}", json={})):
        assert refusal(answer) == (404, 50, "Pin not found.")
    assert client.get(f"/boards/{board}").json()["pin_count"] == 0


def test_a_pin_id_is_a_number(client: Client) -> None:
    client.checking = False  # such a path is outside the description
    assert refusal(client.get("/pins/soup"))[:2] == (400, 1)
    assert refusal(client.get("/boards/soup"))[:2] == (400, 1)
    assert refusal(client.get(f"/boards/{client.board()}/sections/autumn/pins"))[:2] == (400, 1)


def test_the_same_picture_is_kept_once(client: Client) -> None:
    board = client.board()
    one, two = (client.get(f"/pins/{client.pin(board)}").json() for _ in range(2))
    assert one["media"] == two["media"]
    assert one["dominant_color"] == two["dominant_color"]
    assert (
        refusal(
            client.post(
                "/pins",
                json={
                    "board_id": board,
                    "media_source": {
                        **source(),
                        "data": base64.b64encode(picture()).decode(),
                        "content_type": "image/png",
                    },
                },
            )
        )[0]
        == 400
    )

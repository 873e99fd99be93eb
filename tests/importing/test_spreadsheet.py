"""Pinsync reads Pinterest's bulk upload files, and says what is wrong with them before it writes anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from pinsync.errors import UsageError
from pinsync.importing.spreadsheet import CsvProblems
from tests.importing.running import board, files, image_pin, import_csv
from tests.world import BOARDS, World, actions

HEADER = "Title,Media URL,Pinterest board,Thumbnail,Description,Link,Publish date,Keywords"
PICTURE = "https://example.com/a.jpg"


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path).write({"boards.yaml": BOARDS})


def table(world: World, text: str | bytes) -> Path:
    """A CSV file."""
    file = world.folder / "pins.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def row(title: str = "T", url: str = PICTURE, on: str = "Bakes", rest: str = ",,,,") -> str:
    """A row of the usual columns."""
    return f"{title},{url},{on},{rest}"


RIGHT = {
    "a board by its name": (row(), "bakes/t.yaml", "board: bakes\ntitle: T\nimage: https://example.com/a.jpg\n"),
    "a section after a slash": (
        row(on="weeknight soups/Autumn"), "soups/autumn/t.yaml",
        "board: soups\nsection: autumn\ntitle: T\nimage: https://example.com/a.jpg\n",
    ),
    "a board that is not declared": (
        row(on="Über uns"), "über-uns/t.yaml", "board: {existing: Über uns}\ntitle: T\nimage: https://example.com/a.jpg\n",
    ),
    "a section of one": (
        row(on="Tea / Green"), "tea/green/t.yaml",
        "board: {existing: Tea}\nsection: Green\ntitle: T\nimage: https://example.com/a.jpg\n",
    ),
    "everything": (
        row(rest=',"One, two\n""three""",https://example.com/,2026-12-01T09:00:00+01:00,"a, b"'), "bakes/t.yaml",
        """board: bakes
title: T
description: |-
  One, two
  "three"
link: https://example.com/
image: https://example.com/a.jpg
publish_at: '2026-12-01T09:00:00+01:00'
""",
    ),
    "quotes and colons": (row(title='"no: ""way"""'), "bakes/no-way.yaml",
                          "board: bakes\ntitle: 'no: \"way\"'\nimage: https://example.com/a.jpg\n"),
    "few cells": (f"T,{PICTURE},Bakes", "bakes/t.yaml", "board: bakes\ntitle: T\nimage: https://example.com/a.jpg\n"),
}  # fmt: skip


@pytest.mark.parametrize("name", RIGHT)
def test_right_rows(name: str, world: World) -> None:
    text, file, expected = RIGHT[name]
    assert import_csv(world, table(world, f"\ufeff{HEADER}\r\n{text}\r\n,,,,\r\n")).pins == 1
    assert files(world) == sorted(["boards.yaml", file])
    assert (world.root / file).read_text("utf-8") == expected
    assert world.session().content.problems == ()


WRONG = {
    "an unknown column": (f"{HEADER.replace('Link', 'Lnk')}\n{row()}", ['1:1: row 1: there is no column "Lnk"']),
    "a missing column": (f"Title,Media URL\nT,{PICTURE}", ["1:3: row 1, Pinterest board: the column is missing"]),
    "a column twice": (f"{HEADER},Link\n{row()}", ["1:6: row 1, Link: the column is there twice"]),
    "semicolons": (f"{HEADER.replace(',', ';')}\n", ["1:1: row 1: the columns are separated by semicolons, not by commas"]),
    "tabs": (f"{HEADER.replace(',', chr(9))}\n", ["1:1: row 1: the columns are separated by tabs, not by commas"]),
    "empty cells": (f"{HEADER}\n,,,,x\n", ["2:1: row 2, Title: is empty", "2:2: row 2, Media URL: is empty",
                                            "2:3: row 2, Pinterest board: is empty"]),
    "a long title": (f"{HEADER}\n{row(title='x' * 101)}", ["2:1: row 2, Title: `title` has 101 characters; at most 100"]),
    "a bad picture": (f"{HEADER}\n{row(url='http://a.example/b.jpg')}", ["2:2: row 2, Media URL: the address"]),
    "no address": (f"{HEADER}\n{row(url='b.jpg')}", ['2:2: row 2, Media URL: "b.jpg" is no web address']),
    "a bad link": (f"{HEADER}\n{row(rest=',,example.com,,')}", ["2:6: row 2, Link: the link"]),
    "a bad date": (f"{HEADER}\n{row(rest=',,,12/1/2026,')}", ['2:7: row 2, Publish date: "12/1/2026" is not a date and time']),
    "no time zone": (f"{HEADER}\n{row(rest=',,,2026-12-01T09:00:00,')}", ["2:7: row 2, Publish date: "]),
    "an unknown section": (f"{HEADER}\n{row(on='Weeknight soups/Spring')}",
                           ['2:3: row 2, Pinterest board: the board soups has no section "Spring"']),
    "the same row": (f"{HEADER}\n\n{row()}\n{row()}", ["4:1: row 4: is the same as row 3"]),
    "too many cells": (f"{HEADER}\n{row()},x", ["2:1: row 2: has 9 cells, but there are 8 columns"]),
    "an open quote": (f'{HEADER}\n"T,{PICTURE}', ["2:1: row 2: is not readable as CSV"]),
    "several at once, after a cell of two lines": (
        "\n".join((HEADER, row(rest=",,example.com,,"), row(rest=',"a\nb",,soon,'))),
        ["2:6: row 2, Link: the link", '4:7: row 3, Publish date: "soon" is not a date and time'],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_wrong_rows(name: str, world: World) -> None:
    text, expected = WRONG[name]
    with pytest.raises(CsvProblems) as caught:
        import_csv(world, table(world, text))
    told = [f"{one.line}:{one.column}: {one.message}" for one in caught.value.problems]
    assert len(told) == len(expected)
    for one, start in zip(told, expected, strict=True):
        assert one.startswith(start)
    assert files(world) == ["boards.yaml"]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (f"{HEADER}\nT\xe4".encode("latin-1"), "line 2: the byte 0xe4 is not UTF-8"),
        (HEADER.encode("utf-16"), "UTF-16"),
        (HEADER.encode(), "no rows"),
        (b"", "no rows"),
    ],
)
def test_unreadable_files(data: bytes, message: str, world: World) -> None:
    with pytest.raises((UsageError, CsvProblems)) as caught:
        import_csv(world, table(world, data))
    problems = caught.value.problems if isinstance(caught.value, CsvProblems) else ()
    assert message in caught.value.message or (not data and problems)


def test_videos_are_left_out_and_named(world: World) -> None:
    rows = (row(url="https://example.com/a.MP4?x=1"), row(rest="0:03,,,,"), row(title="Fine"))
    result = import_csv(world, table(world, "\n".join((HEADER, *rows))))
    assert [left.what for left in result.left] == ["row 2", "row 3"]
    assert result.complete
    assert files(world) == ["bakes/fine.yaml", "boards.yaml"]


@pytest.mark.parametrize(
    ("keywords", "description", "expected"),
    [
        ("append", "Warm.", "Warm.\n\nfall decor, Суп 1, a-b"),
        ("hashtags", "Warm.", "Warm.\n\n#falldecor #Суп1 #ab"),
        ("append", "", "fall decor, Суп 1, a-b"),
        ("ignore", "Warm.", "Warm."),
        ("append", "x" * 785, f"{'x' * 785}\n\nfall decor"),
    ],
)
def test_keywords(keywords: str, description: str, expected: str, world: World) -> None:
    keyed = row(rest=f',{description},,,"fall decor, Суп 1 ,, a-b"')
    result = import_csv(world, table(world, f"{HEADER}\n{keyed}"), keywords=keywords)
    (pin,) = (one for one in world.session().content.resources.values() if one.kind == "pin")
    assert pin.fields["description"] == expected
    assert bool(result.notes) == (keywords == "ignore" or len(description) > 100)


def test_rows_are_imported_once_whatever_became_of_their_files(world: World) -> None:
    rows = [row(), row(title="T2")]
    assert import_csv(world, table(world, "\n".join((HEADER, *rows)))).pins == 2
    (world.root / "bakes/t.yaml").rename(world.root / "mine.yaml")
    (world.root / "bakes/t2.yaml").unlink()
    result = import_csv(world, table(world, "\n".join((HEADER, *rows, row(title="T3")))), media="link")
    assert (result.pins, result.known) == (1, 2)
    assert files(world) == ["bakes/t3.yaml", "boards.yaml", "mine.yaml"]


def test_the_time_zone_of_the_configuration_counts(world: World) -> None:
    world.write({"pinsync.yaml": "environment: emulator\ntimezone: Europe/Berlin\n"})
    import_csv(world, table(world, f"{HEADER}\n{row(rest=',,,2026-12-01T09:00:00,')}"))
    (pin,) = (one for one in world.session().content.resources.values() if one.kind == "pin")
    assert pin.publish_at is not None
    assert pin.publish_at.isoformat() == "2026-12-01T08:00:00+00:00"


def test_pictures_are_downloaded_and_failures_left_for_the_next_run(world: World) -> None:
    pin = image_pin(world, board(world, "Elsewhere"))
    url = world.request("GET", f"/pins/{pin}")["media"]["images"]["1200x"]["url"].replace(
        "http://emulator", "https://127.0.0.1:1"
    )
    text = "\n".join((HEADER, row(url=url), row(title="Gone", url="https://127.0.0.1:1/none.jpg")))
    calls = len(world.network.requests)
    result = import_csv(world, table(world, text), media="download")
    assert [left.what for left in result.left] == ["row 3"]
    assert not result.complete
    assert all("/v5/" not in str(request.url) for request in world.network.requests[calls:])
    assert files(world, ".jpg") == ["bakes/t.jpg"]
    result = import_csv(world, table(world, text), media="download")
    assert (result.pins, result.known, len(result.left)) == (0, 1, 1)
    assert actions(world.plan())["pin.bakes/t"] == "create"

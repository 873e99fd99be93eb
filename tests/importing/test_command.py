"""The command itself: what it needs, what it says, how it exits."""

from __future__ import annotations

from pathlib import Path

import pytest

from pinsync.importing.result import LeftOut, Result
from pinsync.report.imports import summary
from tests.cli.running import pinsync
from tests.importing.test_spreadsheet import HEADER, row


def test_a_csv_file_from_the_command_line(tmp_path: Path) -> None:
    table = tmp_path / "pins.csv"
    table.write_text(f"{HEADER}\n{row()}\n{row(title='Film', url='https://example.com/a.mp4')}\n")
    nowhere = pinsync("import", "csv", "pins.csv", cwd=tmp_path)
    assert nowhere.code == 1
    assert "pinsync init --bare" in nowhere.err
    assert pinsync("init", "--bare", "root", cwd=tmp_path).code == 0
    assert not list((tmp_path / "root").glob("*/*.yaml"))
    done = pinsync("-C", "root", "import", "csv", "../pins.csv", "--media", "link", "--into", "new", cwd=tmp_path)
    assert (done.code, done.err) == (0, "")
    assert done.out == (
        "Imported 1 pin into new.\nLeft out, because pinsync has no way to manage it or you did not ask for it:\n"
        "- row 3: it is a video, which Pinterest takes as a file: download it, and declare it with `video:`\nNext: pinsync plan.\n"
    )
    assert (tmp_path / "root/new/bakes/t.yaml").exists()
    table.write_text(f"{HEADER}\n{row(rest=',,example.com,,')}\n")
    wrong = pinsync("-C", "root", "import", "csv", "../pins.csv", cwd=tmp_path)
    assert wrong.code == 1
    assert 'pins.csv:2:6: row 2, Link: the link "example.com" lacks its http or https://' in wrong.err
    assert "1 problem in pins.csv; nothing was written" in wrong.err


@pytest.mark.parametrize("arguments", [(), ("--all", "--board", "A"), ("--pin", "1"), ("--all", "--to", "pin.a")])
def test_what_to_import_has_to_be_said(arguments: tuple[str, ...], tmp_path: Path) -> None:
    assert pinsync("import", *arguments, cwd=tmp_path).code == 2


def test_the_summary_escapes_and_shortens() -> None:
    result = Result("", boards=1, sections=2, pins=1000, notes=["\x1b[31m"])
    for number in range(30):
        result.leave(f"pin {number}", LeftOut("it shows a video\x07", hopeless=True))
    result.leave("pin x", LeftOut("HTTP 404"))
    text = summary(result, ".", stopped=False)
    assert text.startswith("Imported 1 board, 2 sections and 1,000 pins into this folder.\nNote: \\u001b[31m.\n")
    assert "pin 19 and 10 more: it shows a video\\u0007\n" in text
    assert text.endswith("correct what is said and import again:\n- pin x: HTTP 404\nNext: pinsync plan.\n")
    assert not result.complete
    assert "Stopped" in summary(Result(""), ".", stopped=True)

"""The manual page."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from scripts.write_docs import commands
from scripts.write_man import PAGE, escaped, man_page


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text("utf-8") == man_page(), "run `make docs`"


@pytest.mark.parametrize(
    ("text", "roff"),
    [
        ("a --flag", r"a \-\-flag"),
        (".pinsyncignore\nand more", r"\&.pinsyncignore and more"),
        ("'quoted'", r"\&'quoted'"),
        (r"C:\pins", r"C:\epins"),
    ],
)
def test_no_text_is_taken_for_a_request(text: str, roff: str) -> None:
    assert escaped(text) == roff


@pytest.mark.skipif(not shutil.which("groff"), reason="there is no groff")
def test_groff_shows_every_command_and_has_nothing_to_complain_of() -> None:
    shown = subprocess.run(
        ["groff", "-man", "-ww", "-Kutf8", "-Tutf8", "-P-cbou", PAGE], capture_output=True, text=True, check=True
    )
    assert shown.stderr == ""
    for path, _ in commands():
        assert f"\n   {' '.join(path)}\n" in shown.stdout or path == ("pinsync",)

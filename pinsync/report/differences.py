"""How files change, as a unified diff."""

from __future__ import annotations

from difflib import unified_diff

from pinsync.content.decoding import lines_of
from pinsync.report.escaping import terminal
from pinsync.report.screen import Piece, Screen

_STYLES = {"+": "green", "-": "red", "@": "cyan"}


def unified(file: str, before: bytes, after: bytes, screen: Screen | None = None) -> str:
    """The difference of two versions of a text file, safe to print; never wrapped, as it may be copied."""
    old, new = (lines_of(data.decode("utf-8-sig").removesuffix("\n")) for data in (before, after))
    lines = unified_diff(old, new, f"a/{file}", f"b/{file}", lineterm="")
    screen = screen or Screen(0)
    return "".join(f"{screen.painted(Piece(terminal(line), _STYLES.get(line[:1], '')))}\n" for line in lines)

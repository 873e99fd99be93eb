"""How files change, as a unified diff."""

from __future__ import annotations

from difflib import unified_diff

from pinsync.content.decoding import lines_of
from pinsync.report.escaping import terminal


def unified(file: str, before: bytes, after: bytes) -> str:
    """The difference of two versions of a text file, safe to print."""
    old, new = (lines_of(data.decode("utf-8-sig").removesuffix("\n")) for data in (before, after))
    lines = unified_diff(old, new, f"a/{file}", f"b/{file}", lineterm="")
    return "".join(f"{terminal(line)}\n" for line in lines)

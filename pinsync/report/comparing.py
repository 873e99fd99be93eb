"""Two texts, word by word."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

_WORDS = re.compile(r"\s+|\w+|[^\w\s]")
_MOST = 1_000_000
"""Pairs of words that are compared at most: the time grows with them."""

SAME, GONE, ADDED = "same", "gone", "added"


def compared(before: str, after: str) -> list[tuple[str, str]]:
    """The parts of both texts in reading order, each with whether it is the same in both, gone or added."""
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    if len(old) * len(new) > _MOST:
        return replaced(before, after)
    parts: list[tuple[str, str]] = []
    for what, start, end, from_, to in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what == "equal":
            parts.append((SAME, "".join(old[start:end])))
            continue
        if end > start:
            parts.append((GONE, "".join(old[start:end])))
        if to > from_:
            parts.append((ADDED, "".join(new[from_:to])))
    return parts


def replaced(before: str, after: str) -> list[tuple[str, str]]:
    """Both texts as wholes, in the same form."""
    return (
        [(SAME, before)]
        if before == after
        else [(what, text) for what, text in ((GONE, before), (ADDED, after)) if text]
    )

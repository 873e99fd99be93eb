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
    # Most edits leave the beginning and the end as they are, and leaving these out makes it many times faster.
    head = _alike(old, new)
    tail = _alike(old[head:][::-1], new[head:][::-1])
    first, last = "".join(old[:head]), "".join(old[len(old) - tail :])
    old, new = old[head : len(old) - tail], new[head : len(new) - tail]
    if len(old) * len(new) > _MOST:
        return replaced(before, after)
    parts = [(SAME, first)] if first else []
    for what, start, end, from_, to in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what == "equal":
            parts.append((SAME, "".join(old[start:end])))
            continue
        if end > start:
            parts.append((GONE, "".join(old[start:end])))
        if to > from_:
            parts.append((ADDED, "".join(new[from_:to])))
    return [*parts, (SAME, last)] if last else parts


def _alike(old: list[str], new: list[str]) -> int:
    """How many words both begin with."""
    return next(
        (number for number, (one, other) in enumerate(zip(old, new, strict=False)) if one != other),
        min(len(old), len(new)),
    )


def replaced(before: str, after: str) -> list[tuple[str, str]]:
    """Both texts as wholes, in the same form."""
    return (
        [(SAME, before)]
        if before == after
        else [(what, text) for what, text in ((GONE, before), (ADDED, after)) if text]
    )

"""Names of keys, folders and files for what people call something in any language."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Callable, Iterable
from itertools import count
from pathlib import Path

from pinsync.model.schemas import KEY_PATTERN

_MOST_CHARACTERS = 60
_MOST_BYTES = 100
_KEY = re.compile(KEY_PATTERN)
_APOSTROPHES = re.compile("['\u2018\u2019\u02bc]")
# Letters and marks that show nothing.
_INVISIBLE = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0]")
# Windows takes these for devices, whatever follows the dot; pinsync.yaml makes a folder another content root.
_RESERVED = frozenset(
    {"con", "prn", "aux", "nul", "pinsync", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))}
)


def slug(text: str | None, otherwise: str) -> str:
    """``text`` as a name that a key, a folder and a file may have: its letters and digits in lower case with dashes
    between, composed, at most 60 characters and 100 bytes. ``otherwise`` where nothing is left of it; that stands before
    what some system reserves, too."""
    composed = unicodedata.normalize("NFKC", _INVISIBLE.sub("", _APOSTROPHES.sub("", text or "")))
    lower = unicodedata.normalize("NFC", composed.lower())
    spaced = "".join(one if unicodedata.category(one)[0] in "LMN" and _KEY.match(f"a{one}") else " " for one in lower)
    # A mark without a letter before it would join whatever comes before the name.
    words = [word for part in spaced.split() if (word := _without_marks_ahead(part))]
    name = _cut("-".join(words))
    if not name:
        return otherwise
    return f"{otherwise}-{name}" if name in _RESERVED else name


def folded(name: str) -> str:
    """The form in which two names are one to some file system: without case and composed."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


class Names:
    """Names that are taken, and new ones beside them: a second ``soup`` is ``soup-2``."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = {folded(name) for name in taken}
        self._next: dict[str, int] = {}

    def take(self, *names: str) -> None:
        """From now on, these are taken."""
        self._taken.update(map(folded, names))

    def claim(self, wanted: str, belonging: Callable[[str], Iterable[str]] = lambda name: ()) -> str:
        """``wanted`` or the first numbered name after it that is free, together with the names ``belonging`` to it."""
        for number in count(self._next.get(wanted, 1)):
            name = wanted if number == 1 else f"{wanted}-{number}"
            all_names = {folded(one) for one in (name, *belonging(name))}
            if all_names.isdisjoint(self._taken):
                self._taken |= all_names
                self._next[wanted] = number + 1
                return name
        raise AssertionError("unreachable")


def stems_in(folder: Path) -> list[str]:
    """What the files and folders in ``folder`` are called, without extension."""
    try:
        return [name.rpartition(".")[0] or name for name in os.listdir(folder)]  # noqa: PTH208 - only their names
    except FileNotFoundError:
        return []


def _without_marks_ahead(word: str) -> str:
    start = next((place for place, one in enumerate(word) if unicodedata.category(one)[0] != "M"), len(word))
    return word[start:]


def _cut(name: str) -> str:
    cut = name[:_MOST_CHARACTERS].encode()[:_MOST_BYTES].decode(errors="ignore")
    if len(cut) < len(name):
        whole = cut.rpartition("-")[0] if name[len(cut)] != "-" else cut
        # A language without blanks is one long word.
        cut = whole if len(whole) > len(cut) // 2 else cut
    return cut.strip("-")

"""Finding the name that was probably meant, also among very many."""

from __future__ import annotations

import difflib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

_FEW = 50
_TOO_COMMON = 100
_TOO_LONG = 255
_COMPARED = 10


class Names:
    """Known names. Of many, only those that share rare pieces with a word are compared with it, so that a thousand
    misspelt words among a thousand names take no million comparisons."""

    def __init__(self, names: Iterable[str]) -> None:
        self._spelt: dict[str, str] = {}
        for name in names:
            self._spelt.setdefault(name.casefold(), name)
        self._by_piece: defaultdict[str, list[str]] = defaultdict(list)
        if len(self._spelt) > _FEW:
            for name in self._spelt:
                for piece in _pieces(name):
                    self._by_piece[piece].append(name)

    def __contains__(self, name: str) -> bool:
        return self._spelt.get(name.casefold()) == name

    def nearest(self, word: str) -> str | None:
        """The known name that ``word`` was probably meant to be."""
        folded = word.casefold()
        if folded in self._spelt:
            return self._spelt[folded]
        if len(folded) > _TOO_LONG:
            return None
        close = difflib.get_close_matches(folded, self._candidates(folded), n=1, cutoff=0.6)
        return self._spelt[close[0]] if close else None

    def _candidates(self, word: str) -> list[str]:
        if len(self._spelt) <= _FEW:
            return list(self._spelt)
        shared: Counter[str] = Counter()
        for piece in _pieces(word):
            names = self._by_piece.get(piece, ())
            if len(names) <= _TOO_COMMON:
                shared.update(names)
        return [name for name, _ in shared.most_common(_COMPARED)]


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that ``word`` was probably meant to be."""
    return Names(known).nearest(word)


def listed(names: Iterable[str], none: str, most: int = 10) -> str:
    """```a`, `b` and 3 more``, or ``none``."""
    known = list(names)
    words = ", ".join(f"`{name}`" for name in known[:most]) or none
    return f"{words} and {len(known) - most:,} more" if len(known) > most else words


def _pieces(word: str) -> Iterator[str]:
    padded = f"\0{word}\0"
    yield from {padded[start : start + 3] for start in range(len(padded) - 2)}

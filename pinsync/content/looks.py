"""What a picture looks like in a few bytes, and finding those that look alike without comparing all with all.

A look is 256 bits that say where, on a grid of 17 by 16 cells, a cell is brighter than the one to the left of it, followed
by the mean colour. Saving a picture again, smaller or a little brighter flips a few of the bits; of other pictures about
half of them differ.
"""

from __future__ import annotations

import re
from collections import defaultdict, deque
from itertools import pairwise
from operator import sub
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

if TYPE_CHECKING:
    from PIL.Image import Image as Decoded

Thing = TypeVar("Thing")

SIDE = 16
BITS = SIDE * SIDE
FARTHEST = 11
"""How many bits may differ in pictures that look alike. Photographs saved again, at 600 pixels and quality 60, differ in up
to 8, and other photographs in 86 or more."""

COLOUR = 24
"""How far each channel of the mean colour (0 to 255) may be apart."""

PLAIN = 32
"""Bits. Pictures with fewer edges than this are plain areas, gradients or a few words, which all look alike: only equal files
are the same."""

COMPARED = 64
"""How many pictures that agree in a part of their bits are compared, at most: the latest."""

_LOOK = re.compile("([0-9a-f]{70})?")
_BRIGHTER = 2  # less is noise, of which plain areas are full
_DIGITS = bytes.maketrans(b"\0\1", b"01")


def look_of(picture: Decoded) -> str:
    """The look of an upright picture: 64 hexadecimal digits of bits and 6 of colour."""
    from PIL import Image as pillow

    if "transparency" in picture.info or picture.mode in ("LA", "PA"):
        picture = picture.convert("RGBA")
    elif picture.mode not in ("RGB", "RGBA"):
        picture = picture.convert("RGB")
    small = picture.resize((SIDE + 1, SIDE), pillow.Resampling.BOX)
    if small.mode == "RGBA":
        small = pillow.alpha_composite(pillow.new("RGBA", small.size, "white"), small).convert("RGB")
    cells = small.convert("L").tobytes()
    brighter = bytearray(map(_BRIGHTER.__le__, map(sub, cells[1:], cells)))
    del brighter[SIDE :: SIDE + 1]  # the last cell of a row beside the first of the next
    bits = int(brighter.translate(_DIGITS), 2)
    return f"{bits:0{BITS // 4}x}{small.resize((1, 1), pillow.Resampling.BOX).tobytes().hex()}"


def is_look(text: str) -> bool:
    """Whether a text is a look, or the empty one of a picture that cannot be told from others."""
    return _LOOK.fullmatch(text) is not None


class Seen(Generic[Thing]):
    """Things by their looks, each of which can be asked for an earlier one that looks alike.

    Bits that differ in at most FARTHEST places agree wholly in one of FARTHEST + 1 parts, so that only those with an equal
    part are compared; of more than COMPARED of them, the latest. The time for each is thereby bounded.
    """

    def __init__(self) -> None:
        self._equal: dict[str, Thing] = {}
        self._parts: defaultdict[tuple[int, int], deque[tuple[_Look, Thing]]] = defaultdict(
            lambda: deque(maxlen=COMPARED)
        )

    def add(self, look: str, thing: Thing) -> Thing | None:
        """Notes ``thing`` and returns an earlier one that looks alike, if any. An empty look is like nothing."""
        if not look or look in self._equal:
            return self._equal.get(look)
        mine = _Look(int(look[:-6], 16), bytes.fromhex(look[-6:]))
        if not PLAIN <= mine.bits.bit_count() <= BITS - PLAIN:
            return None
        self._equal[look] = thing
        found: Thing | None = None
        for part in mine.parts():
            known = self._parts[part]
            if found is None:
                found = next((other for theirs, other in known if _near(mine, theirs)), None)
            known.append((mine, thing))
        return found


class _Look(NamedTuple):
    bits: int
    colour: bytes

    def parts(self) -> list[tuple[int, int]]:
        edges = [number * BITS // (FARTHEST + 1) for number in range(FARTHEST + 2)]
        return [(start, self.bits >> start & (1 << end - start) - 1) for start, end in pairwise(edges)]


def _near(one: _Look, other: _Look) -> bool:
    return (one.bits ^ other.bits).bit_count() <= FARTHEST and all(
        abs(mine - theirs) <= COLOUR for mine, theirs in zip(one.colour, other.colour, strict=True)
    )

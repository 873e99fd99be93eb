"""The rule that finds a picture that is there twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pinsync.content.linting.pictures import pictures_of
from pinsync.content.linting.rule import Finding, Rule
from pinsync.content.looks import Seen
from pinsync.model.resource import Desired

Place = tuple[Desired, int]


def _same(pins: Sequence[Desired]) -> Iterator[Finding]:
    exact: dict[str, Place] = {}
    alike: Seen[Place] = Seen()
    for pin in pins:
        for number, (below, image) in enumerate(pictures_of(pin)):
            here = pin, number
            other, words = exact.setdefault(image.fingerprint, here), "is also"
            if other is here:
                other, words = alike.add(image.look, here) or here, "looks nearly like"
            if other is here:
                continue
            if other[0] is pin:
                where = f"item {other[1] + 1} of the same carousel"
            else:
                where = f"that of {other[0].address} ({other[0].origin})"
            yield Finding(pin.address, f"the picture {words} {where}",
                          "Take another one, or switch this rule off for one of the two if it is meant to be.",
                          below)  # fmt: skip


SAME_PICTURE = Rule("same-picture", "the same picture, or nearly the same, in two pins or twice in a carousel", _same)

"""Finding pictures that look alike: as comparing all with all would, in time that does not grow with their number."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pinsync.content import looks
from pinsync.content.looks import BITS, COLOUR, COMPARED, FARTHEST, PLAIN, Seen


def written(bits: int, colour: int = 0x808080) -> str:
    return f"{bits:064x}{colour:06x}"


def alike(one: str, other: str) -> bool:
    """What alike means, without any cleverness."""
    bits = [int(look[:64], 16) for look in (one, other)]
    if any(not PLAIN <= value.bit_count() <= BITS - PLAIN for value in bits):
        return False
    if (bits[0] ^ bits[1]).bit_count() > FARTHEST:
        return False
    return all(abs(int(one[at : at + 2], 16) - int(other[at : at + 2], 16)) <= COLOUR for at in (64, 66, 68))


flips = st.lists(st.integers(0, BITS - 1), max_size=FARTHEST + 3, unique=True).map(
    lambda places: sum(1 << place for place in places)
)
structured = st.integers(0, 2**BITS - 1)
plain = st.sampled_from([0, 2**BITS - 1, 2**PLAIN - 1, 2 ** (PLAIN - 1) - 1, (2**PLAIN - 1) << 200])
colours = st.sampled_from([0x808080, 0x808098, 0x808099, 0x689880, 0xFF0000])


@st.composite
def families(draw: st.DrawFn) -> list[str]:
    """Looks around a few originals, in any order."""
    found: list[str] = []
    for original in draw(st.lists(structured | plain, min_size=1, max_size=3)):
        found += [written(original ^ flip, draw(colours)) for flip in draw(st.lists(flips, max_size=5))]
    return draw(st.permutations(found))


@settings(deadline=None, max_examples=80)
@given(families())
def test_what_looks_alike_is_found_as_by_comparing_all_with_all(family: list[str]) -> None:
    seen: Seen[int] = Seen()
    for number, look in enumerate(family):
        found = seen.add(look, number)
        expected = [earlier for earlier in range(number) if alike(family[earlier], look)]
        assert (found in expected) if expected else found is None


def test_an_empty_look_is_like_nothing() -> None:
    seen: Seen[int] = Seen()
    assert [seen.add("", number) for number in range(3)] == [None, None, None]


def test_each_is_compared_with_a_bounded_number_however_many_agree_in_a_part(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(1)
    compared = 0
    real = looks._near

    def counting(one: looks._Look, other: looks._Look) -> bool:
        nonlocal compared
        compared += 1
        return real(one, other)

    monkeypatch.setattr(looks, "_near", counting)
    shared = BITS // (FARTHEST + 1)  # all agree in the first of the parts, as pictures with the same border do
    many = [written(chance.getrandbits(BITS - shared) << shared) for _ in range(1_000)]
    seen: Seen[int] = Seen()
    assert [seen.add(look, number) for number, look in enumerate(many)] == [None] * len(many)
    assert COMPARED * 900 < compared <= (COMPARED + 1) * len(many)
    assert seen.add(many[0], -1) == 0  # an equal one is found without comparing

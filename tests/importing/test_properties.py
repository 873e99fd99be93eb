"""Whatever texts an account has, they come through; whatever a name is made of, it is one that every system takes."""

from __future__ import annotations

import re
import tempfile
import unicodedata
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from pinsync.content.documents import parse
from pinsync.importing.naming import Names, folded, slug
from pinsync.importing.spelling import spell
from pinsync.model.schemas import KEY_LIMIT, KEY_PATTERN
from tests.importing.running import board, carousel, files, image_pin, import_boards, section
from tests.world import World, actions

SPECIAL = st.sampled_from(
    ["no", "12:30", "null", "~", "1e5", "0o17", "08", ".5", "- a", "a: b", "# a", "{a}", "'", '"', "\\", "&a", "*a", "!a", "|",
     "%", "@", "`", "---", "...", "<<", "=", "2026-11-24", "con", "../..", ".git", "_defaults", "pinsync", "👩‍🍳", "שלום",
     "a\u2028b", "\ufeffa", "a\u202eb", "&amp;", "é", "e\u0301", "ß", "İ", "ﬁ", "語", "हिन्दी", "a/b\\c", "NUL", "\u200b"]
)  # fmt: skip
TEXTS = st.lists(st.one_of(SPECIAL, st.text(max_size=8)), max_size=4).map(" ".join)
ENCODABLE = TEXTS.filter(lambda text: not re.search("[\ud800-\udfff]", text))


@settings(max_examples=10, deadline=None)
@given(
    st.lists(st.tuples(ENCODABLE, ENCODABLE, ENCODABLE), min_size=1, max_size=4),
    st.lists(ENCODABLE.filter(lambda text: any(one.isalnum() for one in text)), min_size=1, max_size=3),
)
def test_any_texts_survive(pins: list[tuple[str, str, str]], names: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder))
        home = board(world, f"{names[0]}.", description=pins[0][0])
        place = section(world, home, names[-1])
        for title, description, alt in pins:
            texts = {"title": title[:100], "description": description[:800], "alt_text": alt[:500]}
            image_pin(world, home, **texts, board_section_id=place)
            carousel(world, home, [{"title": title[:100]}, {"description": description}])
        result = import_boards(world, media="link")
        assert (result.pins, result.left, result.notes) == (2 * len(pins), [], [])
        assert len(files(world)) == 1 + 2 * len(pins)
        plan = world.plan()
        assert set(actions(plan).values()) == {"no-op"}
        assert plan.diagnostics == ()


@settings(max_examples=60)
@given(TEXTS)
def test_a_name_is_a_key_and_a_file_name_everywhere(text: str) -> None:
    name = slug(text, "pin-1")
    assert re.fullmatch(KEY_PATTERN, name)
    assert re.fullmatch(r"[^\W_][^\s/\\:*?\"<>|.]*", name)
    assert name == unicodedata.normalize("NFC", name.lower())
    assert len(name) < KEY_LIMIT
    assert len(name.encode()) <= 110
    assert folded(name) not in {"con", "prn", "aux", "nul", "com1", "lpt9", "pinsync", "_defaults", "_board"}
    assert slug(name, "pin-1") in (name, f"pin-1-{name}")


@given(st.lists(st.one_of(TEXTS, st.sampled_from(["Soup", "SOUP", "soup-2", "soup 1"])), max_size=12))
def test_names_are_never_taken_twice(texts: list[str]) -> None:
    names = Names(["soup"])
    claimed: list[str] = ["soup"]
    for number, text in enumerate(texts):
        pictures = number % 3
        belonging: list[str] = []
        name = names.claim(
            slug(text, "pin"), lambda name, pictures=pictures: [f"{name}-{n + 1}" for n in range(pictures)]
        )
        belonging = [f"{name}-{n + 1}" for n in range(pictures)]
        claimed += [name, *belonging]
    assert len({folded(name) for name in claimed}) == len(claimed)


WRITTEN = st.lists(st.one_of(SPECIAL, st.text(st.characters(exclude_categories=("Cc", "Cs")))), max_size=4).map(
    "\n".join
)


@given(st.dictionaries(st.sampled_from(["title", "link", "alt_text"]), WRITTEN), WRITTEN)
def test_what_is_spelt_is_read_back(texts: dict[str, str], slot: str) -> None:
    value = {**texts, "carousel": [{"image": slot}, {"image": "b\nc"}]}
    document = parse("a.yaml", spell(value))
    assert document.problems == []
    assert document.value == value

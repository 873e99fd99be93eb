"""When two values mean the same to Pinterest."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pinsync.model.equality import canonical_link, canonical_text, same_link, same_name, same_slots, same_text

SAME_TEXTS = [
    ("", None),
    ("Soup", " Soup\n"),
    ("one two", "one \t\n two"),
    ("salt & pepper", "salt &amp; pepper"),
    ("caf\u00e9", "cafe\u0301"),
    ("a\u00a0b", "a b"),
]
OTHER_TEXTS = [("Soup", "soup"), ("Soup", ""), ("a b", "ab"), ("<b>", "b")]
SAME_LINKS = [
    ("", None),
    ("https://example.com", "https://example.com/"),
    ("https://example.com/a", "HTTPS://Example.COM:443/a/"),
    ("http://example.com:80/a", "http://example.com/a"),
    ("https://example.com/a#part", "https://example.com/a"),
    ("https://example.com/a?b=1&amp;c=2", "https://example.com/a?b=1&c=2"),
    ("no link", "no  link"),
    ("https://[", "https://["),
]
OTHER_LINKS = [
    ("https://example.com/a", "https://example.com/A"),
    ("https://example.com/a?b=1", "https://example.com/a?b=2"),
    ("https://example.com", "http://example.com"),
    ("https://example.com:8443", "https://example.com"),
    ("https://example.com", None),
]


@pytest.mark.parametrize(("one", "other"), SAME_TEXTS)
def test_texts_that_the_server_makes_the_same_are_the_same(one: str, other: str | None) -> None:
    assert same_text(one, other)
    assert same_name(one, other)


@pytest.mark.parametrize(("one", "other"), OTHER_TEXTS)
def test_other_texts_are_other_texts(one: str, other: str) -> None:
    assert not same_text(one, other)


def test_names_are_the_same_without_regard_to_case() -> None:
    assert same_name("Weeknight Soups", "weeknight  soups")
    assert same_name("STRASSE", "straße")
    assert not same_name("Soups", "Soup")


@pytest.mark.parametrize(("one", "other"), SAME_LINKS)
def test_links_that_the_server_makes_the_same_are_the_same(one: str, other: str | None) -> None:
    assert same_link(one, other)


@pytest.mark.parametrize(("one", "other"), OTHER_LINKS)
def test_other_links_are_other_links(one: str, other: str | None) -> None:
    assert not same_link(one, other)


def test_slots_are_the_same_by_their_texts_in_order() -> None:
    one, two = {"title": "A", "link": "https://example.com"}, {"description": "B"}
    assert same_slots([one, two], [{"title": " A ", "link": "https://example.com/"}, {**two, "title": ""}])
    assert same_slots(None, [])
    assert not same_slots([one, two], [two, one])
    assert not same_slots([one], [one, {}])


@given(st.text(max_size=40))
def test_what_is_canonical_stays_as_it_is_but_for_entities_within_entities(text: str) -> None:
    canonical = canonical_text(text)
    assert canonical == " ".join(canonical.split())
    if "&" not in text:
        assert canonical_text(canonical) == canonical
        assert canonical_link(canonical_link(text)) == canonical_link(text) or "#" in text or "/" in text

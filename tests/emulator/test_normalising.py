from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pinsync.emulator import normalising


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        (None, None),
        ("", None),
        (" \t\n ", None),
        ("  a \r\n\t b  ", "a b"),
        ("a\u00a0\u2003b", "a b"),
        ("Fish &amp; chips &lt;3", "Fish & chips <3"),
        ("a&nbsp;b", "a b"),
        ("&#127875; soup", "\U0001f383 soup"),
        ("cafe\u0301", "caf\u00e9"),
        ("a\u0000b\u0007", "ab"),
        ("\u200d", "\u200d"),
    ],
)
def test_text(sent: str | None, stored: str | None) -> None:
    assert normalising.text(sent) == stored


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        (None, None),
        ("  ", None),
        ("https://example.com", "https://example.com/"),
        (" HTTPS://EXAMPLE.com/Soup?B=1#top ", "https://example.com/Soup?B=1"),
        ("http://example.com:80/a", "http://example.com/a"),
        ("https://example.com:443", "https://example.com/"),
        ("https://example.com:8443/", "https://example.com:8443/"),
        ("https://Me:Pw@Example.com/", "https://Me:Pw@example.com/"),
        ("https://[::1]:8080", "https://[::1]:8080/"),
        ("https://example.com/ü?q=ä", "https://example.com/ü?q=ä"),
        ("https://example.com?", "https://example.com/"),
    ],
)
def test_link(sent: str | None, stored: str | None) -> None:
    assert normalising.link(sent) == stored


@pytest.mark.parametrize(
    "sent",
    [
        "example.com",
        "//example.com/",
        "ftp://example.com",
        "mailto:a@b.c",
        "https:///a",
        "https://a:b/",
        "https://a b/",
        "https://[a/",
        "https://a/\x07",
    ],
)
def test_no_link(sent: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        normalising.link(sent)


@given(st.text(), st.integers(1, 50))
def test_stored_text_is_clean(sent: str, limit: int) -> None:
    stored = normalising.text(sent, limit)
    if stored is not None:
        assert 0 < len(stored) <= limit
        assert stored == " ".join(stored.split())
        assert unicodedata.is_normalized("NFC", stored)
        stored.encode()


@given(st.text(st.characters(exclude_characters="&")))
def test_stored_text_stays_as_it_is(sent: str) -> None:
    stored = normalising.text(sent)
    assert normalising.text(stored) == stored


@given(st.text(), st.text(), st.text())
def test_a_stored_link_stays_as_it_is(host: str, path: str, query: str) -> None:
    try:
        stored = normalising.link(f"https://{host}/{path}?{query}")
    except ValueError:
        return
    assert normalising.link(stored) == stored

"""When two values mean the same to Pinterest.

The server trims, collapses and unescapes text and rewrites links (the official documentation does not list how), so
two spellings that differ only in that are treated as equal wherever a value read is set against a value written.
"""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Callable
from typing import Any
from urllib.parse import SplitResult, urlsplit

Same = Callable[[Any, Any], bool]

_DEFAULT_PORTS = {"http": 80, "https": 443}


def canonical_text(value: str | None) -> str:
    """The text with white space collapsed, HTML entities read and Unicode composed; empty for None."""
    if not value:
        return ""
    text = html.unescape(value) if "&" in value else value
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    return " ".join(text.split())


def canonical_link(value: str | None) -> str:
    """The link with scheme and host in lower case and no default port, trailing slash or fragment; empty for None."""
    text = canonical_text(value)
    try:
        parts: SplitResult = urlsplit(text)
        port = parts.port
    except ValueError:
        return text
    if not parts.scheme or not parts.hostname:
        return text
    scheme = parts.scheme.lower()
    host = parts.hostname.lower()
    if port is not None and port != _DEFAULT_PORTS.get(scheme):
        host = f"{host}:{port}"
    query = f"?{parts.query}" if parts.query else ""
    return f"{scheme}://{host}{parts.path.rstrip('/')}{query}"


def canonical_slots(value: list[dict[str, Any]] | None) -> list[tuple[str, str, str]]:
    """The texts of carousel slots in order, each as (title, description, link) in canonical form."""
    return [
        (
            canonical_text(slot.get("title")),
            canonical_text(slot.get("description")),
            canonical_link(slot.get("link")),
        )
        for slot in value or []
    ]


def same_text(one: Any, other: Any) -> bool:
    """Whether two texts differ at most in what the server normalises."""
    return bool(one == other) or canonical_text(one) == canonical_text(other)


def canonical_name(value: str | None) -> str:
    """The name of a board or section by which Pinterest tells it from others: as a text, and without regard to case."""
    return canonical_text(value).casefold()


def same_name(one: Any, other: Any) -> bool:
    """Whether Pinterest would call two board or section names the same."""
    return canonical_name(one) == canonical_name(other)


def same_link(one: Any, other: Any) -> bool:
    """Whether two links differ at most in what the server rewrites."""
    return bool(one == other) or canonical_link(one) == canonical_link(other)


def same_slots(one: Any, other: Any) -> bool:
    """Whether two lists of carousel slots hold the same texts in the same order."""
    return bool(one == other) or canonical_slots(one) == canonical_slots(other)


def same_exactly(one: Any, other: Any) -> bool:
    """Plain equality: for ids and closed vocabularies."""
    return bool(one == other)

"""Web addresses in content: what is wrong with them, and what to write instead."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

LINKS = ("http", "https")
PICTURES = ("https",)

_EXAMPLE = "Write it in full, such as https://example.com/pumpkin-soup."
_PLAIN = re.compile(r"(https?)://([a-z0-9-]+\.)+[a-z0-9-]+(/[A-Za-z0-9._~/?=&%+,;:-]*)?")
_HOST = re.compile(r"([\w-]+\.)+[\w-]+\.?\Z|localhost\Z")


def address_problem(text: str, schemes: tuple[str, ...]) -> tuple[str, str] | None:
    """The rest of a sentence that starts with the address, and advice; or None if the address is fine."""
    plain = _PLAIN.fullmatch(text)
    if plain and plain[1] in schemes:
        return None
    if any(character.isspace() for character in text):
        return "has white space in it", "Write %20 for a blank, and keep the address on one line."
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return "is not a web address", _EXAMPLE
    if parts.scheme not in schemes:
        return _scheme_problem(text, parts.scheme, schemes)
    if not host:
        return "has no host name", _EXAMPLE
    if "@" in parts.netloc:
        return "has a user name or password in it", "Leave out what stands before the @."
    if not _HOST.match(host) and ":" not in host:
        return f'has no valid host name ("{host[:40]}")', _EXAMPLE
    return None


def _scheme_problem(text: str, scheme: str, schemes: tuple[str, ...]) -> tuple[str, str]:
    wanted = " or ".join(schemes)
    if scheme == "http":
        return "is not https", "Pinterest fetches pictures by https: start it with https://, or save the file here."
    if not scheme and text.startswith("//"):
        return f"lacks its {wanted}:", "Write https: before it."
    if _HOST.match(re.split("[/:?#]", text)[0]):
        return f"lacks its {wanted}://", "Write https:// before it."
    return f"does not start with {wanted}://", _EXAMPLE

"""How text and links are changed before they are stored.

Pinterest stores something else than what it is sent; exactly what is not documented. The emulator does what bug reports
of other clients describe, so that whoever compares what was sent with what is read finds out here.
"""

from __future__ import annotations

import html
import re
import unicodedata
from urllib.parse import urlsplit, urlunsplit

_SPACES = re.compile(r"\s+")
_INVISIBLE = frozenset({"Cc", "Cs"})
_DEFAULT_PORTS = {"http": 80, "https": 443}


def text(sent: str | None, limit: int | None = None) -> str | None:
    """``sent`` as it is stored: entities unescaped, composed (NFC), control characters out, white space collapsed and
    stripped, cut at ``limit`` characters (composing can lengthen). Text of which nothing is left is no text: None."""
    if sent is None:
        return None
    composed = unicodedata.normalize("NFC", html.unescape(sent))
    spaced = _SPACES.sub(" ", composed)
    visible = "".join(char for char in spaced if unicodedata.category(char) not in _INVISIBLE)
    return _SPACES.sub(" ", visible).strip()[:limit].rstrip() or None


def link(sent: str | None) -> str | None:
    """``sent`` as it is stored: scheme and host in lower case, no default port, "/" for an empty path, no fragment.

    ValueError where it is not an http or https address with a host.
    """
    if sent is None or not sent.strip():
        return None
    parts = urlsplit(sent.strip())
    scheme = parts.scheme.lower()
    if scheme not in _DEFAULT_PORTS or not parts.hostname or re.search(r"[\s\x00-\x1f\x7f]", sent.strip()):
        raise ValueError("not an http or https address")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    if parts.port is not None and parts.port != _DEFAULT_PORTS[scheme]:
        host = f"{host}:{parts.port}"
    credentials, at, _ = parts.netloc.rpartition("@")
    stored = urlunsplit((scheme, f"{credentials}{at}{host}", parts.path or "/", parts.query, ""))
    return stored.encode("utf-8", "replace").decode("utf-8")


def folded(name: str) -> str:
    """The form of a name in which two of them count as the same."""
    return name.casefold()

"""Text from YAML and from the API is data in every output: nothing in it may act on a terminal, a page or a workflow."""

from __future__ import annotations

import html
import re

_LINE_BREAKS = "\u2028\u2029"
_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_UNSAFE = re.compile(f"[\x00-\x1f\x7f-\x9f{_LINE_BREAKS}{_BIDI}\ufeff\ud800-\udfff]")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|~>@:&$^=\"'/])")
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def terminal(text: str) -> str:
    """``text`` on one line, with control characters and direction marks made visible."""
    return _UNSAFE.sub(lambda found: _SHORT.get(found[0]) or f"\\u{ord(found[0]):04x}", text)


def markdown(text: str) -> str:
    """``text`` as plain words in Markdown: no markup, no HTML, no mention, no link."""
    safe = terminal(text).replace("<", "&lt;").replace(">", "&gt;")
    # "&lt;" must survive, so ampersands that start our own entities are left alone.
    parts = re.split(r"(&lt;|&gt;)", safe)
    return "".join(part if part in ("&lt;", "&gt;") else _MARKDOWN.sub(r"\\\1", part) for part in parts)


def page(text: str) -> str:
    """``text`` as plain words in HTML, in content and in quoted attributes alike."""
    return html.escape(terminal(text), quote=True)


def workflow(text: str) -> str:
    """``text`` as the message of a workflow command (GitHub's runner)."""
    return terminal(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def workflow_property(text: str) -> str:
    """``text`` as a property of a workflow command."""
    return workflow(text).replace(":", "%3A").replace(",", "%2C")

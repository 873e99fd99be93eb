"""Text from YAML and from the API is data in every output: nothing in it may act on a terminal, a page or a workflow."""

from __future__ import annotations

import html
import re

_LINE_BREAKS = "\u2028\u2029"
_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
# GitHub's runner also obeys "##[", wherever it stands in a line of a log.
_UNSAFE = re.compile(f"[\x00-\x1f\x7f-\x9f{_LINE_BREAKS}{_BIDI}\ufeff\ud800-\udfff]|(?<=#)#(?=\\[)")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|~>@:&$^=\"'/<])")
_ENTITIES = {"<": "&lt;", ">": "&gt;", "&": "&amp;"}
# GitHub looks for these in the words that are left when all markup was read, so that no backslash keeps it from them.
_LINKED_BY_GITHUB = re.compile(r"(@|#(?=\d)|:(?=//)|\bwww(?=\.)|\bgh-(?=\d))", re.IGNORECASE)
_NOTHING_WIDE = "\u200b"
# What a spreadsheet takes for a formula, also in the wide form, and behind blanks.
_FORMULA = re.compile(r"\s*[=+\-@|%\uff1d\uff0b\uff0d\uff20]")
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def terminal(text: str) -> str:
    """``text`` on one line, with control characters, direction marks and the start of a workflow command made visible.

    What is not written as it is becomes an escape that JSON knows too.
    """
    shown = _UNSAFE.sub(lambda found: _SHORT.get(found[0]) or f"\\u{ord(found[0]):04x}", text)
    words = shown.lstrip()
    # A line of a log that begins so is a command to GitHub's runner.
    return f"{shown[: -len(words)]}\\u003a{words[1:]}" if words.startswith("::") else shown


def markdown(text: str) -> str:
    """``text`` as plain words in Markdown: no markup, no HTML, no mention, no link."""
    inert = _LINKED_BY_GITHUB.sub(lambda found: f"{found[0]}{_NOTHING_WIDE}", terminal(text))
    return _MARKDOWN.sub(lambda found: _ENTITIES.get(found[0]) or f"\\{found[0]}", inert)


def page(text: str) -> str:
    """``text`` as plain words in HTML, in content and in quoted attributes alike."""
    return html.escape(terminal(text), quote=True)


def workflow(text: str) -> str:
    """``text`` as the message of a workflow command (GitHub's runner)."""
    return terminal(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def workflow_property(text: str) -> str:
    """``text`` as a property of a workflow command."""
    return workflow(text).replace(":", "%3A").replace(",", "%2C")


def spreadsheet(text: str) -> str:
    """``text`` as plain words in a cell of a spreadsheet: what would be a formula gets an apostrophe before it."""
    shown = terminal(text)
    return f"'{shown}" if _FORMULA.match(shown) else shown

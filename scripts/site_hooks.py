"""What the documentation site needs beyond Markdown, called by MkDocs."""

from __future__ import annotations

import re
from typing import Any

from mkdocs.exceptions import PluginError

REPOSITORY = "https://github.com/pinsync/pinsync"
_OUTSIDE = re.compile(r"(?<=\]\()(?:\.\./)+(?=[\w.])")
_FETCHED = re.compile(r"<(?:script|img|iframe|video|source)\b[^>]*\ssrc=[\"']?(?:https?:)?//|"
                      r"<link\b(?=[^>]*\brel=[\"']?(?:stylesheet|icon|pre))[^>]*\shref=[\"']?(?:https?:)?//")  # fmt: skip


def on_page_markdown(markdown: str, **_: Any) -> str:
    """The page with its links out of docs/ leading to the repository; on GitHub they work as they are."""
    return _OUTSIDE.sub(f"{REPOSITORY}/blob/main/", markdown)


def on_post_page(output: str, page: Any, **_: Any) -> str:
    """The page as it is. Raises PluginError where opening it would ask something of another host."""
    found = _FETCHED.search(output)
    if found:
        raise PluginError(f"{page.file.src_uri} fetches from elsewhere: {found[0]}")
    return output

"""What the documentation site needs beyond Markdown: links to files of the repository lead to where it is hosted."""

from __future__ import annotations

import re
from typing import Any

REPOSITORY = "https://github.com/pinsync/pinsync"
_OUTSIDE = re.compile(r"(?<=\]\()(?:\.\./)+(?=[\w.])")


def on_page_markdown(markdown: str, **_: Any) -> str:
    """The page with its links out of docs/ made absolute; on GitHub they work as they are."""
    return _OUTSIDE.sub(f"{REPOSITORY}/blob/main/", markdown)

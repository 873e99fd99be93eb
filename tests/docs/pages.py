"""The documentation as data: fenced blocks, headings and links of each page, read the way Markdown is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import unquote, urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).parents[2]
_MARKDOWN = MarkdownIt("commonmark").enable("table")


@dataclass(frozen=True)
class Block:
    """A fenced block: what stands behind the fence, the line it begins at, and its text."""

    language: str
    line: int
    text: str


@dataclass(frozen=True)
class Page:
    """One Markdown file of the repository."""

    path: Path

    @property
    def name(self) -> str:
        """Its path in the repository."""
        return self.path.relative_to(ROOT).as_posix()

    @cached_property
    def text(self) -> str:
        """All of it."""
        return self.path.read_text("utf-8")

    @cached_property
    def _tokens(self) -> list[Token]:
        return _MARKDOWN.parse(self.text)

    @property
    def blocks(self) -> list[Block]:
        """Its fenced blocks, in order."""
        return [
            Block(token.info.strip(), token.map[0] + 1 if token.map else 0, token.content)
            for token in self._tokens
            if token.type == "fence"
        ]

    @property
    def rows(self) -> Iterator[list[list[Token]]]:
        """The rows of its tables, each cell as the tokens of its text; headers are left out."""
        row: list[list[Token]] = []
        for before, token in zip(self._tokens, self._tokens[1:], strict=False):
            if before.type == "td_open":
                row.append(token.children or [])
            elif token.type == "tr_close" and row:
                yield row
                row = []

    @cached_property
    def anchors(self) -> set[str]:
        """What links within GitHub can point at: one for each heading."""
        anchors: set[str] = set()
        for token, following in zip(self._tokens, self._tokens[1:], strict=False):
            if token.type == "heading_open":
                text = "".join(
                    child.content for child in following.children or () if child.type in ("text", "code_inline")
                )
                slug = first = re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")
                number = 0
                while slug in anchors:
                    number += 1
                    slug = f"{first}-{number}"
                anchors.add(slug)
        return anchors

    @property
    def links(self) -> Iterator[str]:
        """The targets of its links and pictures."""
        for token in self._tokens:
            for child in token.children or ():
                target = child.attrs.get("href") or child.attrs.get("src")
                if target:
                    yield str(target)

    def broken(self, link: str) -> str:
        """What is wrong with a link of this page within the repository; empty where nothing is."""
        parts = urlsplit(link)
        if parts.scheme or parts.netloc:
            return ""
        target = (self.path.parent / unquote(parts.path)).resolve() if parts.path else self.path
        if not target.is_relative_to(ROOT):
            return "leads out of the repository"
        if not target.exists():
            return "there is no such file"
        if parts.fragment and target.suffix == ".md" and parts.fragment not in Page(target).anchors:
            return f"{target.name} has no such heading; it has {', '.join(sorted(Page(target).anchors))}"
        return ""


README = Page(ROOT / "README.md")
DOCS = [Page(path) for path in sorted((ROOT / "docs").glob("*.md"))]
OTHERS = [Page(ROOT / name) for name in ("CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")]
FROM_NOTHING = ("README.md", "docs/first-run.md")
"""Pages that begin with nothing; the others speak to people who have a content folder."""
EMULATOR = Page(ROOT / "docs" / "emulator.md")

"""Mistakes that people make in content, each with the place and the words that it is answered with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.world import BOARDS, picture

PIN = "board: soups\nimage: soup.jpg\n"
"""The beginning of a right pin: what a case adds to it starts in line 3."""

Files = Mapping[str, str | bytes]


@dataclass(frozen=True)
class Wrong:
    """Files that lie beside ``soup.jpg``, and all that is to be said about them: (place, words in the message, words in
    the advice), sorted. ``at_root`` cases need a content root of their own."""

    name: str
    files: Files
    problems: tuple[tuple[str, str, str], ...]
    at_root: bool = False

    @property
    def alone(self) -> bool:
        """Whether it would be another case beside others, as boards are, which share one set of keys."""
        return self.at_root or any("boards:" in str(content) for content in self.files.values())


def wrong(name: str, files: Files, *problems: tuple[str, str, str]) -> Wrong:
    """A case that may lie in a folder of a larger content root."""
    return Wrong(name, files, problems)


def wrong_root(name: str, files: Files, *problems: tuple[str, str, str]) -> Wrong:
    """A case that is about the content root as a whole."""
    return Wrong(name, files, problems, at_root=True)


def write(folder: Path, files: Files) -> Path:
    """Writes files, and the picture that is beside them all."""
    for name, content in {"soup.jpg": picture(), **files}.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def root(folder: Path, files: Files) -> Path:
    """A content root with the boards of :mod:`tests.world` and these files."""
    return write(folder, {"pinsync.yaml": "", "boards.yaml": BOARDS, **files})

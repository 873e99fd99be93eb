"""Finding the content root and the files below it that declare resources."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pinsync.content.problems import Problem
from pinsync.errors import UsageError

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

CONFIG = "pinsync.yaml"
DEFAULTS = "_defaults.yaml"
IGNORE = ".pinsyncignore"
SUFFIXES = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class Located:
    """What lies in a content root. Paths are relative to it, with slashes, sorted."""

    root: Path
    content: tuple[str, ...]
    defaults: tuple[str, ...]
    problems: tuple[Problem, ...]


def find_root(start: Path) -> Path:
    """The nearest folder at or above ``start`` that holds ``pinsync.yaml``.

    Raises UsageError when ``start`` does not exist or there is none.
    """
    if not start.exists():
        raise UsageError(f"{start} does not exist", "Name a folder that holds pinsync.yaml, or one below it.")
    here = start.resolve()
    for folder in (here, *here.parents):
        if (folder / CONFIG).is_file():
            return folder
    raise UsageError(
        f"no {CONFIG} in {here} or any folder above it",
        "Run `pinsync init` to start a content folder, or name one: `pinsync plan PATH`.",
    )


def locate(root: Path) -> Located:
    """All files below ``root`` that declare something.

    Hidden files and folders, what ``.pinsyncignore`` names and folders with a ``pinsync.yaml`` of their own (they are
    other content roots) are left out. Symbolic links are followed only where they stay inside the root.
    """
    ignored = _ignore_rules(root)
    content: list[str] = []
    defaults: list[str] = []
    problems: list[Problem] = []
    for path in _files(root, ignored):
        name = path.rpartition("/")[2]
        if not name.endswith(SUFFIXES):
            continue
        if not inside(root, root / path):
            problems.append(
                Problem(
                    path, 0, 0, "outside-root", "this link leads out of the content folder",
                    "Put the file itself here, or ignore it in .pinsyncignore.",
                )
            )  # fmt: skip
        elif name == DEFAULTS:
            defaults.append(path)
        elif name == "_defaults.yml":
            problems.append(Problem(path, 0, 0, "defaults-name", f"defaults are read from {DEFAULTS} only",
                                    f"Rename it to {DEFAULTS}."))  # fmt: skip
        elif path != CONFIG:
            content.append(path)
    return Located(root, tuple(sorted(content)), tuple(sorted(defaults)), tuple(problems))


def inside(root: Path, path: Path) -> bool:
    """Whether ``path``, every symbolic link resolved, lies in ``root``."""
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(root))


def address_path(path: str) -> str:
    """A file's part of an address: its path without extension, in composed Unicode."""
    stem = path.rpartition(".")[0]
    return stem if stem.isascii() else unicodedata.normalize("NFC", stem)


def _ignore_rules(root: Path) -> GitIgnoreSpec | None:
    file = root / IGNORE
    if not file.is_file():
        return None
    from pathspec import GitIgnoreSpec

    try:
        return GitIgnoreSpec.from_lines(file.read_text("utf-8").splitlines())
    except (UnicodeDecodeError, ValueError, OSError) as error:
        raise UsageError(f"{file}: cannot be read as gitignore rules: {error}") from error


def _files(root: Path, ignored: GitIgnoreSpec | None) -> Iterator[str]:
    pending = [""]
    while pending:
        folder = pending.pop()
        with os.scandir(root / folder) as entries:
            for entry in entries:
                if entry.name.startswith("."):
                    continue
                path = f"{folder}{entry.name}"
                if entry.is_dir(follow_symlinks=False):
                    below = f"{path}/"
                    if (ignored and ignored.match_file(below)) or Path(entry.path, CONFIG).is_file():
                        continue
                    pending.append(below)
                elif not (ignored and ignored.match_file(path)):
                    yield path

"""Finding the content root and the files below it that declare resources."""

from __future__ import annotations

import os
import stat
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pinsync.content.decoding import read_regular
from pinsync.content.problems import Problem
from pinsync.errors import UsageError

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

CONFIG = "pinsync.yaml"
DEFAULTS = "_defaults.yaml"
IGNORE = ".pinsyncignore"
SUFFIXES = (".yaml", ".yml")
_MISNAMED = {name.replace(".yaml", ".yml"): name for name in (CONFIG, DEFAULTS)}
OUTSIDE = "this link leads out of the content folder"


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
    if not is_file(start) and not is_folder(start):
        raise UsageError(f"{start} does not exist", "Name a folder that holds pinsync.yaml, or one below it.")
    here = start.resolve()
    for folder in (here, *here.parents):
        if is_file(folder / CONFIG):
            return folder
    raise UsageError(
        f"no {CONFIG} in {here} or any folder above it",
        "Run `pinsync init` to start a content folder (`pinsync init --bare` for an empty one), or name one: `pinsync plan PATH`.",
    )


def locate(root: Path) -> Located:
    """All files below ``root`` that declare something.

    Hidden files and folders, what ``.pinsyncignore`` names and folders with a ``pinsync.yaml`` of their own (they are
    other content roots) are left out. Symbolic links are followed only where they stay inside the root.
    """
    content: list[str] = []
    defaults: list[str] = []
    problems: list[Problem] = []
    for path, is_link in _files(root, ignore_rules(root, problems), problems):
        name = path.rpartition("/")[2]
        if not name.endswith(SUFFIXES) or path == CONFIG:
            continue
        problem = _unusable(root, path, name, is_link)
        if problem:
            problems.append(problem)
        elif name == DEFAULTS:
            defaults.append(path)
        else:
            content.append(path)
    return Located(root, tuple(sorted(content)), tuple(sorted(defaults)), tuple(problems))


def all_files(root: Path) -> Iterator[str]:
    """The paths of all files below ``root``, of whatever kind, that are neither hidden nor ignored nor of another root."""
    return (path for path, _ in _files(root, ignore_rules(root, []), []))


def _unusable(root: Path, path: str, name: str, is_link: bool) -> Problem | None:
    meant = _MISNAMED.get(name)
    if meant:
        message = f"the file must be called {meant} for pinsync to read it"
        return Problem(path, 0, 0, "file-name", message, f"Rename it to {meant}.")
    # No folder on the way is a link: those are not gone into.
    if is_link and not inside(root, root / path):
        return Problem(path, 0, 0, "outside-root", OUTSIDE, "Put the file itself here, or ignore it in .pinsyncignore.")
    try:
        path.encode()
    except UnicodeEncodeError:
        return Problem(
            path, 0, 0, "file-name", "the name of the file or of a folder above it is not UTF-8", "Rename it."
        )
    return None


def inside(root: Path, path: Path) -> bool:
    """Whether ``path``, every symbolic link resolved, is or lies in ``root``, which has none."""
    try:
        real = os.path.realpath(path)
    except ValueError:  # no path at all, such as one with a null character
        return False
    return f"{real}{os.sep}".startswith(f"{str(root).rstrip(os.sep)}{os.sep}")


class Lookout:
    """Where paths below a root lead, every symbolic link resolved. Each folder is resolved once."""

    def __init__(self, root: Path) -> None:
        """``root`` has no links in it."""
        self._root = f"{str(root).rstrip(os.sep)}{os.sep}"
        self._folders: dict[str, str] = {}

    def look(self, path: str) -> tuple[str, os.stat_result | None] | None:
        """Where ``path`` leads, relative to the root with slashes, and what is there, if anything; None where that is outside
        the root."""
        full = f"{self._root}{path}"
        folder, _, name = path.rpartition("/")
        status = _status(os.lstat, full)
        if status is None or stat.S_ISLNK(status.st_mode) or name in ("", ".", ".."):
            try:
                real = os.path.realpath(full)
            except ValueError:  # no path at all, such as one with a null character
                return None
            status = _status(os.stat, real)
        else:
            known = self._folders.get(folder)
            if known is None:
                known = self._folders[folder] = os.path.realpath(f"{self._root}{folder}")
            real = f"{known.rstrip(os.sep)}{os.sep}{name}"
        if not f"{real}{os.sep}".startswith(self._root):
            return None
        return real[len(self._root) :].replace(os.sep, "/"), status


def _status(look: Callable[[str], os.stat_result], path: str) -> os.stat_result | None:
    try:
        return look(path)
    except (OSError, ValueError):
        return None


def is_file(path: Path) -> bool:
    """Whether this is a regular file. Unlike Path.is_file, False also for names too long and folders not to be entered."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def is_folder(path: Path) -> bool:
    """Whether this is a folder, in the same way."""
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def address_path(path: str) -> str:
    """A file's part of an address: its path without extension, in composed Unicode."""
    stem = path.rpartition(".")[0]
    return stem if stem.isascii() else unicodedata.normalize("NFC", stem)


def ignore_rules(root: Path, problems: list[Problem]) -> GitIgnoreSpec | None:
    """The rules of ``.pinsyncignore``, if there is one; what is wrong in it goes to ``problems``."""
    file = root / IGNORE
    if not os.path.lexists(file):
        return None
    from pathspec import GitIgnoreSpec

    try:
        lines = read_regular(file).decode("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        problems.append(Problem(IGNORE, 0, 0, "unreadable", f"cannot be read: {reason}", "Correct or remove it."))
        return None
    rules: list[str] = []
    for number, line in enumerate(lines, 1):
        try:
            GitIgnoreSpec.from_lines([line])
        except ValueError:
            problems.append(
                Problem(
                    IGNORE,
                    number,
                    1,
                    "ignore-rule",
                    "this is no rule in gitignore syntax",
                    "Correct or remove it.",
                    line,
                )
            )
        else:
            rules.append(line)
    return GitIgnoreSpec.from_lines(rules)


def _files(root: Path, ignored: GitIgnoreSpec | None, problems: list[Problem]) -> Iterator[tuple[str, bool]]:
    """Every file that is not ignored, and whether it is a symbolic link."""
    pending = [""]
    while pending:
        folder = pending.pop()
        try:
            with os.scandir(root / folder) as found:
                entries = list(found)
        except OSError as error:
            problems.append(Problem(folder, 0, 0, "unreadable", f"the folder cannot be read: {error.strerror}",
                                    "Correct its permissions, or ignore it in .pinsyncignore."))  # fmt: skip
            continue
        for entry in entries:
            if entry.name.startswith("."):
                continue
            path = f"{folder}{entry.name}"
            if entry.is_dir(follow_symlinks=False):
                below = f"{path}/"
                if not (ignored and ignored.match_file(below)) and not is_file(root / path / CONFIG):
                    pending.append(below)
            elif not (ignored and ignored.match_file(path)):
                yield path, entry.is_symlink()

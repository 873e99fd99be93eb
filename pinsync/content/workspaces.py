"""The content roots of a repository, each with its own state, account and limits."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from pinsync.content.locating import CONFIG
from pinsync.content.problems import Problem
from pinsync.content.settings import Settings, load_settings
from pinsync.errors import UsageError

_NOT_CONTENT = frozenset(("node_modules", "__pycache__", "venv"))


@dataclass(frozen=True, slots=True)
class Workspace:
    """One content root. ``path`` is relative to where it was looked for, with slashes; ``.`` is that folder itself."""

    path: str
    settings: Settings
    problems: tuple[Problem, ...]


def find_workspaces(start: Path) -> list[Workspace]:
    """All content roots at or below ``start``, by path. Hidden folders and links are not entered.

    Raises UsageError where there is no such folder.
    """
    if not start.is_dir():
        raise UsageError(f"{start} is not a folder", "Name the folder in which the content folders are.")
    found: list[Workspace] = []
    for folder, names, files in os.walk(start):
        names[:] = sorted(name for name in names if not name.startswith(".") and name not in _NOT_CONTENT)
        if CONFIG in files:
            settings, problems = load_settings(Path(folder).resolve())
            found.append(Workspace(Path(folder).relative_to(start).as_posix(), settings, tuple(problems)))
    return sorted(found, key=lambda workspace: workspace.path)


def touched(workspaces: Iterable[Workspace], changed: Iterable[str]) -> list[Workspace]:
    """Those in which one of the ``changed`` files lies, paths like theirs. A file belongs to the nearest root above it."""
    by_path = {workspace.path: workspace for workspace in workspaces}
    hit: set[str] = set()
    for file in changed:
        nearest = next((str(folder) for folder in PurePosixPath(file).parents if str(folder) in by_path), None)
        if nearest is not None:
            hit.add(nearest)
    return [workspace for path, workspace in by_path.items() if path in hit]


def changed_files(start: Path, since: str) -> list[str]:
    """The files below ``start`` that differ from where the present branch left ``since``, committed or not, relative to it.

    Raises UsageError where git does not know.
    """
    commit = _git(start, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{since}^{{commit}}").strip()
    base = _git(start, "merge-base", commit, "HEAD").strip()
    tracked = _git(start, "diff", "--name-only", "--no-renames", "--relative", "-z", base, "--", ".")
    untracked = _git(start, "ls-files", "--others", "--exclude-standard", "-z", "--", ".")
    return sorted({*tracked.split("\0"), *untracked.split("\0")} - {""})


def _git(folder: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - no shell, and nothing that could be taken for an option
            ["git", "-C", str(folder), *arguments],  # noqa: S607
            capture_output=True,
            check=True,
        )
    except FileNotFoundError as error:
        raise UsageError("git is not installed", "--changed-since needs it.") from error
    except subprocess.CalledProcessError as error:
        told = error.stderr.decode(errors="replace").strip()
        raise UsageError(
            f"git cannot tell what changed: {told or 'it does not know that revision'}",
            "Name a branch, tag or commit that was fetched; in CI fetch the whole history (`fetch-depth: 0`).",
        ) from error
    return done.stdout.decode(errors="surrogateescape")

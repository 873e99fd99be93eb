"""What a run knows of where it runs: the variables and the event that GitHub Actions gives to it.

Source: GitHub's documentation, "Store information in variables" and "Events that trigger workflows".
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pinsync.errors import UsageError

_LARGEST_EVENT = 30_000_000  # bytes; GitHub's own limit is 25 MB


@dataclass(frozen=True, slots=True)
class Surroundings:
    """One run. ``repository`` is ``owner/name``, ``sha`` the commit that is checked out, ``run_url`` where people see the run.

    ``pull_request`` is the number of the one that triggered the run, 0 where none did; ``head`` is its last commit, ``fork`` says
    that it comes from another repository, so that there are no secrets and nothing can be written. ``workspace`` is the
    checkout. ``summary`` and ``output`` are files that Actions reads, where given.
    """

    repository: str
    sha: str
    run_url: str
    pull_request: int
    head: str
    fork: bool
    workspace: Path
    server: str
    summary: Path | None = None
    output: Path | None = None

    def raw(self, file: Path) -> str:
        """The address at which people who may see the repository see a file of the checkout; empty for one outside."""
        from urllib.parse import quote

        try:
            path = file.resolve().relative_to(self.workspace.resolve())
        except ValueError:
            return ""
        return f"{self.server}/{self.repository}/raw/{self.head}/{quote(path.as_posix())}"


def surroundings(environ: Mapping[str, str]) -> Surroundings:
    """The run that these variables describe. Raises UsageError where they are none of GitHub Actions."""
    missing = [name for name in ("GITHUB_REPOSITORY", "GITHUB_SHA") if not environ.get(name)]
    if missing:
        raise UsageError(f"{missing[0]} is not set", "These commands are for GitHub Actions, which sets it.")
    repository, server = environ["GITHUB_REPOSITORY"], environ.get("GITHUB_SERVER_URL", "https://github.com")
    pull = _mapping(_event(environ).get("pull_request"))
    head = _mapping(pull.get("head"))
    number = pull.get("number")
    number = number if isinstance(number, int) and not isinstance(number, bool) else 0
    run = environ.get("GITHUB_RUN_ID", "")
    return Surroundings(
        repository=repository,
        sha=environ["GITHUB_SHA"],
        run_url=f"{server}/{repository}/actions/runs/{run}" if run.isdigit() else "",
        pull_request=number,
        head=str(head.get("sha") or environ["GITHUB_SHA"]),
        fork=bool(number) and _mapping(head.get("repo")).get("full_name") != repository,
        workspace=Path(environ.get("GITHUB_WORKSPACE") or os.curdir),
        server=server,
        summary=_file(environ, "GITHUB_STEP_SUMMARY"),
        output=_file(environ, "GITHUB_OUTPUT"),
    )


def _event(environ: Mapping[str, str]) -> Mapping[str, Any]:
    file = _file(environ, "GITHUB_EVENT_PATH")
    try:
        if file is None or file.stat().st_size > _LARGEST_EVENT:
            return {}
        return _mapping(json.loads(file.read_text("utf-8")))
    except (OSError, ValueError, RecursionError):
        return {}


def _file(environ: Mapping[str, str], name: str) -> Path | None:
    return Path(environ[name]) if environ.get(name) else None


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}

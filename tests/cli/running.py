"""Runs pinsync as its users do: as a process."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Ran:
    """What a process printed and how it ended."""

    code: int
    out: str
    err: str


def pinsync(*arguments: str, cwd: Path, environ: Mapping[str, str] | None = None) -> Ran:
    """Runs ``pinsync`` with these arguments in this folder; nothing of PINSYNC_* or PINTEREST_* is inherited."""
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(("PINSYNC_", "PINTEREST_"))}
    done = subprocess.run(
        [sys.executable, "-m", "pinsync", *arguments],
        cwd=cwd,
        env={
            **inherited,
            "XDG_STATE_HOME": str(cwd.parent / f".state-{cwd.name}"),
            "PINSYNC_ACCOUNTS": str(cwd.resolve() / ".accounts"),
            **(environ or {}),
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)

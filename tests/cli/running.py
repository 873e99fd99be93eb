"""Runs pinsync as its users do: in this process, as starting one costs more than most commands do, or in one of its own."""

from __future__ import annotations

import io
import logging
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from pinsync.cli import main


@dataclass(frozen=True)
class Ran:
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str


def _environment(cwd: Path, environ: Mapping[str, str] | None) -> dict[str, str]:
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(("PINSYNC_", "PINTEREST_"))}
    return {
        **inherited,
        "XDG_STATE_HOME": str(cwd.parent / f".state-{cwd.name}"),
        "PINSYNC_ACCOUNTS": str(cwd.resolve() / ".accounts"),
        **(environ or {}),
    }


class _Typed(io.StringIO):
    """What somebody types at a terminal."""

    def isatty(self) -> bool:
        return True


def pinsync(*arguments: str, cwd: Path, environ: Mapping[str, str] | None = None, typed: str = "") -> Ran:
    """Runs ``pinsync`` with these arguments in this folder; nothing of PINSYNC_* or PINTEREST_* is inherited. Where
    something is ``typed`` the input is a terminal."""
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    logger = logging.getLogger("pinsync")
    before = logger.level
    code: object = 0
    with (
        chdir(cwd),
        patch.dict(os.environ, _environment(cwd, environ), clear=True),
        patch.object(sys, "argv", ["pinsync", *arguments]),
        patch.object(sys, "stdin", _Typed(typed) if typed else io.StringIO()),
        patch.object(logger, "handlers", []),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        try:
            main()
        except SystemExit as end:
            code = end.code
        finally:
            logger.setLevel(before)
    said, complained = (stream.buffer.getvalue().decode() for stream in (out, err))  # type: ignore[attr-defined]
    return Ran(code if isinstance(code, int) else int(code is not None), said, complained)


def process(*arguments: str, cwd: Path, environ: Mapping[str, str] | None = None) -> Ran:
    """The same in a process of its own, for what only a process can show."""
    done = subprocess.run(
        [sys.executable, "-m", "pinsync", *arguments],
        cwd=cwd,
        env=_environment(cwd, environ),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)

"""The outputs of a step, and the summary of a job: files that GitHub Actions reads."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from pathlib import Path

from pinsync.errors import UsageError


def append_outputs(file: Path | None, values: Mapping[str, str]) -> None:
    """Adds outputs. A value may have any text and lines: what ends it cannot be guessed. Raises UsageError."""
    lines: list[str] = []
    for name, value in values.items():
        end = f"pinsync-{secrets.token_hex(16)}"
        lines.append(f"{name}<<{end}\n{value}\n{end}\n")
    _append(file, "".join(lines), "GITHUB_OUTPUT")


def append_summary(file: Path | None, text: str) -> None:
    """Adds Markdown to the summary of the job. Raises UsageError."""
    _append(file, f"{text}\n", "GITHUB_STEP_SUMMARY")


def _append(file: Path | None, text: str, name: str) -> None:
    if file is None:
        return
    try:
        with file.open("a", encoding="utf-8") as stream:
            stream.write(text)
    except OSError as error:
        raise UsageError(
            f"{file} cannot be written: {error.strerror}", f"GitHub Actions names it in {name}."
        ) from error

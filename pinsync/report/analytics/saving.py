"""A report in a file."""

from __future__ import annotations

import os
from pathlib import Path

from pinsync.errors import UsageError

ENDINGS = {".csv": "csv", ".json": "json", ".html": "html", ".htm": "html"}
"""The format that the name of a file asks for; a table for all others."""


def save(text: str, file: Path) -> None:
    """Writes a report, over an older one. Raises UsageError where it cannot be written, or would be taken for content."""
    if file.suffix in (".yaml", ".yml"):
        raise UsageError(f"{file} would be taken for content", "Give it another ending, such as .csv or .html.")
    temporary = file.with_name(f"{file.name}.{os.getpid()}.tmp")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        try:
            temporary.write_text(text, "utf-8", newline="")
            temporary.replace(file)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror}", "Choose another --out.") from error

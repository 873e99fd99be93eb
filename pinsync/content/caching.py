"""Small files that remember what can be found out again: they may be deleted, and a damaged or foreign one is ignored."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pinsync.content.decoding import read_regular

CACHE = Path(".pinsync") / "cache"
"""Where they are kept, relative to the content root."""

# Within this many nanoseconds of its last change a file may change again without a new time stamp.
_RACY = 2_000_000_000


def stamp_of(status: os.stat_result) -> list[int]:
    """What tells that a file changed: its size, the times of its last changes in nanoseconds, and its inode."""
    return [status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino]


def is_settled(stamp: list[int], now: int) -> bool:
    """Whether a file that was read by ``now`` (nanoseconds) cannot change without another stamp."""
    return now - max(stamp[1:3]) > _RACY


def read_cache(file: Path, version: str, name: str) -> dict[str, Any]:
    """The entries called ``name`` as they were written; none where the file is of another version or not to be read."""
    try:
        document = json.loads(read_regular(file))
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(document, dict) or document.get("version") != version:
        return {}
    entries = document.get(name)
    return entries if isinstance(entries, dict) else {}


def write_cache(file: Path, version: str, name: str, entries: Mapping[str, Any]) -> None:
    """Replaces the file, as :func:`replace_file` does."""
    replace_file(file, json.dumps({"version": version, name: entries}, separators=(",", ":")).encode())


def replace_file(file: Path, data: bytes) -> None:
    """Replaces a file that remembers. A folder that cannot be written is no error: the next run is slower."""
    temporary = file.with_name(f"{file.name}.{os.getpid()}.tmp")
    with contextlib.suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            temporary.write_bytes(data)
            temporary.replace(file)
        finally:
            temporary.unlink(missing_ok=True)

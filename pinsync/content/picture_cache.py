"""What is known about pictures that did not change since they were last decoded.

A cache and nothing more: it can be deleted at any time, and a damaged or foreign one is ignored.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pinsync.content.pictures import probe
from pinsync.model.resource import Image

_VERSION = 1
# Within this many nanoseconds of its last change a file may change again without a new time stamp.
_RACY = 2_000_000_000


class PictureCache:
    """Probes pictures, remembering by path, size, modification time and inode. ``file`` None keeps nothing."""

    def __init__(self, file: Path | None, now: Callable[[], int] = time.time_ns) -> None:
        self._file = file
        self._now = now
        self._known = _load(file)
        self._used: dict[str, list[Any]] = {}

    def probe(self, source: str, path: Path) -> Image:
        """As :func:`pinsync.content.pictures.probe`, which see for errors."""
        status = path.stat()
        stamp = [status.st_size, status.st_mtime_ns, status.st_ino]
        entry = self._known.get(source)
        image = Image(**entry[3]) if entry and entry[:3] == stamp else probe(source, path)
        if self._now() - status.st_mtime_ns > _RACY:
            self._used[source] = entry if entry and entry[:3] == stamp else [*stamp, asdict(image)]
        return image

    def save(self) -> None:
        """Writes what was used since loading. A folder that cannot be written is no error: the next run is slower."""
        if self._file is None or self._used == self._known:
            return
        text = json.dumps({"version": _VERSION, "pictures": self._used}, separators=(",", ":"))
        temporary = self._file.with_name(f"{self._file.name}.{os.getpid()}.tmp")
        with contextlib.suppress(OSError):
            self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            temporary.write_text(text, "utf-8")
            temporary.replace(self._file)


def _load(file: Path | None) -> dict[str, list[Any]]:
    if file is None:
        return {}
    try:
        document = json.loads(file.read_text("utf-8"))
        if document["version"] != _VERSION:
            return {}
        pictures: dict[str, list[Any]] = document["pictures"]
        for entry in pictures.values():
            Image(**entry[3])
    except (OSError, ValueError, KeyError, TypeError, IndexError):
        return {}
    return pictures

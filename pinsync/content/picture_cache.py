"""What is known about pictures that did not change since they were last decoded.

A cache and nothing more: it can be deleted at any time, and a damaged or foreign one is ignored.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Callable
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from PIL import __version__ as pillow_version

from pinsync.content.decoding import read_regular
from pinsync.content.pictures import PictureProblem, probe
from pinsync.model.resource import Image

# Another Pillow may decode more, less or otherwise.
_VERSION = f"2 {pillow_version}"
# Within this many nanoseconds of its last change a file may change again without a new time stamp.
_RACY = 2_000_000_000

_EMPTY = Image("")
_TYPES = {field.name: type(getattr(_EMPTY, field.name)) if field.name != "sha256" else str for field in fields(_EMPTY)}


class PictureCache:
    """Probes pictures, remembering by path, size, times of change and inode. ``file`` None keeps nothing."""

    def __init__(self, file: Path | None, now: Callable[[], int] = time.time_ns) -> None:
        self._file = file
        self._now = now
        self._known = _load(file) if file else {}
        self._used: dict[str, list[Any]] = {}

    def probe(self, source: str, path: Path) -> Image:
        """As :func:`pinsync.content.pictures.probe`, which see for errors."""
        try:
            status = path.stat()
        except OSError as error:
            raise PictureProblem("unreadable-media", f"cannot be read: {error.strerror}") from error
        stamp = [status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino]
        entry = self._known.get(source)
        hit = entry is not None and entry[:-1] == stamp
        image = Image(**entry[-1]) if entry and hit else probe(source, path)
        if self._now() - max(status.st_mtime_ns, status.st_ctime_ns) > _RACY:
            self._used[source] = [*stamp, asdict(image)]
        return image

    def save(self) -> None:
        """Writes what was used since loading. A folder that cannot be written is no error: the next run is slower."""
        if self._file is None or self._used == self._known:
            return
        text = json.dumps({"version": _VERSION, "pictures": self._used}, separators=(",", ":"))
        temporary = self._file.with_name(f"{self._file.name}.{os.getpid()}.tmp")
        with contextlib.suppress(OSError):
            self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            try:
                temporary.write_text(text, "utf-8")
                temporary.replace(self._file)
            finally:
                temporary.unlink(missing_ok=True)


def _load(file: Path) -> dict[str, list[Any]]:
    try:
        document = json.loads(read_regular(file))
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(document, dict) or document.get("version") != _VERSION:
        return {}
    pictures = document.get("pictures")
    return {
        source: entry
        for source, entry in (pictures.items() if isinstance(pictures, dict) else ())
        if isinstance(entry, list) and entry and _is_image(entry[-1], source)
    }


def _is_image(value: Any, source: str) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() == _TYPES.keys()
        and all(type(value[name]) is kind for name, kind in _TYPES.items())
        and value["source"] == source
    )

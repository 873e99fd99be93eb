"""What is known about pictures that did not change since they were last decoded."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from PIL import __version__ as pillow_version

from pinsync.content.caching import read_cache, write_cache
from pinsync.content.looks import is_look
from pinsync.content.pictures import PictureProblem, probe
from pinsync.model.resource import Image

# Another Pillow may decode more, less or otherwise.
_VERSION = f"3 {pillow_version}"
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
        """Writes what was used since loading, if it can be written."""
        if self._file is None or self._used == self._known:
            return
        write_cache(self._file, _VERSION, "pictures", self._used)


def _load(file: Path) -> dict[str, list[Any]]:
    return {
        source: entry
        for source, entry in read_cache(file, _VERSION, "pictures").items()
        if isinstance(entry, list) and entry and _is_image(entry[-1], source)
    }


def _is_image(value: Any, source: str) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() == _TYPES.keys()
        and all(type(value[name]) is kind for name, kind in _TYPES.items())
        and value["source"] == source
        and is_look(value["look"])
    )

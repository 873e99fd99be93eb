"""What is known about pictures and videos that did not change since they were last looked at."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

from PIL import __version__ as pillow_version

from pinsync.content import pictures, videos
from pinsync.content.caching import is_settled, read_cache, stamp_of, write_cache
from pinsync.content.looks import is_look
from pinsync.content.problems import MediaProblem
from pinsync.model.resource import Image, Video, file_stamp

Media = TypeVar("Media", Image, Video)

# Another Pillow may decode more, less or otherwise.
_VERSION = f"4 {pillow_version}"


class MediaCache:
    """Probes media, remembering by path, size, times of change and inode. ``file`` None keeps nothing. ``watch`` is told how
    reading a video gets on."""

    def __init__(
        self,
        file: Path | None,
        now: Callable[[], int] = time.time_ns,
        watch: videos.Watch = videos.unwatched,
    ) -> None:
        self._file = file
        self._watch = watch
        self._now = now
        self._known = read_cache(file, _VERSION, "media") if file else {}
        self._used: dict[str, list[Any]] = {}

    def picture(self, source: str, path: Path | str, status: os.stat_result | None = None) -> Image:
        """As :func:`pinsync.content.pictures.probe`, which see for errors. ``status`` is that of the file, if it is at hand."""
        return self._look(Image, source, path, status, lambda: pictures.probe(source, Path(path)))

    def video(self, source: str, path: Path | str, status: os.stat_result | None = None) -> Video:
        """As :func:`pinsync.content.videos.probe`, in the same way."""
        found = self._look(Video, source, path, status, lambda: videos.probe(source, Path(path), self._watch))
        return replace(found, stamp=file_stamp(status or os.stat(path)))  # noqa: PTH116 - it may be a text

    def save(self) -> None:
        """Writes what was used since loading, if it can be written."""
        if self._file is None or self._used == self._known:
            return
        write_cache(self._file, _VERSION, "media", self._used)

    def _look(
        self,
        kind: type[Media],
        source: str,
        path: Path | str,
        status: os.stat_result | None,
        probe: Callable[[], Media],
    ) -> Media:
        try:
            stamp: list[Any] = stamp_of(status or Path(path).stat())
        except OSError as error:
            raise MediaProblem("unreadable-media", f"cannot be read: {error.strerror}") from error
        key = f"{kind.__name__} {source}"
        entry = self._known.get(key)
        if isinstance(entry, list) and entry[:-1] == stamp and _is_known(entry[-1], kind, source):
            found = kind(**entry[-1])
        else:
            found = probe()
            entry = [*stamp, asdict(found)]
        if is_settled(stamp, self._now()):
            self._used[key] = entry
        return found


def _types(kind: type[Image | Video]) -> tuple[list[str], list[type]]:
    """The fields of what is remembered, and of which type each is, in their order."""
    hints = get_type_hints(kind)
    # Only what is remembered has no hash: a local file always has one.
    names = [field.name for field in fields(kind)]
    return names, [hints[name] if name != "sha256" else str for name in names]


_TYPES = {kind: _types(kind) for kind in (Image, Video)}


def _is_known(value: Any, kind: type[Image | Video], source: str) -> bool:
    names, types = _TYPES[kind]
    return (
        isinstance(value, dict)
        and [*value] == names
        and [*map(type, value.values())] == types
        and value["source"] == source
        and is_look(value.get("look", ""))
    )

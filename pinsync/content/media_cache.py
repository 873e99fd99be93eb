"""What is known about pictures and videos that did not change since they were last looked at."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, NamedTuple, TypeVar, get_type_hints

from PIL import __version__ as pillow_version

from pinsync.content import pictures, videos
from pinsync.content.caching import is_settled, read_cache, stamp_of, write_cache
from pinsync.content.looks import is_look
from pinsync.content.problems import MediaProblem
from pinsync.content.watching import Watch, unwatched
from pinsync.model.resource import Image, Video, file_stamp

Media = TypeVar("Media", Image, Video)


class MediaCache:
    """Probes media, remembering by path, size, times of change and inode. ``file`` None keeps nothing. ``watch`` is told how
    reading a video gets on."""

    def __init__(
        self,
        file: Path | None,
        now: Callable[[], int] = time.time_ns,
        watch: Watch = unwatched,
    ) -> None:
        self._file = file
        self._watch = watch
        self._now = now
        self._known = read_cache(file, _VERSION, "media") if file else {}
        self._used: dict[str, list[Any]] = {}
        self._noted: dict[str, list[Any]] = {}
        self._taken: dict[str, list[Any]] = {}
        self.spent = 0.0
        """Seconds that looking at media took."""

    def picture(self, source: str, path: Path | str, status: os.stat_result | None = None) -> Image:
        """As :func:`pinsync.content.pictures.probe`, which see for errors. ``status`` is that of the file, if it is at hand."""
        return self._look(Image, source, path, status, lambda: pictures.probe(source, Path(path)))

    def video(self, source: str, path: Path | str, status: os.stat_result | None = None) -> Video:
        """As :func:`pinsync.content.videos.probe`, in the same way."""
        found = self._look(Video, source, path, status, lambda: videos.probe(source, Path(path), self._watch))
        return replace(found, stamp=file_stamp(status or os.stat(path)))  # noqa: PTH116 - it may be a text

    def noted(self) -> dict[str, list[Any]]:
        """What was found out since this was asked last, for the :meth:`take` of another process's."""
        noted, self._noted = self._noted, {}
        return noted

    def take(self, noted: dict[str, list[Any]]) -> None:
        """Goes by what another process noted."""
        self._taken |= noted

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
        # By when it was asked and not by when it was answered: what changes meanwhile may look as before.
        settled = is_settled(stamp, self._now())
        entry = self._taken.get(key) or self._known.get(key)
        if isinstance(entry, list) and entry[: len(stamp)] == stamp and _is_known(entry[len(stamp) :], kind, source):
            found: Media = kind(*entry[len(stamp) :])
        else:
            began = time.perf_counter()
            found = probe()
            self.spent += time.perf_counter() - began
            entry = [*stamp, *(getattr(found, field.name) for field in fields(kind))]
            if settled:
                self._noted[key] = entry
        if settled:
            self._used[key] = entry
        return found


class _Form(NamedTuple):
    """The fields of what is remembered, of which type each is, in their order, and where the source is, and the look, if it has
    one."""

    names: list[str]
    types: list[type]
    source: int
    look: int | None


def _form(kind: type[Image | Video]) -> _Form:
    hints = get_type_hints(kind)
    names = [field.name for field in fields(kind)]
    # Only what is remembered has no hash: a local file always has one.
    types = [hints[name] if name != "sha256" else str for name in names]
    return _Form(names, types, names.index("source"), names.index("look") if "look" in names else None)


_FORMS: dict[type[Image | Video], _Form] = {kind: _form(kind) for kind in (Image, Video)}

# Values are kept without the names of their fields, and another Pillow may decode more, less or otherwise.
_VERSION = f"5 {pillow_version} {' '.join(name for form in _FORMS.values() for name in form.names)}"


def _is_known(values: list[Any], kind: type[Image | Video], source: str) -> bool:
    form = _FORMS[kind]
    return (
        [*map(type, values)] == form.types
        and values[form.source] == source
        and (form.look is None or is_look(values[form.look]))
    )

"""What the YAML files of a content root came to that did not change since they were last read, and had nothing wrong in them.

It is kept with the user and not in the content folder: a folder may come from anybody, and must not be able to say of its
own files what is in them.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from platformdirs import user_cache_path

from pinsync import __version__
from pinsync.content.caching import is_settled, replace_file, stamp_of
from pinsync.content.decoding import read_regular
from pinsync.content.documents import Document, Mark
from pinsync.content.documents import Path as Place
from pinsync.model.schemas import build

# Another pinsync may find other mistakes in the same file.
_FORMAT = f"1 {__version__}"
_NESTED = (dict, list)
_KEPT = 30 * 86_400
"""Seconds after which what was remembered of a root is deleted: the root may be gone."""


@dataclass(frozen=True, slots=True)
class Known:
    """A file without mistakes: the schema that it conforms to, its value, and where each mapping in it stands. ``settled`` says of
    one that has to be read that it can be remembered by its stamp."""

    stamp: list[int]
    schema: str = ""
    value: Any = None
    marks: tuple[Mark, ...] = ()
    settled: bool = True


_UNKNOWN = Known([])


class Memory:
    """The files of one root. ``file`` None keeps nothing."""

    def __init__(self, root: Path, file: Path | None, now: Callable[[], int] = time.time_ns) -> None:
        self._root = f"{root}{os.sep}"
        self._file = file
        self._now = now
        self._version = f"{_FORMAT} {_digest(json.dumps(build()).encode())}"
        self._known = _read(file, self._version) if file else {}
        self._used: dict[str, list[Any]] = {}
        self._is_new = False

    def find(self, file: str) -> Known | None:
        """What is known of a file, without a schema where it has to be read; None where it cannot be. A file that was found as it
        was stays so."""
        found = self._used.get(file)
        if found:
            return Known(*found)
        try:
            stamp = stamp_of(os.stat(f"{self._root}{file}"))  # noqa: PTH116
        except (OSError, ValueError):
            return None
        entry = self._known.get(file)
        if entry is None or entry[0] != stamp:
            return Known(stamp, settled=is_settled(stamp, self._now()))
        self._used[file] = entry
        return Known(*entry)

    def is_new(self, file: str) -> bool:
        """Whether a file has to be read, and would be remembered."""
        return self._file is not None and not (self.find(file) or _UNKNOWN).schema

    @property
    def noted(self) -> dict[str, list[Any]]:
        """What was found or noted, for the :meth:`take` of another memory of this root and process or its parent."""
        return self._used

    def take(self, noted: dict[str, list[Any]]) -> None:
        """Remembers what another process noted."""
        self._used |= noted
        self._is_new |= bool(noted)

    def note(self, known: Known, schema: str, value: Any, document: Document) -> None:
        """Remembers a file of which ``known`` was found before it was read."""
        # What aliases stand for can be far more than what stands in the file.
        if self._file and not document.aliases and known.settled:
            marks = [document.mark(place) for place in mappings(value)]
            self._used[document.file] = [known.stamp, schema, value, marks]
            self._is_new = True

    def save(self) -> None:
        """Writes what was used, if it changed and can be written; what it takes in memory is free after that."""
        if self._file and (self._is_new or len(self._used) != len(self._known)):
            body = json.dumps(self._used, separators=(",", ":")).encode()
            replace_file(self._file, f"{self._version} {_digest(body)}\n".encode() + body)
            _tidy(self._file.parent)
        self._known, self._used = {}, {}


def memory_of(root: Path) -> Memory:
    """The memory of a root, kept in this user's folder for such things."""
    folder = user_cache_path("pinsync", appauthor=False) / "content"
    name = _digest(os.fsencode(root))
    return Memory(root, folder / f"{name}.json" if folder.is_absolute() else None)


def mappings(value: Any) -> list[Place]:
    """The places of all mappings in a value, in their order."""
    found: list[Place] = []
    _gather(value, (), found)
    return found


def _gather(value: Any, place: Place, found: list[Place]) -> None:
    if type(value) is dict:
        found.append(place)
        for key, part in value.items():
            if type(part) in _NESTED:
                _gather(part, (*place, key), found)
    elif type(value) is list:
        for number, part in enumerate(value):
            if type(part) in _NESTED:
                _gather(part, (*place, number), found)


def _read(file: Path, version: str) -> dict[str, list[Any]]:
    try:
        head, _, body = read_regular(file).partition(b"\n")
        # With a body as it was written nothing in it needs to be looked at again.
        if head != f"{version} {_digest(body)}".encode():
            return {}
        known: dict[str, list[Any]] = json.loads(body)
    except (OSError, ValueError):
        return {}
    return known


def _digest(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def _tidy(folder: Path) -> None:
    with contextlib.suppress(OSError):
        for file in folder.iterdir():
            if time.time() - file.stat().st_mtime > _KEPT:
                file.unlink()

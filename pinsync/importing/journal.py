"""What an import is about to write, on the disk before it is written: so that the next run finds it again.

One JSON line each: ``{"of": "pin:123", "file": "soups/tomato.yaml", "numbered": 2}`` before a file, ``{"done": "pin:123"}``
after it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pinsync.errors import StateError
from pinsync.state.durable import MODE, sync_folder, told, write_all


class Journal:
    """The journal in a file. ``files`` maps what was begun to its file, relative to the content root, ``numbered`` to how many
    numbered pictures go beside it; ``done`` is what was written completely, as far as that was noted."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._handle: int | None = None
        self.files: dict[str, str] = {}
        self.numbered: dict[str, int] = {}
        self.done: set[str] = set()
        self._read()

    def begin(self, of: str, file: str, numbered: int = 0) -> None:
        """What is ``of`` is about to be written to ``file``, with so many numbered pictures beside it."""
        if self.files.get(of) != file:
            self._append({"of": of, "file": file, "numbered": numbered})
            self.files[of], self.numbered[of] = file, numbered

    def finish(self, of: str) -> None:
        """It was written, and is not to be written again."""
        self._append({"done": of})
        self.done.add(of)

    def remove(self) -> None:
        """Nothing in it is of any use any more."""
        self.close()
        with told(self._file, "removed"):
            self._file.unlink(missing_ok=True)
        self.files.clear()

    def close(self) -> None:
        """No more is written for now."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    def _append(self, record: Mapping[str, str | int]) -> None:
        with told(self._file, "written"):
            if self._handle is None:
                self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                self._handle = os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, MODE)
                sync_folder(self._file.parent)
            write_all(self._handle, json.dumps(record, ensure_ascii=False).encode() + b"\n")
            os.fsync(self._handle)

    def _read(self) -> None:
        try:
            data = self._file.read_bytes()
        except FileNotFoundError:
            return
        except OSError as error:
            raise StateError(f"{self._file} cannot be read: {error.strerror}", "Make it readable.") from error
        whole = data.rfind(b"\n") + 1
        if whole < len(data):  # the trace of a crash; nothing was done that only it tells
            with told(self._file, "written"):
                os.truncate(self._file, whole)
        for number, line in enumerate(data[:whole].splitlines(), 1):
            try:
                self._take(json.loads(line))
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
                raise StateError(
                    f"{self._file}, line {number}, is damaged", "Restore it from version control or a backup."
                ) from error

    def _take(self, record: Mapping[str, Any]) -> None:
        if "done" in record:
            self.done.add(record["done"])
        else:
            self.files[record["of"]] = str(record["file"])
            self.numbered[record["of"]] = int(record.get("numbered", 0))


@contextmanager
def journal_in(file: Path) -> Iterator[Journal]:
    """The journal in ``file``, closed in the end. Raises StateError where it is damaged or cannot be read."""
    journal = Journal(file)
    try:
        yield journal
    finally:
        journal.close()

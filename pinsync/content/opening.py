"""A file of the content root as checked values."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from pinsync.content.decoding import MAX_BYTES, read_regular
from pinsync.content.documents import Document, Mark, parse
from pinsync.content.locating import CONFIG, OUTSIDE, inside
from pinsync.content.problems import Problem
from pinsync.content.remembering import Known, Memory, mappings
from pinsync.content.schema import check
from pinsync.content.wrong import WRONG, Place, marked


def opened(root: Path, file: str, *, located: bool = False) -> Document:
    """The document in a file. That it cannot be read is one of its problems. ``located`` says that it was found by
    :func:`pinsync.content.locating.locate`, so that it lies in the root."""
    path = f"{root}{os.sep}{file}"  # a Path would take as long to make as the file to read
    try:
        if not located and not inside(root, Path(path)):
            raise OSError(0, OUTSIDE)
        # One byte over the limit is enough to know; a huge file is not read to the end.
        return parse(file, read_regular(path, MAX_BYTES + 1))
    except OSError as error:
        advice = "Correct its permissions, move it aside, or ignore it in .pinsyncignore."
        return Document(
            file, "", problems=[Problem(file, 0, 0, "unreadable", f"cannot be read: {error.strerror}", advice)]
        )


class Read(NamedTuple):
    """A file that was read: the schema that it was checked against, or none, its value with WRONG for what is wrong in it, and
    all that is."""

    document: Document
    schema: str
    value: Any
    problems: list[Problem]


def read(root: Path, file: str, memory: Memory | None, choose: Callable[[Any], str]) -> Read:
    """A file as checked values, or what is remembered of it.

    ``choose`` names the schema for its value, or none; that of an empty file is an empty mapping. A remembered document tells
    places of mappings, and reads the file for anything else.
    """
    known = memory.find(file) if memory else None
    if known and known.schema:
        return Read(_Remembered(root, file, known), known.schema, known.value, [])
    document = opened(root, file, located=file != CONFIG)
    value = document.value if document.value is not None else checked(document, "")[0]
    schema = choose(value) if value is not WRONG else ""
    if not schema:
        return Read(document, "", value, document.problems)
    value, found = checked(document, schema)
    problems = [*document.problems, *found]
    if memory and known and all(problem.code == "empty" for problem in problems):
        memory.note(known, schema, value, document)
    return Read(document, schema, value, problems)


class _Remembered(Document):
    """A document without problems, of which only what is needed when all is well is known."""

    __slots__ = ("_known", "_root")

    def __init__(self, root: Path, file: str, known: Known) -> None:
        super().__init__(file, "", known.value)
        self._root = root
        self._known = known

    def mark(self, path: Place, *, at_key: bool = False) -> Mark:
        if not path:
            line, column = self._known.marks[0]
            return line, column
        if not self.values:
            places = zip(mappings(self.value), self._known.marks, strict=True)
            self.values = {place: (line, column) for place, (line, column) in places}
        return super().mark(path, at_key=at_key)

    def problem(self, path: Place, code: str, message: str, advice: str = "", *, at_key: bool = False) -> Problem:
        return opened(self._root, self.file).problem(path, code, message, advice, at_key=at_key)


def checked(document: Document, name: str) -> tuple[Any, list[Problem]]:
    """The document's value, with WRONG for all that breaks the schema of that name, and the problems with it.

    An empty file is an empty mapping; one that could not be parsed is WRONG as a whole.
    """
    if document.value is None:
        return ({} if all(problem.code == "empty" for problem in document.problems) else WRONG), []
    found = check(document, name)
    places = [*document.wrong, *(place for place, _ in found)]
    return (marked(document.value, places) if places else document.value), [problem for _, problem in found]

"""A file of the content root as checked values."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pinsync.content.decoding import MAX_BYTES, read_regular
from pinsync.content.documents import Document, parse
from pinsync.content.locating import OUTSIDE, inside
from pinsync.content.problems import Problem
from pinsync.content.schema import check
from pinsync.content.wrong import WRONG, marked


def opened(root: Path, file: str, *, located: bool = False) -> Document:
    """The document in a file. That it cannot be read is one of its problems. ``located`` says that it was found by
    :func:`pinsync.content.locating.locate`, so that it lies in the root."""
    path = root / file
    try:
        if not located and not inside(root, path):
            raise OSError(0, OUTSIDE)
        # One byte over the limit is enough to know; a huge file is not read to the end.
        return parse(file, read_regular(path, MAX_BYTES + 1))
    except OSError as error:
        advice = "Correct its permissions, move it aside, or ignore it in .pinsyncignore."
        return Document(
            file, "", problems=[Problem(file, 0, 0, "unreadable", f"cannot be read: {error.strerror}", advice)]
        )


def checked(document: Document, name: str) -> tuple[Any, list[Problem]]:
    """The document's value, with WRONG for all that breaks the schema of that name, and the problems with it.

    An empty file is an empty mapping; one that could not be parsed is WRONG as a whole.
    """
    if document.value is None:
        return ({} if all(problem.code == "empty" for problem in document.problems) else WRONG), []
    found = check(document, name)
    places = [*document.wrong, *(place for place, _ in found)]
    return (marked(document.value, places) if places else document.value), [problem for _, problem in found]

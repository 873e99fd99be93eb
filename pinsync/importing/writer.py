"""A pin's file and pictures into the content root, in the order that an interruption may find it in."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pinsync.importing.fetching import Fetched
from pinsync.importing.journal import Journal
from pinsync.importing.placing import Places, joined
from pinsync.importing.result import LeftOut
from pinsync.model.resource import Desired

Readable = Callable[[str, Sequence[str]], tuple[Desired, bytes]]
"""Given a file and the names of its pictures, what the file declares, and its content. Raises LeftOut."""


class Writer:
    """Gives names that are free, and writes: first to the journal, then pictures, then the file that refers to them."""

    def __init__(self, places: Places, journal: Journal) -> None:
        self._places = places
        self._journal = journal
        for of, file in journal.files.items():
            places.reserve(file, journal.numbered[of])

    def write(
        self, of: str, pictures: Sequence[Fetched], readable: Readable, folder: str, wanted: str, exactly: str = ""
    ) -> Desired:
        """Writes what is called ``of`` in the journal to a file in ``folder`` that is called like ``wanted``, or where an
        interrupted run was about to write it; or to ``exactly`` this file. Raises LeftOut.

        Nothing waits in here, so that pins do not get in each other's way.
        """
        if exactly:
            desired = self._put(of, exactly, pictures, readable)
            if desired is None:
                raise LeftOut(f"there is a file in the place of {exactly} or of its pictures")
            return desired
        begun = self._journal.files.get(of, "")
        file = begun if begun and not self._places.exists(begun) else ""
        while True:
            file = file or joined(folder, f"{self._places.claim(folder, wanted, _numbered(pictures))}.yaml")
            desired = self._put(of, file, pictures, readable)
            if desired is not None:
                return desired
            file = ""  # somebody made a file of this name just now

    def _put(self, of: str, file: str, pictures: Sequence[Fetched], readable: Readable) -> Desired | None:
        self._places.check_read(file)
        folder, _, name = file.rpartition("/")
        stem = name.rpartition(".")[0]
        names = [
            f"{stem}{f'-{number}' if _numbered(pictures) else ''}.{one.ending}"
            for number, one in enumerate(pictures, 1)
        ]
        desired, data = readable(file, names)
        self._journal.begin(of, file, _numbered(pictures))
        try:
            for name, one in zip(names, pictures, strict=True):
                self._places.put_picture(one, joined(folder, name))
            self._places.put(file, data)
        except FileExistsError:
            return None
        return desired


def _numbered(pictures: Sequence[Fetched]) -> int:
    return len(pictures) if len(pictures) > 1 else 0

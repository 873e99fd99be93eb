"""The local media that pins name: finding them inside the content root, and saying what to write where they are not."""

from __future__ import annotations

import os
import stat
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pinsync.content.locating import CONFIG, Lookout, is_folder
from pinsync.content.media_cache import MediaCache
from pinsync.content.problems import MediaProblem
from pinsync.content.suggesting import Names, nearest
from pinsync.model.resource import Image, Video


@dataclass(frozen=True, slots=True)
class _Listing:
    """The files of a folder: by composed name, and as a person may have meant them."""

    composed: dict[str, str]
    names: Names


class Media:
    """Looks at each picture and video once, and at each folder once where something is missing in it."""

    def __init__(self, root: Path, cache: MediaCache) -> None:
        self._root = root
        self._cache = cache
        self._lookout = Lookout(root)
        self._listings: dict[Path, _Listing] = {}

    def picture(self, folder: str, source: str) -> Image:
        """The picture that a file in ``folder`` (relative to the root) names ``source``.

        Raises MediaProblem, whose message continues a sentence that starts with ``source``.
        """
        return self._cache.picture(*self._found(folder, source, "picture"))

    def video(self, folder: str, source: str) -> Video:
        """The video that a file in ``folder`` names ``source``, as :meth:`picture` does."""
        return self._cache.video(*self._found(folder, source, "video"))

    @property
    def spent(self) -> float:
        """Seconds that looking at pictures took."""
        return self._cache.spent

    def noted(self) -> dict[str, list[Any]]:
        """What was found out about pictures since this was asked last, for the :meth:`take` of another process."""
        return self._cache.noted()

    def take(self, noted: dict[str, list[Any]]) -> None:
        """Goes by what another process noted."""
        self._cache.take(noted)

    def _found(self, folder: str, source: str, what: str) -> tuple[str, str, os.stat_result]:
        """Where it is, relative to the root and in full, and what the system says of it."""
        if "\\" in source:
            raise MediaProblem("bad-path", "has a backslash in it", "Write paths with slashes: a/b.jpg.")
        found = None if source.startswith("/") else self._lookout.look(f"{folder}/{source}" if folder else source)
        if found is None:
            raise MediaProblem("outside-root", "leads out of the content folder",
                               f"Keep {what}s below the folder of {CONFIG}; name them relative to this file.")  # fmt: skip
        place, status = found
        if status is None or not stat.S_ISREG(status.st_mode):
            file = self._root / folder / source
            other = self._otherwise_composed(file)
            place, status = (other and self._lookout.look(str(other.relative_to(self._root)))) or found
            if status is None or not stat.S_ISREG(status.st_mode):
                raise self._missing(file, what)
        return place, f"{self._root}/{place}", status

    def _otherwise_composed(self, file: Path) -> Path | None:
        """The file of that name as another system spells it: some compose ü of u and its dots."""
        if file.name.isascii():
            return None
        name = self._listing(file.parent).composed.get(unicodedata.normalize("NFC", file.name))
        return file.with_name(name) if name else None

    def _missing(self, file: Path, what: str) -> MediaProblem:
        if is_folder(file):
            return MediaProblem("missing-media", f"is a folder, not a {what}", f"Name a {what} in it.")
        if os.path.lexists(file):
            if file.is_symlink():
                return MediaProblem("missing-media", "is a link that leads nowhere", f"Put the {what} itself there.")
            return MediaProblem("missing-media", f"is a device, a pipe or a socket, not a {what}", f"Name a {what}.")
        if not is_folder(file.parent):
            return MediaProblem("missing-media", "does not exist, and neither does its folder",
                                f"Name the {what} relative to this file.")  # fmt: skip
        guess = self._listing(file.parent).names.nearest(file.name)
        if guess and not nearest(file.stem, [Path(guess).stem]):
            guess = None  # only the endings are alike
        if guess and guess.casefold() == file.name.casefold():
            return MediaProblem("missing-media", "does not exist",
                                f"Did you mean {guess}? Upper and lower case count.")  # fmt: skip
        advice = f"Did you mean {guess}?" if guess else f"Put the {what} beside this file."
        return MediaProblem("missing-media", "does not exist", advice)

    def _listing(self, folder: Path) -> _Listing:
        known = self._listings.get(folder)
        if known is None:
            try:
                with os.scandir(folder) as entries:
                    names = sorted(entry.name for entry in entries if entry.is_file() and _is_text(entry.name))
            except OSError:
                names = []
            composed = {unicodedata.normalize("NFC", name): name for name in names if not name.isascii()}
            known = self._listings[folder] = _Listing(composed, Names(names))
        return known


def _is_text(name: str) -> bool:
    # A name that is not UTF-8 cannot be written in YAML, so it is nothing to suggest.
    return name.isascii() or not any("\ud800" <= character <= "\udfff" for character in name)

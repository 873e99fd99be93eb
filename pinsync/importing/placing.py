"""New files in a content root: durable, complete or not there at all, and never in the place of another."""

from __future__ import annotations

import contextlib
import hashlib
import os
from pathlib import Path, PurePosixPath

from pinsync.content.locating import CONFIG, address_path, ignore_rules, is_file
from pinsync.content.problems import Problem
from pinsync.errors import UsageError
from pinsync.importing.fetching import Fetched, anew
from pinsync.importing.naming import Names, folded, stems_in
from pinsync.importing.result import LeftOut
from pinsync.model.address import pin_address
from pinsync.state.durable import sync_folder, told

WORK = Path(".pinsync") / "import"
"""Where downloads and the journal of an import lie until it is done."""


class Places:
    """The folders of a content root as an import fills them. ``taken`` are addresses that no new file may get."""

    def __init__(self, root: Path, taken: set[str]) -> None:
        self._root = root
        self._taken = {folded(address) for address in taken}
        self._stems: dict[str, Names] = {}
        ignored: list[Problem] = []
        self._rules = ignore_rules(root, ignored)

    def check_read(self, file: str) -> None:
        """Raises LeftOut where pinsync would not read ``file``."""
        path = PurePosixPath(file)
        for part in (*reversed(path.parents), path):
            if str(part) == ".":
                continue
            where = self._root / part
            if part.name.startswith("."):
                raise LeftOut(f"{file} would be hidden, and pinsync reads no hidden files: choose another folder")
            if where.is_symlink():
                raise LeftOut(f"{part} is a symbolic link, which pinsync does not follow to folders")
            if part != path and is_file(where / CONFIG):
                raise LeftOut(f"{part} is a content root of its own: choose another folder")
            if self._rules and self._rules.match_file(f"{part}/" if part != path else file):
                raise LeftOut(f".pinsyncignore leaves out {part}: change its rules, or choose another folder")

    def claim(self, folder: str, wanted: str, pictures: int = 0) -> str:
        """A name for a new file in ``folder``, and for so many numbered pictures beside it, that is free."""
        names = self._names(folder)
        while True:
            name = names.claim(wanted, lambda name: (f"{name}-{number}" for number in range(1, pictures + 1)))
            if folded(pin_address(address_path(f"{joined(folder, name)}.yaml"))) not in self._taken:
                return name

    def reserve(self, file: str, numbered: int) -> None:
        """Nobody but who has them already gets this name, and those of so many numbered pictures beside it."""
        folder, _, name = file.rpartition("/")
        stem = name.rpartition(".")[0]
        for taken in (stem, *(f"{stem}-{number}" for number in range(1, numbered + 1))):
            self._names(folder).take(taken)

    def put(self, file: str, data: bytes) -> None:
        """A new file with this content. Raises FileExistsError where there is one."""
        temporary = self._work() / "file.tmp"
        with told(temporary, "written"), anew(temporary) as stream:
            stream.write(data)
        self._link(temporary, file)
        temporary.unlink()

    def put_picture(self, picture: Fetched, file: str) -> None:
        """The downloaded picture as a new file. Raises FileExistsError where there is another of this name."""
        try:
            self._link(picture.file, file)
        except FileExistsError:
            # An interrupted run came so far.
            if not is_file(self._root / file) or _fingerprint(self._root / file) != picture.image.sha256:
                raise

    def _link(self, temporary: Path, file: str) -> None:
        target = self._root / file
        with told(target, "written"):
            self._make_folder(target.parent)
            with temporary.open("rb") as stream:
                os.fsync(stream.fileno())
            try:
                os.link(temporary, target)
            except FileExistsError:
                taken = True
            else:
                taken = False
                sync_folder(target.parent)
        if taken:
            raise FileExistsError(file)

    def exists(self, file: str) -> bool:
        """Whether there is anything of this name."""
        return os.path.lexists(self._root / file)

    def clean(self) -> None:
        """Removes the working folder, as far as there is nothing but downloads in it."""
        for left in self._work().glob("*.tmp"):
            with contextlib.suppress(OSError):
                left.unlink()
        with contextlib.suppress(OSError):
            self._work().rmdir()

    def _work(self) -> Path:
        folder = self._root / WORK
        with told(folder, "written"):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return folder

    def _names(self, folder: str) -> Names:
        if folder not in self._stems:
            self._stems[folder] = Names(stems_in(self._root / folder))
        return self._stems[folder]

    def _make_folder(self, folder: Path) -> None:
        missing = []
        while not folder.exists():
            missing.append(folder)
            folder = folder.parent
        for new in reversed(missing):
            new.mkdir(exist_ok=True)
            sync_folder(new.parent)


def joined(folder: str, name: str) -> str:
    """A path relative to the content root; an empty folder is the root itself."""
    return f"{folder}/{name}" if folder else name


def _fingerprint(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def folder_below(root: Path, into: str) -> str:
    """The folder to import into, given as seen from the working folder, relative to the content root; empty for the root.

    Raises UsageError where it lies elsewhere.
    """
    full = Path(into).resolve() if into else root
    try:
        relative = full.relative_to(root).as_posix()
    except ValueError:
        raise UsageError(f"{into} is not in the content folder {root}", "Choose a folder below it.") from None
    if full.exists() and not full.is_dir():
        raise UsageError(f"{into} is a file", "Choose a folder.")
    return "" if relative == "." else relative

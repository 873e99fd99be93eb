"""Reads a file that is about to be written just as every later run will read it, and says what that run would want."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pinsync.content.boards import Boards
from pinsync.content.defaults import Cascade, Layer
from pinsync.content.documents import Document, parse
from pinsync.content.loading import Content
from pinsync.content.locating import address_path, locate
from pinsync.content.media import Media
from pinsync.content.media_cache import MediaCache
from pinsync.content.opening import checked, opened
from pinsync.content.pins import Entry, Reading, declare_pin
from pinsync.content.problems import MediaProblem, Problem
from pinsync.content.reporting import Reports
from pinsync.content.wrong import Place
from pinsync.model.address import key_of, pin_address
from pinsync.model.equality import canonical_name
from pinsync.model.resource import Desired, Image


@dataclass(frozen=True, slots=True)
class Mistake:
    """A problem, and the path of the value that it is about."""

    problem: Problem
    path: Place


class _Given(Media):
    """Pictures that were looked at already and have no place yet."""

    def __init__(self, root: Path) -> None:
        super().__init__(root, MediaCache(None))
        self.images: Mapping[str, Image] = {}

    def picture(self, folder: str, source: str) -> Image:
        if source not in self.images:
            raise MediaProblem(
                "bad-url", "is no web address", "Write it in full, such as https://example.com/soup.jpg."
            )
        return self.images[source]


class Checker:
    """Knows what the content declares so far; ``boards`` grows with the boards that are declared in the course of it."""

    def __init__(self, content: Content) -> None:
        self.boards = _boards_of(content)
        defaults = locate(content.root).defaults
        self._cascade = Cascade(
            content.settings.defaults, {file: checked(opened(content.root, file), "defaults")[0] for file in defaults}
        )
        self._media = _Given(content.root)
        self._reading = Reading(content.settings, self.boards, self._media, Reports())

    def defaults(self, folder: str) -> Layer:
        """What the folder gives to its pins."""
        return self._cascade.of_folder(folder)

    def pin(self, file: str, data: bytes, images: Mapping[str, Image]) -> tuple[Desired | None, list[Mistake]]:
        """The pin that ``data`` declares as ``file``, whose pictures are ``images`` by the names it gives them."""
        document = parse(file, data)
        value, found = checked(document, "pin")
        problems = [*document.problems, *found]
        if not isinstance(value, dict):
            return None, _placed(document, problems)
        self._media.images = images
        reports = self._reading.reports = Reports()
        entry = Entry(pin_address(address_path(file)), file, (), *document.mark(()), value)
        desired = declare_pin(entry, self._cascade.of_folder(file.rpartition("/")[0]), self._reading)
        problems += reports.placed(lambda other: document if other == file else Document(other, ""))
        return desired, _placed(document, problems)

    def board(self, file: str, data: bytes) -> tuple[Boards, list[Mistake]]:
        """The boards that ``data`` declares as ``file``, apart from all others."""
        document = parse(file, data)
        value, found = checked(document, "boards")
        declared = Boards()
        if isinstance(value, dict):
            declared.declare(document, value.get("boards"))
        return declared, _placed(document, [*document.problems, *found, *declared.problems])

    def add(self, declared: Boards) -> None:
        """Lets pins refer to these boards from now on."""
        self.boards.boards |= declared.boards
        self.boards.sections |= declared.sections
        self.boards.keys |= declared.keys
        self.boards.names |= declared.names


def _boards_of(content: Content) -> Boards:
    boards = Boards()
    for address, desired in content.resources.items():
        if desired.kind == "board":
            key = key_of(address)
            boards.boards[address] = desired
            boards.keys[key] = []
            boards.names[canonical_name(desired.fields["name"])] = key
        elif desired.kind == "section":
            board, _, key = key_of(address).partition("/")
            boards.sections[address] = desired
            boards.keys[board].append(key)
    return boards


def _placed(document: Document, problems: list[Problem]) -> list[Mistake]:
    """The problems with what they are about: the last key that begins before them."""
    marks = {
        **document.keys,
        **{path: mark for path, mark in document.values.items() if path and isinstance(path[-1], int)},
    }
    mistakes: list[Mistake] = []
    for problem in problems:
        before = [(mark, path) for path, mark in marks.items() if mark <= (problem.line, problem.column)]
        mistakes.append(Mistake(problem, max(before, key=lambda found: (found[0], len(found[1])))[1] if before else ()))
    return mistakes

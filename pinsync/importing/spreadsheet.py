"""Pins from a CSV file in Pinterest's bulk upload format into content. Nothing is asked of Pinterest's API."""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pinsync.content.problems import Problem, ordered
from pinsync.errors import PinsyncError
from pinsync.importing.checking import Checker
from pinsync.importing.csv_rows import Row, Table, read_table
from pinsync.importing.fetching import Fetcher, pictures
from pinsync.importing.journal import Journal
from pinsync.importing.naming import slug
from pinsync.importing.pins import board_reference
from pinsync.importing.placing import Places, joined
from pinsync.importing.result import LeftOut, Result
from pinsync.importing.spelling import spell
from pinsync.importing.writer import Writer
from pinsync.model.address import section_address
from pinsync.model.equality import canonical_name
from pinsync.model.pin import DESCRIPTION_LIMIT
from pinsync.model.resource import Desired
from pinsync.session import Session

JOURNAL = Path(".pinsync") / "imported-rows.jsonl"
"""Which rows became which files. It is kept: a row that was imported is not imported again, whatever became of its file."""

KEYWORDS = ("append", "hashtags", "ignore")

_VIDEOS = (".mp4", ".mov", ".m4v")
_AT_ONCE = 250
_COLUMN = {
    "title": "Title", "image": "Media URL", "board": "Pinterest board", "section": "Pinterest board",
    "description": "Description", "link": "Link", "publish_at": "Publish date",
}  # fmt: skip


class CsvProblems(PinsyncError):
    """The file has mistakes; nothing was written. ``problems`` holds all of them."""

    usual = "Correct what is named above, and import again."

    def __init__(self, problems: Sequence[Problem], file: Path) -> None:
        count = len(problems)
        super().__init__(f"{count} problem{'' if count == 1 else 's'} in {file.name}; nothing was written")
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class _Pin:
    """A row as a pin: its YAML but for the picture, and the folder of its file."""

    row: Row
    value: dict[str, Any]
    folder: str

    @property
    def url(self) -> str:
        return self.row.cells["Media URL"]


class Spreadsheet:
    """One import of a CSV file into a content root, under the lock of its state."""

    def __init__(self, session: Session, fetcher: Fetcher | None, journal: Journal, folder: str, keywords: str) -> None:
        """``fetcher`` downloads the pictures; without one, files refer to their addresses. ``keywords`` is one of KEYWORDS."""
        content = session.content
        self._session = session
        self._fetcher = fetcher
        self._journal = journal
        self._keywords = keywords
        self._ignored = 0
        self._checker = Checker(content)
        self._places = Places(content.root, {*content.resources, *session.read_state().resources})
        self._writer = Writer(self._places, journal)
        self._slots = asyncio.Semaphore(session.concurrency)
        self.result = Result(folder)

    async def run(self, file: Path) -> Result:
        """Imports the rows of the file. Raises CsvProblems before anything is written, and UsageError."""
        table = read_table(file)
        pins = [pin for row in table.rows if (pin := self._prepared(row, table))]
        if table.problems:
            raise CsvProblems(ordered(table.problems), file)
        if self._ignored:
            self.result.notes.append(
                f"the keywords of {self._ignored} row{'' if self._ignored == 1 else 's'} are in no file, because Pinterest's "
                "API takes none; --keywords appends them to the descriptions"
            )
        # One batch after the other: there is no need for a task for each of very many rows.
        for start in range(0, len(pins), _AT_ONCE):
            try:
                async with asyncio.TaskGroup() as group:
                    for pin in pins[start : start + _AT_ONCE]:
                        group.create_task(self._import(pin))
            except* PinsyncError as failures:
                raise failures.exceptions[0] from None
        self._places.clean()
        return self.result

    def _prepared(self, row: Row, table: Table) -> _Pin | None:
        """The row as a pin; None where it is none, or cannot be, which is reported."""
        if f"row:{row.digest}" in self._journal.done:
            self.result.known += 1
            return None
        if row.cells.get("Thumbnail") or _path(row.cells["Media URL"]).endswith(_VIDEOS):
            self.result.leave(
                f"row {row.number}",
                LeftOut(
                    "it is a video, which Pinterest takes as a file: download it, and declare it with `video:`",
                    hopeless=True,
                ),
            )
            return None
        try:
            place, folder = self._place(row.cells["Pinterest board"])
            self._places.check_read(joined(folder, "pin.yaml"))
        except LeftOut as why:
            table.report(row, "Pinterest board", why.reason)
            return None
        value = {**place, "title": row.cells["Title"]}
        description = self._description(row)
        if description:
            value["description"] = description
        if row.cells.get("Link"):
            value["link"] = row.cells["Link"]
        if row.cells.get("Publish date"):
            value["publish_at"] = row.cells["Publish date"]
        pin = _Pin(row, value, folder)
        _, mistakes = self._checker.pin(joined(folder, "pin.yaml"), spell(_with_image(value, pin.url)), {})
        for mistake in mistakes:
            name = str(mistake.path[0]) if mistake.path else ""
            table.report(row, _COLUMN.get(name, "Title"), mistake.problem.message, mistake.problem.advice)
        return pin

    def _place(self, cell: str) -> tuple[dict[str, Any], str]:
        """The YAML of board and section, and the folder of their files. A declared board is recognised by its name, also
        where that has a slash in it; else what follows the first slash is a section. Raises LeftOut."""
        boards = self._checker.boards
        parts = cell.split("/")
        for end in range(len(parts), 0, -1):
            key = boards.names.get(_same("/".join(parts[:end])))
            if key is None:
                continue
            section = "/".join(parts[end:]).strip()
            folder = joined(self.result.folder, slug(key, key))
            if not section:
                return {"board": key}, folder
            for one in boards.keys[key]:
                if _same(str(boards.sections[section_address(key, one)].fields["name"])) == _same(section):
                    return {"board": key, "section": one}, joined(folder, slug(one, one))
            raise LeftOut(
                f'the board {key} has no section "{section}": declare it under `sections:` of that board first'
            )
        board, section = parts[0].strip(), "/".join(parts[1:]).strip()
        if not board:
            raise LeftOut(f'"{cell}" names no board')
        place: dict[str, Any] = {"board": board_reference(board)}
        folder = joined(self.result.folder, slug(board, "board"))
        if not section:
            return place, folder
        return {**place, "section": section}, joined(folder, slug(section, "section"))

    def _description(self, row: Row) -> str:
        """The description, with the keywords that are wanted in it as far as there is room."""
        text = row.cells.get("Description", "")
        words = [word for part in row.cells.get("Keywords", "").split(",") if (word := " ".join(part.split()))]
        if not words:
            return text
        if self._keywords == "ignore":
            self._ignored += 1
            return text
        if self._keywords == "hashtags":
            words = list(dict.fromkeys(tag for word in words if (tag := _hashtag(word))))
        between = ", " if self._keywords == "append" else " "
        added = ""
        for number, word in enumerate(words):
            longer = f"{added}{between}{word}" if added else word
            if len(text) + len(longer) + 2 * bool(text) > DESCRIPTION_LIMIT:
                self.result.notes.append(
                    f"row {row.number}: the description has no room for the keywords from {word} on "
                    f"({len(words) - number} of {len(words)})"
                )
                break
            added = longer
        return f"{text}\n\n{added}" if text and added else text or added

    async def _import(self, pin: _Pin) -> None:
        of = f"row:{pin.row.digest}"
        begun = self._journal.files.get(of, "")
        if begun and self._places.exists(begun):
            self._journal.finish(of)
            self.result.known += 1
            return
        try:
            async with self._slots:
                self._session.stop.check()
                async with pictures(self._fetcher, [pin.url]) as fetched:

                    def readable(file: str, names: Sequence[str]) -> tuple[Desired, bytes]:
                        data = spell(_with_image(pin.value, names[0] if names else pin.url))
                        images = {name: one.image for name, one in zip(names, fetched, strict=True)}
                        desired, mistakes = self._checker.pin(file, data, images)
                        if desired is None or mistakes:
                            raise LeftOut("; ".join(mistake.problem.message for mistake in mistakes))
                        return desired, data

                    wanted = slug(pin.row.cells["Title"], f"row-{pin.row.number}")
                    self._writer.write(of, fetched, readable, pin.folder, wanted)
                    self._journal.finish(of)
                    self.result.pins += 1
                    self.result.pictures += len(fetched)
        except LeftOut as why:
            self.result.leave(f"row {pin.row.number}", why)


def _with_image(value: dict[str, Any], source: str) -> dict[str, Any]:
    """A pin's YAML in the order of the documentation: the picture before the time."""
    before = {name: part for name, part in value.items() if name != "publish_at"}
    return {**before, "image": source, **{name: value[name] for name in ("publish_at",) if name in value}}


def _path(url: str) -> str:
    try:
        return urlsplit(url).path.lower()
    except ValueError:
        return ""


def _same(name: str) -> str:
    return canonical_name(name)


def _hashtag(word: str) -> str:
    tag = "".join(one for one in word if unicodedata.category(one)[0] in "LMN" or one == "_")
    return f"#{tag}" if tag else ""

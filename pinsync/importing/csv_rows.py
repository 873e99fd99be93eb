"""Reading Pinterest's bulk upload format: a CSV file with a fixed set of columns, one pin a row."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pinsync.content.decoding import read_regular
from pinsync.content.problems import Problem
from pinsync.content.suggesting import nearest
from pinsync.errors import UsageError

COLUMNS = (
    "Title", "Media URL", "Pinterest board", "Thumbnail", "Description", "Link", "Publish date", "Keywords"
)  # fmt: skip
REQUIRED = COLUMNS[:3]
_MOST_BYTES = 50_000_000
_AGAIN = "Export it again as CSV with commas, in UTF-8."


@dataclass(frozen=True, slots=True)
class Row:
    """A row with its cells by column, white space around them taken away. ``number`` counts as spreadsheets do, the
    header being 1; ``line`` is where the row ends in the file."""

    number: int
    line: int
    cells: Mapping[str, str]

    @property
    def digest(self) -> str:
        """What tells it from rows that say something else."""
        told = json.dumps([self.cells.get(column, "") for column in COLUMNS], ensure_ascii=False)
        return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(slots=True)
class Table:
    """The rows of a file, and what is wrong with it. Rows with problems of their own are left out of ``rows``."""

    file: str
    rows: list[Row]
    problems: list[Problem]

    def report(self, row: Row, column: str, message: str, advice: str = "") -> None:
        """A problem with a cell."""
        self._add(row.line, row.number, column, message, advice)

    def _add(self, line: int, number: int, column: str, message: str, advice: str) -> None:
        where = f"row {number}, {column}: " if column else f"row {number}: "
        place = COLUMNS.index(column) + 1 if column in COLUMNS else 1
        self.problems.append(Problem(self.file, line, place, "csv", f"{where}{message}", advice))


def read_table(path: Path) -> Table:
    """The rows of the file. Raises UsageError where it cannot be read at all."""
    table = Table(str(path), [], [])
    text = _text(path)
    csv.field_size_limit(min(sys.maxsize, _MOST_BYTES))
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = _header(next(reader, []), table)
        if not table.problems:
            _read_rows(reader, header, table)
    except csv.Error as error:
        table._add(reader.line_num, len(table.rows) + 2, "", f"is not readable as CSV: {error}",
                   "Put a cell with quotes, commas or line breaks in it into quotes, and double the quotes inside.")  # fmt: skip
    if not table.rows and not table.problems:
        raise UsageError(f"{path} has no rows", f"Below the header ({', '.join(COLUMNS)}), each row is a pin.")
    return table


def _text(path: Path) -> str:
    try:
        data = read_regular(path, _MOST_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", "Name a file that is yours to read.") from error
    if len(data) > _MOST_BYTES:
        raise UsageError(f"{path} has more than {_MOST_BYTES // 1_000_000} MB", "Split it.")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UsageError(f"{path} is UTF-16, as spreadsheets call Unicode text", _AGAIN)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UsageError(f"{path}, line {line}: the byte 0x{data[error.start]:02x} is not UTF-8 text", _AGAIN) from None


def _header(cells: list[str], table: Table) -> list[str]:
    """The columns in the order of the file, each spelt as Pinterest does."""
    if len(cells) == 1:
        for sign, name in ((";", "semicolons"), ("\t", "tabs")):
            if sign in cells[0]:
                table._add(1, 1, "", f"the columns are separated by {name}, not by commas", _AGAIN)
                return []
    known = {column.casefold(): column for column in COLUMNS}
    header: list[str] = []
    for cell in cells:
        column = known.get(" ".join(cell.split()).casefold())
        if column is None:
            guess = nearest(cell.strip(), COLUMNS)
            advice = f"Did you mean {guess}?" if guess else f"Pinterest's columns are {', '.join(COLUMNS)}."
            table._add(1, 1, "", f'there is no column "{cell.strip()[:40]}"', advice)
        elif column in header:
            table._add(1, 1, column, "the column is there twice", "Keep one of the two.")
        header.append(column or cell)
    for column in REQUIRED:
        if column not in header and not any(nearest(cell, [column]) for cell in cells):
            table._add(1, 1, column, "the column is missing", f"The first row has to be {', '.join(COLUMNS)}.")
    return header


def _read_rows(reader: Iterator[list[str]], header: list[str], table: Table) -> None:
    first: dict[str, int] = {}
    for number, cells in enumerate(reader, 2):
        line: int = reader.line_num  # type: ignore[attr-defined]
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) > len(header) and any(cell.strip() for cell in cells[len(header) :]):
            table._add(line, number, "", f"has {len(cells)} cells, but there are {len(header)} columns",
                       "Put a cell with a comma in it into quotes.")  # fmt: skip
            continue
        row = Row(number, line, dict(zip(header, (cell.strip() for cell in cells), strict=False)))
        before = len(table.problems)
        for column in REQUIRED:
            if not row.cells.get(column):
                table.report(row, column, "is empty", "Pinterest requires it.")
        other = first.setdefault(row.digest, number)
        if other != number:
            table._add(
                line, number, "", f"is the same as row {other}", "Remove one of the two: they would be two pins."
            )
        if len(table.problems) == before:
            table.rows.append(row)

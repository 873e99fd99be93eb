"""Problems that are found once a file has been left: gathered first, given their places together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from pinsync.content.documents import Document, Path
from pinsync.content.problems import ERROR, Problem


class Reports:
    """What is wrong where. Positions are not kept while all is well: a file is read again for its problems, once."""

    def __init__(self) -> None:
        self._by_file: dict[str, dict[tuple[Path, str, str, str, str], None]] = {}

    def add(self, file: str, path: Path, code: str, message: str, advice: str = "", severity: str = ERROR) -> None:
        """A problem at ``path`` of ``file``; the same one a second time is none."""
        self._by_file.setdefault(file, {})[path, code, message, advice, severity] = None

    def placed(self, reopen: Callable[[str], Document]) -> list[Problem]:
        """All problems, with line, column and excerpt."""
        problems: list[Problem] = []
        for file, reports in self._by_file.items():
            document = reopen(file)
            problems += [replace(document.problem(*report[:4]), severity=report[4]) for report in reports]
        return problems

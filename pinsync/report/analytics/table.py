"""A report on a terminal: a line a pin or group, with what its days look like."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size

from pinsync.analytics.metrics import Metric
from pinsync.analytics.summing import Days, Report, Row
from pinsync.report.analytics.words import name_of, notes, number
from pinsync.report.escaping import terminal
from pinsync.report.problems import counted

_BLOCKS = "▁▂▃▄▅▆▇█"
_ASCII = "_.-=+*%#"
_GAP = "  "
_NARROWEST_NAME = 12
_LINE = (8, 30)  # the least and the most characters of days
_TITLE = (14, 40)


@dataclass(frozen=True, slots=True)
class Screen:
    """Where text is shown: how many characters a line has, and in which encoding they are written."""

    width: int
    encoding: str

    def can(self, text: str) -> bool:
        """Whether these characters can be written."""
        try:
            text.encode(self.encoding)
        except (UnicodeEncodeError, LookupError):
            return False
        return True


def render(report: Report, screen: Screen) -> str:
    """The table, in several pieces where the metrics do not fit beside each other, then the notes."""
    rows = [*report.rows, report.whole]
    if not report.whole.pins:
        return f"No pin has numbers.\n{_notes(report, screen)}"
    names = [*(terminal(name_of(report, row)) for row in report.rows), f"all {counted(report.whole.pins, 'pin')}"]
    columns = [_column(metric, rows) for metric in report.metrics]
    widths = [max(map(len, column)) for column in columns]
    for_names = max(_NARROWEST_NAME, screen.width - max(widths) - len(_GAP))
    name_width = min(max(map(cell_len, [report.by, *names])), for_names, max(_NARROWEST_NAME, screen.width // 2))
    blocks: list[str] = []
    line = 0 if report.sort.lifetime else min(_LINE[0], len(report.period.days))
    for piece in _pieces(widths, screen.width - name_width, line + len(_GAP)):
        table = [[report.by, *names], *([cell.rjust(widths[at]) for cell in columns[at]] for at in piece)]
        left = screen.width - name_width - sum(widths[at] + len(_GAP) for at in piece) - len(_GAP)
        if line and piece[0] == 0 and left >= line:
            line = min(_LINE[1], len(report.period.days), left)
            table.append(
                [f"{report.sort.label} a day"[:line], *(_days(row, report.sort, line, screen) for row in rows)]
            )
            left -= line + len(_GAP)
        titles = max((cell_len(terminal(row.title)) for row in report.rows), default=0)
        if titles and left >= _TITLE[0]:
            width = min(titles, left, _TITLE[1])
            table.append(["title", *(_fitted(terminal(row.title), width, screen) for row in report.rows), ""])
        lines = zip(*table, strict=True)
        text = "\n".join(_GAP.join([_fitted(name, name_width, screen), *cells]).rstrip() for name, *cells in lines)
        blocks.append(f"{text}\n")
    return "\n".join([*blocks, _notes(report, screen)])


def _notes(report: Report, screen: Screen) -> str:
    return "".join(f"{textwrap.fill(terminal(note), screen.width, break_on_hyphens=False)}\n" for note in notes(report))


def _column(metric: Metric, rows: Sequence[Row]) -> list[str]:
    return [metric.label, *(number(metric, row.total(metric)) for row in rows)]


def _pieces(widths: Sequence[int], room: int, kept: int) -> list[list[int]]:
    """Which columns stand beside each other; the first have as much room as is ``kept`` less."""
    pieces: list[list[int]] = []
    used = 0
    for at, width in enumerate(widths):
        if pieces and used + width + len(_GAP) <= room - (kept if len(pieces) == 1 else 0):
            pieces[-1].append(at)
            used += width + len(_GAP)
        else:
            pieces.append([at])
            used = width + len(_GAP)
    return pieces


def _days(row: Row, metric: Metric, width: int, screen: Screen) -> str:
    """Each day, or a few together where there are more days than room, as high as it is among the others."""
    return sparkline(row.daily(metric), width, _BLOCKS if screen.can(_BLOCKS) else _ASCII)


def sparkline(days: Days, width: int, levels: str) -> str:
    """A character for each day, or for the mean of a few; a blank where there is no number."""
    width = min(width, len(days))
    means: Days = []
    for place in range(width):
        some = days[place * len(days) // width : (place + 1) * len(days) // width]
        known = [value for value in some if value is not None]
        means.append(sum(known) / len(known) if known else None)
    highest = max((mean for mean in means if mean is not None), default=0)
    return "".join(
        " " if mean is None else levels[round(mean / highest * (len(levels) - 1)) if highest else 0] for mean in means
    )


def _fitted(text: str, width: int, screen: Screen) -> str:
    """``text`` in so many cells, with a mark where it is cut."""
    if cell_len(text) <= width:
        return text + " " * (width - cell_len(text))
    mark = "…" if screen.can("…") else "..."
    return set_cell_size(text, width - len(mark)) + mark

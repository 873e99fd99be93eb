"""Text laid out for a terminal: to its width, with colours and links where it has them.

What is shown is put together from pieces that know nothing of where they go; without a screen they are just joined. All text
in them is escaped already. rich, which measures, wraps and paints, is loaded where it is needed.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from io import StringIO
from itertools import zip_longest
from typing import TYPE_CHECKING, NamedTuple, TextIO
from urllib.parse import quote

from pinsync.report.escaping import terminal

if TYPE_CHECKING:
    from rich.console import Console
    from rich.style import Style
    from rich.text import Text

_NARROWEST = 16  # columns that a text gets, however little its margin leaves
_WIDEST = 120  # columns, beyond which the eye loses the line
_GAP = "  "
_OF_ADDRESSES = ":/?#[]@!$&'()*+,;=%"
_FALLBACK = (100, 24)  # where colour is wanted and there is no terminal to measure


class Piece(NamedTuple):
    """A safe text in a style, which is empty or made of the words of rich; ``link`` is the address that it leads to."""

    text: str
    style: str = ""
    link: str = ""


class Line(NamedTuple):
    """``margin`` stands before the first line of ``body``; on a screen the others begin below its end, and ``hang`` further in."""

    margin: Sequence[Piece]
    body: Sequence[Piece]
    hang: int = 0


EMPTY = Line((), ())


def row(*body: str | Piece, margin: str = "", hang: int = 0) -> Line:
    """A line of texts and pieces."""
    return Line((Piece(margin),), [Piece(one) if isinstance(one, str) else one for one in body], hang)


@dataclass(frozen=True, slots=True)
class Screen:
    """A terminal ``width`` columns wide. Without ``colour`` nothing is written but text. Where it is ``live``, what it shows may
    be replaced."""

    width: int
    colour: bool = False
    links: bool = False
    live: bool = False

    def lines(self, given: Line) -> list[str]:
        """A line in as many as it takes."""
        margin = "".join(piece.text for piece in given.margin)
        inset = columns(margin)
        room = max(_NARROWEST, min(self.width, _WIDEST) - inset)
        before = "".join(map(self.painted, given.margin))
        first, *others = self.wrapped(given.body, room)
        if others and given.hang:
            first, *others = self.wrapped(given.body, max(_NARROWEST, room - given.hang))
        return [before + first[0], *(f"{' ' * (inset + given.hang)}{other}" for other, _ in others)]

    def table(self, head: Sequence[str], rows: Sequence[Sequence[Piece]]) -> str:
        """Rows below a head, in columns that are aligned and, where they do not fit, wrapped between words; one after the other
        where not even that helps."""
        cells = [[Piece(name, "bold") for name in head], *rows]
        widths = [max(columns(piece.text) for piece in column) for column in zip(*cells, strict=True)]
        room = self.width - len(_GAP) * (len(widths) - 1)
        if sum(widths) > room:
            words = [max(_longest_word(piece.text) for piece in column) for column in zip(*cells, strict=True)]
            if sum(words) > room:
                gap = Piece(_GAP)
                lines = (Line((), [one for piece in row if piece.text for one in (piece, gap)][:-1], 4) for row in rows)
                return text_of(lines, self)
            _shrink(widths, words, room)
        return "".join(f"{one}\n" for row in cells for one in self._row(row, widths))

    def _row(self, row: Sequence[Piece], widths: Sequence[int]) -> Iterator[str]:
        parts = [self.wrapped([piece], width) for piece, width in zip(row, widths, strict=True)]
        for cells in zip_longest(*parts, fillvalue=("", 0)):
            filled = [text + " " * (width - taken) for (text, taken), width in zip(cells, widths, strict=True)]
            yield _GAP.join(filled).rstrip()

    def painted(self, piece: Piece) -> str:
        """The piece as this screen shows it."""
        style = self._style(piece)
        return _render(style, piece.text) if style else piece.text

    def wrapped(self, pieces: Sequence[Piece], width: int) -> list[tuple[str, int]]:
        """The pieces in lines of at most so many columns, broken between words where there are any; each with the columns
        that it takes."""
        taken = columns("".join(piece.text for piece in pieces))
        if taken <= width:
            return [("".join(map(self.painted, pieces)), taken)]
        if len(pieces) == 1 and not self._style(pieces[0]) and pieces[0].text.isascii():
            return [(one, len(one)) for one in _broken(pieces[0].text, width)]
        from rich.text import Text

        text = Text(end="")
        for piece in pieces:
            text.append(piece.text, self._style(piece))
        lines = text.wrap(_console(), width, overflow="fold")
        for one in lines:
            one.rstrip()
        return [(self._shown(one), columns(one.plain)) for one in lines]

    def _style(self, piece: Piece) -> Style | None:
        if not self.colour or not (piece.style or piece.link):
            return None
        return _style(piece.style, piece.link if self.links else "")

    def _shown(self, text: Text) -> str:
        if text.plain.startswith("::"):
            # A command to GitHub's runner, now that a line begins here.
            text = text[:0].append(terminal(text.plain[:2]), text.get_style_at_offset(_console(), 0)) + text[2:]
        if not self.colour:
            return text.plain
        return "".join(
            _render(segment.style, segment.text) if segment.style else segment.text
            for segment in text.render(_console())
        )


def _broken(text: str, width: int) -> Iterator[str]:
    """As rich breaks a text, for those that are nothing but ASCII: many times faster, and a long plan has many of them."""
    while len(text) > width:
        end = text.rfind(" ", 1, width + 1)
        end = width if end < 0 else end
        yield terminal(text[:end].rstrip())
        text = text[end:].lstrip(" ")
    yield terminal(text)


def text_of(lines: Iterable[Line], screen: Screen | None) -> str:
    """The lines laid out for the screen; without one each as it is, whatever its length."""
    if screen is None:
        return "".join(f"{''.join(piece.text for piece in (*one.margin, *one.body))}\n" for one in lines)
    return "".join(f"{shown}\n" for one in lines for shown in screen.lines(one))


def go_on_unread(stream: TextIO) -> None:
    """Lets a run go on whose output nobody reads any more, as after ``| head``."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def columns(text: str) -> int:
    """How many columns of a terminal a text takes."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def screen_on(stream: TextIO, environ: Mapping[str, str]) -> Screen | None:
    """The screen that is written to through ``stream``; None where there is none and nobody wants colour all the same.

    ``PINSYNC_COLOR`` (auto, always or never; the option ``--color``) decides, else NO_COLOR and FORCE_COLOR do.
    """
    import shutil

    wanted, is_terminal = colour_wanted(environ), stream.isatty()
    if not wanted and not is_terminal:
        return None
    able = is_terminal and environ.get("TERM") != "dumb"
    colour = able if wanted is None else wanted
    width = shutil.get_terminal_size(_FALLBACK).columns
    return Screen(width, colour, colour and knows_links(environ), able and not environ.get("CI"))


def colour_wanted(environ: Mapping[str, str]) -> bool | None:
    """What somebody decided about colour; None where nobody did. https://no-color.org, https://force-color.org"""
    choice = environ.get("PINSYNC_COLOR", "auto")
    if choice != "auto":
        return choice == "always"
    if environ.get("NO_COLOR"):
        return False
    forced = environ.get("FORCE_COLOR", "")
    return True if forced not in ("", "0", "false") else None


def knows_links(environ: Mapping[str, str]) -> bool:
    """Whether a terminal takes links (OSC 8), or at least leaves them out: all do but a few that are known not to."""
    name, version = environ.get("TERM", ""), environ.get("VTE_VERSION", "")
    if name in ("", "dumb", "linux") or name.startswith(("rxvt", "screen", "vt")):
        return False
    return not version.isdigit() or int(version) >= 5_000


def _longest_word(text: str) -> int:
    return max(map(columns, text.split()), default=0)


def _shrink(widths: list[int], least: Sequence[int], room: int) -> None:
    """Takes what is too much from the columns that can give most, none below the ``least`` that it needs."""
    while (excess := sum(widths) - room) > 0:
        number = max(range(len(widths)), key=lambda column: widths[column] - least[column])
        widths[number] -= max(1, min(excess, (widths[number] - least[number]) // 2))


@lru_cache(maxsize=1_024)
def _style(style: str, link: str) -> Style:
    from rich.style import Style

    # The address of a link must not end the link, whatever is in it.
    return Style.parse(style) + Style(link=quote(link, safe=_OF_ADDRESSES) or None)


def _render(style: Style, text: str) -> str:
    from rich.color import ColorSystem

    return style.render(text, color_system=ColorSystem.STANDARD)


@cache
def _console() -> Console:
    from rich.console import Console

    return Console(file=StringIO(), color_system="standard", force_terminal=True)

"""Text as a YAML scalar: in a given style where that can say it, else in the most readable one that reads back the same."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from pinsync.content.documents import parse

_STEP = 2
_SPACE = re.compile(r"(?<=\S) (?=\S)")
_ESCAPED: Final = re.compile('["\\\\\n\r\t\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]')
_SHORT = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


@dataclass(frozen=True, slots=True)
class Setting:
    """Where a scalar is to stand.

    ``column`` is that of the keys (or dashes) of the block around it, ``flow`` whether brackets are around it,
    ``indent`` the column of further lines, ``width`` the longest line, or 0 where the text is to stay on one;
    ``keeps`` says that blank lines below belong to it.
    """

    column: int = 0
    flow: bool = False
    indent: int = _STEP
    width: int = 0
    keeps: bool = False


@dataclass(frozen=True, slots=True)
class Scalar:
    """``inline`` takes the place of the value, ``lines`` follow at the end of that line; breaks are ``\\n``."""

    inline: str
    lines: str = ""


NULL: Final = Scalar("null")


def scalar(text: str, style: str, setting: Setting) -> Scalar:
    """``text`` in ``style`` (``""`` plain, ``'``, ``"``, ``|`` or ``>``), or in another one where that cannot say it."""
    others = ("|", '"') if "\n" in text else ("", '"')
    for candidate in _candidates(text, (style, *others), setting):
        if _reads_back(text, candidate, setting):
            return candidate
    return Scalar(_double(text))


def _candidates(text: str, styles: tuple[str, ...], setting: Setting) -> Iterator[Scalar]:
    for style in styles:
        if style in ("|", ">"):
            if not setting.flow:
                yield _block(text, style, setting)
            continue
        whole = _INLINE[style](text)
        if setting.width:
            yield Scalar(f"\n{' ' * setting.indent}".join(_wrapped(whole, setting)))
        yield Scalar(whole)


def _single(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _double(text: str) -> str:
    return '"' + _ESCAPED.sub(lambda found: _SHORT.get(found[0]) or f"\\u{ord(found[0]):04x}", text) + '"'


_INLINE: Final[dict[str, Callable[[str], str]]] = {"": str, "'": _single, '"': _double}


def _block(text: str, style: str, setting: Setting) -> Scalar:
    content = text.rstrip("\n")
    breaks = len(text) - len(content)
    if not content or (breaks > 1 and not setting.keeps):
        return Scalar(_double(text))
    indicator = str(setting.indent - setting.column) if content.lstrip("\n").startswith(" ") else ""
    lines = content.split("\n")
    if style == ">":
        # Where the text has one break, a folded one has a blank line.
        spread = re.sub(r"\n+", lambda found: f"{found[0]}\n", content).split("\n")
        lines = [part for line in spread for part in _wrapped(line, setting)]
    indented = "".join(f"\n{' ' * setting.indent}{line}" if line else "\n" for line in lines)
    chomping = {0: "-", 1: ""}.get(breaks, "+")
    return Scalar(f"{style}{indicator}{chomping}", indented + "\n" * max(0, breaks - 1))


def _wrapped(text: str, setting: Setting) -> list[str]:
    """``text`` as lines of about the old width, broken at single blanks only."""
    lines = [""]
    for word in _SPACE.split(text):
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if lines[-1] and setting.indent + len(longer) > setting.width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _reads_back(text: str, candidate: Scalar, setting: Setting) -> bool:
    before, after = ("{k: ", "}") if setting.flow else ("k: ", "")
    written = f"{' ' * setting.column}{before}{candidate.inline}{after}{candidate.lines}\n"
    read = parse("", written.encode("utf-8", "surrogatepass"))
    return not read.problems and read.value == {"k": text}

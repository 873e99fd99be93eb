"""Bytes on disk to text: bounded, UTF-8, and without the characters that make YAML readers disagree."""

from __future__ import annotations

import os
import re
import stat
import unicodedata
from io import BufferedReader
from pathlib import Path
from typing import Final

from pinsync.content.problems import Problem

MAX_BYTES: Final = 1_048_576

_USUAL = 16_384  # bytes; hardly a file that people write has more

_LINE_END = re.compile(r"\r\n|\r|\n")
# YAML forbids most of these. The others are invisible, or end a line for some readers and for others not.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_CONTROL_IN_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def read_regular(path: Path | str, limit: int = -1) -> bytes:
    """The first ``limit`` bytes of a file, or all.

    Raises OSError, also for what is no regular file: opening a named pipe would wait for its writer forever.
    """
    with opened_regular(path) as stream:
        if limit <= _USUAL:
            return stream.read(limit)
        # Room is made for as many bytes as are asked for, before it is known how many there are.
        start = stream.read(_USUAL)
        return start if len(start) < _USUAL else start + stream.read(limit - _USUAL)


def opened_regular(path: Path | str) -> BufferedReader:
    """A file opened for reading. Raises OSError as :func:`read_regular` does."""
    mode = os.stat(path).st_mode  # noqa: PTH116 - it may be a text
    if not stat.S_ISREG(mode):
        raise OSError(0, "it is a folder" if stat.S_ISDIR(mode) else "it is a device, a pipe or a socket, not a file")
    return open(path, "rb")  # noqa: PTH123


def lines_of(text: str) -> list[str]:
    """The lines of a text as YAML counts them."""
    return _LINE_END.split(text)


def has_control(text: str) -> bool:
    """Whether a text holds a control character, line ends and tabs apart."""
    return not text.isprintable() and _CONTROL_IN_TEXT.search(text) is not None


def decode(file: str, data: bytes) -> tuple[str, Problem | None]:
    """The text of a YAML file, and what forbids reading it, if anything does; the text is then only about right."""
    if len(data) > MAX_BYTES:
        message = f"the file has more than {MAX_BYTES:,} bytes, the most that pinsync reads"
        return data.decode("utf-8", "replace"), Problem(file, 0, 0, "too-big", message, "Split it into several files.")
    start = data[:100]
    if start.startswith((b"\xff\xfe", b"\xfe\xff")) or start.count(0) * 3 > len(start):
        text = data.replace(b"\0", b"").decode("utf-8", "replace")
        return text, Problem(file, 1, 1, "encoding", "the file is UTF-16, but pinsync reads UTF-8", "Save it as UTF-8.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # With a byte order mark, the error's position counts from after it.
        start_of_text = 3 if data.startswith(b"\xef\xbb\xbf") else 0
        position = start_of_text + error.start
        before = lines_of(data[start_of_text:position].decode("utf-8"))
        text = data[start_of_text:].decode("utf-8", "replace")
        excerpt = lines_of(text)[len(before) - 1]
        message = f"the byte 0x{data[position]:02x} is not UTF-8 text"
        place = (len(before), len(before[-1]) + 1)
        return text, Problem(file, *place, "encoding", message, "Save the file as UTF-8.", excerpt)
    found = None if text.isprintable() else _CONTROL.search(text)
    if found:
        before = lines_of(text[: found.start()])
        name = unicodedata.name(found[0], "a control character").lower()
        message = f"U+{ord(found[0]):04X} ({name}) may not stand in a YAML file"
        advice = "It is invisible and came in by copying, most likely: delete what is around it and type it again."
        excerpt = lines_of(text)[len(before) - 1]
        place = (len(before), len(before[-1]) + 1)
        return text, Problem(file, *place, "control-character", message, advice, excerpt)
    return text, None

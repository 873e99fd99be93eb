"""libyaml's errors in words that help people who do not know YAML's grammar."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import yaml

from pinsync.content.problems import Problem

_QUOTES: Final = "Text that starts with one of * & ! % @ ` | > { [ or # goes into quotes."
_FALLBACK: Final = "Look at the quotes, brackets and the indentation of this line and the one above it."
# Words of libyaml's error and of what it was doing, then what to say instead; the first that fits is taken.
_WORDS: Final = (
    ("unexpected end of stream", "quoted scalar", "the quote that opens here is never closed",
     "Close it, or leave the quotes out."),
    ("unexpected document", "quoted scalar", "the quote that opens here is never closed",
     "Close it, or leave the quotes out."),
    ("mapping values are not allowed", "", 'this ": " makes a second key in one line',
     'Put text with ": " in it into quotes ("Soup: the basics"), and each key on a line of its own, under the first.'),
    ("unexpected ':'", "", 'a ":" cannot stand here', 'Put text with ":" in it into quotes, and a blank after the colon of a key.'),
    ("tab character", "", "a tab stands where the indentation is", "Indent with spaces; YAML allows no tabs there."),
    ("cannot start any token", "", "no text can start with this character", _QUOTES),
    ("sequence entries are not allowed", "", "a list cannot start here", "Start each entry on a line of its own."),
    ("expected ',' or ']'", "", "the [ list is not closed before this", "Close it with ], and put commas between entries."),
    ("expected ',' or '}'", "", "the { mapping is not closed before this", "Close it with }, and put commas between keys."),
    ("could not find expected ':'", "", "the line before this has no `key:`",
     "Write `key: value`; indent the further lines of a longer text, or start it with |."),
    ("did not find expected key", "", "this belongs to no key",
     "Look at the indentation, and at quotes and brackets that end too early, here and just above."),
    ("did not find expected '-'", "", "this belongs to no list entry", "Start it with a dash, or correct the indentation."),
    ("expected <document start>", "", "this is indented less than the line before",
     "Start all keys in the same column."),
    ("node content", "", "no value can start with this character", _QUOTES),
    ("unknown escape", "", "this backslash means nothing in double quotes",
     "Use single quotes, or write \\\\ for a backslash."),
    ("escape code", "", "this escape names no character", "Write the character itself."),
    ("hexdecimal", "", "this escape is not complete", "Write the character itself."),
    ("alphabetic or numeric", "", "no text can start with & or *", _QUOTES),
    ("nesting depth", "", "this is nested more than 20 levels deep",
     "Nothing in pinsync nests so far; text that starts with [ or { goes into quotes."),
    ("tag", "", "text cannot start with !", _QUOTES),
    ("directive", "", "a line cannot start with %", _QUOTES),
    ("incompatible YAML", "", "this version of YAML is not known", "Remove the line."),
    ("comment or line break", "", "nothing may follow | or > in its line", "Start the text in the next line, indented."),
)  # fmt: skip


def explain(file: str, lines: Sequence[str], error: yaml.YAMLError) -> Problem:
    """The problem that libyaml met, at its place in ``lines``."""
    mark = context = None
    found, doing = str(error), ""
    if isinstance(error, yaml.MarkedYAMLError):
        found, doing = error.problem or "", error.context or ""
        mark, context = error.problem_mark or error.context_mark, error.context_mark
    words = next((rest for first, second, *rest in _WORDS if first in found and second in doing), None)
    message, advice = words or (f"not readable as YAML: {found}", _FALLBACK)
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    ended = not "".join(lines[line - 1 :])[column - 1 :].strip()
    if context and (ended or "opens here" in message):
        # Something is not closed before the end: where it was opened is where people have to look.
        line, column = context.line + 1, context.column + 1
        message = message.replace("before this", "before the end of the file")
    if line > len(lines) or not lines[line - 1].strip():
        message, advice = (
            "the file ends before a [ or { is closed",
            "Close it with ] or }, or put the text into quotes.",
        )
        line = max((number for number, text in enumerate(lines, 1) if text.strip()), default=1)
        column = len(lines[line - 1].rstrip()) + 1
    excerpt = lines[line - 1]
    if re.match(r" *\t", excerpt) and column <= len(excerpt) - len(excerpt.lstrip()) + 1:
        message, advice = next((message, advice) for first, _, message, advice in _WORDS if first == "tab character")
    return Problem(file, line, column, "yaml", message, advice, excerpt)

"""What a broken rule of a schema is called, and what to write instead."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from pinsync.content.documents import Document
from pinsync.content.problems import shortened
from pinsync.content.suggesting import listed, nearest
from pinsync.content.wrong import Place
from pinsync.model.schemas import NOT_BLANK

Words = tuple[str, str]

_TYPE_WORDS = {
    "string": "text",
    "object": "a mapping (key: value)",
    "array": "a list",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "null": "null",
}
_BOOLEAN_WORDS = {"yes": "true", "on": "true", "y": "true", "no": "false", "off": "false", "n": "false"}


def name_of(path: Place) -> str:
    """```title`` or ```carousel`, item 2, `title```: how people would call the place."""
    words = [f"item {part + 1}" if isinstance(part, int) else f"`{shortened(part)}`" for part in path]
    return ", ".join(words) or "the file"


def shown(value: Any) -> str:
    """A value as it is named in a sentence."""
    if value is None:
        return "nothing (null)"
    if isinstance(value, bool):
        return f"the word {'true' if value else 'false'}"
    if isinstance(value, (int, float)):
        return f"the number {shortened(str(value))}"
    if isinstance(value, str):
        return f'the text "{value if len(value) <= 40 else value[:39] + "…"}"'
    return "a list" if isinstance(value, list) else "a mapping (key: value)"


def _wrong_type(document: Document, path: Place, error: Any) -> Words:
    wanted = error.validator_value if isinstance(error.validator_value, list) else [error.validator_value]
    value = error.instance
    spelt = shown(value)
    advice = ""
    if isinstance(value, (bool, int, float)):
        written = document.written(path, value)
        spelt = f"the {'word' if isinstance(value, bool) else 'number'} {shortened(written)}"
        if "string" in wanted and re.search(error.schema.get("pattern", ""), written):
            advice = f'Put it into quotes to make it text: "{shortened(written)}".'
        elif "string" in wanted:
            advice = error.schema.get("patternErrorMessage", "")
    if not path:
        return f"the file must hold keys with values, not {spelt}", _instead_of_mapping(value, error)
    if not advice:
        advice = _advice_on_type(wanted, value, error)
    return f"{name_of(path)} must be {' or '.join(_TYPE_WORDS[kind] for kind in wanted)}, not {spelt}", advice


def _advice_on_type(wanted: list[str], value: Any, error: Any) -> str:
    if value is None:
        return "Write a value, or leave the key out."
    if "string" in wanted and isinstance(value, dict):
        return 'If this is text with ": " in it, put it into quotes.'
    if "string" in wanted:
        return "Give a single text."
    if "boolean" in wanted:
        return f"Write {_BOOLEAN_WORDS.get(str(value).lower(), 'true or false')}, without quotes."
    if "array" in wanted:
        return "Start each entry on a line of its own with a dash: `- …`."
    if "object" in wanted:
        return _instead_of_mapping(value, error)
    if isinstance(value, str) and value.strip().isdecimal():
        return "Write the number without quotes."
    return f"Write {_TYPE_WORDS[wanted[0]]}."


def _instead_of_mapping(value: Any, error: Any) -> str:
    keys = list(error.schema.get("properties", {}))
    if isinstance(value, list) and "pins" in keys:
        return "Put the entries under `pins:` or `boards:`, each with a dash."
    return f"Write `key: value`, with keys such as {listed(keys[:6], '`utm_source`')}."


def _too_long(document: Document, path: Place, error: Any) -> Words:
    length, limit = len(error.instance.strip()), error.validator_value
    return (
        f"{name_of(path)} has {length:,} characters; at most {limit:,} are allowed",
        f"Shorten it by {length - limit:,}.",
    )


def _too_short(document: Document, path: Place, error: Any) -> Words:
    return f"{name_of(path)} must not be empty", "Write something, or leave the key out."


def _number_of_items(document: Document, path: Place, error: Any) -> Words:
    count = len(error.instance)
    advice = {0: "List the pictures, each as `- image: …`.", 1: "Use `image:` for a single picture."}
    pictures = f"{count} picture{'' if count == 1 else 's'}"
    return f"{name_of(path)} has {pictures}; Pinterest takes 2 to 5", advice.get(count, "Split it into two pins.")


def _not_in_vocabulary(document: Document, path: Place, error: Any) -> Words:
    options = [str(option) for option in error.validator_value if not str(option).isupper()]
    guess = nearest(str(error.instance), options)
    advice = f"Did you mean `{guess}`?" if guess else f"Write, for example, `{path[-1]}: {options[0]}`."
    if len(options) == 1:
        return f"{name_of(path)} can only be {options[0]} so far, not {shown(error.instance)}", advice
    return f"{name_of(path)} must be one of {', '.join(options)}, not {shown(error.instance)}", advice


def _wrong_pattern(document: Document, path: Place, error: Any) -> Words:
    if error.validator_value == NOT_BLANK or not error.instance.strip():
        return _too_short(document, path, error)
    return f"{name_of(path)} cannot be {shown(error.instance)}", error.schema.get("patternErrorMessage", "")


def _out_of_range(document: Document, path: Place, error: Any) -> Words:
    words = {"minimum": "at least", "maximum": "at most", "exclusiveMinimum": "more than"}
    bound = f"{words[str(error.validator)]} {error.validator_value:,}"
    return f"{name_of(path)} must be {bound}, not {shortened(str(error.instance))}", f"Write a number that is {bound}."


def anything_else(document: Document, path: Place, error: Any) -> Words:
    """For rules that no schema of pinsync has so far."""
    return f"{name_of(path)}: {error.message}", ""


RULES: dict[str, Callable[[Document, Place, Any], Words]] = {
    "type": _wrong_type,
    "maxLength": _too_long,
    "minLength": _too_short,
    "minItems": _number_of_items,
    "maxItems": _number_of_items,
    "enum": _not_in_vocabulary,
    "pattern": _wrong_pattern,
    "minimum": _out_of_range,
    "maximum": _out_of_range,
    "exclusiveMinimum": _out_of_range,
}
CODES = {
    "type": "wrong-type",
    "maxLength": "too-long",
    "minLength": "empty-text",
    "minItems": "carousel-size",
    "maxItems": "carousel-size",
    "enum": "unknown-value",
    "pattern": "wrong-form",
    "minimum": "out-of-range",
    "maximum": "out-of-range",
    "exclusiveMinimum": "out-of-range",
}

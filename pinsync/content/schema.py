"""Checks documents against the published JSON Schemas and says what is wrong in words an editor understands."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pinsync.content.documents import Document
from pinsync.content.problems import Problem

if TYPE_CHECKING:
    from jsonschema.protocols import Validator

Place = tuple[str | int, ...]

NAMES = ("pin", "boards", "config", "defaults")

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
_PATTERN_ADVICE = {
    "key": "Use letters, digits, dots, dashes and underscores, such as `autumn-soups`.",
    "id": "Use letters, digits, dots, dashes and underscores, such as `pumpkin-soup`.",
    "save": "Copy the pin's address from the browser, such as https://www.pinterest.com/pin/1234/.",
    "moved_from": "Give the old address as the plan shows it, such as pin.autumn/pumpkin-soup or board.soups.",
}
# Keys that people bring along from the API, spreadsheets or other tools, and what they are called here.
_OTHER_NAMES = {
    "url": "link", "alt": "alt_text", "alttext": "alt_text", "text": "description", "caption": "description",
    "picture": "image", "photo": "image", "media": "image", "images": "carousel", "slots": "carousel",
    "board_id": "board", "board_section_id": "section", "publish": "publish_at", "date": "publish_at",
    "schedule": "publish_at", "cover_image": "cover", "repin": "save", "access_tier": "tier",
}  # fmt: skip


def schema_text(name: str) -> str:
    """The published schema of that name (see NAMES), as it lies in ``schemas/``."""
    return str(_file(name).read_text(encoding="utf-8"))


def check(document: Document, name: str) -> list[tuple[Place, Problem]]:
    """Every way in which the document breaks the schema of that name; empty if it conforms.

    Each comes with the path of the value that must not be used, or () where something is missing rather than wrong.
    """
    return [found for error in _validator(name).iter_errors(document.value) for found in _explain(document, error)]


def without(value: Any, paths: Iterable[Place]) -> Any:
    """A copy of ``value`` without what stands at ``paths``: keys are left out, list entries become None."""
    copy = json.loads(json.dumps(value))
    for path in paths:
        holder = copy
        for part in path[:-1]:
            holder = holder[int(part)] if isinstance(holder, list) else (holder or {}).get(part)
        if path and isinstance(holder, dict):
            holder.pop(path[-1], None)
        elif path and isinstance(holder, list):
            holder[int(path[-1])] = None
    return copy


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that ``word`` was probably meant to be."""
    close = difflib.get_close_matches(word.lower(), list(known), n=1, cutoff=0.6)
    return close[0] if close else None


@cache
def _validator(name: str) -> Validator:
    from jsonschema import Draft202012Validator

    return Draft202012Validator(json.loads(schema_text(name)))


def _file(name: str) -> Any:
    packaged = resources.files("pinsync") / "schemas" / f"{name}.json"
    # A checkout keeps the schemas beside the package; the wheel carries them inside.
    return packaged if packaged.is_file() else Path(__file__).parents[2] / "schemas" / f"{name}.json"


def _explain(document: Document, error: Any) -> Iterator[tuple[Place, Problem]]:
    path = tuple(error.absolute_path)
    rule = str(error.validator)
    if rule == "additionalProperties":
        yield from _unknown_keys(document, path, error)
    elif rule == "required":
        yield from _missing_keys(document, path, error)
    elif rule in ("oneOf", "anyOf"):
        yield from _alternatives(document, path, error)
    else:
        explain = _RULES.get(rule, _anything_else)
        message, advice = explain(_name(path), error)
        yield path, document.problem(path, _CODES.get(rule, rule), message, advice)


def _name(path: Place) -> str:
    """``title`` or ``carousel, item 2, title``: how people would call the place."""
    words = [f"item {part + 1}" if isinstance(part, int) else f"`{part}`" for part in path]
    return ", ".join(words) or "the file"


def _unknown_keys(document: Document, path: Place, error: Any) -> Iterator[tuple[Place, Problem]]:
    known = list(error.schema.get("properties", {}))
    for key in error.instance:
        if key in known or key == "<<":
            continue
        guess = _OTHER_NAMES.get(str(key).lower())
        guess = guess if guess in known else nearest(str(key), known)
        if guess and guess not in error.instance:
            advice = f"Did you mean `{guess}`?"
        else:
            advice = f"Known here: {', '.join(f'`{name}`' for name in known)}."
        place = (*path, key)
        yield place, document.problem(place, "unknown-key", f"unknown key `{key}`", advice, at_key=True)


def _missing_keys(document: Document, path: Place, error: Any) -> Iterator[tuple[Place, Problem]]:
    # jsonschema reports each missing key on its own; the key stands only in the message.
    missing = [key for key in error.validator_value if key not in error.instance and f"'{key}'" in error.message]
    for key in missing:
        description = error.schema.get("properties", {}).get(key, {}).get("description", "")
        place = f" in {_name(path)}" if path else ""
        yield (), document.problem(path, "missing-key", f"`{key}` is missing{place}", description)


def _alternatives(document: Document, path: Place, error: Any) -> Iterator[tuple[Place, Problem]]:
    keys = [key for option in error.validator_value for key in option.get("required", ())]
    words = ", ".join(f"`{key}`" for key in keys)
    if not isinstance(error.instance, dict):
        return
    given = [key for key in keys if key in error.instance]
    if not given:
        # A misspelled media key is reported as such, with its suggestion.
        known = error.schema.get("properties", {})
        guesses = {
            _OTHER_NAMES.get(str(key).lower(), nearest(str(key), keys)) for key in error.instance if key not in known
        }
        if not guesses & set(keys):
            message = f"nothing says what the pin shows: one of {words} is needed"
            yield (), document.problem(path, "missing-media", message, "Add, for example, `image: picture.jpg`.")
        return
    for key in given[1:]:
        message = f"`{key}` and `{given[0]}` exclude each other: exactly one of {words} says what the pin shows"
        advice = "Keep one; make a second pin of the other."
        yield (*path, key), document.problem((*path, key), "several-media", message, advice, at_key=True)


def _shown(value: Any) -> str:
    if value is None:
        return "nothing (null)"
    if isinstance(value, bool):
        return f"the word {'true' if value else 'false'}"
    if isinstance(value, (int, float)):
        return f"the number {value}"
    if isinstance(value, str):
        return f'the text "{value if len(value) <= 40 else value[:39] + "…"}"'
    return "a list" if isinstance(value, list) else "a mapping (key: value)"


def _wrong_type(name: str, error: Any) -> tuple[str, str]:
    wanted = error.validator_value if isinstance(error.validator_value, list) else [error.validator_value]
    words = " or ".join(_TYPE_WORDS[kind] for kind in wanted)
    value = error.instance
    advice = ""
    if "string" in wanted and isinstance(value, (bool, int, float)):
        advice = f'Put it into quotes to make it text: "{str(value).lower() if isinstance(value, bool) else value}".'
    elif "string" in wanted and value is None:
        advice = "Write a value, or leave the key out."
    elif "string" in wanted and isinstance(value, dict):
        advice = 'If this is text with ": " in it, put it into quotes.'
    elif "boolean" in wanted and isinstance(value, str):
        advice = f"Write {_BOOLEAN_WORDS.get(value.lower(), 'true or false')}, without quotes."
    elif "array" in wanted:
        advice = "Start each entry on a line of its own with a dash: `- …`."
    elif wanted in (["integer"], ["number"]) and isinstance(value, str):
        advice = "Write the number without quotes."
    return f"{name} must be {words}, not {_shown(value)}", advice


def _too_long(name: str, error: Any) -> tuple[str, str]:
    length, limit = len(error.instance), error.validator_value
    return f"{name} has {length:,} characters; at most {limit:,} are allowed", f"Shorten it by {length - limit:,}."


def _too_short(name: str, error: Any) -> tuple[str, str]:
    return f"{name} must not be empty", "Write something, or leave the key out."


def _number_of_items(name: str, error: Any) -> tuple[str, str]:
    count = len(error.instance)
    if name.endswith("`carousel`"):
        advice = "Use `image:` for a single picture." if count == 1 else "Split it into two pins."
        return f"{name} has {count} picture{'' if count == 1 else 's'}; Pinterest takes 2 to 5", advice
    return f"{name} has {count} entries; {error.validator} is {error.validator_value}", ""


def _not_in_vocabulary(name: str, error: Any) -> tuple[str, str]:
    options = [str(option) for option in error.validator_value if not str(option).isupper()]
    guess = nearest(str(error.instance), options)
    advice = f"Did you mean `{guess}`?" if guess else ""
    return f"{name} must be one of {', '.join(options)}, not {_shown(error.instance)}", advice


def _wrong_pattern(name: str, error: Any) -> tuple[str, str]:
    key = str(error.absolute_path[-1]) if error.absolute_path else ""
    return f"{name} cannot be {_shown(error.instance)}", _PATTERN_ADVICE.get(key, "")


def _out_of_range(name: str, error: Any) -> tuple[str, str]:
    words = {"minimum": "at least", "maximum": "at most", "exclusiveMinimum": "more than"}
    return f"{name} must be {words[str(error.validator)]} {error.validator_value}, not {error.instance}", ""


def _anything_else(name: str, error: Any) -> tuple[str, str]:
    return f"{name}: {error.message}", ""


_RULES = {
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
_CODES = {
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

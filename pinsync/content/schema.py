"""Checks documents against the published JSON Schemas and says where, in the words of :mod:`pinsync.content.wording`."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pinsync.content.conforming import Test, compiled, is_too_long, pattern_of
from pinsync.content.documents import Document
from pinsync.content.problems import Problem, shortened
from pinsync.content.suggesting import listed, nearest
from pinsync.content.wording import CODES, RULES, anything_else, name_of
from pinsync.content.wrong import Place

if TYPE_CHECKING:
    from jsonschema.protocols import Validator

NAMES = ("pin", "boards", "config", "defaults")

# Keys that people bring along from the API, spreadsheets or other tools, and what they are called here.
_OTHER_NAMES = {
    "url": "link", "alt": "alt_text", "alttext": "alt_text", "text": "description", "caption": "description",
    "picture": "image", "photo": "image", "media": "image", "images": "carousel", "slots": "carousel",
    "board_id": "board", "board_section_id": "section", "publish": "publish_at", "date": "publish_at",
    "schedule": "publish_at", "cover_image": "cover", "repin": "save", "access_tier": "tier",
    "title": "name", "slug": "key",
}  # fmt: skip
_UNSUPPORTED = dict.fromkeys(
    ("pin_url", "product", "product_url"),
    "Product pins need a beta of the API that is open to few apps, and pinsync does not make them. A pin with `image:` and "
    "`link:` can lead to the product.",
)
# Where keys are at home, for those who write them elsewhere.
_HOMES = (("pin", "a pin"), ("defaults", "a _defaults.yaml"), ("config", "pinsync.yaml"))


def schema_text(name: str) -> str:
    """The published schema of that name (see NAMES), as it lies in ``schemas/``."""
    return str(_file(name).read_text(encoding="utf-8"))


def check(document: Document, name: str) -> list[tuple[Place, Problem]]:
    """Every way in which the document breaks the schema of that name; empty if it conforms.

    Each comes with the place of the value that must not be used, also where it is missing. What the reader reported
    is not looked at again.
    """
    if conforms(name)(document.value):
        return []  # without loading jsonschema, which takes as long as hundreds of files
    return [
        found
        for error in validator(name).iter_errors(document.value)
        if tuple(error.absolute_path) not in document.wrong
        for found in _explain(document, error)
    ]


def likely_keys(value: dict[str, Any], known: frozenset[str]) -> set[str]:
    """Those of the known keys that ``value`` has, or seems to have meant."""
    exact = value.keys() & known
    if exact:
        return exact
    return {guess for key in list(value)[:20] if (guess := _meant(key, known))}


@cache
def conforms(name: str) -> Test:
    """The quick test of a value against the schema of that name; what it refuses may be right all the same."""
    return compiled(_schema(name))


@cache
def validator(name: str) -> Validator:
    """The precise one, which finds every way in which a value breaks the schema of that name."""
    from jsonschema import Draft202012Validator, ValidationError
    from jsonschema.validators import extend

    def pattern(validator: Any, patrn: str, instance: Any, schema: Any) -> Iterator[ValidationError]:
        if validator.is_type(instance, "string") and not pattern_of(patrn).search(instance):
            yield ValidationError("wrong form")

    def max_length(validator: Any, limit: int, instance: Any, schema: Any) -> Iterator[ValidationError]:
        if validator.is_type(instance, "string") and is_too_long(instance, limit):
            yield ValidationError("too long")

    def number(checker: Any, instance: Any) -> bool:
        # YAML has .inf and .nan, which JSON has not.
        return type(instance) is int or (isinstance(instance, float) and math.isfinite(instance))

    types = Draft202012Validator.TYPE_CHECKER.redefine("number", number)
    rules = {"pattern": pattern, "maxLength": max_length}
    strict = extend(Draft202012Validator, rules, type_checker=types)  # type: ignore[no-untyped-call]
    checked: Validator = strict(_schema(name))
    return checked


@cache
def _schema(name: str) -> Any:
    return json.loads(schema_text(name))


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
    elif "propertyNames" in error.absolute_schema_path:
        place = (*path, error.instance)
        advice = "Write the name of a query parameter, such as utm_source."
        yield place, document.problem(place, "wrong-form", f"a key of {name_of(path)} is empty", advice, at_key=True)
    else:
        explain = RULES.get(rule, anything_else)
        message, advice = explain(document, path, error)
        yield path, document.problem(path, CODES.get(rule, rule), message, advice)


def _unknown_keys(document: Document, path: Place, error: Any) -> Iterator[tuple[Place, Problem]]:
    known = list(error.schema.get("properties", {}))
    for key in error.instance:
        if key in known:
            continue
        guess = _meant(key, known)
        meant = guess if guess and guess not in error.instance else None
        advice = f"Did you mean `{meant}`?" if meant else _home_of(key, known)
        problem = document.problem((*path, key), "unknown-key", f"unknown key `{shortened(key)}`", advice, at_key=True)
        # What was meant is given, so that it is not missing on top.
        yield (*path, meant or key), problem


def _home_of(key: str, known: list[str]) -> str:
    if key in _UNSUPPORTED:
        return _UNSUPPORTED[key]
    for name, home in _HOMES:
        if key in _schema(name)["properties"]:
            return f"It belongs into {home}."
    return f"Known here: {listed(known, 'nothing', most=20)}."


def _meant(key: str, known: Any) -> str | None:
    guess = _OTHER_NAMES.get(key.lower())
    return guess if guess in known else nearest(key, known)


def _missing_keys(document: Document, path: Place, error: Any) -> Iterator[tuple[Place, Problem]]:
    # jsonschema reports each missing key on its own; the key stands only in the message.
    missing = [key for key in error.validator_value if key not in error.instance and f"'{key}'" in error.message]
    known = list(error.schema.get("properties", {}))
    for key in missing:
        place = (*path, key)
        if any(_meant(other, known) == key for other in error.instance if other not in known):
            continue  # misspelt, which is reported as such
        example = next(iter(error.schema.get("properties", {}).get(key, {}).get("examples", ())), None)
        advice = f"Add, for example, `{key}: {example}`." if example else f"Add `{key}: …`."
        where = f" in {name_of(path)}" if path else ""
        yield place, document.problem(path, "missing-key", f"`{key}` is missing{where}", advice)


def _alternatives(document: Document, path: Place, error: Any) -> Iterator[tuple[Place, Problem]]:
    keys = [key for option in error.validator_value for key in option.get("required", ())]
    words = ", ".join(f"`{key}`" for key in keys)
    if not isinstance(error.instance, dict):
        return
    given = [key for key in keys if key in error.instance]
    if not given:
        # A misspelt media key is reported as such, with its suggestion.
        known = list(error.schema.get("properties", {}))
        if not any(_meant(key, known) in keys for key in error.instance if key not in known):
            message = f"nothing says what the pin shows: one of {words} is needed"
            place = (*path, keys[0])
            yield (
                place,
                document.problem(path, "missing-media", message, f"Add, for example, `{keys[0]}: picture.jpg`."),
            )
        return
    for key in given[1:]:
        message = f"`{key}` and `{given[0]}` exclude each other: exactly one of {words} says what the pin shows"
        advice = "Keep one; make a second pin of the other."
        yield (*path, key), document.problem((*path, key), "several-media", message, advice, at_key=True)

"""Whether a value conforms to a schema, quickly and without reasons: the good path of :mod:`pinsync.content.schema`.

It may say no where the answer is yes, for a keyword or a value that it does not know, and never the other way round.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

Test = Callable[[Any], bool]

_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "string": (str,), "object": (dict,), "array": (list,), "integer": (int,), "number": (int, float),
    "boolean": (bool,), "null": (type(None),),
}  # fmt: skip
_NUMBERS = (int, float)
_SILENT = frozenset(
    {"$schema", "$id", "title", "description", "default", "examples", "type"}
    | {"enumDescriptions", "patternErrorMessage", "defaultSnippets"}  # for editors
)


def compiled(schema: Mapping[str, Any]) -> Test:
    """A test that is true only of values that conform to ``schema``, which are of the types that JSON has."""
    named = schema.get("type", list(_TYPES))
    types = {kind for name in ([named] if isinstance(named, str) else named) for kind in _TYPES[name]}
    rules: dict[type, list[Test]] = {kind: [math.isfinite] if kind is float else [] for kind in types}
    for keyword in schema.keys() - _SILENT:
        applies, make = _RULES.get(keyword, (tuple(types), _unknown))
        test = make(schema, schema[keyword])
        for kind in types.intersection(applies):
            rules[kind].append(test)
    tests = {kind: tuple(found) for kind, found in rules.items()}

    def conforms(value: Any) -> bool:
        found = tests.get(type(value))
        if found is None:
            return False
        for test in found:  # noqa: SIM110
            if not test(value):
                return False
        return True

    return conforms


def pattern_of(pattern: str) -> re.Pattern[str]:
    """A schema's pattern for Python, where $ is also before a last line break."""
    return re.compile(pattern.replace("$", r"\Z"))


def is_too_long(text: str, limit: int) -> bool:
    """Whether more than ``limit`` characters would be sent: white space around a text is not, such as the line break that
    ends a | text."""
    return len(text) > limit and len(text.strip()) > limit


def _unknown(schema: Mapping[str, Any], value: Any) -> Test:
    return lambda instance: False


def _pattern(schema: Mapping[str, Any], pattern: str) -> Test:
    search = pattern_of(pattern).search
    return lambda text: search(text) is not None


def _properties(schema: Mapping[str, Any], rest: Any) -> Test:
    tests = {name: compiled(part) for name, part in schema.get("properties", {}).items()}
    other = compiled(rest) if isinstance(rest, dict) else lambda value: rest is True

    def conforms(value: dict[str, Any]) -> bool:
        for name, part in value.items():  # noqa: SIM110
            if not tests.get(name, other)(part):
                return False
        return True

    return conforms


def _names(schema: Mapping[str, Any], names: Mapping[str, Any]) -> Test:
    test = compiled(names)
    return lambda value: all(map(test, value))


def _items(schema: Mapping[str, Any], items: Mapping[str, Any]) -> Test:
    test = compiled(items)
    return lambda value: all(map(test, value))


def _one_of(schema: Mapping[str, Any], options: Any) -> Test:
    if any(option.keys() != {"required"} or len(option["required"]) != 1 for option in options):
        return _unknown(schema, options)  # only where every option is told exactly can they be counted
    keys = [option["required"][0] for option in options]
    return lambda value: sum(key in value for key in keys) == 1


def _any_of(schema: Mapping[str, Any], options: Any) -> Test:
    tests = [compiled(option) for option in options]
    return lambda value: any(test(value) for test in tests)


def _all_of(schema: Mapping[str, Any], options: Any) -> Test:
    tests = [compiled(option) for option in options]
    return lambda value: all(test(value) for test in tests)


_ALL: Final = tuple({kind for kinds in _TYPES.values() for kind in kinds})
_RULES: Final[dict[str, tuple[tuple[type, ...], Callable[[Mapping[str, Any], Any], Test]]]] = {
    "enum": (_ALL, lambda schema, words: lambda value: isinstance(value, str) and value in words),
    "pattern": ((str,), _pattern),
    "minLength": ((str,), lambda schema, least: lambda text: len(text) >= least),
    "maxLength": ((str,), lambda schema, most: lambda text: not is_too_long(text, most)),
    "minimum": (_NUMBERS, lambda schema, least: lambda number: number >= least),
    "maximum": (_NUMBERS, lambda schema, most: lambda number: number <= most),
    "exclusiveMinimum": (_NUMBERS, lambda schema, bound: lambda number: number > bound),
    "minItems": ((list,), lambda schema, least: lambda items: len(items) >= least),
    "maxItems": ((list,), lambda schema, most: lambda items: len(items) <= most),
    "items": ((list,), _items),
    "required": ((dict,), lambda schema, keys: lambda value: all(key in value for key in keys)),
    "properties": ((dict,), lambda schema, parts: _properties(schema, schema.get("additionalProperties", True))),
    "additionalProperties": ((dict,), lambda schema, rest: _properties(schema, rest)),
    "propertyNames": ((dict,), _names),
    "oneOf": ((dict,), _one_of),
    "anyOf": ((dict,), _any_of),
    "allOf": ((dict,), _all_of),
}  # fmt: skip

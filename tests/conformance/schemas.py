"""Turning the schemas of an OpenAPI 3.0 description into JSON Schema (2020-12) that says the same."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from jsonschema import FormatChecker

Schema = dict[str, Any]

_KEPT = ("enum", "maxItems", "maxLength", "maximum", "minItems", "minLength", "minimum", "required", "type", "format")
_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")

formats = FormatChecker(())


@formats.checks("date-time")
def _is_date_time(value: object) -> bool:
    # RFC 3339, as the description's format means it: an offset is required.
    return not isinstance(value, str) or _DATE_TIME.fullmatch(value) is not None


@formats.checks("date")
def _is_date(value: object) -> bool:
    return not isinstance(value, str) or _DATE.fullmatch(value) is not None


def converted(schema: Mapping[str, Any], *, request: bool, closed: bool) -> Schema:
    """``schema`` as JSON Schema.

    In a ``request``, read-only properties do not exist. ``closed`` objects may not have properties that are nowhere
    declared: each place where a value can stand gets ``unevaluatedProperties``, which sees through allOf and $ref.
    """
    if "$ref" in schema:
        return {"$ref": schema["$ref"]}
    result: Schema = {name: schema[name] for name in _KEPT if name in schema}
    if "pattern" in schema:
        # ECMA 262 means ASCII digits and the very end.
        result["pattern"] = re.sub(r"\$$", r"\\Z", schema["pattern"].replace(r"\d", "[0-9]"))
    dropped = set()
    if "properties" in schema:
        dropped = {name for name, value in schema["properties"].items() if request and value.get("readOnly")}
        result["properties"] = {
            name: placed(value, request=request, closed=closed)
            for name, value in schema["properties"].items()
            if name not in dropped
        }
    if "required" in result:
        result["required"] = [name for name in result["required"] if name not in dropped]
    if "items" in schema:
        result["items"] = placed(schema["items"], request=request, closed=closed)
    if isinstance(schema.get("additionalProperties"), dict):
        result["additionalProperties"] = placed(schema["additionalProperties"], request=request, closed=closed)
    for word in ("allOf", "anyOf", "oneOf"):
        if word in schema and not (word == "oneOf" and "discriminator" in schema):
            # Alternatives of metric_types overlap, so the description cannot mean exactly one of them.
            meant = "anyOf" if word == "oneOf" else word
            result[meant] = [converted(part, request=request, closed=closed) for part in schema[word]]
    if "discriminator" in schema:
        _discriminate(result, schema["discriminator"], required="oneOf" in schema)
    return _with_null(result) if schema.get("nullable") else result


def placed(schema: Mapping[str, Any], *, request: bool, closed: bool) -> Schema:
    """``schema`` for a place where a value stands, closed if asked for."""
    result = converted(schema, request=request, closed=closed)
    if not closed or (schema.get("type") == "object" and not {"properties", "allOf", "discriminator"} & set(schema)):
        return result
    return {**result, "unevaluatedProperties": False}


def _discriminate(result: Schema, discriminator: Mapping[str, Any], *, required: bool) -> None:
    # By the discriminator and not by oneOf: PinMediaSourcePinURL names its source_type without being the only match.
    name, mapping = discriminator["propertyName"], discriminator["mapping"]
    if required:
        result["required"] = [*result.get("required", []), name]
        result["properties"] = {**result.get("properties", {}), name: {"enum": list(mapping)}}
    cases = [
        {"if": {"properties": {name: {"const": value}}, "required": [name]}, "then": {"$ref": target}}
        for value, target in mapping.items()
    ]
    result["allOf"] = [*result.get("allOf", []), *cases]


def _with_null(schema: Schema) -> Schema:
    if (
        set(schema) <= {"type", "pattern", "maxLength", "minLength", "minimum", "maximum", "format"}
        and "type" in schema
    ):
        return {**schema, "type": [schema["type"], "null"]}
    return {"anyOf": [schema, {"type": "null"}]}

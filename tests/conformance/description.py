"""Does a request or an answer conform to the official description? Every check returns the problems it found."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from tests.conformance.schemas import Schema, formats, placed

OPENAPI = Path(__file__).with_name("openapi.yaml")

_BASE = "urn:pinterest"
_LONGEST_MESSAGE = 300
_FORM = "application/x-www-form-urlencoded"

# Named by the prose of oauth/token ("make sure to set the continuous_refresh parameter"), missing in its schema.
_UNDECLARED = {"oauth/token": {"continuous_refresh"}}


@dataclass(frozen=True)
class Operation:
    """One operation: its id, its path template, and what the description says of it."""

    id: str
    path: str
    definition: Mapping[str, Any]
    parameters: tuple[Mapping[str, Any], ...]


class Description:
    """The official description, ready to check with."""

    def __init__(self, document: Mapping[str, Any], *, closed_answers: bool = False) -> None:
        """``closed_answers`` also makes a problem of properties of an answer that the description does not know."""
        self._document = document
        self._base_path = urlsplit(document["servers"][0]["url"]).path
        self._closed_answers = closed_answers
        self._registries = {request: self._registry(request) for request in (True, False)}
        self.operations = tuple(self._operations())

    @staticmethod
    @cache
    def load(closed_answers: bool = False) -> Description:
        """The excerpt beside this module."""
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        document = yaml.load(OPENAPI.read_text("utf-8"), Loader=loader)  # noqa: S506 - a safe loader either way
        return Description(document, closed_answers=closed_answers)

    def _operations(self) -> Iterable[Operation]:
        # A literal segment wins over a parameter in the same place: /pins/analytics before /pins/{pin_id}.
        for path in sorted(
            self._document["paths"], key=lambda path: [part.startswith("{") for part in path.split("/")]
        ):
            for definition in self._document["paths"][path].values():
                parameters = tuple(self._resolved(parameter) for parameter in definition.get("parameters", ()))
                yield Operation(definition["operationId"], path, definition, parameters)

    def _resolved(self, thing: Mapping[str, Any]) -> Mapping[str, Any]:
        while "$ref" in thing:
            found: Any = self._document
            for part in thing["$ref"].removeprefix("#/").split("/"):
                found = found[part]
            thing = found
        return thing

    def _closed(self, request: bool) -> bool:
        return request or self._closed_answers

    def _registry(self, request: bool) -> Registry[Any]:
        schemas = {
            # A component is not a place: where it is used decides whether it is closed.
            name: _opened(placed(schema, request=request, closed=self._closed(request)))
            for name, schema in self._document["components"]["schemas"].items()
        }
        resource: Resource[Any] = Resource.from_contents({"components": {"schemas": schemas}}, DRAFT202012)
        registry: Registry[Any] = Registry().with_resource(_BASE, resource)
        return registry

    def operation(self, method: str, path: str) -> Operation | str:
        """The operation that a request is for, or what is wrong with its method or path."""
        if not path.startswith(f"{self._base_path}/"):
            return f"{path} is not below {self._base_path}"
        rest = path.removeprefix(self._base_path)
        matching = [operation for operation in self.operations if _match(operation.path, rest) is not None]
        if not matching:
            return f"unknown path {path}"
        for operation in matching:
            if operation.definition is self._document["paths"][operation.path].get(method.lower()):
                return operation
        return f"{path} has no method {method}"

    def check_request(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> list[str]:
        """Problems of a request. ``url`` is path and query, below the base path (``/v5``)."""
        parts = urlsplit(url)
        operation = self.operation(method, parts.path)
        if isinstance(operation, str):
            return [operation]
        given = {name.lower(): value for name, value in headers.items()}
        return [
            *self._check_path(operation, parts.path.removeprefix(self._base_path)),
            *self._check_query(operation, parts.query),
            *_check_credentials(operation, given.get("authorization", "")),
            *self._check_request_body(operation, given.get("content-type", ""), body),
        ]

    def check_response(self, method: str, url: str, status: int, headers: Mapping[str, str], body: bytes) -> list[str]:
        """Problems of an answer to ``method`` and ``url``."""
        operation = self.operation(method, urlsplit(url).path)
        if isinstance(operation, str):
            return [operation]
        responses = operation.definition["responses"]
        response = responses.get(str(status), responses.get("default"))
        if response is None:
            return [f"status {status} is not described"]
        if "content" not in response:
            return [f"status {status} has no body, but {len(body)} bytes came"] if body else []
        content_type = next((value for name, value in headers.items() if name.lower() == "content-type"), "")
        if _media_type(content_type) not in response["content"]:
            return [f"the content type is {content_type or 'missing'}, not {' or '.join(response['content'])}"]
        try:
            value = json.loads(body)
        except ValueError:
            return [f"the body is not JSON: {body[:80]!r}"]
        return self._problems(response["content"]["application/json"]["schema"], value, "body", request=False)

    def _check_path(self, operation: Operation, path: str) -> Iterable[str]:
        values = _match(operation.path, path) or {}
        for parameter in operation.parameters:
            if parameter["in"] == "path":
                value = unquote(values[parameter["name"]])
                yield from self._problems(parameter["schema"], value, f"path {parameter['name']}", request=True)

    def _check_query(self, operation: Operation, query: str) -> Iterable[str]:
        known = {parameter["name"]: parameter for parameter in operation.parameters if parameter["in"] == "query"}
        given: dict[str, list[str]] = {}
        for name, value in parse_qsl(query, keep_blank_values=True):
            given.setdefault(name, []).append(value)
        for name, values in given.items():
            if name not in known:
                yield f"query: unknown parameter {name}"
                continue
            schema = self._resolved(known[name]["schema"])
            if schema.get("type") == "array":
                if not known[name].get("explode", True):
                    values = [part for value in values for part in value.split(",")]
                yield from self._problems(schema, values, f"query {name}", request=True)
            elif len(values) > 1:
                yield f"query {name}: given {len(values)} times"
            else:
                yield from self._problems(schema, _typed(schema, values[0]), f"query {name}", request=True)
        for name, parameter in known.items():
            if parameter.get("required") and name not in given:
                yield f"query {name}: required"

    def _check_request_body(self, operation: Operation, content_type: str, body: bytes) -> Iterable[str]:
        definition = operation.definition.get("requestBody")
        if definition is None:
            return [f"no body is described, but {len(body)} bytes were sent"] if body else []
        if not body:
            return ["a body is required"] if definition.get("required") else []
        kind = _media_type(content_type)
        if kind not in definition["content"]:
            return [f"the content type is {content_type or 'missing'}, not {' or '.join(definition['content'])}"]
        try:
            value = dict(parse_qsl(body.decode(), keep_blank_values=True)) if kind == _FORM else json.loads(body)
        except ValueError:
            return ["the body is not what its content type says"]
        if isinstance(value, dict):
            for name in _UNDECLARED.get(operation.id, ()):
                value.pop(name, None)
        return self._problems(definition["content"][kind]["schema"], value, "body", request=True)

    def _problems(self, schema: Mapping[str, Any], value: Any, where: str, *, request: bool) -> list[str]:
        place = _absolute(placed(schema, request=request, closed=self._closed(request)))
        validator = Draft202012Validator(place, registry=self._registries[request], format_checker=formats)
        errors = list(validator.iter_errors(value))
        # A branch that fails declares no properties, so that its own would be called unexpected as well.
        real = [error for error in errors if error.validator != "unevaluatedProperties"]
        return [_told(error, where) for error in real or errors]


def _opened(schema: Schema) -> Schema:
    return {name: value for name, value in schema.items() if name != "unevaluatedProperties"}


def _absolute(schema: Any) -> Any:
    if isinstance(schema, dict):
        return {
            name: f"{_BASE}{value}" if name == "$ref" and isinstance(value, str) else _absolute(value)
            for name, value in schema.items()
        }
    return [_absolute(part) for part in schema] if isinstance(schema, list) else schema


def _told(error: Any, where: str) -> str:
    closest = best_match([error]) or error
    place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in closest.absolute_path)
    message = closest.message
    if len(message) > _LONGEST_MESSAGE:
        message = f"{message[: _LONGEST_MESSAGE // 2]} ... {message[-_LONGEST_MESSAGE // 2 :]}"
    return f"{where}{place}: {message}"


def _check_credentials(operation: Operation, authorization: str) -> Iterable[str]:
    basic = any("basic" in requirement for requirement in operation.definition["security"])
    scheme = "Basic" if basic else "Bearer"
    if not authorization.lower().startswith(f"{scheme.lower()} "):
        yield f"authorization: {scheme} credentials are required"


def _match(template: str, path: str) -> dict[str, str] | None:
    pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(template))
    match = re.fullmatch(pattern, path)
    return match.groupdict() if match else None


def _media_type(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def _typed(schema: Mapping[str, Any], text: str) -> Any:
    match schema.get("type"):
        case "integer" if re.fullmatch(r"-?[0-9]+", text):
            return int(text)
        case "boolean" if text in ("true", "false"):
            return text == "true"
        case _:
            return text

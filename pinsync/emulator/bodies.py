"""Reading request bodies: decoding, and the checks that every operation shares."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any, NoReturn
from urllib.parse import parse_qsl

from pinsync.emulator import normalising
from pinsync.emulator.errors import Refusal, invalid
from pinsync.emulator.store import row_id

LINK_LIMIT = 2048

_MOST_FIELDS = 100


def decode(content: bytes, content_type: str) -> Any:
    """The JSON of a request body; None where the body is empty. Refused where it is not JSON."""
    if not content:
        return None
    kind = _kind(content_type)
    if kind and kind != "application/json" and not kind.endswith("+json"):
        raise Refusal(415, 1, f"The body has to be application/json, not {quoted(kind)}.")
    try:
        return json.loads(content, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise invalid("the body is not valid JSON.") from None


def form(content: bytes, content_type: str) -> Mapping[str, str]:
    """The fields of a form. Refused where it is none, or has a field twice."""
    kind = _kind(content_type)
    if content and kind != "application/x-www-form-urlencoded":
        raise Refusal(415, 1, f"The body has to be application/x-www-form-urlencoded, not {quoted(kind)}.")
    try:
        fields = parse_qsl(content.decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise invalid("the body is not a valid form.") from None
    if len(dict(fields)) < len(fields):
        raise invalid("the body has a field twice.")
    return dict(fields)


def _kind(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def quoted(value: object) -> str:
    """``value`` for a message: ASCII, in quotes, shortened."""
    shown = ascii(value if len(str(value)) <= 60 else str(value)[:57] + "...")
    return shown if isinstance(value, str) else f"'{shown}'"


def mapping(body: Any, known: Collection[str], what: str = "the body") -> Mapping[str, Any]:
    """``body`` as an object that has no properties but the ``known`` ones."""
    if not isinstance(body, dict):
        raise invalid(f"{what} has to be an object.")
    for name in body:
        if name not in known:
            raise invalid(f"{what} has no property {quoted(name)}; it may have {', '.join(sorted(known))}.")
    return body


def text(body: Mapping[str, Any], name: str, limit: int, *, nullable: bool = True) -> str | None:
    """The stored form of a text property; None where it is absent, null or blank. Characters count, not bytes."""
    value = body.get(name)
    if value is None and (nullable or name not in body):
        return None
    if not isinstance(value, str):
        raise invalid(f"'{name}' has to be a string.")
    if len(value) > limit:
        raise invalid(f"'{name}' is longer than {limit} characters ({len(value)}).")
    return normalising.text(value, limit)


def name(body: Mapping[str, Any], limit: int) -> str:
    """The stored form of a ``name`` that must be there and not blank."""
    stored = text(body, "name", limit, nullable=False)
    if stored is None:
        raise invalid(f"'name' has to have 1 to {limit} characters.")
    return stored


def link(body: Mapping[str, Any], *, nullable: bool = True) -> str | None:
    """The stored form of ``link``; None where it is absent, null or blank."""
    value = body.get("link")
    if value is None and (nullable or "link" not in body):
        return None
    if not isinstance(value, str):
        raise invalid("'link' has to be a string.")
    try:
        stored = normalising.link(value)
    except ValueError:
        raise invalid("'link' has to be an http or https address.") from None
    if len(value) > LINK_LIMIT or len(stored or "") > LINK_LIMIT:
        raise invalid(f"'link' is longer than {LINK_LIMIT} characters ({len(value)}).")
    return stored


def flag(body: Mapping[str, Any], name: str, default: bool) -> bool:
    """A boolean property."""
    value = body.get(name, default)
    if not isinstance(value, bool):
        raise invalid(f"'{name}' has to be true or false.")
    return value


def choice(body: Mapping[str, Any], name: str, choices: Collection[str], default: str) -> str:
    """A property that has one of a few values."""
    value = body.get(name, default)
    if not isinstance(value, str) or value not in choices:
        raise invalid(f"'{name}' has to be one of {', '.join(choices)}, not {quoted(value)}.")
    return value


def identifier(body: Mapping[str, Any], name: str) -> int | None:
    """An id property as a row id; None where it is absent or null. One that no row can have stays one (-1)."""
    value = body.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or not value.isascii() or not value.isdigit():
        raise invalid(f"'{name}' has to be a string of digits, not {quoted(value)}.")
    return row_id(value)

"""Boards."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pinsync.model.equality import canonical_name, same_text
from pinsync.model.kind import Field, Kind, Payload, Uploaded, table
from pinsync.model.resource import Desired, Found, Value
from pinsync.pinterest.operations import Call, create_board, delete_board, update_board

NAME_LIMIT = 180
DESCRIPTION_LIMIT = 500
PRIVACIES = ("public", "protected", "secret")


def _privacy_refuses(before: Value, after: Value) -> str | None:
    if after == "protected":
        return "Pinterest cannot make an existing board protected; choose public or secret, or make a new board"
    return None


FIELDS = table(
    Field(
        "name",
        "name",
        {
            "type": "string",
            "minLength": 1,
            "maxLength": NAME_LIMIT,
            "description": "The board's name as people see it on Pinterest. No two boards of an account share one.",
            "examples": ["Weeknight soups"],
        },
        same_text,
    ),
    Field(
        "description",
        "description",
        {
            "type": ["string", "null"],
            "maxLength": DESCRIPTION_LIMIT,
            "description": "What the board is about. null removes it.",
            "examples": ["Soups that are on the table in half an hour."],
        },
        same_text,
    ),
    Field(
        "privacy",
        "privacy",
        {
            "type": "string",
            "enum": [*PRIVACIES, *(privacy.upper() for privacy in PRIVACIES)],
            "description": "Who can see it: public, protected or secret. Pinterest makes new boards public.",
            "examples": ["public"],
        },
        refuses=_privacy_refuses,
    ),
)


def _wire(fields: Mapping[str, Value], names: Iterable[str]) -> dict[str, Any]:
    return {name: fields[name].upper() if name == "privacy" else fields[name] for name in names}


def _create(
    desired: Desired, fields: Mapping[str, Value], payloads: Sequence[Payload], video: Uploaded | None
) -> Call[Any]:
    return create_board(_wire(fields, [name for name in fields if fields[name] is not None]))


def _update(board_id: str, fields: Mapping[str, Value], before: Mapping[str, Value]) -> Call[Any]:
    return update_board(board_id, _wire(fields, before))


def _observe(answer: Mapping[str, Any], context: Mapping[str, Value]) -> Found:
    count = answer.get("pin_count")
    return Found(
        kind="board",
        id=str(answer["id"]),
        fields={
            "name": answer["name"],
            "description": answer.get("description"),
            "privacy": str(answer.get("privacy") or "PUBLIC").lower(),
        },
        created_at=str(answer.get("created_at") or ""),
        pin_count=count if isinstance(count, int) else 0,
    )


KIND = Kind(
    name="board",
    plural="boards",
    fields=FIELDS,
    parents=lambda desired: (),
    describe=lambda desired: str(desired.fields["name"]),
    create=_create,
    update=_update,
    delete=lambda resource_id, fields: delete_board(resource_id),
    observe=_observe,
    identity=lambda fields, shape: canonical_name(fields["name"]),
)

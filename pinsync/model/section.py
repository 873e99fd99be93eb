"""Board sections."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pinsync.model.equality import canonical_name, same_text
from pinsync.model.kind import Field, Kind, Payload, Uploaded, table
from pinsync.model.resource import Desired, Found, Value
from pinsync.pinterest.operations import Call, create_section, delete_section, update_section

NAME_LIMIT = 180


def _board_refuses(before: Value, after: Value) -> str | None:
    return (
        "Pinterest cannot move a section to another board; declare it on its own board again, or say `pinsync state forget` "
        "so that a new one is made"
    )


FIELDS = table(
    Field("board", "board", reference=True, refuses=_board_refuses),
    Field(
        "name",
        "name",
        {
            "type": "string",
            "minLength": 1,
            "maxLength": NAME_LIMIT,
            "description": "The section's name as people see it on Pinterest.",
            "examples": ["Autumn"],
        },
        same_text,
    ),
)


def _create(
    desired: Desired, fields: Mapping[str, Value], payloads: Sequence[Payload], video: Uploaded | None
) -> Call[Any]:
    return create_section(fields["board"], fields["name"])


def _update(section_id: str, fields: Mapping[str, Value], before: Mapping[str, Value]) -> Call[Any]:
    return update_section(fields["board"], section_id, fields["name"])


def _observe(answer: Mapping[str, Any], context: Mapping[str, Value]) -> Found:
    # The answer does not say whose section it is; the caller knows from its request.
    return Found("section", str(answer["id"]), {"board": context["board"], "name": answer["name"]})


KIND = Kind(
    name="section",
    plural="sections",
    fields=FIELDS,
    parents=lambda desired: (desired.fields["board"],),
    describe=lambda desired: str(desired.fields["name"]),
    create=_create,
    update=_update,
    delete=lambda resource_id, fields: delete_section(str(fields["board"]), resource_id),
    observe=_observe,
    identity=lambda fields, shape: (fields.get("board"), canonical_name(fields["name"])),
)

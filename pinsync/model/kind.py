"""What every kind of resource provides, and the table of fields that drives schema, diff, client and report."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pinsync.model.equality import Same, same_exactly
from pinsync.model.resource import Desired, Found, Value
from pinsync.pinterest.operations import Call


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a kind.

    ``label`` names it to people. ``schema`` is the JSON Schema of its YAML value, or None where the YAML spells it
    differently (media). ``same`` tells whether a value read means the same as one written. ``reference`` says that the
    value is another resource. ``refuses`` returns why a change from one value to another cannot be made, or None.
    """

    name: str
    label: str
    schema: Mapping[str, Any] | None = None
    same: Same = same_exactly
    reference: bool = False
    readable: bool = True
    refuses: Callable[[Value, Value], str | None] = lambda before, after: None


@dataclass(frozen=True, slots=True)
class Payload:
    """A picture ready to be sent."""

    content_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Uploaded:
    """A video that lies at Pinterest, by the id of its media."""

    media_id: str


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of resource, as functions over plain values.

    ``parents`` lists the addresses that must exist first. ``describe`` names a desired resource to people. ``create``
    and ``update`` build calls from fields whose references are already ids; ``create`` also gets the local pictures and the
    video, ``update`` the resource's id, all its resolved fields, and for those to send what they are so far, as far as that is
    known, ``delete`` its id and the fields that were sent.
    ``observe`` reads an answer back. ``identity`` is what must be equal for a live resource to be recognised as a desired one
    (references as ids). ``is_anonymous`` says that nothing in the fields tells it from others, so that a match may be
    chance.
    ``resembles`` says whether a live resource of another identity may be the desired one all the same.
    """

    name: str
    plural: str
    fields: Mapping[str, Field]
    parents: Callable[[Desired], tuple[str, ...]]
    describe: Callable[[Desired], str]
    create: Callable[[Desired, Mapping[str, Value], Sequence[Payload], Uploaded | None], Call[Any]]
    update: Callable[[str, Mapping[str, Value], Mapping[str, Value]], Call[Any]]
    delete: Callable[[str, Mapping[str, Value]], Call[None]]
    observe: Callable[[Mapping[str, Any], Mapping[str, Value]], Found]
    identity: Callable[[Mapping[str, Value], tuple[Any, ...]], Any]
    shape: Callable[[Desired], tuple[Any, ...]] = lambda desired: ()
    is_anonymous: Callable[[Mapping[str, Value]], bool] = lambda fields: False
    resembles: Callable[[Mapping[str, Value], tuple[Any, ...], Found], bool] = lambda fields, shape, found: False


def table(*fields: Field) -> dict[str, Field]:
    """Fields by name, in the order in which people see them."""
    return {field.name: field for field in fields}

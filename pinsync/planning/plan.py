"""The plan: what would be done, why, and what it costs. It does not know how it is shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any

from pinsync.model.resource import Origin, Value

FORMAT_VERSION = 1


class Action(StrEnum):
    """What happens to a resource. ``scheduled``, ``held`` and ``no-op`` do nothing; ``move``, ``forget``, an ``adopt`` without
    field changes and a ``scheduled`` with a new slot only write the state."""

    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    DELETE = "delete"
    MOVE = "move"
    ADOPT = "adopt"
    FORGET = "forget"
    SCHEDULED = "scheduled"
    HELD = "held"
    NO_OP = "no-op"


IDLE = frozenset({Action.SCHEDULED, Action.HELD, Action.NO_OP})
"""Actions that apply makes no call for; what is scheduled may have a slot to be written down."""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field's value before and after, as people know it: references as addresses, media as fingerprints."""

    before: Value
    after: Value


@dataclass(frozen=True, slots=True)
class Drift:
    """A field that somebody changed on Pinterest: what the server answered last, what is live, what is declared."""

    recorded: Value
    live: Value
    desired: Value


@dataclass(frozen=True, slots=True)
class Change:
    """What happens to one resource.

    ``title`` names it to people. ``fields`` holds what is set or changed. ``id`` is the live resource's, empty for a
    creation. ``notes`` say what is done on the way, such as converting a picture. ``with_parent`` is the board or
    section whose deletion takes this one along, without a call of its own. ``observed`` and ``created_at`` are
    what an adopted resource looked like. ``after`` are the addresses whose changes have to be made first, because they
    free the name that this one takes. ``drift`` holds the fields that somebody changed on Pinterest, whether the change
    sends them or not, ``missing`` the id of a resource that somebody deleted there. ``media_calls`` are the calls that it takes
    to get a video to Pinterest, by rate category; how often it is asked whether it is done with it is an estimate.
    ``slot`` is the time at which a pin that does not exist yet is to appear, as the state has it under this address and as it
    will be, ISO 8601 in UTC.
    """

    address: str
    kind: str
    action: Action
    title: str = ""
    reason: str = ""
    fields: Mapping[str, FieldChange] = field(default_factory=dict)
    id: str = ""
    moved_from: str | None = None
    origin: Origin | None = None
    notes: tuple[str, ...] = ()
    with_parent: str = ""
    observed: Mapping[str, Value] = field(default_factory=dict)
    created_at: str = ""
    after: tuple[str, ...] = ()
    drift: Mapping[str, Drift] = field(default_factory=dict)
    missing: str = ""
    media_calls: Mapping[str, int] = field(default_factory=dict)
    slot: FieldChange | None = None

    @property
    def is_to_do(self) -> bool:
        """Whether applying does something for it, if only in the state."""
        if self.action is Action.SCHEDULED:
            return self.slot is not None and self.slot.before != self.slot.after
        return self.action not in IDLE


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """Something worth saying beside the changes. ``severity`` is error, warning or info; errors forbid applying."""

    severity: str
    code: str
    message: str
    advice: str = ""
    address: str = ""
    origin: Origin | None = None


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a plan was made from; a saved plan may be applied only to the same."""

    content: str
    lineage: str
    serial: int
    environment: str


@dataclass(frozen=True, slots=True)
class Plan:
    """Every declared or known resource with what happens to it, in the order of application.

    ``existing`` maps addresses of boards and sections that are only read to their ids. ``cost`` is how many calls
    applying it makes, by rate category.
    """

    changes: tuple[Change, ...]
    diagnostics: tuple[Diagnostic, ...]
    cost: Mapping[str, int]
    inputs: Inputs
    existing: Mapping[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        # asyncio.run() spells out what it ran and that comes to, twice: of ten thousand changes that takes longer than planning.
        return f"<Plan: {self.summary}>"

    @property
    def summary(self) -> dict[str, int]:
        """How many changes there are of each action that occurs."""
        counts = Counter(change.action for change in self.changes)
        return {action.value: counts[action] for action in Action if counts[action]}

    @property
    def to_do(self) -> tuple[Change, ...]:
        """The changes that applying carries out."""
        return tuple(change for change in self.changes if change.is_to_do)

    @property
    def slots(self) -> dict[str, str]:
        """The slots of all pins that have one once the plan is applied, as far as it does not make them."""
        return {change.address: change.slot.after for change in self.changes if change.slot}

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """The diagnostics that forbid applying."""
        return tuple(diagnostic for diagnostic in self.diagnostics if diagnostic.severity == "error")


def without_calls(plan: Plan) -> Plan:
    """What of the plan only writes the state."""
    changes = tuple(
        change
        if change.action in (Action.MOVE, Action.FORGET, *IDLE) or (change.action is Action.ADOPT and not change.fields)
        else replace(change, action=Action.NO_OP, fields={}, missing="", media_calls={})
        for change in plan.changes
    )
    return replace(plan, changes=changes, cost={})


def to_json(plan: Plan) -> dict[str, Any]:
    """The plan as the documented JSON object; :func:`from_json` reads it back."""
    return {
        "format_version": FORMAT_VERSION,
        "changes": [_change_to_json(change) for change in plan.changes],
        "summary": plan.summary,
        "cost": dict(plan.cost),
        "diagnostics": [_diagnostic_to_json(diagnostic) for diagnostic in plan.diagnostics],
        "inputs": {
            "content": plan.inputs.content,
            "lineage": plan.inputs.lineage,
            "serial": plan.inputs.serial,
            "environment": plan.inputs.environment,
        },
        "existing": dict(plan.existing),
    }


def from_json(document: Mapping[str, Any]) -> Plan:
    """The plan in a JSON object. Raises KeyError, TypeError or ValueError when it is not one."""
    if document["format_version"] != FORMAT_VERSION:
        raise ValueError(f"plan format {document['format_version']} is not {FORMAT_VERSION}")
    return Plan(
        changes=tuple(_change_from_json(change) for change in document["changes"]),
        diagnostics=tuple(
            Diagnostic(**{**diagnostic, "origin": _origin_from_json(diagnostic["origin"])})
            for diagnostic in document["diagnostics"]
        ),
        cost=document["cost"],
        inputs=Inputs(**document["inputs"]),
        existing=document["existing"],
    )


def _origin_to_json(origin: Origin | None) -> dict[str, Any] | None:
    return {"file": origin.file, "line": origin.line, "column": origin.column} if origin else None


def _origin_from_json(value: Mapping[str, Any] | None) -> Origin | None:
    return Origin(**value) if value else None


def _change_to_json(change: Change) -> dict[str, Any]:
    return {
        "address": change.address,
        "kind": change.kind,
        "action": change.action.value,
        "reason": change.reason,
        "title": change.title,
        "id": change.id or None,
        "moved_from": change.moved_from,
        "origin": _origin_to_json(change.origin),
        "fields": {name: {"before": value.before, "after": value.after} for name, value in change.fields.items()},
        "notes": list(change.notes),
        "with_parent": change.with_parent or None,
        "observed": dict(change.observed),
        "created_at": change.created_at,
        "after": list(change.after),
        "drift": {name: asdict(drift) for name, drift in change.drift.items()},
        "missing": change.missing or None,
        "media_calls": dict(change.media_calls),
        "slot": asdict(change.slot) if change.slot else None,
    }


def _change_from_json(value: Mapping[str, Any]) -> Change:
    return Change(
        address=value["address"],
        kind=value["kind"],
        action=Action(value["action"]),
        title=value["title"],
        reason=value["reason"],
        fields={name: FieldChange(**change) for name, change in value["fields"].items()},
        id=value["id"] or "",
        moved_from=value["moved_from"],
        origin=_origin_from_json(value["origin"]),
        notes=tuple(value["notes"]),
        with_parent=value["with_parent"] or "",
        observed=value["observed"],
        created_at=value["created_at"],
        after=tuple(value["after"]),
        drift={name: Drift(**drift) for name, drift in value["drift"].items()},
        missing=value["missing"] or "",
        media_calls=value["media_calls"],
        slot=FieldChange(**value["slot"]) if value["slot"] else None,
    )


def _diagnostic_to_json(diagnostic: Diagnostic) -> dict[str, Any]:
    return {
        "severity": diagnostic.severity,
        "code": diagnostic.code,
        "message": diagnostic.message,
        "advice": diagnostic.advice,
        "address": diagnostic.address,
        "origin": _origin_to_json(diagnostic.origin),
    }

"""What differs between a desired resource, what was sent for it, and what is live."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from pinsync.model import KINDS
from pinsync.model.address import EXISTING_SECTION, kind_of
from pinsync.model.resource import Desired, Found, Value
from pinsync.planning.plan import FieldChange
from pinsync.state.document import Known, Pending, State

_UNKNOWN = object()
_UNRESOLVED = object()


@dataclass(frozen=True, slots=True)
class Difference:
    """``fields`` are to be changed; ``refusals`` say which of them cannot be, and why."""

    fields: Mapping[str, FieldChange]
    refusals: tuple[str, ...] = ()


_NONE = Difference({})


class Names:
    """Turns the ids that references hold into the addresses that people know, and back."""

    def __init__(self) -> None:
        self._ids: dict[str, str] = {}
        self._addresses: dict[tuple[str, str], str] = {}

    def settle(self, address: str, kind: str, resource_id: str) -> None:
        """``address`` is the live resource with this id."""
        self._ids[address] = resource_id
        self._addresses.setdefault((kind, resource_id), address)

    @property
    def ids(self) -> Mapping[str, str]:
        """The ids by address."""
        return self._ids

    def shown(self, kind: str, resource_id: Value) -> Value:
        """The address of a referenced resource, or its id where it has none."""
        return None if resource_id is None else self._addresses.get((kind, str(resource_id)), resource_id)

    def resolved(self, desired: Desired) -> dict[str, Value]:
        """The desired fields with references as ids. A reference to what does not exist yet is left out."""
        fields: dict[str, Value] = {}
        table = KINDS[desired.kind].fields
        for name, value in desired.fields.items():
            if value is not None and table[name].reference:
                if value in self._ids:
                    fields[name] = self._ids[value]
            else:
                fields[name] = value
        return fields


def names_of(state: State, existing: Mapping[str, str] = MappingProxyType({})) -> Names:
    """What each address of the state is on Pinterest; ``existing`` are boards and sections that are only read, found since."""
    names = Names()
    for address, known in state.resources.items():
        names.settle(address, known.kind, known.id)
    for address, resource_id in {**state.existing, **existing}.items():
        names.settle(address, "section" if kind_of(address) == EXISTING_SECTION else "board", resource_id)
    return names


def creation(desired: Desired) -> dict[str, FieldChange]:
    """Everything that a new resource is given."""
    return {name: FieldChange(None, value) for name, value in desired.fields.items() if value is not None}


def without_doubt(known: Known, pending: Pending | None) -> Known:
    """What is sure of a resource that is ours: what an interrupted change of it sent may be live or not."""
    if pending is None or pending.action == "create":
        return known
    return replace(
        known,
        applied={name: value for name, value in known.applied.items() if name not in pending.sent},
        observed={name: value for name, value in known.observed.items() if name not in pending.sent},
    )


def difference(desired: Desired, known: Known, found: Found | None, names: Names) -> Difference:
    """The declared fields whose value is not the one that was sent, nor already the live one."""
    resolved = names.resolved(desired)
    if len(resolved) == len(desired.fields) and resolved == known.applied:
        return _NONE
    fields: dict[str, FieldChange] = {}
    refusals: list[str] = []
    for name, value in desired.fields.items():
        wanted = resolved.get(name, _UNRESOLVED)  # what is yet to be made is not what was never sent
        sent = known.applied.get(name, _UNKNOWN)
        if wanted == sent:
            continue
        field = KINDS[desired.kind].fields[name]
        live = found.fields.get(name) if found else known.observed.get(name)
        # What was never sent is measured by what the server answered last.
        already = (
            field.readable and _without_gaps(wanted) == _without_gaps(live) and (found is not None or sent is _UNKNOWN)
        )
        if already:
            continue
        before = live if field.readable else known.applied.get(name)
        if field.reference:
            before = names.shown(name, before)
        fields[name] = FieldChange(before, value)
        refusal = field.refuses(before, value)
        if refusal:
            refusals.append(refusal)
    return Difference(fields, tuple(refusals))


def _without_gaps(value: Value) -> Value:
    # A text of a carousel's picture that is not there is left out in a file, and null in an answer.
    return [{key: text for key, text in slot.items() if text} for slot in value] if isinstance(value, list) else value


def adoption(desired: Desired, found: Found, names: Names) -> Difference:
    """The declared fields in which a live resource to be adopted differs, beyond what the server normalises."""
    resolved = names.resolved(desired)
    fields: dict[str, FieldChange] = {}
    refusals: list[str] = []
    for name, value in desired.fields.items():
        field = KINDS[desired.kind].fields[name]
        live = found.fields.get(name)
        if not field.readable or field.same(resolved.get(name), live):
            continue
        before = names.shown(name, live) if field.reference else live
        fields[name] = FieldChange(before, value)
        refusal = field.refuses(before, value)
        if refusal:
            refusals.append(refusal)
    return Difference(fields, tuple(refusals))

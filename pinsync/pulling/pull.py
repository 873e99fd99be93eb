"""Taking over what somebody changed on Pinterest: into the files first, then into the state.

If a run ends in between, files and Pinterest agree already, which the next plan sees.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pinsync.content.suggesting import nearest
from pinsync.errors import UsageError
from pinsync.model import KINDS
from pinsync.model.resource import Desired, Found, Value
from pinsync.pinterest.client import Client
from pinsync.planning.drifting import Drifted, find_drift
from pinsync.planning.live import Live
from pinsync.pulling.accepting import PLACE, Acceptance, Accepted, LeftOut, Rewritten, label
from pinsync.pulling.rewriting import rewrite
from pinsync.pulling.whereabouts import Whereabouts, look_up
from pinsync.session import Session
from pinsync.state import journal
from pinsync.state.document import State


@dataclass(frozen=True, slots=True)
class Pull:
    """What is going to be pulled: ``files`` as they become, and what of it cannot be."""

    accepted: tuple[Accepted, ...]
    left_out: tuple[LeftOut, ...]
    files: tuple[Rewritten, ...]
    live: Live
    whereabouts: Whereabouts

    @property
    def values(self) -> int:
        """How many fields are taken over."""
        return sum(len(one.fields) for one in self.accepted)

    def found(self, accepted: Accepted) -> Found:
        """The live resource."""
        return self.live.found[accepted.drifted.kind, accepted.drifted.id]


async def prepare(session: Session, state: State, client: Client, addresses: Sequence[str]) -> Pull:
    """Looks what there is to pull: the drift of these addresses, or all whose policy is not to revert it.

    Raises UsageError for an address that is not declared, and ApiError.
    """
    content = session.content
    for address in addresses:
        if address not in content.resources:
            guess = nearest(address, content.resources)
            raise UsageError(f"{address} is not declared", f"Did you mean {guess}?" if guess else "")
    live = await session.look(state, client)
    drifted = {one.address: one for one in find_drift(content.resources, state, live)}
    left_out = [
        LeftOut(address, "", "nobody changed it on Pinterest") for address in addresses if address not in drifted
    ]
    chosen: list[tuple[Drifted, list[str]]] = []
    for one in drifted.values():
        if addresses and one.address not in addresses:
            continue
        reason = _reason_against(one, state, named=bool(addresses))
        conflicts = [] if addresses else _conflicts(content.resources[one.address], one, state)
        if reason:
            left_out.append(LeftOut(one.address, label(one, list(one.fields)), reason))
            continue
        if conflicts:
            left_out.append(
                LeftOut(
                    one.address,
                    label(one, conflicts),
                    "the file was changed as well; apply brings what the file says, and `pinsync pull --address "
                    f"{one.address}` writes what Pinterest says over it",
                )
            )
        chosen.append((one, [name for name in one.fields if name not in conflicts]))
    moved = [live.found[one.kind, one.id] for one, names in chosen if one.kind == "pin" and PLACE & set(names)]
    whereabouts = await look_up(client, content, state, live, moved)
    acceptance = Acceptance(content, whereabouts)
    for one, names in chosen:
        acceptance.take(one, live.found[one.kind, one.id], names)
    files = acceptance.rewrite()
    return Pull(tuple(acceptance.accepted), (*left_out, *acceptance.left_out), tuple(files), live, whereabouts)


def carry_out(session: Session, state: State, pull: Pull) -> None:
    """Writes the files, then records that Pinterest is as they say. The caller holds the lock.

    Raises NotEditable, with all files as they were, and StateError.
    """
    expected = {
        one.drifted.address: {name: _Like(pull, one, name).fits for name in one.fields} for one in pull.accepted
    }
    content = rewrite(session.content, pull.files, expected)
    existing = {address: found_id for one in pull.accepted for address, found_id in one.existing.items()}
    if existing:
        session.backend.record(journal.note_existing(existing))
    for one in pull.accepted:
        known = state.resources[one.drifted.address]
        found, fields = pull.found(one), content.resources[one.drifted.address].fields
        table = KINDS[one.drifted.kind].fields
        live = {name: found.fields.get(name) for name in one.fields}
        sent = {name: live[name] if table[name].reference else fields[name] for name in one.fields}
        settled = replace(
            known,
            applied={**known.applied, **sent},
            observed={**known.observed, **live},
            updated_at=session.now().isoformat(timespec="seconds"),
        )
        session.backend.record(journal.settle(one.drifted.address, settled))


@dataclass(frozen=True, slots=True)
class _Like:
    """What the content has to say of one field after the edit."""

    pull: Pull
    accepted: Accepted
    name: str

    def fits(self, value: Value) -> bool:
        """Whether this is what is live."""
        live = self.pull.found(self.accepted).fields.get(self.name)
        field = KINDS[self.accepted.drifted.kind].fields[self.name]
        if not field.reference or live is None or value is None:
            return field.same(value, live)
        declared = self.pull.whereabouts.declared.get((self.name, str(live)))
        return bool(value == declared or self.accepted.existing.get(value) == live)


def _reason_against(drifted: Drifted, state: State, *, named: bool) -> str:
    if drifted.missing:
        return (
            "it was deleted on Pinterest: remove it from the file, or let it be made again with `pinsync state forget "
            f"{drifted.address}`"
        )
    if drifted.address in state.pending:
        return "an interrupted run was about to change it: `pinsync apply` settles that first"
    if drifted.policy == "revert" and not named:
        return f"`on_drift: revert` lets apply change it back; `pinsync pull --address {drifted.address}` takes it all the same"
    return ""


def _conflicts(desired: Desired, drifted: Drifted, state: State) -> list[str]:
    """The drifted fields that were changed in the file as well since they were applied."""
    applied = state.resources[drifted.address].applied
    ids: Mapping[str, str] = {**state.existing, **{address: known.id for address, known in state.resources.items()}}
    together = {*drifted.fields, *(PLACE if PLACE & drifted.fields.keys() else ())} & desired.fields.keys()
    conflicts: set[str] = set()
    for name in together:
        wanted = desired.fields[name]
        if KINDS[desired.kind].fields[name].reference and wanted is not None:
            wanted = ids.get(wanted, wanted)
        if name not in applied or applied[name] != wanted:
            conflicts |= PLACE if name in PLACE else {name}
    return [name for name in drifted.fields if name in conflicts]

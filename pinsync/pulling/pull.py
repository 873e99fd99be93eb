"""Taking over what somebody changed on Pinterest: into the files first, then into the state.

If a run ends in between, files and Pinterest agree already, which the next plan sees.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pinsync.content.loading import Content
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

_UNCHANGED = "nobody changed it on Pinterest since pinsync looked last"
_CONFLICT = (
    "the file was changed as well; `pinsync apply` brings what the file says, and `pinsync pull --address {address}` writes "
    "what Pinterest says over it"
)


@dataclass(frozen=True, slots=True)
class Pull:
    """What is going to be pulled: ``files`` as they become, and what of it cannot be."""

    accepted: Sequence[Accepted]
    left_out: Sequence[LeftOut]
    files: Sequence[Rewritten]
    whereabouts: Whereabouts

    @property
    def values(self) -> int:
        """How many fields are taken over."""
        return sum(len(one.fields) for one in self.accepted)


async def prepare(session: Session, state: State, client: Client, addresses: Sequence[str]) -> Pull:
    """Looks what there is to pull: the drift of these addresses, or all whose policy is not to revert it.

    Raises UsageError for an address that is not declared, and ApiError.
    """
    content = session.content
    for address in addresses:
        if address not in content.resources:
            guess = nearest(address, content.resources)
            raise UsageError(
                f"{address} is not declared",
                f"Did you mean {guess}?" if guess else "`pinsync state list` shows what is known.",
            )
    live = await session.look(state, client)
    ids = {**state.existing, **live.existing, **{address: known.id for address, known in state.resources.items()}}
    drifted = {one.address: one for one in find_drift(content.resources, state, live, session.policies)}
    left_out = [LeftOut(address, "", _UNCHANGED) for address in addresses if address not in drifted]
    chosen: list[tuple[Drifted, Found, list[str]]] = []
    for one in drifted.values():
        if addresses and one.address not in addresses:
            continue
        reason = _reason_against(one, state, named=bool(addresses))
        if reason:
            left_out.append(LeftOut(one.address, label(one.kind, one.fields), reason))
            continue
        conflicts = [] if addresses else _conflicts(content.resources[one.address], one, state, ids)
        if conflicts:
            reason = _CONFLICT.format(address=one.address)
            left_out.append(LeftOut(one.address, label(one.kind, conflicts), reason))
        found = live.found[one.kind, one.id]
        chosen.append((one, found, [name for name in one.fields if name not in conflicts]))
    moved = [found for one, found, names in chosen if one.kind == "pin" and PLACE & set(names)]
    acceptance = Acceptance(content, await look_up(client, content, state, live, moved))
    for one, found, names in chosen:
        acceptance.take(one, found, names)
    files = acceptance.rewrite()
    agreed = [] if addresses else _agreed(content, state, live, ids)
    return Pull([*acceptance.accepted, *agreed], [*left_out, *acceptance.left_out], files, acceptance.whereabouts)


def carry_out(session: Session, state: State, pull: Pull) -> None:
    """Writes the files, then records that Pinterest is as they say. The caller holds the lock.

    Raises NotEditable, with all files as they were, and StateError.
    """
    expected = {
        one.address: {name: _Like(pull, one, name).fits for name in one.fields} for one in pull.accepted if one.edits
    }
    content = rewrite(session.content, pull.files, expected)
    existing = {address: found_id for one in pull.accepted for address, found_id in one.existing.items()}
    if existing:
        session.backend.record(journal.note_existing(existing))
    for one in pull.accepted:
        known, fields = state.resources[one.address], content.resources[one.address].fields
        table = KINDS[known.kind].fields
        live = {name: one.found.fields.get(name) for name in one.fields}
        sent = {name: live[name] if table[name].reference else fields[name] for name in one.fields}
        settled = replace(
            known,
            applied={**known.applied, **sent},
            observed={**known.observed, **live},
            updated_at=session.now().isoformat(timespec="seconds"),
        )
        session.backend.record(journal.settle(one.address, settled))


@dataclass(frozen=True, slots=True)
class _Like:
    """What the content has to say of one field after the edit."""

    pull: Pull
    accepted: Accepted
    name: str

    def fits(self, value: Value) -> bool:
        """Whether this is what is live."""
        found = self.accepted.found
        live, field = found.fields.get(self.name), KINDS[found.kind].fields[self.name]
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


def _conflicts(desired: Desired, drifted: Drifted, state: State, ids: Mapping[str, str]) -> list[str]:
    """The drifted fields that were changed in the file as well since they were applied."""
    applied = state.resources[drifted.address].applied
    together = drifted.fields.keys() | (PLACE if PLACE & drifted.fields.keys() else ())
    conflicts: set[str] = set()
    for name, wanted in _resolved(desired, ids).items():
        if name in together and (name not in applied or applied[name] != wanted):
            conflicts |= PLACE if name in PLACE else {name}
    return [name for name in drifted.fields if name in conflicts]


def _agreed(content: Content, state: State, live: Live, ids: Mapping[str, str]) -> list[Accepted]:
    """What files and Pinterest agree on already and the state does not know, as after a pull that was killed."""
    agreed: list[Accepted] = []
    for address, desired in content.resources.items():
        known = state.resources.get(address)
        found = live.found.get((known.kind, known.id)) if known else None
        if known is None or found is None or address in state.pending:
            continue
        names = []
        for name, wanted in _resolved(desired, ids).items():
            same, now = KINDS[desired.kind].fields[name].same, found.fields.get(name)
            if name in known.observed and same(wanted, now) and not same(known.observed[name], now):
                names.append(name)
        if names:
            agreed.append(Accepted(address, found, names, content.places[address][0]))
    return agreed


def _resolved(desired: Desired, ids: Mapping[str, str]) -> dict[str, Value]:
    """The desired fields with references as ids, where those are known."""
    table = KINDS[desired.kind].fields
    return {
        name: ids.get(value, value) if table[name].reference and value is not None else value
        for name, value in desired.fields.items()
    }

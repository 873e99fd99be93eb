"""Desired × known × live → plan."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from pinsync.model import KINDS
from pinsync.model.address import EXISTING_BOARD, EXISTING_SECTION, key_of, kind_of
from pinsync.model.policies import USUAL, Policies
from pinsync.model.resource import Desired, Found
from pinsync.model.spread import Spread
from pinsync.planning.cost import cost_of
from pinsync.planning.diffing import Difference, Names, adoption, creation, difference, without_doubt
from pinsync.planning.drifting import drift, on_drift, on_missing
from pinsync.planning.leaving import UNSEEN, leave
from pinsync.planning.limits import exceeded
from pinsync.planning.live import Live
from pinsync.planning.matching import Matches, Wanted, match
from pinsync.planning.moving import find_moves
from pinsync.planning.naming import in_turn
from pinsync.planning.notes import notes_of
from pinsync.planning.plan import IDLE, Action, Change, Diagnostic, Drift, FieldChange, Inputs, Plan
from pinsync.planning.spreading import with_slots
from pinsync.planning.targeting import LEFT_OUT, leave_out
from pinsync.planning.uploading import with_uploads
from pinsync.state.document import Known, Pending, State

_REPLACEABLE = (
    "the media changed, and Pinterest cannot change the media of a pin: it would have to be replaced by a new one, losing "
    "its saves and comments. --allow-replace (or `lifecycle: {on_media_change: replace}`) lets pinsync do that; or put the "
    "old media back, or declare the new one as a pin of its own"
)

_ACCEPTED = "somebody deleted it on Pinterest; `on_missing: forget` accepts that, and nothing is made again"


@dataclass(frozen=True, slots=True)
class Options:
    """What else a plan depends on. ``now`` has a time zone. ``selection`` are the addresses that the run is about, None for
    all of them. ``spread`` are the slots for pins without a time of their own, where they do not appear at once."""

    now: datetime
    environment: str
    content_digest: str
    policies: Policies = USUAL
    selection: frozenset[str] | None = None
    spread: Spread | None = None


def make_plan(desired: Mapping[str, Desired], state: State, live: Live, options: Options) -> Plan:
    """What has to happen so that everything desired is live. Touches neither network nor disk."""
    planner = _Planner(desired, state, live, options)
    for kind in KINDS:
        planner.plan_kind(kind)
    retired = [
        _superfluous(pin_id, address, "", "another pin took its place, and it could not be deleted so far")
        for pin_id, address in sorted(state.retired.items())
    ]
    superfluous = [leave_out(change, options.selection) for change in (*planner.leftovers, *retired)]
    left = leave(planner.gone, state, planner.changes, live, options.policies, options.selection)
    changes = with_slots((*planner.changes, *superfluous, *left), desired, state, options.spread, options.now)
    changes, media = with_uploads(changes, desired, state, options.now)
    return Plan(
        changes=tuple(changes),
        diagnostics=(*planner.diagnostics, *_left_out(changes), *exceeded(changes, state, options.policies), *media),
        cost=cost_of(changes),
        inputs=Inputs(options.content_digest, state.lineage, state.serial, options.environment),
        existing=dict(planner.existing),
    )


class _Planner:
    """Plans one kind after the other, so that references can be resolved as they come."""

    def __init__(self, desired: Mapping[str, Desired], state: State, live: Live, options: Options) -> None:
        self._desired = desired
        self._state = state
        self._live = live
        self._options = options
        self._names = Names()
        self._blocked: dict[str, str] = {}
        self.gone: dict[str, Known] = {}
        self._begun: dict[str, str] = {}
        self.existing = {**state.existing, **live.existing} if live.refreshed else dict(state.existing)
        self.changes: list[Change] = []
        self.leftovers: list[Change] = []
        self.diagnostics: list[Diagnostic] = []
        self._settle_existing()

    def plan_kind(self, kind: str) -> None:
        """Adds the changes of all resources of one kind; the kinds of their parents were planned before."""
        resources = [desired for desired in self._desired.values() if desired.kind == kind]
        pending = self._state.pending
        known = {
            address: without_doubt(entry, pending.get(address))
            for address, entry in self._state.resources.items()
            if entry.kind == kind and not self._is_made_again(address, entry)
        }
        departed = self._find_departed(kind, resources, known)
        new = [one for one in resources if one.address not in known and one.address not in departed]
        gone = {address: entry for address, entry in known.items() if address not in self._desired}
        # What was begun is looked for first: another of the same content is not what it is to become.
        fresh = [one for one in new if one.address not in self._state.resources and not self._is_begun(one.address)]
        moves, unfounded = find_moves(fresh, gone, self._names.ids)
        begun = self._find_begun(kind, [one for one in fresh if one.address not in moves])
        # What does not exist yet is known by its slot, at most.
        founded = {*begun, *self._state.slots}
        self.diagnostics += [
            _unfounded_move(one, source) for one, source in unfounded if not founded & {source, one.address}
        ]
        claimed = {entry.id for entry in known.values()} | self._state.retired.keys()
        unknown = [desired for desired in new if desired.address not in moves]
        for desired in resources:
            entry = known.get(moves.get(desired.address, desired.address))
            if entry and (kind, entry.id) not in self._live.absent:
                self._names.settle(desired.address, kind, entry.id)
        matches = self._match(kind, unknown, claimed)
        changes: list[Change] = []
        for desired in resources:
            source = moves.get(desired.address, desired.address)
            entry = known.get(source)
            if desired.address in departed:
                change = self._gone_for_good(desired, departed[desired.address])
            elif entry:
                change = self._known(desired, entry, source, matches)
                change = _moved(change, source) if source != desired.address else change
            else:
                change = self._unknown(desired, matches)
                if desired.address in self._begun and change.action not in IDLE:
                    change = replace(change, moved_from=self._begun[desired.address])
            self._block(change)
            changes.append(leave_out(change, self._options.selection))
        self.changes += in_turn(changes, self._desired, known, self._live, self._names)
        for change in self.changes[-len(changes) :] if changes else ():
            self._block(change)
        sources = set(moves.values())
        self.gone |= {address: entry for address, entry in gone.items() if address not in sources}
        self._leave_doubts(kind, gone, matches)

    def _block(self, change: Change) -> None:
        """Notes what cannot be referred to in this run, and why."""
        if change.action is Action.HELD and not (change.reason == LEFT_OUT and change.address in self._state.resources):
            self._blocked[change.address] = "is left out" if change.reason == LEFT_OUT else "is held"
        elif change.action is Action.SCHEDULED:
            self._blocked[change.address] = "is scheduled for later"
        elif change.missing and change.action is not Action.CREATE:
            self._blocked[change.address] = "somebody deleted on Pinterest"

    def _is_made_again(self, address: str, entry: Known) -> bool:
        """Whether this is a resource that somebody deleted and that is to be there all the same."""
        desired, pending = self._desired.get(address), self._state.pending.get(address)
        return (
            desired is not None
            and (entry.kind, entry.id) in self._live.absent
            and not (pending and pending.action == "create")
            and on_missing(desired, self._options.policies) == "recreate"
        )

    def _is_begun(self, address: str) -> bool:
        pending = self._state.pending.get(address)
        return pending is not None and pending.action == "create"

    def _find_begun(self, kind: str, new: Sequence[Desired]) -> Collection[str]:
        """Notes which new resources an interrupted run began under another address; returns those addresses."""
        begun = {
            address: Known(kind, "", pending.sent, {})
            for address, pending in self._state.pending.items()
            if pending.kind == kind
            and self._is_begun(address)
            and address not in self._desired
            and address not in self._state.resources
        }
        found = find_moves(new, begun, self._names.ids)[0] if begun else {}
        self._begun |= found
        return found.values()

    def _find_departed(self, kind: str, resources: Sequence[Desired], known: Mapping[str, Known]) -> dict[str, str]:
        """The declared resources that somebody deleted and that were given up, each with the address it had then."""
        departed = {address: entry for address, entry in self._state.departed.items() if entry.kind == kind}
        found = {one.address: one.address for one in resources if one.address in departed}
        rest = {address: entry for address, entry in departed.items() if address not in self._desired}
        new = [
            one
            for one in resources
            if one.address not in known and one.address not in found and not self._is_begun(one.address)
        ]
        found |= find_moves(new, rest, self._names.ids)[0]
        undeclared = sorted(departed.keys() - set(found.values()))
        self.leftovers += [
            Change(address, kind, Action.FORGET, reason="no longer declared, and it was deleted on Pinterest before",
                   missing=departed[address].id)
            for address in undeclared
        ]  # fmt: skip
        return {
            one.address: found[one.address]
            for one in resources
            if one.address in found and on_missing(one, self._options.policies) != "recreate"
        }

    def _gone_for_good(self, desired: Desired, source: str) -> Change:
        """What was given up, under the address it has now."""
        base = self._change(desired, Action.NO_OP, missing=self._state.departed[source].id)
        reason = (
            "somebody deleted it on Pinterest, and that was accepted; `pinsync state forget "
            f"{desired.address}` lets it be made again"
        )
        if source != desired.address:
            return replace(base, action=Action.MOVE, reason=reason, moved_from=source)
        return replace(base, reason=reason)

    def _settle_existing(self) -> None:
        for address, found_id in self.existing.items():
            self._names.settle(address, "section" if kind_of(address) == EXISTING_SECTION else "board", found_id)
        missing: dict[str, Desired] = {}
        selection = self._options.selection
        for desired in self._desired.values():
            if selection is not None and desired.address not in selection:
                continue
            for parent in KINDS[desired.kind].parents(desired):
                if kind_of(parent) in (EXISTING_BOARD, EXISTING_SECTION) and parent not in self.existing:
                    missing.setdefault(parent, desired)
        for address, desired in missing.items():
            what = "board" if kind_of(address) == EXISTING_BOARD else "section"
            self._blocked[address] = "was not found"
            if self._live.refreshed:
                self.diagnostics.append(
                    Diagnostic(
                        "error", f"no-such-{what}",
                        f'there is no {what} "{key_of(address)}" on Pinterest that this account can see',
                        f"Check its exact name on Pinterest, or declare the {what} so that pinsync makes it.",
                        desired.address, desired.origin,
                    )
                )  # fmt: skip

    def _match(self, kind: str, unknown: Iterable[Desired], claimed: set[str]) -> Matches:
        """Looks for resources that the state does not know among live ones that it does not claim."""
        wanted: list[Wanted] = []
        for address, pending in self._state.pending.items():
            if pending.kind == kind and pending.action == "create":
                wanted.append(Wanted(address, pending.sent, pending.shape, pending.at))
        doubtful = {one.address for one in wanted}
        for desired in unknown:
            resolved = self._names.resolved(desired)
            if self._begun.get(desired.address, desired.address) not in doubtful and all(
                value is None or name in resolved for name, value in desired.fields.items()
            ):
                wanted.append(Wanted(desired.address, resolved, KINDS[kind].shape(desired)))
        candidates = [
            found for (found_kind, key), found in self._live.found.items() if found_kind == kind and key not in claimed
        ]
        matches = match(kind, wanted, candidates)
        addresses = {source: address for address, source in self._begun.items()}
        for source, found in matches.adopted.items():
            address = addresses.get(source, source)
            if address in self._desired and (source in doubtful or self._options.policies.on_existing == "adopt"):
                self._names.settle(address, kind, found.id)
        return matches

    def _known(self, desired: Desired, entry: Known, source: str, matches: Matches) -> Change:
        kind = desired.kind
        base = self._change(desired, Action.NO_OP, id=entry.id)
        pending = self._state.pending.get(source)
        if pending and pending.action == "create":
            change = self._replacing(base, desired, entry, source, matches)
            if change:
                return change
        if (kind, entry.id) in self._live.absent:
            base = replace(base, missing=entry.id)
            if on_missing(desired, self._options.policies) == "forget":
                return replace(base, action=Action.FORGET, reason=_ACCEPTED)
            return replace(
                base,
                action=Action.HELD,
                reason=f"somebody deleted this {kind} on Pinterest; pinsync does not make it again by itself. `on_missing: "
                "recreate` makes it again, `forget` accepts that it is gone; or remove the declaration",
            )
        if (kind, entry.id) in self._live.unseen:
            return replace(base, action=Action.HELD, reason=UNSEEN)
        found = self._live.found.get((kind, entry.id))
        drifted = drift(desired, entry, found, self._names) if found else {}
        changed = difference(desired, entry, found, self._names)
        policy = on_drift(desired, self._options.policies)
        # Board and section are one place: a section that the file changed is on the board that the file names.
        reverted = {
            name: one
            for name, one in drifted.items()
            if name not in changed.fields and (policy == "revert" or (name == "board" and "section" in changed.fields))
        }
        change = self._apply_difference(base, Action.UPDATE, _reverting(desired, changed, reverted))
        if "media" in change.fields:
            change = self._replacement(desired, change)
        return _with_drift(change, drifted, policy) if drifted else change

    def _replacing(self, base: Change, desired: Desired, entry: Known, source: str, matches: Matches) -> Change | None:
        """Goes on with a replacement that an interrupted run began; None where that made nothing, or nothing wanted."""
        found = matches.adopted.get(source)
        if found is None:
            reason = self._doubt(source, desired.kind, matches)
            return replace(base, action=Action.HELD, reason=reason) if reason else None
        sent = self._state.pending[source].sent.get("media")
        if desired.fields.get("media") == entry.applied.get("media"):
            reason = "an interrupted run made it to take another's place, which is not wanted any more"
            self.leftovers.append(_superfluous(found.id, source, base.title, reason))
            return None
        return replace(
            base,
            action=Action.REPLACE,
            id=found.id,
            fields={"media": FieldChange(entry.applied.get("media"), sent)},
            observed=found.fields,
            created_at=found.created_at,
            reason=f"an interrupted run made the new pin; what is left to do is to delete the old one, {entry.id}",
        )

    def _replacement(self, desired: Desired, change: Change) -> Change:
        """What a changed picture means: a new pin, where that is allowed."""
        if change.action is Action.HELD:
            return change
        if desired.lifecycle.protect:
            return replace(change, action=Action.HELD, reason="the media changed, but the pin is protected: `lifecycle: "
                           "{protect: true}` keeps it from being replaced")  # fmt: skip
        if (desired.lifecycle.on_media_change or self._options.policies.on_media_change) != "replace":
            return replace(change, action=Action.HELD, reason=_REPLACEABLE)
        return replace(
            change,
            action=Action.REPLACE,
            reason="Pinterest cannot change the media of a pin: a new one is made and the old one deleted, with its saves "
            "and comments",
            notes=notes_of(desired),
        )

    def _apply_difference(self, base: Change, action: Action, found: Difference) -> Change:
        if not found.fields and not found.refusals:
            return base
        change = replace(base, action=action if found.fields else base.action, fields=found.fields)
        if found.refusals:
            return replace(change, action=Action.HELD, reason="; ".join(found.refusals))
        for name in ("board", "section"):
            if name in found.fields and found.fields[name].after in self._blocked:
                target = found.fields[name].after
                return replace(
                    change, action=Action.HELD, reason=f"it waits for {target}, which {self._blocked[target]}"
                )
        return change

    def _unknown(self, desired: Desired, matches: Matches) -> Change:
        source = self._begun.get(desired.address, desired.address)
        pending = self._state.pending.get(source)
        base = self._change(desired, Action.HELD, fields=creation(desired))
        for parent in KINDS[desired.kind].parents(desired):
            if parent in self._blocked:
                return replace(base, reason=f"it waits for {parent}, which {self._blocked[parent]}")
        found = matches.adopted.get(source)
        if found:
            return self._adopt(desired, found, pending)
        if pending and pending.action == "create":
            reason = self._doubt(source, desired.kind, matches)
            if reason:
                return replace(base, reason=reason)
        candidates = matches.unclear.get(desired.address)
        if candidates:
            return replace(base, reason=_lookalikes(desired, candidates))
        if desired.publish_at and desired.publish_at > self._options.now:
            return replace(base, action=Action.SCHEDULED, reason=f"not before {desired.publish_at.isoformat()}")
        lost = self._lost(desired.address)
        reason = "somebody deleted it on Pinterest; `on_missing: recreate` makes it again" if lost else ""
        return replace(base, action=Action.CREATE, reason=reason, missing=lost, notes=notes_of(desired))

    def _lost(self, address: str) -> str:
        """The id that a resource had which somebody deleted, or nothing."""
        entry = self._state.resources.get(address) or self._state.departed.get(address)
        return entry.id if entry else ""

    def _adopt(self, desired: Desired, found: Found, pending: Pending | None) -> Change:
        base = self._change(
            desired, Action.ADOPT, id=found.id, observed=found.fields, created_at=found.created_at,
            reason="an interrupted run made it" if pending else f"it is on Pinterest already, under the id {found.id}",
            missing=self._lost(desired.address),
        )  # fmt: skip
        if not pending and self._options.policies.on_existing == "hold":
            return replace(
                base, action=Action.HELD, reason=f"{base.reason}; `policies: {{on_existing: adopt}}` would take it over"
            )
        if not pending:
            return self._apply_difference(base, Action.ADOPT, adoption(desired, found, self._names))
        # What was sent is known, so that this is a comparison like that of any resource that is ours.
        made = difference(desired, Known(desired.kind, found.id, pending.sent, found.fields), found, self._names)
        fields = {name: change for name, change in made.fields.items() if name != "media"}
        if len(fields) < len(made.fields):
            base = replace(
                base, reason=f"{base.reason}, with the media of that time; the next plan shows that they changed"
            )
        return self._apply_difference(base, Action.ADOPT, Difference(fields))

    def _doubt(self, address: str, kind: str, matches: Matches) -> str:
        """Why it cannot be told whether a creation that was interrupted happened, or nothing."""
        found = matches.unclear.get(address) or matches.near.get(address)
        if found:
            return in_doubt(kind, address, found, certain=address in matches.unclear)
        if not self._live.refreshed:
            return "an interrupted run may have made it; only a look at Pinterest (without --refresh=false) can tell"
        return ""

    def _leave_doubts(self, kind: str, gone: Mapping[str, Known], matches: Matches) -> None:
        """What was begun, and is declared no more."""
        for address, pending in sorted(self._state.pending.items()):
            if pending.kind != kind or not self._is_begun(address) or address in self._desired or address in gone:
                continue
            if address in self._begun.values():
                continue
            title = str(pending.sent.get("title") or pending.sent.get("name") or "")
            change = Change(address, kind, Action.HELD, title)
            found = matches.adopted.get(address)
            if found:
                reason = "an interrupted run made it, and it is no longer declared"
                change = replace(
                    change,
                    action=Action.ADOPT,
                    id=found.id,
                    observed=found.fields,
                    created_at=found.created_at,
                    reason=reason,
                )
            else:
                reason = self._doubt(address, kind, matches)
                action = Action.HELD if reason else Action.FORGET
                change = replace(change, action=action, reason=reason or "an interrupted run did not make it")
            self.leftovers.append(change)

    def _change(self, desired: Desired, action: Action, **more: object) -> Change:
        title = KINDS[desired.kind].describe(desired)
        return Change(desired.address, desired.kind, action, title, origin=desired.origin, **more)  # type: ignore[arg-type]


def in_doubt(kind: str, address: str, found: Sequence[Found], *, certain: bool) -> str:
    """Why nobody but a person can tell which live resource an interrupted creation made, and what that person can do."""
    ids = ", ".join(one.id for one in found[:5])
    looks = "look just like it" if certain else "may be it, with other texts"
    otherwise = "delete the superfluous ones there" if certain else f"say `pinsync state forget {address}` if none is"
    return (
        f"it was begun and its answer was lost, and {len(found)} {KINDS[kind].plural} on Pinterest {looks} ({ids}). Say "
        f"which one it is with `pinsync state adopt {address} ID`, or {otherwise}"
    )


def _lookalikes(desired: Desired, found: Sequence[Found]) -> str:
    ids = ", ".join(one.id for one in found[:5])
    kind = KINDS[desired.kind]
    many = f"{len(found)} {kind.plural} on Pinterest look" if len(found) > 1 else f"a {kind.name} on Pinterest looks"
    return (
        f"{many} just like it as far as can be told from outside ({ids}), and making another could be one too many. Say "
        f"which one it is with `pinsync state adopt {desired.address} ID`, delete what is superfluous on Pinterest, or give "
        "it a text here that tells it from others"
    )


def _superfluous(pin_id: str, address: str, title: str, reason: str) -> Change:
    """The deletion of a pin that has no address any more; it is called after the one that took its place."""
    return Change(f"{address}@{pin_id}", "pin", Action.DELETE, title, reason, id=pin_id)


def _moved(change: Change, source: str) -> Change:
    action = Action.MOVE if change.action is Action.NO_OP else change.action
    return replace(change, action=action, moved_from=source)


def _unfounded_move(desired: Desired, source: str) -> Diagnostic:
    return Diagnostic(
        "warning", "moved-from", f"moved_from names {source}, which the state does not know",
        "Remove moved_from, or correct it.", desired.address, desired.origin,
    )  # fmt: skip


def _reverting(desired: Desired, changed: Difference, reverted: Mapping[str, Drift]) -> Difference:
    """What is to be changed, and changed back."""
    if not reverted:
        return changed
    table = KINDS[desired.kind].fields
    fields = {**changed.fields, **{name: FieldChange(one.live, one.desired) for name, one in reverted.items()}}
    refusals = [table[name].refuses(one.live, one.desired) for name, one in reverted.items()]
    return Difference(
        {name: fields[name] for name in desired.fields if name in fields},
        (*changed.refusals, *(refusal for refusal in refusals if refusal)),
    )


def _with_drift(change: Change, drifted: Mapping[str, Drift], policy: str) -> Change:
    """The change with what somebody did on Pinterest, and why that is left or not."""
    change = replace(change, drift=drifted)
    if change.action is Action.HELD or change.reason:
        return change
    if drifted.keys() <= change.fields.keys():
        reason = "somebody changed it on Pinterest; it becomes what the file says"
    elif policy == "accept":
        reason = "somebody changed it on Pinterest, which is accepted; `pinsync pull` writes it into the file"
    else:
        reason = (
            "somebody changed it on Pinterest, and pinsync leaves that so. `pinsync pull` writes it into the file; "
            "`on_drift: revert` changes it back"
        )
    return replace(change, reason=reason)


def _left_out(changes: Iterable[Change]) -> list[Diagnostic]:
    count = sum(change.reason == LEFT_OUT for change in changes)
    if not count:
        return []
    what = "1 change is" if count == 1 else f"{count} changes are"
    return [Diagnostic("info", "left-out", f"{what} {LEFT_OUT}", "Plan without them to see the rest.")]

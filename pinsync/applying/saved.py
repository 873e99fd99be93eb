"""Plans in files: written by ``plan --out``, applied later, and refused when what they were made from has changed."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Mapping
from pathlib import Path

from pinsync import __version__
from pinsync.errors import PlanRefused, UsageError
from pinsync.model import KINDS
from pinsync.model.resource import Desired
from pinsync.model.schemas import CATEGORIES
from pinsync.model.spread import Spread
from pinsync.pinterest.answers import is_id
from pinsync.planning.cost import cost_of
from pinsync.planning.diffing import creation
from pinsync.planning.plan import Action, Change, Inputs, Plan, from_json, to_json
from pinsync.planning.spreading import reason_for, recorded
from pinsync.state.document import State, slot_of

_CONTENT = (".yaml", ".yml")


def save(plan: Plan, root: Path, file: Path, cost: str = "") -> None:
    """Writes the plan, readable by its owner only, with its ``cost`` in words.

    Raises UsageError when the file cannot be written, or is something else than a plan already.
    """
    if file.suffix in _CONTENT:
        raise UsageError(f"{file} would be taken for content", "Give the plan another ending, such as plan.json.")
    if file.exists():
        try:
            load(file)
        except PlanRefused:
            raise UsageError(
                f"{file} exists and is no saved plan", "Choose another name; pinsync overwrites nothing but plans."
            ) from None
    document = {**to_json(plan), "pinsync_version": __version__, "root": str(root), "cost_in_words": cost}
    temporary = file.with_name(f"{file.name}.{os.getpid()}.tmp")
    try:
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            json.dump(document, stream, ensure_ascii=False, indent=1)
        temporary.replace(file)
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror}", "Choose another --out.") from error


def is_plan_file(path: Path) -> bool:
    """Whether the argument of ``apply`` names a saved plan rather than content."""
    return path.is_file() and path.suffix not in _CONTENT


def load(file: Path) -> tuple[Plan, Path]:
    """The plan in a file, and the content root it was made for.

    Raises PlanRefused when the file is no plan of this pinsync.
    """
    try:
        document = json.loads(file.read_text("utf-8"))
        plan = from_json(document)
        _check(plan)
        root = Path(document["root"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise PlanRefused(
            f"{file} is not a plan that this pinsync can read", "Make it with `pinsync plan --out`."
        ) from error
    return plan, root


def _check(plan: Plan) -> None:
    """Raises TypeError, KeyError or ValueError where something has another type than applying and showing rely on."""
    for change in plan.changes:
        known = KINDS[change.kind].fields
        for name in change.fields:
            known[name]
        if not all(isinstance(text, str) for text in (change.address, change.title, change.reason, *change.notes)):
            raise TypeError("a text of a change is none")
        _check_cost(change.media_calls)
        if change.slot:
            slot_of(change.slot.after)
    if not isinstance(plan.inputs.serial, int):
        raise TypeError("the serial is no number")
    _check_cost(plan.cost)


def _check_cost(cost: Mapping[str, int]) -> None:
    for category, calls in cost.items():
        if category not in CATEGORIES or not isinstance(calls, int):
            raise ValueError("the cost is none")


def cost_in_words(file: Path) -> str:
    """What the plan in a file costs, as it was said when it was made; nothing where that is not known."""
    try:
        return str(json.loads(file.read_text("utf-8")).get("cost_in_words") or "")
    except (OSError, ValueError, AttributeError, RecursionError):
        return ""


def check_fresh(planned: Inputs, present: Inputs) -> None:
    """Raises PlanRefused unless the plan was made from exactly what is there now."""
    changed = []
    if planned.content != present.content:
        changed.append("the content or a picture changed")
    if planned.lineage and planned.lineage != present.lineage:
        changed.append("it belongs to another state")
    elif (planned.lineage, planned.serial) != (present.lineage, present.serial):
        changed.append("something was applied")
    if planned.environment != present.environment:
        changed.append(f"it was made for {planned.environment}, not {present.environment}")
    if changed:
        raise PlanRefused(f"the saved plan is out of date: since it was made, {' and '.join(changed)}", "Plan again.")


def check_sound(plan: Plan, desired: Mapping[str, Desired], state: State, spread: Spread | None) -> None:
    """Raises PlanRefused where the plan is none that pinsync could have made from this content and state.

    What is shown is then what is done: a plan is a file that passes through other hands.
    """
    addresses = [change.address for change in plan.changes]
    taken = {(known.kind, known.id) for known in state.resources.values()}
    sound = (
        len(addresses) == len(set(addresses))
        and desired.keys() <= set(addresses)
        and dict(plan.cost) == cost_of(plan.changes)
        and all(_is_sound(change, desired, state, taken) for change in plan.to_do)
        and all(_has_sound_slot(change, desired, state, spread) for change in plan.changes)
    )
    if not sound:
        raise PlanRefused("the saved plan does not fit the content and the state: somebody changed it", "Plan again.")


def _is_sound(change: Change, desired: Mapping[str, Desired], state: State, taken: Collection[tuple[str, str]]) -> bool:
    wanted = desired.get(change.address)
    source = change.moved_from or change.address
    known = state.resources.get(source)
    if change.id and not is_id(change.id):
        return False
    if wanted and any(field.after != wanted.fields.get(name) for name, field in change.fields.items()):
        return change.action is Action.REPLACE and bool(change.observed) and source in state.pending
    match change.action:
        case Action.CREATE:
            lost = known.id if known else ""
            return (
                wanted is not None
                and (not lost or lost == change.missing)
                and set(change.fields) == set(creation(wanted))
            )
        case Action.UPDATE | Action.MOVE:
            if change.moved_from in state.departed or (known is None and change.moved_from in state.pending):
                return wanted is not None and known is None
            return wanted is not None and known is not None and change.id == known.id
        case Action.REPLACE:
            return wanted is not None and known is not None and (bool(change.observed) or change.id == known.id)
        case Action.ADOPT:
            return (known is None or known.id == change.missing) and (change.kind, change.id) not in taken
        case Action.DELETE | Action.FORGET:
            if known is None:
                address = change.address.partition("@")[0]
                return change.id in state.retired or address in state.pending or address in state.departed
            return (wanted is None or change.action is Action.FORGET) and change.id == known.id
        case Action.SCHEDULED:
            return wanted is not None and known is None
        case _:
            return False


def _has_sound_slot(change: Change, desired: Mapping[str, Desired], state: State, spread: Spread | None) -> bool:
    if change.slot is None:
        return True
    wanted = desired.get(change.address)
    if wanted is None or wanted.publish_at or wanted.at_once or spread is None:
        return False
    before, slot = recorded(wanted, state), change.slot.after
    if change.action is Action.SCHEDULED and change.reason != reason_for(before, slot, spread):
        return False
    return change.slot.before == state.slots.get(change.address) and (slot == before or slot_of(slot) in spread)

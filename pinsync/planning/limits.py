"""How much of what is known a plan may change: a mistake in the content must not become a mass deletion."""

from __future__ import annotations

from collections.abc import Sequence

from pinsync.model.policies import Policies
from pinsync.planning.plan import Action, Change, Diagnostic
from pinsync.state.document import State

_WORDS = {Action.UPDATE: "updates", Action.REPLACE: "replaces", Action.DELETE: "deletes"}


def exceeded(changes: Sequence[Change], state: State, policies: Policies) -> list[Diagnostic]:
    """What stands against the plan as a whole: an error for each limit that it exceeds, a warning where it is forced."""
    severity = "warning" if policies.force else "error"
    known = len(state.resources)
    found: list[Diagnostic] = []
    if (
        known
        and not any(change.origin for change in changes)
        and any(change.action is Action.DELETE for change in changes)
    ):
        found.append(
            Diagnostic(
                severity, "nothing-declared",
                f"the content declares nothing, and the plan deletes what is known of {known} resources",
                "Is the content there? Check the folder and .pinsyncignore; --force deletes all the same.",
            )
        )  # fmt: skip
    if known < policies.limits_from:
        return found
    for action, limit in policies.limits.items():
        count = sum(change.action.value == action and not _puts_back(change) for change in changes)
        if count <= (limit if isinstance(limit, int) else limit * known):
            continue
        word = _WORDS[Action(action)]
        allowed = f"{limit} are" if isinstance(limit, int) else f"{limit:.0%} are"
        found.append(
            Diagnostic(
                severity, "limit",
                f"the plan {word} {count} of {known} known resources ({count / known:.0%}); at most {allowed} allowed",
                f"Look through the plan. If it is right, --force lets it pass; `limits: {{{action}: …}}` in pinsync.yaml "
                "changes the limit.",
            )
        )  # fmt: skip
    return found


def _puts_back(change: Change) -> bool:
    """Whether it only undoes what somebody did on Pinterest."""
    return bool(change.drift) and change.fields.keys() <= change.drift.keys()

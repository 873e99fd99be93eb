"""A plan as Markdown, for pull requests and wikis."""

from __future__ import annotations

from pinsync.planning.plan import Action, Change, Plan
from pinsync.report.escaping import markdown
from pinsync.report.plans import View
from pinsync.report.plans.words import cost, label, shown_changes, shown_drift, shown_fields, summary, value, verb


def render(plan: Plan, view: View) -> str:
    """A heading with the sum, what needs attention, and a table of the changes."""
    lines = [
        f"### pinsync: {markdown(view.place)} ({markdown(view.environment)})",
        "",
        f"**{markdown(summary(plan))}**",
        "",
    ]
    spent = cost(plan, view)
    if spent:
        lines += [markdown(spent), ""]
    for diagnostic in plan.diagnostics:
        lines.append(f"- **{diagnostic.severity}**: {markdown(diagnostic.message)} {markdown(diagnostic.advice)}")
    changes = shown_changes(plan)
    if changes:
        lines += ["", "| | what | title | details |", "|---|---|---|---|", *map(row, changes)]
    return "\n".join(lines).rstrip("\n") + "\n"


def row(change: Change) -> str:
    """One change as a row of that table."""
    details = [markdown(change.reason)] if change.reason else []
    if change.moved_from:
        details.append(f"was {markdown(change.moved_from)}")
    for name, field in shown_fields(change).items():
        after = markdown(value(name, field.after))
        if change.action is Action.CREATE or (field.before is None and not change.id):
            details.append(f"{label(change.kind, name)}: {after}")
        else:
            details.append(f"{label(change.kind, name)}: {markdown(value(name, field.before))} → {after}")
    details += drift_details(change)
    details += [markdown(note) for note in change.notes]
    return f"| {verb(change)} | {markdown(change.address)} | {markdown(change.title)} | {'<br>'.join(details)} |"


def drift_details(change: Change) -> list[str]:
    """What somebody changed on Pinterest, a line for each field."""
    return [
        f"{label(change.kind, name)}: " + "; ".join(f"{what} {markdown(given)}" for what, given in values)
        for name, values in shown_drift(change).items()
    ]

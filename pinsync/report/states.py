"""What pinsync remembers, for people and for programs."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from pinsync.model import KINDS
from pinsync.report.escaping import terminal
from pinsync.report.problems import counted
from pinsync.state.document import State, dump


def as_text(state: State) -> str:
    """Each resource on a line, what is unfinished, then the sum."""
    lines: list[str] = []
    for kind in KINDS:
        for address, known in sorted(state.resources.items()):
            if known.kind == kind:
                title = known.applied.get("title") or known.applied.get("name")
                shown = f'  "{terminal(str(title))}"' if title else ""
                when = f"  made {known.created_at[:10]}, changed {known.updated_at[:10]}" if known.created_at else ""
                lines.append(f"{terminal(address)}  {terminal(known.id)}{shown}{terminal(when)}")
    lines += [
        f"{terminal(address)}  in doubt: a {pending.action} was begun, and its outcome is not known"
        for address, pending in sorted(state.pending.items())
    ]
    lines += [f"{terminal(old)}  to be deleted: {terminal(new)} took its place" for old, new in state.retired.items()]
    lines += [f"{terminal(address)}  deleted on Pinterest, and given up" for address in sorted(state.departed)]
    lines += [f"{terminal(address)}  slot {slot}" for address, slot in sorted(state.slots.items())]
    if lines:
        lines.append("")
    where = f" in {terminal(state.environment)}" if state.environment else ""
    lines.append(
        f"{counted(len(state.resources), 'resource')}{where}; serial {state.serial}, lineage {terminal(state.lineage)}."
    )
    return "\n".join(lines) + "\n"


FORMATS: Mapping[str, Callable[[State], str]] = {"text": as_text, "json": dump}

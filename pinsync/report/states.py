"""What pinsync remembers, for people and for programs."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from pinsync.model import KINDS
from pinsync.report.escaping import terminal
from pinsync.report.problems import counted
from pinsync.report.screen import Piece, Screen, row, text_of
from pinsync.state.document import Known, State, dump


def as_text(state: State, screen: Screen | None = None) -> str:
    """Each resource on a line, what is unfinished, then the sum."""
    known = [
        [terminal(text) for text in (address, one.id, _title(one), one.created_at[:10], one.updated_at[:10])]
        for kind in KINDS
        for address, one in sorted(state.resources.items())
        if one.kind == kind
    ]
    lines = [
        f"{terminal(address)}  in doubt: a {pending.action} was begun, and its outcome is not known"
        for address, pending in sorted(state.pending.items())
    ]
    lines += [f"{terminal(old)}  to be deleted: {terminal(new)} took its place" for old, new in state.retired.items()]
    lines += [f"{terminal(address)}  deleted on Pinterest, and given up" for address in sorted(state.departed)]
    lines += [f"{terminal(address)}  slot {slot}" for address, slot in sorted(state.slots.items())]
    if screen and known:
        table = screen.table(("address", "id", "title", "made", "changed"), [[*map(Piece, one)] for one in known])
    else:
        table = "".join(
            f"{address}  {found}{f'  {title}' if title else ''}{f'  made {made}, changed {changed}' if made else ''}\n"
            for address, found, title, made, changed in known
        )
    if lines or known:
        lines.append("")
    where = f" in {terminal(state.environment)}" if state.environment else ""
    lines.append(
        f"{counted(len(state.resources), 'resource')}{where}; serial {state.serial}, lineage {terminal(state.lineage)}."
    )
    return table + text_of(map(row, lines), screen)


def _title(known: Known) -> str:
    title = known.applied.get("title") or known.applied.get("name")
    return f'"{title}"' if title else ""


FORMATS: Mapping[str, Callable[[State, Screen | None], str]] = {
    "text": as_text,
    "json": lambda state, screen: dump(state),
}

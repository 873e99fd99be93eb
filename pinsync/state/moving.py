"""Other addresses for what is known already."""

from __future__ import annotations

from pinsync.errors import UsageError
from pinsync.model.address import kind_of
from pinsync.state.document import State


def renamed(state: State, source: str, target: str) -> dict[str, str]:
    """Old addresses with new ones, where what is known as ``source`` is to be called ``target``: a board takes its sections
    along. Raises UsageError where an address is taken, or of another kind."""
    if kind_of(source) != kind_of(target) or target.endswith("."):
        raise UsageError(f"{target} is no address of a {kind_of(source)}", f"Write it as {kind_of(source)}.NAME.")
    moves = {source: target}
    if kind_of(source) == "board":
        old, new = (f"section.{address.partition('.')[2]}/" for address in (source, target))
        sections = [address for address in state.resources if address.startswith(old)]
        moves |= {address: new + address.removeprefix(old) for address in sections}
    for address in moves.values():
        taken = state.resources.get(address)
        if taken or address in state.pending or address in state.departed:
            what = f"{taken.kind} {taken.id}" if taken else "in doubt or given up"
            raise UsageError(f"{address} is taken: it is {what}", f"Say `pinsync state forget {address}` first.")
    return moves

"""Which part of the content a run is about: ``--target`` and ``--exclude``."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase

from pinsync.model import KINDS
from pinsync.model.resource import Desired
from pinsync.planning.plan import IDLE, Action, Change

LEFT_OUT = "left out of this run by --target or --exclude"


def chosen(
    desired: Mapping[str, Desired], known: Iterable[str], targets: Collection[str], excludes: Collection[str]
) -> frozenset[str]:
    """The addresses, declared or known, that a run is about.

    Patterns are addresses in which ``*`` stands for anything. With targets those and the boards and sections that they
    need, without any all; what is excluded never. An address that was there before a pin moved counts as the pin.
    """

    def matches(address: str, patterns: Collection[str]) -> bool:
        moved_from = desired[address].moved_from if address in desired else None
        return any(fits(name, pattern) for pattern in patterns for name in (address, moved_from) if name)

    addresses = {*desired, *known}
    wanted = {address for address in addresses if not targets or matches(address, targets)}
    for address in sorted(wanted & desired.keys()):
        for parent in KINDS[desired[address].kind].parents(desired[address]):
            if parent in desired:
                wanted.add(parent)
    return frozenset(address for address in wanted if not matches(address, excludes))


def unmatched(addresses: Iterable[str], patterns: Iterable[str]) -> list[str]:
    """The patterns that fit no address."""
    known = list(addresses)
    return [pattern for pattern in patterns if not any(fits(address, pattern) for address in known)]


def fits(address: str, pattern: str) -> bool:
    """Whether an address is one that the pattern means."""
    return fnmatchcase(address, _escaped(pattern))


def leave_out(change: Change, selection: Collection[str] | None) -> Change:
    """The change as it is in a run that is about ``selection`` only, or about all where that is None.

    A new address alone is always written down: it costs nothing, and what is chosen may refer to it.
    """
    address = change.address.partition("@")[0]
    if selection is None or address in selection:
        return change
    change = replace(change, drift={}, missing="")
    if change.action in (*IDLE, Action.MOVE):
        return change
    if change.moved_from:
        return replace(change, action=Action.MOVE, fields={}, reason=LEFT_OUT, notes=())
    return replace(change, action=Action.HELD, fields={}, reason=LEFT_OUT, notes=())


def _escaped(pattern: str) -> str:
    # Only the star is special: a file may be called [1].
    return pattern.replace("[", "[[]").replace("?", "[?]")

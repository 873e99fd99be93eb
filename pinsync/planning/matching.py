"""Recognising live resources as declared ones that the state does not know: after a crash, or with a stale state."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pinsync.model import KINDS
from pinsync.model.pin import same_proportions
from pinsync.model.resource import Found, Value


@dataclass(frozen=True, slots=True)
class Wanted:
    """A resource to be looked for: its address, its fields with references as ids, and the shape of its media."""

    address: str
    fields: Mapping[str, Value]
    shape: tuple[Any, ...] = ()
    since: str = ""


@dataclass(frozen=True, slots=True)
class Matches:
    """``adopted`` pairs addresses with the live resource each one is; ``unclear`` names those with more candidates than
    can be told apart."""

    adopted: Mapping[str, Found]
    unclear: Mapping[str, tuple[Found, ...]]


def match(
    kind: str, wanted: Iterable[Wanted], candidates: Iterable[Found], recent: Callable[[Found, str], bool] | None = None
) -> Matches:
    """Finds each wanted resource among live ones that no address has yet.

    Resources that are wanted alike stay apart: each takes a candidate of its own, in the order of their addresses.
    Where there are more candidates than are wanted, no one can say which is meant, and none is taken.
    ``recent`` says whether a candidate can be the outcome of an operation begun at ``since``.
    """
    identity = KINDS[kind].identity
    groups: dict[Any, list[Wanted]] = defaultdict(list)
    for one in wanted:
        groups[identity(one.fields, one.shape)].append(one)
    live: dict[Any, list[Found]] = defaultdict(list)
    if groups:
        for found in candidates:
            key = identity(found.fields, found.shape)
            if key in groups:
                live[key].append(found)
    adopted: dict[str, Found] = {}
    unclear: dict[str, tuple[Found, ...]] = {}
    for key, group in groups.items():
        _pair(group, live.get(key, []), recent, adopted, unclear)
    return Matches(adopted, unclear)


def _pair(
    group: list[Wanted],
    candidates: list[Found],
    recent: Callable[[Found, str], bool] | None,
    adopted: dict[str, Found],
    unclear: dict[str, tuple[Found, ...]],
) -> None:
    free = {found.id: found for found in sorted(candidates, key=lambda found: (len(found.id), found.id))}
    alike: dict[tuple[str, ...], list[Wanted]] = defaultdict(list)
    for one in sorted(group, key=lambda one: one.address):
        fitting = tuple(
            found.id
            for found in free.values()
            if _same_shape(one.shape, found.shape) and (recent is None or not one.since or recent(found, one.since))
        )
        if fitting:
            alike[fitting].append(one)
    for fitting, ones in alike.items():
        left = [free[key] for key in fitting if key in free]
        if len(left) > len(ones):
            unclear.update((one.address, tuple(left)) for one in ones)
            continue
        for one, found in zip(ones, left, strict=False):
            adopted[one.address] = found
            del free[found.id]


def _same_shape(one: tuple[Any, ...], other: tuple[Any, ...]) -> bool:
    return not one or not other or same_proportions(one, other)

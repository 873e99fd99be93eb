"""Recognising live resources as declared ones that the state does not know: after a crash, or with a stale state."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from pinsync.model import KINDS
from pinsync.model.pin import same_proportions
from pinsync.model.resource import Found, Value

_CLOCK_SKEW = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A resource to be looked for: its address, its fields with references as ids, and the shape of its media.

    ``since`` is when its creation was begun, ISO 8601 in UTC, or empty where none was.
    """

    address: str
    fields: Mapping[str, Value]
    shape: tuple[Any, ...] = ()
    since: str = ""


@dataclass(frozen=True, slots=True)
class Matches:
    """``adopted`` pairs addresses with the live resource each one is; ``unclear`` names those with more candidates than
    can be told apart; ``near`` those begun for which there is nothing but new resources that resemble them, as if the
    server had changed their texts in a way that pinsync does not know."""

    adopted: Mapping[str, Found]
    unclear: Mapping[str, tuple[Found, ...]]
    near: Mapping[str, tuple[Found, ...]] = field(default_factory=dict)


def match(kind: str, wanted: Iterable[Wanted], candidates: Iterable[Found]) -> Matches:
    """Finds each wanted resource among live ones that no address has yet.

    Resources that are wanted alike stay apart: each takes a candidate of its own, those that were begun first, then in
    the order of their addresses. Where it cannot be told which candidate is meant, none is taken: there are more than
    are wanted, or fewer and the wanted ones show different media, or there is nothing but the looks of a picture to go
    by.
    """
    identity = KINDS[kind].identity
    groups: dict[Any, list[Wanted]] = defaultdict(list)
    for one in wanted:
        groups[identity(one.fields, one.shape)].append(one)
    live: dict[Any, list[Found]] = defaultdict(list)
    others: list[Found] = []
    if groups:
        for found in candidates:
            key = identity(found.fields, found.shape)
            if key in groups:
                live[key].append(found)
            else:
                others.append(found)
    adopted: dict[str, Found] = {}
    unclear: dict[str, tuple[Found, ...]] = {}
    for key, found_alike in live.items():
        _pair(kind, groups[key], found_alike, adopted, unclear)
    begun = [
        one
        for group in groups.values()
        for one in group
        if one.since and one.address not in adopted and one.address not in unclear
    ]
    resembles = KINDS[kind].resembles
    near = {
        one.address: tuple(
            found for found in others if _made_after(found, one.since) and resembles(one.fields, one.shape, found)
        )
        for one in begun
    }
    return Matches(adopted, unclear, {address: found for address, found in near.items() if found})


def _made_after(found: Found, since: str) -> bool:
    """Whether a live resource can be the outcome of a call that was begun at ``since``."""
    try:
        made = datetime.fromisoformat(found.created_at)
        begun = datetime.fromisoformat(since)
    except ValueError:
        return True  # sections and older answers do not say when they were made
    made = made if made.tzinfo else made.replace(tzinfo=begun.tzinfo)
    return made >= begun - _CLOCK_SKEW


def _pair(
    kind: str,
    group: list[Wanted],
    candidates: list[Found],
    adopted: dict[str, Found],
    unclear: dict[str, tuple[Found, ...]],
) -> None:
    free = {found.id: found for found in sorted(candidates, key=lambda found: (len(found.id), found.id))}
    alike: dict[tuple[bool, tuple[str, ...]], list[Wanted]] = defaultdict(list)
    for one in sorted(group, key=lambda one: (not one.since, one.address)):
        fits = [found for found in free.values() if _same_shape(one.shape, found.shape)]
        # Clocks are only as right as they are: what looks too old is better than nothing, and than a second one.
        fresh = [found for found in fits if one.since and _made_after(found, one.since)]
        fitting = tuple(found.id for found in fresh or fits)
        if fitting:
            alike[bool(one.since), fitting].append(one)
    for (begun, fitting), ones in alike.items():
        left = [free[key] for key in fitting if key in free]
        if left and not _can_tell(kind, ones, len(left), begun):
            unclear.update((one.address, tuple(left)) for one in ones)
            continue
        for one, found in zip(ones, left, strict=False):
            adopted[one.address] = found
            del free[found.id]


def _can_tell(kind: str, ones: list[Wanted], candidates: int, begun: bool) -> bool:
    if candidates > len(ones) or (not begun and KINDS[kind].is_anonymous(ones[0].fields)):
        return False
    media = ones[0].fields.get("media")
    return candidates == len(ones) or all(one.fields.get("media") == media for one in ones)


def _same_shape(one: tuple[Any, ...], other: tuple[Any, ...]) -> bool:
    return not one or not other or same_proportions(one, other)

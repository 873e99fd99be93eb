"""What stands in the place of values that were reported, so that one mistake gives one message."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

Place = tuple[str | int, ...]


class Wrong:
    """Given, or needed, but reported already: not to be used and not to be reported again."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "WRONG"


WRONG: Final = Wrong()


def marked(value: Any, places: Iterable[Place]) -> Any:
    """A copy of ``value`` with WRONG at each of ``places``, also where a key is missing."""
    result = copied(value)
    for place in places:
        holder = result
        for part in place[:-1]:
            if isinstance(holder, dict):
                holder = holder.get(str(part))
            elif isinstance(holder, list):
                holder = holder[int(part)]
        if not place:
            return WRONG
        if isinstance(holder, dict):
            holder[str(place[-1])] = WRONG
        elif isinstance(holder, list):
            holder[int(place[-1])] = WRONG
    return result


def mapping_of(value: Any) -> dict[str, Any]:
    """``value`` if it is a mapping, without what is wrong in it; else an empty one."""
    return {key: part for key, part in value.items() if part is not WRONG} if isinstance(value, dict) else {}


def copied(value: Any) -> Any:
    """``value`` with each part of its own: aliases make one value stand in several places, of which one may change."""
    if isinstance(value, dict):
        return {key: copied(part) for key, part in value.items()}
    return [copied(part) for part in value] if isinstance(value, list) else value

"""What a rule is and what it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from pinsync.model.resource import Desired

OFF = "off"
LEVELS = {
    OFF: "It is not looked for.",
    "warning": "It is said; `pinsync validate --strict` fails for it.",
    "error": "It is said, and nothing can be planned until it is mended.",
}
"""What a rule may be set to, and what that means."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What could be better in the pin ``address``; ``below`` is the place in it, such as ("carousel", 1, "link").

    ``message`` says what was found, ``advice`` what to write instead.
    """

    address: str
    message: str
    advice: str
    below: tuple[str | int, ...] = ()


Find = Callable[[Sequence[Desired]], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule by its ``code``; ``meaning`` says in a few words what it finds.

    ``find`` gets all pins that the rule is on for, by address, and takes time linear in their number. It is None where
    the files alone cannot tell.
    """

    code: str
    meaning: str
    find: Find | None = None


def each(check: Callable[[Desired], Iterator[Finding]]) -> Find:
    """A rule that looks at one pin at a time."""
    return lambda pins: (finding for pin in pins for finding in check(pin))

"""Misbehaviour on demand: what a fault is, how one is written, and when it strikes."""

from __future__ import annotations

import difflib
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass

from pinsync.emulator.operations import OPERATION_IDS

OUTCOMES = (
    "drop-before",
    "drop-after",
    *(f"{status}-{moment}" for status in (500, 502, 503, 504) for moment in ("before", "after")),
    "429",
    "429-bare",
    "409",
    "truncate",
    "html",
    "html-after",
)
"""Effects that take the place of the answer; of several that strike at once, the first given wins."""

DELAYS = ("slow", "stale")
"""Effects that need a number of seconds and go together with any other."""

_MOMENTS = ("always", "nth", "first", "every", "p")
_FORM = "a fault is written OPERATION:EFFECT[:WHEN], such as pins/create:500-after:nth=3 or *:429:p=0.1"


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to misbehave.

    ``operation`` is an official operation id or ``*``. ``effect`` is one of `OUTCOMES` or `DELAYS`. ``seconds`` is how
    slow, how stale, or what a 429 names as the time to wait. ``when`` is ``always``, ``nth`` (only the Nth call of that
    operation), ``first`` (the first N), ``every`` (each Nth) or ``p`` (with that probability); ``number`` is its N or p.
    """

    operation: str
    effect: str
    seconds: float = 0.0
    when: str = "always"
    number: float = 0.0

    def strikes(self, count: int, draw: float) -> bool:
        """Whether it strikes at the ``count``-th matching call (from 1), given a ``draw`` from [0, 1)."""
        match self.when:
            case "nth":
                return count == self.number
            case "first":
                return count <= self.number
            case "every":
                return count % int(self.number) == 0
            case "p":
                return draw < self.number
            case _:
                return True


@dataclass(frozen=True, slots=True)
class Strike:
    """What befalls one call: seconds to wait, seconds that listings lag behind, and the outcome, if any."""

    slow: float = 0.0
    stale: float = 0.0
    outcome: Fault | None = None


class FaultPlan:
    """Decides call by call. The same seed and the same calls per operation give the same faults."""

    def __init__(self, faults: Sequence[Fault], seed: int) -> None:
        self._faults = tuple(faults)
        self._seed = seed
        self._counts = [0] * len(self._faults)

    def strike(self, operation_id: str) -> Strike:
        """What befalls the next call of ``operation_id``. Every matching fault counts it, whether it strikes or not."""
        slow = stale = 0.0
        outcome: Fault | None = None
        for place, fault in enumerate(self._faults):
            if fault.operation not in ("*", operation_id):
                continue
            self._counts[place] += 1
            count = self._counts[place]
            draw = random.Random(f"{self._seed}/{place}/{count}").random()  # noqa: S311 - repeatable on purpose
            if not fault.strikes(count, draw):
                continue
            if fault.effect == "slow":
                slow += fault.seconds
            elif fault.effect == "stale":
                stale = max(stale, fault.seconds)
            else:
                outcome = outcome or fault
        return Strike(slow, stale, outcome)


def parse_fault(text: str) -> Fault:
    """The fault written as ``text``. ValueError says what is wrong with it and what would be right."""
    parts = text.strip().split(":")
    if len(parts) not in (2, 3):
        raise ValueError(f"{text!r}: {_FORM}")
    operation = parts[0].strip()
    if operation != "*" and operation not in OPERATION_IDS:
        raise ValueError(f"unknown operation {operation!r}{_suggestion(operation, OPERATION_IDS)}; * means every one")
    effect, seconds = _effect(parts[1].strip())
    when, number = _when(parts[2].strip()) if len(parts) == 3 else ("always", 0.0)
    return Fault(operation, effect, seconds, when, number)


def _effect(text: str) -> tuple[str, float]:
    name, equals, value = text.partition("=")
    if name in DELAYS or (name == "429" and equals):
        seconds = _number(value)
        if seconds is None:
            raise ValueError(f"{name} needs a number of seconds, such as {name}=2; got {value!r}")
        return name, seconds
    if name in OUTCOMES and not equals:
        return name, 1.0 if name == "429" else 0.0
    known = [*OUTCOMES, *(f"{delay}=SECONDS" for delay in DELAYS)]
    raise ValueError(f"unknown effect {text!r}{_suggestion(text, known)}; the effects are {', '.join(known)}")


def _when(text: str) -> tuple[str, float]:
    name, equals, value = text.partition("=")
    number = _number(value)
    if name not in _MOMENTS[1:] or not equals:
        raise ValueError(f"unknown moment {text!r}; write nth=3, first=2, every=5 or p=0.1")
    if name == "p":
        if number is None or number > 1:
            raise ValueError(f"p is a probability from 0 to 1, such as p=0.1; got {value!r}")
        return name, number
    if number is None or number < 1 or number != int(number):
        raise ValueError(f"{name} counts calls from 1, such as {name}=3; got {value!r}")
    return name, number


def _number(text: str) -> float | None:
    return float(text) if re.fullmatch(r"[0-9]+(\.[0-9]+)?", text) else None


def _suggestion(text: str, known: Sequence[str] | frozenset[str]) -> str:
    close = difflib.get_close_matches(text, sorted(known), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""

"""Misbehaviour on demand: what a fault is, how one is written, and when it strikes."""

from __future__ import annotations

import difflib
import random
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pinsync.emulator.effects import EFFECTS, MOMENTS
from pinsync.emulator.operations import FAULTABLE, OPERATION_IDS, PROCESSING

_FORM = "a fault is written OPERATION:EFFECT[:WHEN], such as pins/create:500-after:nth=3 or *:429:p=0.1"


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to misbehave.

    ``operation`` is an official operation id, ``*`` for all of those, ``storage/upload`` or ``media/processing``; ``effect``
    is one of `pinsync.emulator.effects.EFFECTS`; ``seconds`` is how slow, how stale, or what a 429 names as the time to wait.
    ``when`` is ``always`` or one of `pinsync.emulator.effects.MOMENTS`, and ``number`` its N or p.
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
            case "from":
                return count >= self.number
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
            if fault.operation != operation_id and not (fault.operation == "*" and operation_id in OPERATION_IDS):
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
    parts = [part.strip() for part in text.split(":")]
    if len(parts) not in (2, 3):
        raise ValueError(f"{text!r}: {_FORM}")
    operation = operation_of(parts[0])
    name, equals, value = parts[1].partition("=")
    # A number behind an effect that takes none makes it another word, which is unknown.
    takes = name in EFFECTS and EFFECTS[name].seconds
    effect, seconds = effect_of(name if takes else parts[1], value if takes and equals else None)
    check_fit(operation, effect)
    when, number = _when(parts[2]) if len(parts) == 3 else ("always", 0.0)
    return Fault(operation, effect, seconds, when, number)


def operation_of(text: str) -> str:
    """``text``, which has to be an operation id or ``*``. ValueError otherwise."""
    if text != "*" and text not in FAULTABLE:
        raise ValueError(f"unknown operation {text!r}{_suggestion(text, FAULTABLE)}; * means every one")
    return text


def check_fit(operation: str, effect: str) -> None:
    """ValueError where the effect is none of that operation."""
    only = EFFECTS[effect].only
    if only and only != operation:
        raise ValueError(f"{effect} is for {only} only")
    if operation == PROCESSING and only != PROCESSING:
        fitting = " and ".join(effect.name for effect in EFFECTS.values() if effect.only == PROCESSING)
        raise ValueError(f"the effects of {PROCESSING} are {fitting}")


def effect_of(name: str, seconds: str | None) -> tuple[str, float]:
    """An effect's name and its seconds, given both as text; None where no seconds are given. ValueError otherwise."""
    effect = EFFECTS.get(name)
    if effect is None:
        known = ", ".join(effect.form for effect in EFFECTS.values())
        raise ValueError(f"unknown effect {name!r}{_suggestion(name, EFFECTS)}; the effects are {known}")
    if not effect.seconds:
        if seconds is not None:
            takers = ", ".join(other.name for other in EFFECTS.values() if other.seconds)
            raise ValueError(f"{name} takes no seconds; those that do are {takers}")
        return name, 0.0
    if seconds is None and effect.default is not None:
        return name, effect.default
    number = _number(seconds or "")
    if number is None:
        raise ValueError(f"{name} needs a number of seconds, such as {name}={effect.seconds}; got {seconds or ''!r}")
    return name, number


def moment_of(name: str, value: str) -> tuple[str, float]:
    """A moment's name and its number, given both as text. ValueError where they are none."""
    moment = MOMENTS.get(name)
    if moment is None:
        raise ValueError(f"unknown moment {name!r}; write {_moments()}")
    number = _number(value)
    if moment.probability:
        if number is None or number > 1:
            raise ValueError(f"{name} is a probability from 0 to 1, such as {name}={moment.example}; got {value!r}")
    elif number is None or number < 1 or number != int(number):
        raise ValueError(f"{name} counts calls from 1, such as {name}={moment.example}; got {value!r}")
    return name, number


def _when(text: str) -> tuple[str, float]:
    name, equals, value = text.partition("=")
    if not equals or name not in MOMENTS:
        raise ValueError(f"unknown moment {text!r}; write {_moments()}")
    return moment_of(name, value)


def _moments() -> str:
    *others, last = (f"{moment.name}={moment.example}" for moment in MOMENTS.values())
    return f"{', '.join(others)} or {last}"


def _number(text: str) -> float | None:
    return float(text) if re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,12})?", text) else None


def _suggestion(text: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(text, sorted(known), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""

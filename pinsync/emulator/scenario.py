"""Scenario files: how an emulator is to misbehave, written down in YAML.

seed: 7
latency: 100ms
tier: trial
token_lifetime: 1h
rates: {org_write: 100/1s}
faults:
  - pins/create:drop-after:nth=3
  - {operation: boards/list_pins, effect: stale, seconds: 10, when: {p: 0.2}}
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pinsync.content.documents import Document, parse
from pinsync.content.problems import Problem, ordered
from pinsync.emulator.effects import EFFECTS, MOMENTS
from pinsync.emulator.faults import Fault, check_fit, effect_of, moment_of, operation_of, parse_fault
from pinsync.emulator.quotas import TIERS
from pinsync.emulator.settings import Window

T = TypeVar("T")
_Place = tuple[str | int, ...]

# More than parsing accepts, and an end to a file that has none.
_READ_LIMIT = 4 * 2**20
_DURATIONS = ("latency", "token_lifetime", "refresh_token_lifetime", "media_processing", "upload_lifetime", "pin_age")
_KEYS = ("faults", "seed", "tier", "rates", "beta", *_DURATIONS)
_UNITS = {None: 1.0, "ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
_FAULT_KEYS = ("operation", "effect", "seconds", "when")
_WHEN_ADVICE = f"Write {{nth: 3}}, with one of {', '.join(MOMENTS)}, or leave it out for every call."
_TEXT_OR_MAPPING = (
    "Write OPERATION:EFFECT[:WHEN], such as pins/create:500-after:nth=3, or a mapping with operation and effect."
)


@dataclass(frozen=True, slots=True)
class Scenario:
    """What a scenario file says; None for what it leaves to others."""

    faults: tuple[Fault, ...] = ()
    seed: int | None = None
    tier: str | None = None
    latency: float | None = None
    token_lifetime: float | None = None
    refresh_token_lifetime: float | None = None
    media_processing: float | None = None
    upload_lifetime: float | None = None
    pin_age: float | None = None
    beta: bool | None = None
    rates: Mapping[str, tuple[Window, ...]] | None = None


def load_scenario(file: Path) -> tuple[Scenario, list[Problem]]:
    """The scenario in ``file`` and all that is wrong with it, each at its place. OSError where it cannot be read."""
    with file.open("rb") as stream:
        document = parse(str(file), stream.read(_READ_LIMIT))
    problems = list(document.problems)
    if document.value is None:
        return Scenario(), ordered(_as_scenario(problem) for problem in problems)
    reader = _Reader(document, problems)
    scenario = reader.scenario()
    return scenario, ordered(problems)


def duration(text: str) -> float:
    """Seconds, written as ``100ms``, ``0.2s``, ``5m``, ``2h``, ``30d`` or a number. ValueError says what is wrong."""
    match = re.fullmatch(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)\s*(ms|[smhd])?", text.strip())
    if match is None:
        raise ValueError(f"{text!r} is not a duration; write 100ms, 0.2s, 5m, 2h, 30d or a number of seconds")
    return float(match[1]) * _UNITS[match[2]]


def rate(category: str, text: str) -> tuple[Window, ...]:
    """The windows of a rate category, written as ``100/1s`` or ``none``. ValueError says what is wrong."""
    if category not in TIERS["trial"]:
        raise ValueError(f"there is no rate category {category!r}; there are {', '.join(TIERS['trial'])}")
    if text == "none":
        return ()
    calls, _, span = text.partition("/")
    if not re.fullmatch("[0-9]{1,9}", calls) or not span:
        raise ValueError(f"{text!r} is not a rate; write 100/1s, or none for no limit")
    seconds = duration(span)
    if not seconds:
        raise ValueError(f"{text!r} is not a rate: its time is nothing")
    return ((int(calls), seconds),)


def _as_scenario(problem: Problem) -> Problem:
    if problem.code != "empty":
        return problem
    advice = "Write `faults:` with a list below it."
    return Problem(problem.file, problem.line, problem.column, problem.code, problem.message, advice, problem.excerpt)


class _Reader:
    """Reads one document and collects what is wrong with it."""

    def __init__(self, document: Document, problems: list[Problem]) -> None:
        self._document = document
        self._problems = problems

    def scenario(self) -> Scenario:
        value = self._document.value
        if not isinstance(value, dict):
            self._add((), "a scenario is a mapping", "Write `faults:` with a list below it.")
            return Scenario()
        self._refuse_unknown(value, _KEYS, ())
        return Scenario(
            faults=tuple(self._faults(value["faults"])) if "faults" in value else (),
            seed=self._seed(value["seed"]) if "seed" in value else None,
            tier=self._tier(value["tier"]) if "tier" in value else None,
            rates=self._rates(value["rates"]) if "rates" in value else None,
            beta=self._beta(value["beta"]) if "beta" in value else None,
            **{name: self._duration(name, value[name]) for name in _DURATIONS if name in value},
        )

    def _duration(self, name: str, value: Any) -> float | None:
        return self._told((name,), lambda: duration(_text(value)))

    def _seed(self, value: Any) -> int | None:
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        self._add(("seed",), "seed has to be a whole number", "Write, for instance, `seed: 7`.")
        return None

    def _tier(self, value: Any) -> str | None:
        if isinstance(value, str) and value in TIERS:
            return value
        self._add(("tier",), f"there is no tier {_shown(value)}", f"The tiers are {' and '.join(TIERS)}.")
        return None

    def _beta(self, value: Any) -> bool | None:
        if isinstance(value, bool):
            return value
        self._add(("beta",), "beta has to be true or false", "Write `beta: false` for an app without betas.")
        return None

    def _rates(self, value: Any) -> dict[str, tuple[Window, ...]]:
        if not isinstance(value, dict):
            self._add(("rates",), "rates is a mapping", "Write, for instance, `rates: {org_write: 100/1s}`.")
            return {}
        read = {
            name: self._told(("rates", name), lambda name=name, text=text: rate(name, _text(text)))  # type: ignore[misc]
            for name, text in value.items()
        }
        return {name: windows for name, windows in read.items() if windows is not None}

    def _faults(self, value: Any) -> Iterator[Fault]:
        if not isinstance(value, list):
            self._add(("faults",), "faults has to be a list", "Put each fault on a line of its own that starts with -.")
            return
        for number, entry in enumerate(value):
            place: _Place = ("faults", number)
            fault: Fault | None = None
            if isinstance(entry, str):
                fault = self._told(place, lambda text=entry: parse_fault(text))  # type: ignore[misc]
            elif isinstance(entry, dict):
                fault = self._fault(entry, place)
            else:
                self._add(place, "a fault is a text or a mapping", _TEXT_OR_MAPPING)
            if fault:
                yield fault

    def _fault(self, entry: Mapping[str, Any], place: _Place) -> Fault | None:
        before = len(self._problems)
        self._refuse_unknown(entry, _FAULT_KEYS, place)
        for name in ("operation", "effect"):
            if name not in entry:
                self._add(place, f"{name} is missing", "A fault needs an operation (or '*') and an effect.")
        operation, effect, when = "*", ("", 0.0), ("always", 0.0)
        if "operation" in entry:
            operation = self._told((*place, "operation"), lambda: operation_of(_text(entry["operation"]))) or operation
        if "effect" in entry:
            seconds = _text(entry["seconds"]) if "seconds" in entry else None
            name = _text(entry["effect"])
            at = "seconds" if name in EFFECTS and "seconds" in entry else "effect"
            effect = self._told((*place, at), lambda: effect_of(name, seconds)) or effect
        if effect[0]:
            self._told((*place, "effect"), lambda: check_fit(operation, effect[0]))
        if "when" in entry:
            when = self._when(entry["when"], (*place, "when")) or when
        return Fault(operation, *effect, *when) if len(self._problems) == before else None

    def _when(self, value: Any, place: _Place) -> tuple[str, float] | None:
        if not isinstance(value, dict) or len(value) != 1:
            self._add(place, "when has to be a mapping with one key", _WHEN_ADVICE)
            return None
        ((name, number),) = value.items()
        return self._told((*place, name), lambda: moment_of(name, _text(number)))

    def _refuse_unknown(self, value: Mapping[str, Any], known: Iterable[str], place: _Place) -> None:
        for name in value:
            if name not in known:
                close = difflib.get_close_matches(name, list(known), n=1)
                advice = f"Did you mean `{close[0]}`?" if close else f"It may have {', '.join(known)}."
                self._add((*place, name), f"unknown key `{name}`", advice, at_key=True)

    def _told(self, place: _Place, read: Callable[[], T]) -> T | None:
        try:
            return read()
        except ValueError as error:
            self._add(place, str(error), "")
            return None

    def _add(self, place: _Place, message: str, advice: str, *, at_key: bool = False) -> None:
        self._problems.append(self._document.problem(place, "scenario", message, advice, at_key=at_key))


def _text(value: Any) -> str:
    """A value as it would stand on the command line: an effect such as 429 is a number in YAML."""
    if isinstance(value, bool) or value is None:
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:.9f}".rstrip("0").rstrip(".") if abs(value) < 1e12 else str(value)
    return str(value)


def _shown(value: Any) -> str:
    return repr(_text(value)[:60])

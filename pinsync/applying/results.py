"""What came of an apply, in a file for other programs."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pinsync.applying.outcome import Outcome, Result
from pinsync.errors import UsageError

FORMAT_VERSION = 1
_CONTENT = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class Done:
    """One outcome as the file has it. ``message`` and ``advice`` explain everything but success."""

    address: str
    kind: str
    action: str
    result: str
    title: str
    id: str
    url: str
    message: str
    advice: str


@dataclass(frozen=True, slots=True)
class Results:
    """A run: its outcomes in the order of the plan, how many changes were left for a later run because of the quota, and the
    environment that it was for."""

    outcomes: tuple[Done, ...]
    postponed: int
    environment: str

    @property
    def counts(self) -> dict[str, int]:
        """How many outcomes there are of each result that occurs."""
        counts = Counter(outcome.result for outcome in self.outcomes)
        return {result.value: counts[result.value] for result in Result if counts[result.value]}


def results_of(outcomes: Sequence[Outcome], postponed: int, environment: str) -> Results:
    """What is to be written of these outcomes."""
    done = tuple(
        Done(
            one.change.address,
            one.change.kind,
            one.change.action.value,
            one.result.value,
            one.change.title,
            one.id,
            one.url,
            one.message,
            one.advice,
        )
        for one in outcomes
    )
    return Results(done, postponed, environment)


def write(results: Results, file: Path) -> None:
    """Writes the file, readable by its owner only. Raises UsageError where that fails."""
    if file.suffix in _CONTENT:
        raise UsageError(f"{file} would be taken for content", "Give it another ending, such as result.json.")
    document = {
        "format_version": FORMAT_VERSION,
        "environment": results.environment,
        "summary": results.counts,
        "postponed": results.postponed,
        "outcomes": [
            {name: getattr(one, name) or None for name in Done.__slots__ if name not in ("address", "kind")}
            | {"address": one.address, "kind": one.kind}
            for one in results.outcomes
        ],
    }
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as stream:
            json.dump(document, stream, ensure_ascii=False, indent=1)
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror}", "Choose another --result.") from error


def read(file: Path) -> Results:
    """What :func:`write` wrote. Raises UsageError where it is no such file."""
    try:
        document: Mapping[str, Any] = json.loads(file.read_text("utf-8"))
        outcomes = tuple(
            Done(**{name: str(one[name] or "") for name in Done.__slots__}) for one in document["outcomes"]
        )
        return Results(outcomes, int(document["postponed"]), str(document["environment"]))
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise UsageError(
            f"{file} is no result of `pinsync apply --result`", "Name the file that apply wrote."
        ) from error

"""What came of the changes of a plan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from pinsync.planning.plan import Change


class Result(StrEnum):
    """How one change ended."""

    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"
    IN_DOUBT = "in doubt"


@dataclass(frozen=True, slots=True)
class Outcome:
    """A change with its end. ``id`` is the live resource's where it is known; ``url`` where people see it, or empty.

    ``message`` and ``advice`` explain everything but success.
    """

    change: Change
    result: Result
    id: str = ""
    url: str = ""
    message: str = ""
    advice: str = ""


Listener = Callable[[Outcome], None]
"""Told of each outcome as it arrives."""


class Step(StrEnum):
    """How far a video is."""

    UPLOADING = "uploading"
    PROCESSING = "processing"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Transfer:
    """A video on its way to Pinterest, for the pin at ``address``: ``sent`` of its ``size`` bytes left this machine."""

    address: str
    source: str
    step: Step
    sent: int
    size: int


Watcher = Callable[[Transfer], None]
"""Told of each step of an upload, many times a second."""

"""What an emulator can be told, in one value."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pinsync.emulator.faults import Fault

_DAY = 86_400.0

Window = tuple[int, float]
"""A rate limit: so many calls in so many seconds."""


@dataclass(frozen=True, slots=True)
class EmulatorSettings:
    """How one emulator behaves.

    ``data`` is a folder; all that has to survive a restart lies in it. ``tier`` is ``trial`` or
    ``standard``. ``latency`` is what every call takes at least, in seconds. ``seed`` decides ids and the faults with a probability.
    ``clock`` tells the time in seconds since 1970. ``limits`` replaces the tier's windows for the categories it names
    (``universal``, ``org_read``, ``org_write``, ``org_analytics``); no window means no limit.
    ``token_lifetime`` and ``refresh_token_lifetime`` are how long tokens live that are given out here, in seconds,
    ``media_processing`` how long it takes until an uploaded video can be used, ``upload_lifetime`` how long the parameters of an
    upload hold. ``pin_age`` is how much older, in seconds, analytics take pins for than they are. ``beta`` says whether the app
    has what only some apps have.
    """

    data: Path
    tier: str = "standard"
    latency: float = 0.0
    faults: tuple[Fault, ...] = ()
    seed: int = 0
    clock: Callable[[], float] = time.time
    limits: Mapping[str, tuple[Window, ...]] | None = None
    token_lifetime: float = 30 * _DAY
    refresh_token_lifetime: float = 60 * _DAY
    media_processing: float = 1.0
    upload_lifetime: float = 3_600.0
    pin_age: float = 0.0
    beta: bool = True

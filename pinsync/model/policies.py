"""What pinsync may do by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

LIMIT = 0.3
LIMITS_FROM = 10


@dataclass(frozen=True, slots=True)
class Policies:
    """What is allowed without asking a person; a resource's own lifecycle goes before.

    ``on_existing`` (adopt, hold): what is on Pinterest already and matches. ``prune``: deleting what is declared no more.
    ``on_media_change`` (hold, replace): making a new pin where the media changed, and deleting the old one.
    ``foreign_pins`` (hold, delete): deleting a board or section with pins that pinsync did not make. ``on_drift`` (revert,
    report, accept): what somebody changed on Pinterest. ``on_missing`` (hold, recreate, forget): what somebody deleted
    there. ``limits`` maps update,
    replace and delete to the share of the known resources (a float from 0 to 1) or the number of them (an int) that a plan
    may change so; they count from ``limits_from`` known resources on, and ``force`` lifts them for once.
    """

    on_existing: str = "adopt"
    prune: bool = False
    foreign_pins: str = "hold"
    on_media_change: str = "hold"
    on_drift: str = "report"
    on_missing: str = "hold"
    limits: Mapping[str, float | int] = field(
        default_factory=lambda: dict.fromkeys(("update", "replace", "delete"), LIMIT)
    )
    limits_from: int = LIMITS_FROM
    force: bool = False


USUAL = Policies()
"""What holds where pinsync.yaml says nothing."""

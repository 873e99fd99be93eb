"""What was read from Pinterest, as the planner sees it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pinsync.model.resource import Found

LiveKey = tuple[str, str]
"""Kind and id."""


@dataclass(frozen=True, slots=True)
class Live:
    """The live resources that were looked at.

    ``absent`` are those that were looked for and are surely not there, ``unseen`` those that a listing lacks and nobody
    looked for. ``existing`` maps addresses of boards and sections that are only read to their ids. ``listed`` are the
    boards of which all pins were read. ``refreshed`` is False where nothing was read at all, so that the absence of a
    resource here means nothing.
    """

    found: Mapping[LiveKey, Found] = field(default_factory=dict)
    absent: frozenset[LiveKey] = frozenset()
    existing: Mapping[str, str] = field(default_factory=dict)
    refreshed: bool = True
    unseen: frozenset[LiveKey] = frozenset()
    listed: frozenset[str] = frozenset()


NOT_READ = Live(refreshed=False)
"""No look at Pinterest was taken."""

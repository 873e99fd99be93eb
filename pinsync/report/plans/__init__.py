"""Ways to show a plan. A format is one file here with a ``render`` function, and one entry in ``FORMATS``.

The modules are imported when their format is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Protocol, cast

from pinsync.planning.plan import Plan

FORMATS = ("text", "json", "markdown", "html")


@dataclass(frozen=True, slots=True)
class View:
    """How and to whom a plan is shown. ``place`` names the content, ``limits`` says each category's limit in words,
    ``left`` how many calls of it can be made now, ``seconds`` how long the plan's calls take as the limits go."""

    place: str
    environment: str
    limits: Mapping[str, str] = field(default_factory=dict)
    colour: bool = False
    left: Mapping[str, int] = field(default_factory=dict)
    seconds: float = 0.0


class Renderer(Protocol):
    """A module of this package."""

    def render(self, plan: Plan, view: View) -> str:
        """The plan as text of this format, ending with a line feed."""


def render(plan: Plan, view: View, name: str) -> str:
    """The plan in one of FORMATS."""
    return cast("Renderer", import_module(f"{__name__}.{name}")).render(plan, view)

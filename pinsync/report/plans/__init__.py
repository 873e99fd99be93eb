"""Ways to show a plan. A format is one file here with a ``render`` function, and one entry in ``FORMATS``.

The modules are imported when their format is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from pinsync.planning.plan import Plan
    from pinsync.report.screen import Screen

FORMATS = ("text", "json", "markdown", "html")


@dataclass(frozen=True, slots=True)
class View:
    """How and to whom a plan is shown. ``place`` names the content, ``limits`` says each category's limit in words,
    ``left`` how many calls of it can be made now, ``seconds`` how long the plan's calls take as the limits go. ``screen`` is the
    terminal that text is laid out for, ``root`` where the files are and ``pin_url`` where people see a pin, so that both can be
    links there."""

    place: str
    environment: str
    limits: Mapping[str, str] = field(default_factory=dict)
    left: Mapping[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    screen: Screen | None = None
    root: Path | None = None
    pin_url: Callable[[str], str] = lambda pin_id: ""


class Renderer(Protocol):
    """A module of this package."""

    def render(self, plan: Plan, view: View) -> str:
        """The plan as text of this format, ending with a line feed."""


def render(plan: Plan, view: View, name: str) -> str:
    """The plan in one of FORMATS."""
    return cast("Renderer", import_module(f"{__name__}.{name}")).render(plan, view)

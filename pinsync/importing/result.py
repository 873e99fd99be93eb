"""What an import did, and what it left out."""

from __future__ import annotations

from dataclasses import dataclass, field


class LeftOut(Exception):
    """Why something was not imported. ``hopeless`` says that nobody can do anything about it here."""

    def __init__(self, reason: str, *, hopeless: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.hopeless = hopeless


@dataclass(frozen=True, slots=True)
class Left:
    """Something that was not imported: what, and why. ``hopeless`` is as in LeftOut."""

    what: str
    reason: str
    hopeless: bool


@dataclass(slots=True)
class Result:
    """``pins`` counts what was written, ``known`` what was there already. ``folder`` is relative to the content root.

    ``left`` is what was not imported, ``notes`` what people should know of what was.
    """

    folder: str
    boards: int = 0
    sections: int = 0
    pins: int = 0
    pictures: int = 0
    known: int = 0
    left: list[Left] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def leave(self, what: str, why: LeftOut) -> None:
        """Notes that something was left out."""
        self.left.append(Left(what, why.reason, why.hopeless))

    @property
    def complete(self) -> bool:
        """Whether nothing was left out that another run could bring in."""
        return all(left.hopeless for left in self.left)

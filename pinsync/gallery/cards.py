"""What the gallery shows, as data: boards, their sections, and the cards on them. All texts are as written, not escaped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pinsync.content.problems import Problem
from pinsync.model.resource import Image, Origin, Video

BADGES: Mapping[str, str] = {
    "error": "Error",
    "new": "New",
    "changed": "Changed",
    "moved": "Moved",
    "replaced": "Replaced",
    "deleted": "Deleted",
    "held": "Held",
    "scheduled": "Scheduled",
    "adopted": "Adopted",
    "forgotten": "Forgotten",
    "drift": "Drift",
    "unchanged": "Unchanged",
}
"""What can be said of a card in a word, with the word, in the order of the filters."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that the plan changes, its values as text. ``prose`` is worth comparing word by word."""

    label: str
    before: str
    after: str
    prose: bool = False


@dataclass(frozen=True, slots=True)
class Drifted:
    """A field that somebody changed on Pinterest: its values, each with whose it is."""

    label: str
    values: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Fate:
    """What the plan does to a board, a section or a pin. ``badges`` are of BADGES, none where there is no plan; ``was`` is
    the former address of what was renamed."""

    badges: tuple[str, ...] = ()
    reason: str = ""
    was: str = ""
    differences: tuple[Difference, ...] = ()
    drift: tuple[Drifted, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Slot:
    """One picture, and the texts that it has for itself in a carousel."""

    image: Image
    title: str = ""
    description: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """One pin, or something that is declared no more and of which no more than a ``title`` is known.

    ``slots`` are its pictures; those of a ``video`` are its cover, or none where ``frame`` says at which time of the video
    it is. ``saved`` is the id of the pin that this one saves. ``publish_at``, which may be a slot, is in
    the zone of the content.
    """

    address: str
    title: str = ""
    description: str = ""
    link: str = ""
    alt_text: str = ""
    slots: tuple[Slot, ...] = ()
    video: Video | None = None
    frame: str = ""
    saved: str = ""
    publish_at: datetime | None = None
    origin: Origin | None = None
    fate: Fate = Fate()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """A section of a board with its cards."""

    name: str
    cards: tuple[Card, ...]
    fate: Fate = Fate()


@dataclass(frozen=True, slots=True)
class Board:
    """A board: the ``cards`` that are in no section, then its sections. ``managed`` is False where pinsync only adds to it."""

    address: str
    name: str
    cards: tuple[Card, ...]
    sections: tuple[Section, ...] = ()
    description: str = ""
    privacy: str = "public"
    managed: bool = True
    fate: Fate = Fate()

    @property
    def all_cards(self) -> tuple[Card, ...]:
        """Those of its sections included."""
        return (*self.cards, *(card for section in self.sections for card in section.cards))


@dataclass(frozen=True, slots=True)
class Gallery:
    """All boards of the content root ``root``. ``summary`` is the plan in a sentence; ``notices`` are sentences on what is
    not as it should be, ``problems`` what is wrong in the content."""

    root: Path
    environment: str
    boards: tuple[Board, ...]
    summary: str = ""
    notices: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def cards(self) -> tuple[Card, ...]:
        """Those of all boards."""
        return tuple(card for board in self.boards for card in board.all_cards)

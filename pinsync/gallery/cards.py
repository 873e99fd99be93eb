"""What the gallery shows, as data: boards, their sections, and the cards on them. All texts are as written, not escaped.

It knows neither content nor plans, so that whoever has boards and pins can show them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from pinsync.model.resource import Image, Video

TALLEST = 2.1
"""How many times as high as wide a picture is shown at most: Pinterest cuts off the rest."""

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
class Mistake:
    """Something that is wrong: ``where``, what to do about it in a ``sentence`` or two, and the line that it is in."""

    where: str
    sentence: str
    excerpt: str = ""


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
    the zone of the content. ``facts`` are further things to know, each with its name. ``anchor`` is what a link to the card
    ends in.
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
    facts: tuple[tuple[str, str], ...] = ()
    fate: Fate = Fate()
    mistakes: tuple[Mistake, ...] = ()
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A section of a board with its cards."""

    name: str
    cards: tuple[Card, ...]
    fate: Fate = Fate()
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Board:
    """A board: the ``cards`` that are in no section, then its sections. ``facts`` are a few words each. ``link`` leads to a
    page of its own, and ``more``, each with its words, to what is not on this one."""

    name: str
    cards: tuple[Card, ...]
    sections: tuple[Section, ...] = ()
    description: str = ""
    facts: tuple[str, ...] = ()
    fate: Fate = Fate()
    anchor: str = ""
    link: str = ""
    more: tuple[tuple[str, str], ...] = ()

    @property
    def all_cards(self) -> tuple[Card, ...]:
        """Those of its sections included."""
        return (*self.cards, *(card for section in self.sections for card in section.cards))


@dataclass(frozen=True, slots=True)
class Gallery:
    """All boards of ``name``. ``title`` is that of the page, and ``home`` where the name leads. ``summary`` is the plan in a
    sentence; ``notices`` are sentences on what is not as it should be, ``mistakes`` what is wrong in the content."""

    name: str
    environment: str
    boards: tuple[Board, ...]
    summary: str = ""
    notices: tuple[str, ...] = ()
    mistakes: tuple[Mistake, ...] = ()
    title: str = ""
    home: str = ""

    @property
    def cards(self) -> tuple[Card, ...]:
        """Those of all boards."""
        return tuple(card for board in self.boards for card in board.all_cards)

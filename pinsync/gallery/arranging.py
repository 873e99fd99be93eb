"""Content and a plan to a gallery: what lies where, and what happens to it. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from pinsync.content.loading import Content
from pinsync.content.problems import Problem
from pinsync.gallery.cards import Board, Card, Difference, Drifted, Fate, Gallery, Mistake, Section, Slot
from pinsync.model import KINDS
from pinsync.model.address import existing_section_address, key_of
from pinsync.model.resource import Desired
from pinsync.planning.plan import Action, Change, Plan
from pinsync.planning.targeting import LEFT_OUT
from pinsync.report.plans.words import label, shown_drift, shown_fields, summary, value
from pinsync.report.problems import counted, sentences
from pinsync.state.document import slot_of

GONE = "No longer declared"
_NO_FATE = Fate()
_TEXTS = ("title", "description", "link", "alt_text", "name")
_PLACE = {"board", "section"}
_BADGES = {
    Action.CREATE: "new",
    Action.UPDATE: "changed",
    Action.REPLACE: "replaced",
    Action.DELETE: "deleted",
    Action.MOVE: "moved",
    Action.ADOPT: "adopted",
    Action.FORGET: "forgotten",
    Action.SCHEDULED: "scheduled",
    Action.HELD: "held",
}


def gallery_of(
    content: Content, plan: Plan | None, problems: Sequence[Problem] = (), notices: Sequence[str] = ()
) -> Gallery:
    """The gallery of ``content``. Without a plan nothing is said of what happens to it."""
    changes = {change.address: change for change in plan.changes} if plan else {}
    slots = {address: slot_of(slot) for address, slot in plan.slots.items()} if plan else {}
    boards = _boards(content, {address: _fate(change) for address, change in changes.items()}, problems, slots)
    gone = [
        _gone(change) for address, change in changes.items() if address not in content.resources and _counts(change)
    ]
    if gone:
        boards.append(Board(GONE, tuple(gone)))
    if plan:
        notices = [*notices, *(f"{one.message}. {one.advice}".strip() for one in plan.diagnostics)]
    name = content.root.name or "content"
    return Gallery(
        name,
        content.settings.environment,
        tuple(boards),
        summary(plan) if plan else "",
        tuple(notices),
        tuple(map(_mistake, problems)),
        f"Preview of {name}",
    )


def _boards(
    content: Content, fates: Mapping[str, Fate], problems: Sequence[Problem], slots: Mapping[str, datetime]
) -> list[Board]:
    lying: dict[tuple[str, str], list[Card]] = defaultdict(list)
    mistakes = _mistakes(content, problems)
    for address, one in content.resources.items():
        if one.kind == "pin":
            at = one.publish_at or slots.get(address)
            moment = at.astimezone(content.settings.timezone or UTC) if at else None
            card = _card(one, fates.get(address, _NO_FATE), mistakes.get(address, ()), moment)
            lying[one.fields["board"], one.fields.get("section") or ""].append(card)
    sections: dict[str, list[Section]] = defaultdict(list)
    for address, one in content.resources.items():
        if one.kind == "section":
            board = one.fields["board"]
            cards = tuple(lying[board, address])
            sections[board].append(Section(one.fields["name"], cards, fates.get(address, _NO_FATE)))
    boards = [
        _board(
            one.fields["name"],
            lying[address, ""],
            sections[address],
            [privacy] if (privacy := one.fields.get("privacy") or "public") != "public" else [],
            one.fields.get("description") or "",
            fates.get(address, _NO_FATE),
        )
        for address, one in content.resources.items()
        if one.kind == "board"
    ]
    for address, existing in content.existing.items():
        parts = [
            Section(name, tuple(lying[address, existing_section_address(existing.name, name)]))
            for name in sorted(existing.sections)
        ]
        boards.append(_board(existing.name, lying[address, ""], parts, ["only added to"]))
    return boards


def _board(
    name: str,
    cards: list[Card],
    sections: list[Section],
    facts: list[str],
    description: str = "",
    fate: Fate = _NO_FATE,
) -> Board:
    count = counted(len(cards) + sum(len(section.cards) for section in sections), "pin")
    return Board(name, tuple(cards), tuple(sections), description, (count, *facts), fate)


def _mistake(problem: Problem) -> Mistake:
    where = f"{problem.file}:{max(1, problem.line)}:{max(1, problem.column)}"
    return Mistake(where, sentences(problem), problem.excerpt.strip())


def _mistakes(content: Content, problems: Sequence[Problem]) -> dict[str, tuple[Mistake, ...]]:
    """The problems of each pin, as far as they are surely in it: in its file, and from its line on to that of the next."""
    declared = Counter(file for file, _ in content.places.values())
    pins: dict[str, list[Desired]] = defaultdict(list)
    for one in content.resources.values():
        pins[one.origin.file].append(one)
    found: dict[str, list[Mistake]] = defaultdict(list)
    for problem in problems:
        here = sorted(pins.get(problem.file, ()), key=lambda one: one.origin.line)
        if not here or len(here) != declared[problem.file]:
            continue  # it may be in one that there is no card for
        before = [one for one in here if one.origin.line <= problem.line]
        found[(before or here)[-1 if before else 0].address].append(_mistake(problem))
    return {address: tuple(those) for address, those in found.items()}


def _card(one: Desired, fate: Fate, mistakes: tuple[Mistake, ...], publish_at: datetime | None) -> Card:
    fields = one.fields
    media = fields["media"]
    texts = fields.get("slots") or [{}] * len(one.images)
    if mistakes:
        fate = replace(fate, badges=("error", *fate.badges))
    return Card(
        address=one.address,
        title=fields.get("title") or "",
        description=fields.get("description") or "",
        link=fields.get("link") or "",
        alt_text=fields.get("alt_text") or "",
        slots=tuple(
            Slot(image, **{name: text for name, text in slot.items() if text})
            for image, slot in zip(one.images, texts, strict=True)
        ),
        video=one.video,
        frame=media["cover"] if one.video and not one.images else "",
        saved=str(media.get("save") or ""),
        publish_at=publish_at,
        facts=(("Address", one.address), ("File", str(one.origin))),
        fate=fate,
        mistakes=mistakes,
    )


def _gone(change: Change) -> Card:
    title = change.title or key_of(change.address)
    if change.kind != "pin":
        title = f"{KINDS[change.kind].name.capitalize()}: {title}"
    return Card(change.address, title, facts=(("Address", change.address),), fate=_fate(change))


def _counts(change: Change) -> bool:
    return change.action is not Action.NO_OP and change.reason != LEFT_OUT


def _fate(change: Change) -> Fate:
    if not _counts(change) and not change.drift:
        return Fate(("unchanged",))
    # Of what is new the card itself shows all, also of when it will appear.
    differences = tuple(_differences(change)) if change.id and change.action is not Action.CREATE else ()
    reason = "" if change.action is Action.SCHEDULED else change.reason
    drift = tuple(Drifted(label(change.kind, name), tuple(values)) for name, values in shown_drift(change).items())
    return Fate(_badges(change), reason, change.moved_from or "", differences, drift, change.notes)


def _badges(change: Change) -> tuple[str, ...]:
    badges = [_BADGES[change.action]] if change.action in _BADGES else []
    if change.action is Action.UPDATE and change.fields.keys() & _PLACE:
        badges = [*badges, "moved"] if change.fields.keys() - _PLACE else ["moved"]
    if change.moved_from and "moved" not in badges:
        badges.append("moved")
    if change.drift:
        badges.append("drift")
    return tuple(badges)


def _differences(change: Change) -> list[Difference]:
    return [
        Difference(label(change.kind, name), _text(name, field.before), _text(name, field.after), name in _TEXTS)
        for name, field in shown_fields(change).items()
    ]


def _text(name: str, given: object) -> str:
    """A value to be compared word by word: texts without their quotation marks."""
    return (str(given) if given is not None else "") if name in _TEXTS else value(name, given)

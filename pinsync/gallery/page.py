"""The gallery as one HTML page: no network, no inline handlers, every text as data.

Style and script stand in the page; its policy names their hashes and allows nothing else.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import NamedTuple
from urllib.parse import urlsplit

from pinsync.gallery.cards import BADGES, TALLEST, Board, Card, Difference, Fate, Gallery, Mistake, Section, Slot
from pinsync.model.resource import Image, Video
from pinsync.report import comparing
from pinsync.report.escaping import page

BEGINNING = '<!doctype html>\n<html lang="en" data-pinsync="preview"'
"""How each page begins, and nothing else does."""

_MOST = 2_000  # characters of a text
_OPEN = 200  # characters of differences that are shown without being asked for
_UNKNOWN = (2, 3)  # the proportions of a picture that is not at hand
_SAVED = "https://www.pinterest.com/pin/{}/"
_PLAY = '<svg class="play" viewBox="0 0 24 24" aria-hidden="true"><path d="M8 5v14l11-7z"/></svg>'
_EMPTY = '<p class="quiet">No pins</p>'
_QUOTED = re.compile("`([^`]+)`")
_TAGS = {comparing.SAME: "", comparing.GONE: "del", comparing.ADDED: "ins"}
_SAID = {comparing.GONE: "removed: ", comparing.ADDED: "added: "}


@dataclass(frozen=True, slots=True)
class Sources:
    """Where pictures and videos are had from, as addresses; empty where they are not. With ``served`` they come from where
    the page does. A ``live`` page also hears of changes there, and is made anew."""

    picture: Callable[[Image], str]
    video: Callable[[Video], str] = lambda video: ""
    served: bool = False
    live: bool = False


class Document(NamedTuple):
    """A page, and a text that is another for each other page."""

    html: str
    version: str


def document(gallery: Gallery, sources: Sources) -> Document:
    """The page of a gallery whose pictures are where ``sources`` says."""
    counts = Counter(badge for card in gallery.cards for badge in card.fate.badges)
    chips = "".join(
        f'<button type="button" class="chip {badge}" aria-pressed="false" data-badge="{badge}">{word}'
        f" <small>{counts[badge]:,}</small></button>"
        for badge, word in BADGES.items()
        if counts[badge]
    )
    keys = [board.anchor or f"b{number}" for number, board in enumerate(gallery.boards)]
    options = "".join(
        f'<option value="{key}">{_short(board.name)} ({len(board.all_cards):,})</option>'
        for key, board in zip(keys, gallery.boards, strict=True)
    )
    name = _linked(page(gallery.name), gallery.home)
    header = (
        f'<header class="top"><div class="name" id="name"><h1>{name}</h1><p>{page(gallery.environment)}</p></div>'
        '<div class="tools" role="search"><input type="search" id="search" aria-label="Search pins" placeholder="Search">'
        f'<select id="board" aria-label="Board"><option value="">All boards</option>{options}</select>'
        '<select id="theme" aria-label="Colours"><option value="">Auto</option><option value="light">Light</option>'
        '<option value="dark">Dark</option></select></div>'
        f'<div class="chips" id="chips" role="group" aria-label="Show only">{chips}</div>'
        '<p class="sr" id="status" role="status"></p></header>'
    )
    writer = _Writer(sources)
    boards = "".join(map(writer.board, keys, gallery.boards))
    main = (
        f'<main id="main" tabindex="-1">{_summary(gallery)}{boards}'
        '<p class="nothing" id="nothing" hidden>No pin fits. <button type="button" id="clear">Show all</button></p></main>'
    )
    return _whole(gallery.title, header + main, sources)


def failed(message: str, advice: str) -> Document:
    """A page in the place of a gallery that cannot be shown at all, until that changes."""
    return sheet(
        "No preview", f"<p>{page(message)}</p><p>{page(advice)}</p>", Sources(lambda image: "", served=True, live=True)
    )


def sheet(title: str, body: str, sources: Sources) -> Document:
    """A page in the style of the gallery that is not one: a title, which is text, and HTML."""
    main = f'<main id="main" class="sheet" tabindex="-1"><h1>{page(title)}</h1>{body}</main>'
    return _whole(title, main, sources, script=sources.live)


def policy(*, served: bool) -> str:
    """What the page may do: its own style and script, and pictures in it; one that is served also asks where it comes from."""
    sources = "img-src data: 'self'; media-src 'self'; connect-src 'self'" if served else "img-src data:"
    return (
        f"default-src 'none'; {sources}; style-src '{_hash(_file('gallery.css'))}'; "
        f"script-src '{_hash(_file('gallery.js'))}'; base-uri 'none'; form-action 'none'"
    )


@cache
def _file(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text("utf-8")


def _hash(text: str) -> str:
    return f"sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode('ascii')}"


def _whole(title: str, body: str, sources: Sources, *, script: bool = True) -> Document:
    version = hashlib.sha256(body.encode()).hexdigest()[:16]
    events = f' data-version="{version}"' if sources.live else ""
    # Who serves a page says so in the answer's head, which can say more.
    csp = "" if sources.served else f'<meta http-equiv="Content-Security-Policy" content="{policy(served=False)}">\n'
    run = f"<script>{_file('gallery.js')}</script>\n" if script else ""
    html = (
        f'{BEGINNING}{events}>\n<head>\n<meta charset="utf-8">\n{csp}'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n<link rel="icon" href="data:,">\n'
        f"<title>{page(title)}</title>\n<style>{_file('gallery.css')}</style>\n</head>\n<body>\n"
        f'<a class="skip" href="#main">Skip to the content</a>\n{body}\n{run}'
        "</body>\n</html>\n"
    )
    return Document(html, version)


def _summary(gallery: Gallery) -> str:
    parts = [f'<p class="summary">{page(gallery.summary)}</p>'] if gallery.summary else []
    parts += [f'<p class="notice">{_sentences(notice)}</p>' for notice in gallery.notices]
    if gallery.mistakes:
        parts.append(
            '<section class="notice problems" aria-labelledby="problems"><h2 id="problems">Problems in the content: '
            f"{len(gallery.mistakes):,}</h2><ul>{''.join(f'<li>{_mistake(one)}</li>' for one in gallery.mistakes)}</ul></section>"
        )
    if not gallery.boards:
        parts.append('<p class="nothing">Nothing is declared yet.</p>')
    return "".join(parts)


def _mistake(mistake: Mistake) -> str:
    excerpt = f"<pre>{_text(mistake.excerpt)}</pre>" if mistake.excerpt else ""
    return f"<code>{page(mistake.where)}</code> {_sentences(mistake.sentence)}{excerpt}"


class _Writer:
    """Writes boards and cards, each with an id of its own."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._number = 0

    def _id(self) -> str:
        self._number += 1
        return f"n{self._number}"

    def board(self, key: str, board: Board) -> str:
        """A board with its sections."""
        about = f'<p dir="auto">{_text(board.description)}</p>' if board.description else ""
        name = _linked(_text(board.name), board.link)
        facts = f'<p class="quiet">{page(", ".join(board.facts))}</p>' if board.facts else ""
        more = "".join(f"<p>{_linked(page(words), link)}</p>" for words, link in board.more)
        return (
            f'<section class="board" id="{key}" aria-labelledby="{key}-name" data-badges="{" ".join(board.fate.badges)}">'
            f'<header><h2 id="{key}-name" dir="auto">{name}</h2>{_marks(board.fate)}{about}{facts}'
            f"{_fate(board.fate)}</header>{self._grid(board.cards, 3)}"
            f'<div class="sections">{"".join(self._section(section) for section in board.sections)}</div>{more}</section>'
        )

    def _section(self, section: Section) -> str:
        key = self._id()
        return (
            f'<section class="section"{_anchored(section.anchor)} aria-labelledby="{key}" '
            f'data-badges="{" ".join(section.fate.badges)}"><header>'
            f'<h3 id="{key}" dir="auto">{_text(section.name)}</h3>{_marks(section.fate)}{_fate(section.fate)}</header>'
            f"{self._grid(section.cards, 4) or _EMPTY}</section>"
        )

    def _grid(self, cards: tuple[Card, ...], level: int) -> str:
        return f'<div class="grid">{"".join(self._card(card, level) for card in cards)}</div>' if cards else ""

    def _card(self, card: Card, level: int) -> str:
        key = self._id()
        title = (
            f'<h{level} class="title" id="{key}" dir="auto">{_text(card.title)}</h{level}>'
            if card.title
            else f'<h{level} class="sr" id="{key}">Pin without title: {page(card.address)}</h{level}>'
        )
        about = f'<p class="about" dir="auto">{_text(card.description)}</p>' if card.description else ""
        link = _SAVED.format(card.saved) if card.saved else card.link
        mistakes = "".join(f'<p class="say error">{_mistake(one)}</p>' for one in card.mistakes)
        time = (
            f'<p class="say">Appears <time datetime="{card.publish_at.isoformat()}">{card.publish_at.day} '
            f"{page(f'{card.publish_at:%b %Y, %H:%M %Z}')}</time></p>"
            if card.publish_at and "scheduled" in card.fate.badges
            else ""
        )
        return (
            f'<article class="card"{_anchored(card.anchor)} aria-labelledby="{key}" data-badges="{" ".join(card.fate.badges)}" '
            f'data-address="{page(card.address)}">{self._media(card)}{_marks(card.fate)}<div class="text">{title}{about}'
            f"{_link(link)}{time}{mistakes}{_fate(card.fate)}{_details(card)}</div></article>"
        )

    def _media(self, card: Card) -> str:
        # A pin without such a text has its title, which is read anyway.
        if card.video:
            return self._video(card, card.video)
        if len(card.slots) > 1:
            return self._carousel(card)
        if card.slots:
            return f'<div class="media">{self._picture(card.slots[0].image, card.alt_text)}</div>'
        if card.saved:
            return f'<div class="media">{_blank(*_UNKNOWN, f"The pin {card.saved}, saved to this board")}</div>'
        return f'<div class="media">{_blank(3, 2, "Declared no more: what is there is on Pinterest only")}</div>'

    def _video(self, card: Card, video: Video) -> str:
        source = self._sources.video(video)
        length = f'<span class="length">{_PLAY}{int(video.duration) // 60}:{int(video.duration) % 60:02}</span>'
        if not source:
            if card.slots:
                cover = self._picture(card.slots[0].image, card.alt_text)
            else:
                cover = _blank(video.width, video.height, f"Video; its cover is the picture at {card.frame}")
            return f'<div class="media">{cover}{length}</div>'
        poster = self._sources.picture(card.slots[0].image) if card.slots else ""
        width, height = _shown(video.width, video.height)
        frame = f"#t={card.frame.removesuffix('s')}" if card.frame else ""
        return (
            f'<div class="media"><video src="{page(source + frame)}" controls playsinline width="{width}" height="{height}" '
            f'preload="{"none" if poster else "metadata"}" aria-label="{_short(card.alt_text or card.title or card.address)}"'
            f"{f' poster={chr(34)}{page(poster)}{chr(34)}' if poster else ''}></video></div>"
        )

    def _carousel(self, card: Card) -> str:
        count = len(card.slots)
        slides = "".join(
            f'<li aria-label="{number} of {count}">{self._picture(slot.image, card.alt_text)}{_slot(slot)}</li>'
            for number, slot in enumerate(card.slots, 1)
        )
        arrow = '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="{}"/></svg>'
        return (
            f'<div class="media carousel" role="group" aria-label="Carousel of {count}">'
            f'<ol tabindex="0" aria-label="Pictures">{slides}</ol>'
            f'<div class="pager"><button type="button" data-step="-1" aria-label="Previous picture">'
            f"{arrow.format('M15 5l-7 7 7 7')}</button><span>1 of {count}</span>"
            f'<button type="button" data-step="1" aria-label="Next picture">{arrow.format("M9 5l7 7-7 7")}</button></div></div>'
        )

    def _picture(self, image: Image, alt: str) -> str:
        source = self._sources.picture(image)
        width, height = _shown(image.width, image.height) if image.width else _UNKNOWN
        if source:
            return (
                f'<img src="{page(source)}" alt="{_short(alt)}" width="{width}" height="{height}" loading="lazy" '
                'decoding="async">'
            )
        if image.sha256:
            return _blank(width, height, f"No room in this page for {image.source}: see it with --serve")
        return _blank(
            width, height, f"A picture at {urlsplit(image.source).hostname or image.source}, which Pinterest fetches"
        )


def _shown(width: int, height: int) -> tuple[int, int]:
    """The pixels that are shown of a picture."""
    return width, max(1, min(height, round(width * TALLEST)))


def _blank(width: int, height: int, why: str) -> str:
    width, height = _shown(width, height)
    return f'<div class="blank"><svg viewBox="0 0 {width} {height}" aria-hidden="true"></svg><p>{page(why)}</p></div>'


def _slot(slot: Slot) -> str:
    title = f'<p class="title" dir="auto">{_text(slot.title)}</p>' if slot.title else ""
    about = f'<p class="about" dir="auto">{_text(slot.description)}</p>' if slot.description else ""
    inside = f"{title}{about}{_link(slot.link)}"
    return f'<div class="slot">{inside}</div>' if inside else ""


def _marks(fate: Fate) -> str:
    marks = "".join(
        f'<span class="mark {badge}">{BADGES[badge]}</span> ' for badge in fate.badges if badge != "unchanged"
    )
    return f'<p class="marks">{marks}</p>' if marks else ""


def _fate(fate: Fate) -> str:
    """Why, and what changes."""
    parts = [f'<p class="say">{_sentences(fate.reason)}</p>'] if fate.reason else []
    if fate.was:
        parts.append(f'<p class="say">Was <code>{page(fate.was)}</code></p>')
    if fate.differences or fate.drift:
        rows = [f'<dt>{page(one.label)}</dt><dd dir="auto">{_difference(one)}</dd>' for one in fate.differences]
        rows += [
            f'<dt>{page(one.label)}, {page(whose)}</dt><dd dir="auto">{_text(given)}</dd>'
            for one in fate.drift
            for whose, given in one.values
        ]
        size = sum(len(one.before) + len(one.after) for one in fate.differences)
        labels = dict.fromkeys([*(one.label for one in fate.differences), *(one.label for one in fate.drift)])
        parts.append(
            f'<details class="changes"{"" if size > _OPEN else " open"}><summary>Changes: {page(", ".join(labels))}</summary>'
            f"<dl>{''.join(rows)}</dl></details>"
        )
    return "".join(parts)


def _difference(one: Difference) -> str:
    parts = comparing.compared(one.before, one.after) if one.prose else comparing.replaced(one.before, one.after)
    return "".join(
        f'<{_TAGS[what]}><span class="sr">{_SAID[what]}</span>{_text(text)}</{_TAGS[what]}>'
        if _TAGS[what]
        else _text(text)
        for what, text in parts
    )


def _details(card: Card) -> str:
    rows = [("Alt text", _text(card.alt_text))] if card.alt_text else []
    rows += [("Link", _text(card.link))] if card.link else []
    rows += [(page(name), f"<code>{page(fact)}</code>") for name, fact in card.facts]
    rows += [("Note", _sentences(note)) for note in card.fate.notes]
    inside = "".join(f'<dt>{name}</dt><dd dir="auto">{html}</dd>' for name, html in rows)
    return f'<details class="more"><summary>Details</summary><dl>{inside}</dl></details>'


def _anchored(anchor: str) -> str:
    return f' id="{page(anchor)}"' if anchor else ""


def _linked(html: str, link: str) -> str:
    return f'<a href="{page(link)}">{html}</a>' if link else html


def _link(link: str) -> str:
    """A link by its host; text where it leads to no web page."""
    if not link:
        return ""
    try:
        parts = urlsplit(link)
        host = parts.hostname or ""
    except ValueError:
        host = ""
    if not host or parts.scheme not in ("http", "https"):
        return f'<p class="host">{_text(link)}</p>'
    shown = f'<a href="{page(link)}" target="_blank" rel="noopener noreferrer nofollow">{page(host.removeprefix("www."))}</a>'
    return f'<p class="host">{shown}</p>'


def _text(text: str) -> str:
    """A text with its line breaks."""
    return "<br>".join(page(line) for line in _clipped(text).split("\n"))


def _sentences(text: str) -> str:
    """What pinsync says, in which commands and keys stand between backticks."""
    return _QUOTED.sub(r"<code>\1</code>", _text(text))


def _short(text: str) -> str:
    """A text on one line, also for attributes."""
    return page(" ".join(_clipped(text).split()))


def _clipped(text: str) -> str:
    return text if len(text) <= _MOST else f"{text[: _MOST - 1]}…"

"""Rules about titles, descriptions, alt texts and links, as they are written."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from pinsync.content.linting.rule import Finding, Rule, each
from pinsync.content.problems import shortened
from pinsync.model.equality import canonical_text
from pinsync.model.resource import Desired


def missing(name: str, label: str, advice: str) -> Rule:
    """A rule that every pin has this text.

    A saved pin has those of the original. null and empty text are decisions, here or in the defaults. In a carousel it
    is enough that every picture has a text of its own.
    """

    def check(pin: Desired) -> Iterator[Finding]:
        slots = pin.fields.get("slots") or ()
        if name in pin.fields or "save" in pin.fields["media"] or (slots and all(slot.get(name) for slot in slots)):
            return
        yield Finding(pin.address, f"the pin has no {label}", f"{advice} `{name}: null` says that it shall have none.")

    return Rule(f"missing-{name.replace('_', '-')}", f"a pin without {label}", each(check))


def _repeated(pins: Sequence[Desired]) -> Iterator[Finding]:
    first: dict[str, Desired] = {}
    for pin in pins:
        title = canonical_text(pin.fields.get("title")).casefold()
        other = first.setdefault(title, pin)
        if title and other is not pin:
            yield Finding(
                pin.address,
                f'the title "{shortened(pin.fields["title"])}" is also that of {other.address} ({other.origin})',
                "Give each a title of its own, so that people can tell them apart.",
                ("title",),
            )


def links_of(pin: Desired) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Every link of a pin and its pictures, with its place."""
    if pin.fields.get("link"):
        yield ("link",), pin.fields["link"]
    for number, slot in enumerate(pin.fields.get("slots") or ()):
        if slot.get("link"):
            yield ("carousel", number, "link"), slot["link"]


def _insecure(pin: Desired) -> Iterator[Finding]:
    for below, link in links_of(pin):
        if _could_be_https(link):
            yield Finding(pin.address, "the link is http, which anybody on the way can read and change",
                          "Start it with https:// if the site has it.", below)  # fmt: skip


def _could_be_https(link: str) -> bool:
    """Whether a link is plain http to where certificates are usual: to a name, and the usual port."""
    try:
        parts = urlsplit(link)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    if parts.scheme != "http" or port not in (None, 80) or host == "localhost" or host.endswith(".localhost"):
        return False
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return True
    return False


MISSING_ALT_TEXT = missing("alt_text", "alt text", "Say what the picture shows, for people who do not see it.")
MISSING_TITLE = missing("title", "title", "Say in a few words what it is about; people find pins by it.")
MISSING_DESCRIPTION = missing("description", "description", "Say what people find behind it.")
MISSING_LINK = missing("link", "link", "Say where a click leads.")
REPEATED_TITLE = Rule("repeated-title", "two pins with the same title, up to case and white space", _repeated)
INSECURE_LINK = Rule("insecure-link", "a link to http: where https: could be", each(_insecure))

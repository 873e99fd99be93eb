"""The links of a content root: which there are, and what to say about those that lead nowhere."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, defaultdict
from dataclasses import dataclass
from urllib.parse import urldefrag

import httpx

from pinsync.content.links import LINKS, address_problem
from pinsync.content.linting.rule import Finding
from pinsync.content.linting.rules import DEAD_LINK
from pinsync.content.linting.running import Findings
from pinsync.content.linting.texts import links_of
from pinsync.content.loading import Content
from pinsync.content.problems import Problem, shortened
from pinsync.content.suggesting import listed
from pinsync.linkchecking.addresses import Resolve, is_loopback, resolve
from pinsync.linkchecking.asking import Asker, Fate
from pinsync.linkchecking.checking import Checked, check

Use = tuple[str, tuple[str | int, ...]]
"""A pin's address and the place of the link in it."""


@dataclass(frozen=True, slots=True)
class LinkReport:
    """``problems`` are the dead links, each at the places that use it. ``notes`` are sentences about what could not be
    checked, and how many there were."""

    problems: list[Problem]
    notes: list[str]


def check_links(
    content: Content,
    *,
    allow_private: bool = False,
    transport: httpx.AsyncBaseTransport | None = None,
    resolve: Resolve = resolve,
    now: float | None = None,
) -> LinkReport:
    """Asks for every link of the pins for which the rule is on, each once.

    Addresses that are not public are asked only with ``allow_private``; where the content is for the emulator, those of
    this machine are, too. ``transport``, ``resolve`` and ``now`` (seconds since 1970) are handed in by tests.
    """
    findings = Findings(content)
    uses: defaultdict[str, list[Use]] = defaultdict(list)
    for pin in findings.pins(DEAD_LINK.code):
        for below, link in links_of(pin):
            if not address_problem(link, LINKS):
                uses[urldefrag(link).url].append((pin.address, below))
    local = content.settings.environment == "emulator"

    def allowed(address: str) -> bool:
        return allow_private or (local and is_loopback(address))

    async def run() -> Checked:
        async with transport or httpx.AsyncHTTPTransport(limits=httpx.Limits(max_keepalive_connections=0)) as network:
            asker = Asker(network, resolve, allowed)
            return await check(uses, asker.ask, content.root, time.time() if now is None else now)

    checked = asyncio.run(run())
    notes: list[str] = []
    for link, users in uses.items():
        verdict = checked.verdicts[link]
        if verdict.fate is Fate.DEAD:
            _report(findings, content, f'the link "{shortened(link)}" is dead: {verdict.reason}', users)
        elif verdict.fate is Fate.UNKNOWN:
            notes.append(f"Could not be checked: {link} of {_named(users)}: {verdict.reason}.")
    return LinkReport(findings.problems(), [*notes, _counts(checked)])


def _report(findings: Findings, content: Content, message: str, users: list[Use]) -> None:
    """Reports a dead link once for each place where it stands, which in the defaults is the place of several pins."""
    by_place: defaultdict[object, list[Use]] = defaultdict(list)
    for address, below in users:
        by_place[content.written[address].place(below), findings.level(DEAD_LINK.code, address)].append(
            (address, below)
        )
    for together in by_place.values():
        address, below = together[0]
        advice = "Correct it, or write `null` to have none."
        findings.add(DEAD_LINK.code, Finding(address, f"{message} (in {_named(together)})", advice, below))


def _named(users: list[Use]) -> str:
    return listed(dict.fromkeys(address for address, _ in users), "")


def _counts(checked: Checked) -> str:
    fates = Counter(verdict.fate for verdict in checked.verdicts.values())
    return (
        f"Links: {len(checked.verdicts):,} checked, {checked.remembered:,} of them from the cache; "
        f"{fates[Fate.DEAD]:,} dead; {fates[Fate.UNKNOWN]:,} could not be checked."
    )

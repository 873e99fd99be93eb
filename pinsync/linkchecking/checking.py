"""Asks for many links: a few at a time, fewer of one host, and not again for what was good within a day."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from pinsync.content.caching import CACHE, read_cache, write_cache
from pinsync.linkchecking.asking import Fate, Verdict

LINKS = CACHE / "links.json"
AT_ONCE = 16
OF_ONE_HOST = 2
TRUSTED = 24 * 60 * 60
"""Seconds for which a good link is taken to be good."""

GIVEN_UP = 3
"""How many links of a host in a row that cannot be checked are enough to leave its others alone."""

_VERSION = "1"


@dataclass(slots=True)
class Checked:
    """``verdicts`` by link; ``remembered`` is how many of them came from the cache."""

    verdicts: dict[str, Verdict] = field(default_factory=dict)
    remembered: int = 0


async def check(links: Iterable[str], ask: Callable[[str], Awaitable[Verdict]], root: Path, now: float) -> Checked:
    """The verdict on each link. What is good is remembered below ``root`` with the time ``now`` (seconds since 1970)."""
    checked = Checked()
    known = read_cache(root / LINKS, _VERSION, "links")
    good: dict[str, float] = {}
    by_host: defaultdict[str, deque[str]] = defaultdict(deque)
    for link in links:
        seen = known.get(link)
        if isinstance(seen, float) and 0 <= now - seen < TRUSTED:
            checked.verdicts[link] = Verdict(Fate.ALIVE)
            good[link] = seen
        else:
            by_host[urlsplit(link).netloc.lower()].append(link)
    checked.remembered = len(good)
    slots = asyncio.Semaphore(AT_ONCE)
    async with asyncio.TaskGroup() as group:
        for pending in by_host.values():
            host = _Host(pending, ask, slots, checked.verdicts)
            for _ in range(min(OF_ONE_HOST, len(pending))):
                group.create_task(host.work())
    good |= {link: now for link, verdict in checked.verdicts.items() if verdict.fate is Fate.ALIVE and link not in good}
    write_cache(root / LINKS, _VERSION, "links", good)
    return checked


class _Host:
    """The links of one host."""

    def __init__(
        self,
        pending: deque[str],
        ask: Callable[[str], Awaitable[Verdict]],
        slots: asyncio.Semaphore,
        verdicts: dict[str, Verdict],
    ) -> None:
        self._pending = pending
        self._ask = ask
        self._slots = slots
        self._verdicts = verdicts
        self._in_vain = 0

    async def work(self) -> None:
        while self._pending:
            link = self._pending.popleft()
            async with self._slots:
                if self._in_vain >= GIVEN_UP:
                    verdict = Verdict(Fate.UNKNOWN, "not asked, since other links of its host could not be checked")
                else:
                    verdict = await self._ask(link)
            self._in_vain = self._in_vain + 1 if verdict.fate is Fate.UNKNOWN else 0
            self._verdicts[link] = verdict

"""Finding out what became of creations whose answer was lost: look, let the listings settle, look again.

It costs one listing of each board in doubt where all is found at once, and one more where something is missing.
"""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pinsync.errors import Refused
from pinsync.model import KINDS
from pinsync.model.resource import Found
from pinsync.pinterest.client import LONGEST_CALL, Client
from pinsync.pinterest.operations import list_board_pins, list_boards, list_sections
from pinsync.pinterest.pacing import PATIENCE
from pinsync.planning.matching import Matches, Wanted, match
from pinsync.state.document import AHEAD, Pending

# An intent is written down ahead of its call, which then waits for its turn and for its answer.
_LONGEST = timedelta(seconds=AHEAD + PATIENCE + LONGEST_CALL)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait until a listing shows what was made, and how.

    ``settling`` is how long a listing may lag behind. ``now`` tells the server's time of day. ``tell`` hears why it waits.
    """

    settling: timedelta
    now: Callable[[], datetime]
    sleep: Callable[[float], Awaitable[None]]
    tell: Callable[[str], None] = lambda sentence: None


@dataclass(frozen=True, slots=True)
class Verdict:
    """``matches`` are those found; what is in none of its parts was not made. ``found`` is all that was seen."""

    matches: Matches
    found: Mapping[str, Found]

    def is_missing(self, address: str) -> bool:
        """Whether the creation surely did not happen."""
        matches = self.matches
        return address not in matches.adopted and address not in matches.unclear and address not in matches.near


async def resolve(
    client: Client,
    kind: str,
    doubts: Mapping[str, Pending],
    claimed: Collection[str],
    patience: Patience,
    seen: Iterable[Found] | None = None,
) -> Verdict:
    """What became of the creations in ``doubts``, all of one kind, by address.

    ``claimed`` are the ids that have an address already. ``seen`` is a first look that was taken just now. Raises
    ApiError.
    """
    first = await _look(client, kind, doubts.values()) if seen is None else seen
    found = {one.id: one for one in first}
    verdict = _verdict(kind, doubts, claimed, found)
    missing = {address: pending for address, pending in doubts.items() if verdict.is_missing(address)}
    wait = _until_settled(missing.values(), patience)
    if wait > 0:
        patience.tell(
            f"{len(missing)} of the {KINDS[kind].plural} that were begun cannot be seen on Pinterest; looking again in "
            f"{math.ceil(wait)} s, before anything is sent again"
        )
        await patience.sleep(wait)
        found |= {one.id: one for one in await _look(client, kind, missing.values())}
        verdict = _verdict(kind, doubts, claimed, found)
    return verdict


def _verdict(kind: str, doubts: Mapping[str, Pending], claimed: Collection[str], found: Mapping[str, Found]) -> Verdict:
    wanted = [Wanted(address, pending.sent, pending.shape, pending.at) for address, pending in doubts.items()]
    free = [one for one in found.values() if one.id not in claimed]
    return Verdict(match(kind, wanted, free), found)


def _until_settled(pendings: Iterable[Pending], patience: Patience) -> float:
    """Seconds until a listing shows all that these may have made: a call that was begun long ago is over."""
    now = patience.now()
    latest = 0.0
    for pending in pendings:
        try:
            begun = datetime.fromisoformat(pending.at)
        except ValueError:
            begun = now
        begun = begun if begun.tzinfo else begun.replace(tzinfo=UTC)
        settled = min(now, begun + _LONGEST) + patience.settling
        latest = max(latest, (settled - now).total_seconds())
    return latest


async def _look(client: Client, kind: str, pendings: Iterable[Pending]) -> list[Found]:
    """All resources of the kind where the pending ones would be; nothing of a board that is gone."""
    observe = KINDS[kind].observe
    found: list[Found] = []
    if kind == "board":
        async for boards in client.pages(list_boards()):
            found += [observe(answer, {}) for answer in boards]
        return found
    for board in sorted({str(pending.sent.get("board") or "") for pending in pendings} - {""}):
        try:
            if kind == "section":
                async for sections in client.pages(list_sections(board)):
                    found += [observe(answer, {"board": board}) for answer in sections]
            else:
                async for pins in client.pages(list_board_pins(board)):
                    found += [observe(answer, {}) for answer in pins]
        except Refused as error:
            if error.status != 404:
                raise
    return found

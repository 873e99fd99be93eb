"""Asking for what is not known yet, in the fewest calls, and in no more than there may be."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pinsync.analytics.period import Period
from pinsync.analytics.remembering import Numbers
from pinsync.analytics.subjects import Subject
from pinsync.errors import ApiError, CredentialsRefused, NotDone, QuotaSpent, Refused
from pinsync.pinterest.operations import MOST_PINS, pin_analytics, pins_analytics
from pinsync.report.problems import counted

if TYPE_CHECKING:
    from pinsync.pinterest.client import Client

ABSENT, LATER, FAILED = "absent", "later", "failed"
_HOPELESS = 5
"""So many pins in a row, the first of all, of which Pinterest says nothing: then it is the login that is at fault."""
_FAILURES = 3
_WHOSE = "Is this the login of the account whose pins they are? `pinsync auth status` says who is logged in, and with which scopes."
_ALL = "all"
_NOT_THERE = 404
_NOT_ALLOWED = (401, 403)


@dataclass(frozen=True, slots=True)
class Lack:
    """A pin without numbers. ``kind`` is ``absent`` (there are none to be had), ``later`` (calls were too few) or ``failed``."""

    address: str
    kind: str
    reason: str


@dataclass(frozen=True, slots=True)
class Ask:
    """A pin to be asked for: these metrics on these days."""

    subject: Subject
    names: tuple[str, ...]
    period: Period


@dataclass(frozen=True, slots=True)
class Allowance:
    """How many calls may be made, None for any, and whose limit that is, in words."""

    calls: int | None
    whose: str


def batches(asks: Iterable[Ask], *, bulk: bool) -> list[list[Ask]]:
    """The asks of each call: 100 pins with the same metrics, or one where the app has no call for many."""
    if not bulk:
        return [[ask] for ask in asks]
    alike: defaultdict[tuple[str, ...], list[Ask]] = defaultdict(list)
    for ask in asks:
        alike[ask.names].append(ask)
    return [group[at : at + MOST_PINS] for group in alike.values() for at in range(0, len(group), MOST_PINS)]


async def fetch(
    asks: Sequence[Ask],
    numbers: Numbers,
    client: Client,
    allowance: Allowance,
    concurrency: int,
    tell: Callable[[str], None],
) -> list[Lack]:
    """Asks Pinterest, in the order given, and puts what it answers into ``numbers``. ``tell`` hears what it will cost.

    Returns the pins that it has no answer for. Raises ApiError where nothing can be had at all.
    """
    fetching = _Fetching(asks, numbers, client, allowance, tell)
    if asks:
        fetching.tell_cost()
        await fetching.begin()
        await asyncio.gather(*(fetching.work() for _ in range(concurrency)))
    if fetching.error:
        raise fetching.error
    return fetching.lacks_in_all()


class _Fetching:
    def __init__(
        self,
        asks: Sequence[Ask],
        numbers: Numbers,
        client: Client,
        allowance: Allowance,
        tell: Callable[[str], None],
    ) -> None:
        self._numbers = numbers
        self._client = client
        self._whose = allowance.whose
        self._left = allowance.calls
        self._tell = tell
        self._bulk = numbers.has_bulk
        self._refused_bulk = False
        self._queue = deque(batches(asks, bulk=self._bulk))
        self._lacks: list[Lack] = []
        self._answered = False
        self._denied = 0
        self._failures = 0
        self._stopped: tuple[str, str] | None = None
        self.error: ApiError | None = None

    def tell_cost(self) -> None:
        """Says how many calls are ahead, and how many of them there may be."""
        asks = [ask for batch in self._queue for ask in batch]
        calls = len(batches(asks, bulk=self._bulk))
        how = "" if self._bulk else ", one a pin because this app has no bulk analytics"
        limit = ""
        if self._left is not None:
            over = f", so that {counted(calls - self._left, 'call')} must wait" if self._left < calls else ""
            limit = f"; {self._whose} {self._left:,}{over}"
        self._tell(f"Asking Pinterest for {counted(len(asks), 'pin')}: {counted(calls, 'call')}{how}{limit}.")

    async def begin(self) -> None:
        """Sends one call after the other until the first answer, which shows whether the app has the call for many, and that
        what fails later is not all there is."""
        while self._queue and not (self._answered or self._stopped or self.error):
            await self.step()

    async def work(self) -> None:
        """Sends one call after the other until nothing is left to do."""
        while self._queue and not self._stopped and not self.error:
            await self.step()

    def lacks_in_all(self) -> list[Lack]:
        """What was refused, and what was not asked for any more."""
        kind, reason = self._stopped or (LATER, "")
        left = [Lack(ask.subject.address, kind, reason) for batch in self._queue for ask in batch]
        return [*self._lacks, *left]

    async def step(self) -> None:
        """One call, or splitting what was to be one."""
        batch = self._queue.popleft()
        if len(batch) > 1 and not self._bulk:
            self._queue.extendleft([ask] for ask in reversed(batch))
        elif self._left is not None and self._left <= 0:
            self._stop(batch, LATER, f"{self._whose} no more calls for now")
        else:
            self._left = None if self._left is None else self._left - 1
            try:
                self._take(batch, await self._send(batch))
            except QuotaSpent as error:
                self._stop(batch, LATER, error.message)
            except NotDone as error:
                self._fail(batch, error)
            except Refused as error:
                self._refuse(batch, error)

    async def _send(self, batch: Sequence[Ask]) -> Mapping[str, Any]:
        """The answer for each pin by its id."""
        names, period = batch[0].names, _period(batch)
        ids = list(dict.fromkeys(ask.subject.id for ask in batch))
        if len(batch) == 1:
            return {ids[0]: await self._client.send(pin_analytics(ids[0], period.start, period.end, names))}
        return await self._client.send(pins_analytics(ids, period.start, period.end, names))

    def _take(self, batch: Sequence[Ask], answers: Mapping[str, Any]) -> None:
        self._answered = True
        if len(batch) == 1 and self._refused_bulk:
            self._numbers.no_bulk()
        for ask in batch:
            answer = _of_all_devices(answers.get(ask.subject.id))
            if answer is None:
                self._lack(ask, FAILED, "not in Pinterest's answer")
            else:
                self._numbers.put(ask.subject.id, ask.names, _period(batch), answer)

    def _refuse(self, batch: list[Ask], error: Refused) -> None:
        many = len(batch) > 1
        if many and error.status == 403:
            self._queue.appendleft(batch)
            self._bulk, self._refused_bulk = False, True
            self.tell_cost()
        elif isinstance(error, CredentialsRefused) or error.status not in (*_NOT_ALLOWED, _NOT_THERE):
            self.error = self.error or error
        elif many:
            # One pin is enough for Pinterest to refuse all.
            middle = len(batch) // 2
            self._queue.extendleft((batch[middle:], batch[:middle]))
        else:
            gone = error.status == _NOT_THERE
            self._lack(batch[0], ABSENT, "not on Pinterest any more" if gone else "not shown to this login")
            self._denied += 1
            if self._denied >= _HOPELESS and self._queue and not self._answered:
                self.error = Refused(
                    f"Pinterest has numbers of none of the first {_HOPELESS} pins: {error.message}", _WHOSE
                )

    def _fail(self, batch: list[Ask], error: NotDone) -> None:
        self._failures += 1
        if not self._answered:
            self.error = self.error or error
        elif self._failures >= _FAILURES:
            self._stop(batch, FAILED, error.message)
        else:
            for ask in batch:
                self._lack(ask, FAILED, error.message)

    def _stop(self, batch: list[Ask], kind: str, reason: str) -> None:
        self._queue.appendleft(batch)
        self._stopped = self._stopped or (kind, reason)

    def _lack(self, ask: Ask, kind: str, reason: str) -> None:
        self._lacks.append(Lack(ask.subject.address, kind, reason))


def _period(batch: Sequence[Ask]) -> Period:
    """The days of one call."""
    return Period(min(ask.period.start for ask in batch), max(ask.period.end for ask in batch))


def _of_all_devices(answer: Any) -> Mapping[str, Any] | None:
    """The group of an answer that is not about one kind of device; None where there is none, or it is none."""
    groups = {name.lower(): group for name, group in answer.items()} if isinstance(answer, dict) else {}
    group = groups.get(_ALL) or (next(iter(groups.values())) if len(groups) == 1 else None)
    return group if isinstance(group, dict) and isinstance(group.get("daily_metrics"), list) else None

"""Times at which pins without a time of their own may appear: the same ones every day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class Spread:
    """The slots of a day: from ``start`` in steps of ``every`` up to ``end``, all in minutes, the latter two since midnight on
    the clocks of ``zone``. What these skip is no slot, and what they show twice is one: the first."""

    every: int
    start: int
    end: int
    zone: ZoneInfo

    def __contains__(self, moment: datetime) -> bool:
        """Whether this is a slot."""
        local = moment.astimezone(self.zone)
        minute = 60 * local.hour + local.minute
        return (
            (local.second, local.microsecond, local.fold) == (0, 0, 0)
            and self.start <= minute <= self.end
            and (minute - self.start) % self.every == 0
        )

    def after(self, moment: datetime) -> Iterator[datetime]:
        """All slots later than this, in order and without end, in UTC."""
        day = moment.astimezone(self.zone).date()
        while True:
            for minute in range(self.start, self.end + 1, self.every):
                local = datetime.combine(day, time(*divmod(minute, 60)))
                slot = local.replace(tzinfo=self.zone).astimezone(UTC)
                if slot > moment and slot.astimezone(self.zone).replace(tzinfo=None) == local:
                    yield slot
            day += timedelta(days=1)

    def shown(self, slot: datetime) -> str:
        """A slot as people say it: ``Tue 1 Dec 2026, 09:30 Europe/Berlin``."""
        local = slot.astimezone(self.zone)
        return f"{local:%a} {local.day} {local:%b %Y, %H:%M} {self.zone.key}"

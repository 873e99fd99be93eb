"""Staying, and applying what becomes due or changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from pinsync.errors import ContentError, CredentialsRefused, NotDone, PinsyncError, StateLocked

MOST = 60.0
"""Seconds between two looks at the files: a time that is changed to an earlier one has to be noticed."""

AGAIN = 300.0
"""Seconds until a run that left something (quota, failures, no network) is repeated."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What the files say, without a call: ``digest`` of the content, how many pins are ``due`` and not made yet, and when the
    next one will be."""

    digest: str
    due: int
    next: datetime | None


def watch(
    apply: Callable[[], int],
    look: Callable[[], Outlook],
    now: Callable[[], datetime],
    sleep: Callable[[float], None],
    tell: Callable[[str], None],
) -> int:
    """Applies at once, and again whenever the content changes or a pin is due, until it is stopped.

    ``apply`` makes one whole run and returns its exit code. Returns the code of the run that was stopped (more than 128). Mistakes
    in the content, another run's lock and a network that is gone are waited out; a login that is refused is not. A restart loses
    nothing: what is due by then is made once.
    """
    seen: str | None = None
    left = 0  # what was due and could not be made by the last run
    retry: datetime | None = None
    while True:
        wait = MOST
        try:
            outlook = look()
            if outlook.digest != seen or outlook.due > left or (retry and now() >= retry):
                code = apply()
                if code > 128:
                    return code
                seen, outlook = outlook.digest, look()
                left = outlook.due
                retry = now() + timedelta(seconds=AGAIN) if code or left else None
            wait = _until(outlook, retry, now())
        except CredentialsRefused:
            raise
        except PinsyncError as error:
            passing = isinstance(error, (ContentError, StateLocked, NotDone))
            wait = MOST if passing else AGAIN
            tell(f"{error.message}. {error.advice} Trying again in {wait:.0f} seconds.")
        sleep(wait)


def _until(outlook: Outlook, retry: datetime | None, moment: datetime) -> float:
    waits = [(one - moment).total_seconds() for one in (outlook.next, retry) if one]
    return max(1.0, min([MOST, *waits]))

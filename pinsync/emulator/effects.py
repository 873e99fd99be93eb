"""The faults that there are: every effect and every moment, in two tables that parsing, errors and help read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from pinsync.emulator.operations import PROCESSING, UPLOAD


class Work(Enum):
    """What becomes of the work of a call that a fault befalls."""

    NOT_DONE = "not done"
    DONE = "done"
    UNTOUCHED = "untouched"
    """The effect goes together with any other, which decides."""


@dataclass(frozen=True, slots=True)
class Effect:
    """One way to misbehave. ``meaning`` completes "the emulator …".

    ``seconds`` is an example of the number of seconds it takes, empty where it takes none; ``default`` is what holds
    where none is given, or None where one has to be. ``only`` is the operation it is for, empty for any of the API.
    """

    name: str
    work: Work
    meaning: str
    seconds: str = ""
    default: float | None = 0.0
    only: str = ""

    @property
    def form(self) -> str:
        """How it is written, such as ``slow=SECONDS`` or ``429[=SECONDS]``."""
        if not self.seconds:
            return self.name
        return f"{self.name}=SECONDS" if self.default is None else f"{self.name}[=SECONDS]"


@dataclass(frozen=True, slots=True)
class Moment:
    """When a fault strikes. ``example`` is its number, of which ``probability`` says whether it is one from 0 to 1
    rather than a count of calls from 1."""

    name: str
    meaning: str
    example: str
    probability: bool = False


def _both(name: str, meaning: str) -> tuple[Effect, Effect]:
    return (
        Effect(f"{name}-before", Work.NOT_DONE, f"{meaning} instead of doing the work"),
        Effect(f"{name}-after", Work.DONE, f"does the work, then {meaning}"),
    )


_ALL = (
    *_both("drop", "closes the connection without an answer"),
    *_both("hang", "leaves the call without an answer until the client gives up"),
    *_both("die", "ends its own process at once, as a crash would"),
    *(effect for status in (500, 502, 503, 504) for effect in _both(str(status), f"answers {status}")),
    Effect("400", Work.NOT_DONE, "answers that the request is invalid"),
    Effect("401", Work.NOT_DONE, "answers that the token is not valid, as after its expiry"),
    Effect("409", Work.NOT_DONE, "answers that the board is locked"),
    Effect("429", Work.NOT_DONE, "answers that a rate limit is reached, and when to come back", "2", 1.0),
    Effect("429-bare", Work.NOT_DONE, "answers that a rate limit is reached, without any header on it"),
    Effect("truncate", Work.DONE, "does the work and sends half of the answer's body"),
    Effect("html", Work.NOT_DONE, "answers 502 with a page of HTML instead of doing the work"),
    Effect("html-after", Work.DONE, "does the work, then answers 502 with a page of HTML"),
    Effect("expired", Work.NOT_DONE, "answers that the upload's parameters have expired", only=UPLOAD),
    Effect("failed", Work.DONE, "fails to process the video, whatever it is", only=PROCESSING),
    Effect("stuck", Work.DONE, "never comes to an end with the video", only=PROCESSING),
    Effect("slow", Work.UNTOUCHED, "waits that long before it does anything", "2", None),
    Effect("stale", Work.UNTOUCHED, "leaves out of listings what was made in the last so many seconds", "2", None),
)

EFFECTS: Mapping[str, Effect] = {effect.name: effect for effect in _ALL}
"""Every effect by its name. Of several that strike at once, the first given takes the place of the answer; those that
leave the work untouched all count."""

MOMENTS: Mapping[str, Moment] = {
    moment.name: moment
    for moment in (
        Moment("nth", "only the Nth call of that operation", "3"),
        Moment("first", "the first N calls", "2"),
        Moment("from", "the Nth call and all after it", "4"),
        Moment("every", "each Nth call", "5"),
        Moment("p", "each call with that probability", "0.1", probability=True),
    )
}
"""Every moment by its name; a fault without one strikes at every call. Calls count from the start of the emulator."""

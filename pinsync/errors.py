"""Every exception pinsync raises on purpose, in one tree.

PinsyncError                 something a person can act on; the command line prints it and exits 1
├── ContentError             the content has problems; each knows its file, line and column
├── NotEditable              a file cannot be changed without touching more of it than was meant
├── UsageError               an option, a setting or the environment is wrong
├── PlanRefused              a plan may not be applied (stale, of another workspace, not approved)
├── StateError               the state cannot be used as it is; the message names the way out
│   ├── StateLocked          another run holds the lock
│   └── StateMoved           the state is kept somewhere else by now
└── ApiError                 Pinterest, or the way there, said no
    ├── NotDone              surely not done, and worth sending again later (connect errors, 429, 409 lock)
    │   ├── UploadExpired    storage does not take the parameters of an upload any more
    │   ├── QuotaSpent       no call is left within a time worth waiting for
    │   └── Interrupted      a person or the system asked the run to stop before it was sent
    ├── Refused              surely not done and final for this operation (a 4xx)
    │   ├── CredentialsRefused   401: final for the whole run
    │   └── NotPermitted         403: the app or token may not do this
    └── InDoubt              it may have happened (read timeout, dropped connection, 5xx or no JSON on a write)
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from pinsync.content.problems import Problem


class PinsyncError(Exception):
    """Something a person can act on. ``advice`` is one line on what to do: that of the kind where none is given."""

    usual: ClassVar[str] = ""
    """What to do about an error of this kind. Where it is empty, each has to say so itself."""

    def __init__(self, message: str, advice: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice or self.usual


class ContentError(PinsyncError):
    """The content folder ``root`` has problems; nothing was sent. ``problems`` holds all of them, sorted."""

    usual = "Correct what is named above; `pinsync validate` checks it offline."

    def __init__(self, problems: Sequence[Problem], root: Path) -> None:
        count = len(problems)
        super().__init__(f"{count} problem{'' if count == 1 else 's'} in the content; nothing was sent")
        self.problems = tuple(problems)
        self.root = root


class NotEditable(PinsyncError):
    """A YAML file cannot be changed without touching more of it than was meant; it was left as it is.

    ``place`` is that of the value which is in the way, where there is one.
    """

    usual = "Change it by hand."

    def __init__(self, message: str, advice: str = "", *, place: tuple[str | int, ...] = ()) -> None:
        super().__init__(message, advice)
        self.place = place


class UsageError(PinsyncError):
    """An option, a setting or an environment variable is wrong or missing."""


class PlanRefused(PinsyncError):
    """A plan that may not be applied."""


class StateError(PinsyncError):
    """The state cannot be read, written or trusted. Nothing was overwritten."""


class StateLocked(StateError):
    """Another run holds the lock on the state."""


class StateMoved(StateError):
    """What is here only says where the state was moved to."""


class ApiError(PinsyncError):
    """A call to Pinterest did not succeed. ``operation`` is the official operation id; ``status`` and ``code`` are
    Pinterest's, or None where there was no answer."""

    usual = "Run it again later."

    def __init__(
        self,
        message: str,
        advice: str = "",
        *,
        operation: str = "",
        status: int | None = None,
        code: int | None = None,
    ) -> None:
        super().__init__(message, advice)
        self.operation = operation
        self.status = status
        self.code = code


class NotDone(ApiError):
    """Surely not done; sending it again is safe. Raised once the client's own retries are used up.

    ``wait`` is how many seconds the server asked to wait before, or None where it did not say.
    """

    usual = "Run it again later: this was not done, and nothing is done twice."
    wait: float | None = None


class UploadExpired(NotDone):
    """Storage does not take what Pinterest gave out for an upload any more: it has to be registered anew."""

    usual = "Run it again: the upload begins anew."


class QuotaSpent(NotDone):
    """The rate limit leaves no call within a time worth waiting for."""


class Interrupted(NotDone):
    """The run was asked to stop while this call was still waiting for its turn."""


class Refused(ApiError):
    """Surely not done, and the same request would be refused again."""

    usual = "Correct what Pinterest names, then plan again."


class CredentialsRefused(Refused):
    """401: the token is missing, wrong, expired or revoked. No other call of the run can succeed."""


class NotPermitted(Refused):
    """403: the token's scopes or the app's access do not allow this operation."""


class InDoubt(ApiError):
    """The request may have been carried out although no usable answer arrived. Never send it again blindly."""

    usual = "Run it again later: pinsync looks whether it happened before it sends anything again."

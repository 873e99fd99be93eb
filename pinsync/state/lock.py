"""Who may write the state."""

from __future__ import annotations

import getpass
import json
import os
import socket
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from pinsync.errors import StateError, StateLocked

_PAUSE, _LONGEST_PAUSE = 0.2, 3.0
_TYPES = {"pid": int, "guarded": bool}


@dataclass(frozen=True, slots=True)
class Lock:
    """A lock as it is written down. ``since`` is ISO 8601 in UTC, ``purpose`` the command that holds it.

    ``guarded`` says that its file is also held by :func:`guard`, so that the system knows whether the owner lives. ``run`` is
    the address of the CI run that holds it, empty elsewhere.
    """

    id: str
    owner: str
    host: str
    pid: int
    since: str
    purpose: str
    guarded: bool = False
    run: str = ""

    def __str__(self) -> str:
        run = f", {self.run}" if self.run else ""
        return f"{self.owner} on {self.host} (process {self.pid}), `pinsync {self.purpose}`, since {self.since}{run}"


def new_lock(purpose: str) -> Lock:
    """A lock in the name of this process."""
    try:
        owner = getpass.getuser()
    except (KeyError, OSError, ImportError):  # a container's user may have no name
        owner = str(os.getuid()) if hasattr(os, "getuid") else "unknown"
    since = datetime.now(UTC).isoformat(timespec="seconds")
    return Lock(uuid.uuid4().hex[:12], owner, socket.gethostname(), os.getpid(), since, purpose, run=_run(os.environ))


def _run(environ: Mapping[str, str]) -> str:
    """The address of the CI run that this is part of, as GitHub and GitLab tell it, or nothing."""
    github = [environ.get(f"GITHUB_{name}", "") for name in ("SERVER_URL", "REPOSITORY", "RUN_ID")]
    return "{}/{}/actions/runs/{}".format(*github) if all(github) else environ.get("CI_JOB_URL", "")


def dump(lock: Lock) -> str:
    """The lock as text."""
    return json.dumps(asdict(lock)) + "\n"


def parse(text: str | bytes, where: str) -> Lock:
    """The lock in ``text``. Raises StateError when it is damaged."""
    try:
        fields: Any = json.loads(text)
        lock = Lock(**fields)
        if not all(isinstance(value, _TYPES.get(name, str)) for name, value in fields.items()):
            raise TypeError("a field has another type")
        return lock
    except (ValueError, TypeError, RecursionError) as error:
        raise StateError(
            f"the lock {where} is damaged", "If no other pinsync is running, remove the file and try again."
        ) from error


def held(holder: Lock) -> StateLocked:
    """What to say to somebody else who wants the lock."""
    return StateLocked(
        f"the state is locked by {holder}",
        f"Wait for it to finish. If it is gone for good: pinsync state unlock {holder.id}",
    )


def to_remove(holder: Lock | None, lock_id: str) -> Lock:
    """The lock that ``lock_id`` asks to remove. Raises StateError where it is not the one that is there."""
    if holder is None:
        raise StateError("the state is not locked", "There is nothing to remove: go on.")
    if holder.id != lock_id:
        raise StateError(
            f"the state's lock has another id: {holder.id}, held by {holder}",
            f"If that run is gone for good: pinsync state unlock {holder.id}",
        )
    return holder


def guard(file: Path) -> int | None:
    """Holds ``file`` for this process as long as the returned handle is open; the system lets go when the process ends,
    however it ends. None where somebody else holds it, or where the system or its file system cannot do this."""
    try:
        import fcntl
    except ImportError:  # Windows
        return None
    handle = None
    try:
        handle = os.open(file, os.O_RDWR)
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        if handle is not None:
            os.close(handle)
        return None
    return handle


def owner_is_gone(lock: Lock, file: Path) -> bool:
    """Whether the process that took the lock written in ``file`` surely does not run any more.

    Only processes of this host can be told. Process ids are used again, and containers of one host name have each their
    own, so that they only count where the file is not guarded.
    """
    if lock.host != socket.gethostname():
        return False
    if lock.guarded:
        handle = guard(file)
        if handle is not None:
            os.close(handle)
        return handle is not None
    if lock.pid == os.getpid() or lock.pid <= 0 or os.name == "nt":  # on Windows, signal 0 is Ctrl-C
        return False
    try:
        os.kill(lock.pid, 0)
    except ProcessLookupError:
        return True
    except (OSError, OverflowError):
        return False
    return False


class Lockable(Protocol):
    """What :func:`take` needs of a backend."""

    def lock(self, purpose: str) -> Lock:
        """Takes the lock, or raises StateLocked."""

    def release(self, lock: Lock) -> None:
        """Gives it back."""


def take(
    backend: Lockable,
    purpose: str,
    patience: float,
    tell: Callable[[str], None],
    sleep: Callable[[float], None] = time.sleep,
) -> Lock:
    """The lock, for which it waits up to ``patience`` seconds. ``tell`` hears once that and for whom it waits.

    Raises StateLocked, with who holds it, when the time is over.
    """
    waited, pause = 0.0, _PAUSE
    while True:
        try:
            return backend.lock(purpose)
        except StateLocked as error:
            if waited >= patience:
                raise
            if not waited:
                tell(f"{error.message}; waiting for up to {patience:g} seconds")
        pause = min(pause, patience - waited)
        sleep(pause)
        waited += pause
        pause = min(2 * pause, _LONGEST_PAUSE)  # each look at a lock that is kept elsewhere costs a round trip

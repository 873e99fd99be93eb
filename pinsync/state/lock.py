"""Who may write the state."""

from __future__ import annotations

import getpass
import json
import os
import socket
import uuid
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from pinsync.errors import StateError


@dataclass(frozen=True, slots=True)
class Lock:
    """A lock as it is written down. ``since`` is ISO 8601 in UTC, ``purpose`` the command that holds it."""

    id: str
    owner: str
    host: str
    pid: int
    since: str
    purpose: str

    def __str__(self) -> str:
        return f"{self.owner} on {self.host} (process {self.pid}), `pinsync {self.purpose}`, since {self.since}"


def new_lock(purpose: str) -> Lock:
    """A lock in the name of this process."""
    try:
        owner = getpass.getuser()
    except (KeyError, OSError, ImportError):  # a container's user may have no name
        owner = str(os.getuid()) if hasattr(os, "getuid") else "unknown"
    since = datetime.now(UTC).isoformat(timespec="seconds")
    return Lock(uuid.uuid4().hex[:12], owner, socket.gethostname(), os.getpid(), since, purpose)


def dump(lock: Lock) -> str:
    """The lock as text."""
    return json.dumps(asdict(lock)) + "\n"


def parse(text: str | bytes, where: str) -> Lock:
    """The lock in ``text``. Raises StateError when it is damaged."""
    try:
        lock = Lock(**json.loads(text))
        texts = (lock.id, lock.owner, lock.host, lock.since, lock.purpose)
        if not all(isinstance(text, str) for text in texts) or not isinstance(lock.pid, int):
            raise TypeError("a field has another type")
        return lock
    except (ValueError, TypeError, RecursionError) as error:
        raise StateError(
            f"the lock {where} is damaged", "If no other pinsync is running, remove the file and try again."
        ) from error


def owner_is_gone(lock: Lock) -> bool:
    """Whether the lock's process surely does not run any more; only processes of this host can be told."""
    if lock.host != socket.gethostname() or lock.pid == os.getpid() or lock.pid <= 0:
        return False
    if os.name == "nt":  # there, signal 0 is Ctrl-C
        return False
    try:
        os.kill(lock.pid, 0)
    except ProcessLookupError:
        return True
    except (OSError, OverflowError):
        return False
    return False

"""What passes between the HTTP side and the operations: a call comes in, an answer goes out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from starlette.datastructures import QueryParams

from pinsync.emulator.operations import Operation
from pinsync.emulator.store import Store
from pinsync.emulator.tokens import Identity


@dataclass(frozen=True, slots=True)
class World:
    """What every operation works on: the store and the time in seconds since 1970."""

    store: Store
    clock: Callable[[], float]


@dataclass(frozen=True, slots=True)
class Call:
    """One authenticated call. ``origin`` is how the client reaches the emulator, such as ``http://127.0.0.1:8321``;
    ``body`` is the decoded JSON or None, or the
    fields of a form; ``stale`` is how many seconds listings lag behind."""

    operation: Operation
    identity: Identity
    origin: str
    path: Mapping[str, str]
    query: QueryParams
    body: Any
    stale: float


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back: an HTTP status and the JSON of the body, None for no body."""

    status: int
    body: Mapping[str, Any] | None = None


Handler = Callable[[World, Call], Answer]


def timestamp(seconds: float) -> str:
    """Seconds since 1970 as the API writes times: whole seconds, rounded down."""
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00")

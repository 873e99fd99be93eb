"""A client with a clock that waits for nothing, and one call sent over scripted answers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
import respx

from pinsync.errors import ApiError
from pinsync.pinterest.client import Client
from pinsync.pinterest.credentials import Access, Secret
from pinsync.pinterest.limits import Windows
from pinsync.pinterest.operations import Call
from pinsync.pinterest.pacing import Pacer, Timing

BASE = "https://api-sandbox.pinterest.com/v5"
TOKEN = "pina_do_not_show_this_to_anybody"
GENEROUS: dict[str, Windows] = dict.fromkeys(("universal", "org_read", "org_write", "org_analytics"), ((1000000, 1.0),))

Effect = httpx.Response | type[Exception] | Exception | Callable[[httpx.Request], httpx.Response]


@dataclass
class Clock:
    """Time that passes only when somebody sleeps, or by hand. Sleeping without end is an error."""

    moment: float = 1_000.0
    slept: list[float] = field(default_factory=list)

    def now(self) -> float:
        return self.moment

    async def sleep(self, seconds: float) -> None:
        assert seconds >= 0
        self.slept.append(seconds)
        assert len(self.slept) < 20_000, "this waits without end"
        self.moment += seconds
        await asyncio.sleep(0)

    @property
    def timing(self) -> Timing:
        return Timing(self.now, self.sleep)


def network() -> respx.Router:
    """Routes below the base address. Handed to a client as its network, so that nothing is patched."""
    return respx.Router(base_url=BASE)


def client_of(
    clock: Clock,
    limits: Mapping[str, Windows] = GENEROUS,
    *,
    base: str = BASE,
    api: respx.Router | None = None,
    patience: float = 900.0,
) -> Client:
    """A client whose network is ``api``; without one it goes to ``base``, which is on this machine."""
    transport = httpx.MockTransport(api.async_handler) if api else None
    access = Access("emulator" if "127.0.0.1" in base else "sandbox", base, Secret(TOKEN))
    return Client(access, Pacer(limits, clock.timing, patience), clock.timing, transport, chance=lambda: 1.0)


@dataclass(frozen=True)
class Sent:
    """What came of one call: its answer or its error, the requests that left, and the waits on the way."""

    answer: Any
    error: ApiError | None
    requests: Sequence[httpx.Request]
    waits: Sequence[float]

    @property
    def times(self) -> int:
        return len(self.requests)

    @property
    def kind(self) -> str:
        return type(self.error).__name__


def send(call: Call[Any], *effects: Effect, patience: float = 900.0) -> Sent:
    """The call, with what the network does at each attempt; the last effect goes on for ever."""
    clock = Clock()
    left = list(effects)

    def act(request: httpx.Request) -> httpx.Response:
        effect = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(effect, Exception):
            raise effect
        if isinstance(effect, type):
            raise effect("it broke", request=request)
        if isinstance(effect, httpx.Response):
            # A response object is used up by reading it, so each attempt gets one of its own.
            return httpx.Response(effect.status_code, headers=effect.headers, content=effect.content)
        return effect(request)

    api = network()
    route = api.route().mock(side_effect=act)

    async def run() -> Any:
        async with client_of(clock, api=api, patience=patience) as client:
            return await client.send(call)

    try:
        answer, error = asyncio.run(run()), None
    except ApiError as refusal:
        answer, error = None, refusal
    return Sent(answer, error, [one.request for one in route.calls], clock.slept)


def ok(**answer: Any) -> httpx.Response:
    return httpx.Response(200, json={"id": "1", "name": "Soups", **answer})


def refusal(status: int, code: int = 1, message: str = "No.", **headers: str) -> httpx.Response:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, json={"code": code, "message": message}, headers=given)

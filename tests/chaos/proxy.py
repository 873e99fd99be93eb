"""A proxy that loses, cuts, delays and garbles what passes through it, as bad networks and gateways do.

It knows nothing of pinsync or of the emulator: sockets, just enough HTTP/1.1, and a seed that decides what befalls the
Nth call of each method and path.
"""

from __future__ import annotations

import asyncio
import random
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from socket import SO_LINGER, SOL_SOCKET

_PAGE = b"<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"
_GATEWAY = (
    b"HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
    % len(_PAGE)
) + _PAGE
_STALE_SECONDS = 0.5

FATES = (
    "drop-before",  # the connection is closed, nothing was forwarded
    "drop-after",  # the work is done, the connection is closed
    "reset-after",  # the same, with a reset
    "cut-after",  # the work is done, the answer ends in the middle of its body
    "short-after",  # the same, with a length that agrees: half a JSON document
    "page-before",  # a gateway's page, nothing was forwarded
    "page-after",  # a gateway's page in place of the answer
    "late",  # a delay before it is forwarded
    "late-after",  # a delay before the answer comes back
    "stale",  # for a listing: what it showed a moment ago
)
ON_WRITES: Mapping[str, float] = {
    "drop-before": 0.03, "drop-after": 0.05, "reset-after": 0.03, "cut-after": 0.03, "short-after": 0.03,
    "page-before": 0.02, "page-after": 0.04, "late": 0.03, "late-after": 0.03,
}  # fmt: skip
ON_READS: Mapping[str, float] = {
    "drop-before": 0.01, "drop-after": 0.01, "cut-after": 0.01, "short-after": 0.01, "page-before": 0.01, "late": 0.02,
    "stale": 0.1,
}  # fmt: skip


@dataclass(frozen=True)
class Passed:
    """One request. ``epoch`` says of which process of the client; ``status`` is what the client saw, 0 for no answer
    that it could use; ``upstream`` is what was answered, 0 where it was not forwarded."""

    epoch: int
    method: str
    path: str
    body: bytes = field(repr=False)
    fate: str = ""
    status: int = 0
    upstream: int = 0


@dataclass
class Chaos:
    """A running proxy. ``epoch`` is set by the test; ``writes`` and ``reads`` are the probabilities of each fate."""

    seed: int
    origin: str = ""
    writes: Mapping[str, float] = field(default_factory=lambda: ON_WRITES)
    reads: Mapping[str, float] = field(default_factory=lambda: ON_READS)
    epoch: int = 0
    passed: list[Passed] = field(default_factory=list)
    seen: Callable[[], None] = lambda: None

    def restart(self, seed: int) -> None:
        """Begins a new run: nothing has passed yet."""
        self.seed, self.epoch, self.passed, self.seen = seed, 0, [], lambda: None
        self.writes, self.reads = ON_WRITES, ON_READS
        self._counts = Counter()
        self._shown: dict[str, tuple[float, bytes]] = {}

    def __post_init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._shown = {}

    def calm(self) -> None:
        """From now on everything passes unharmed."""
        self.writes = self.reads = {}

    def fate(self, method: str, path: str) -> tuple[str, random.Random]:
        """What befalls this call, and the chance that goes with it."""
        key = f"{method} {path.partition('?')[0]}"
        self._counts[key] += 1
        chance = random.Random(f"{self.seed}/{key}/{self._counts[key]}")
        draw = chance.random()
        for fate, share in (self.reads if method == "GET" else self.writes).items():
            draw -= share
            if draw < 0:
                return fate, chance
        return "", chance


@contextmanager
def chaotic(upstream_port: Callable[[], int], seed: int = 0) -> Iterator[Chaos]:
    """A proxy in a background thread before ``127.0.0.1:upstream_port()``."""
    chaos = Chaos(seed)
    loop = asyncio.new_event_loop()
    ready: threading.Event = threading.Event()

    async def serve() -> None:
        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
                await _Connection(chaos, upstream_port, reader, writer).run()
            with suppress(OSError):
                writer.close()

        server = await asyncio.start_server(connected, "127.0.0.1", 0, limit=2**22)
        chaos.origin = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        ready.set()
        async with server:
            await stopped.wait()

    stopped = asyncio.Event()

    def run() -> None:
        loop.run_until_complete(serve())
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0.05))
        loop.close()

    thread = threading.Thread(target=run, name="chaos-proxy", daemon=True)
    thread.start()
    ready.wait(20)
    try:
        yield chaos
    finally:
        loop.call_soon_threadsafe(stopped.set)
        thread.join(20)


async def _message(reader: asyncio.StreamReader) -> tuple[bytes, dict[str, str], bytes]:
    """One request or answer: its first line, its headers and its body."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.split("\r\n")
    headers = {
        name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)
    }
    if "chunked" in headers.get("transfer-encoding", ""):
        body = b""
        while size := int((await reader.readuntil(b"\r\n")).partition(b";")[0], 16):
            body += await reader.readexactly(size)
            await reader.readexactly(2)
        while (await reader.readuntil(b"\r\n")) != b"\r\n":
            pass
    else:
        body = await reader.readexactly(int(headers.get("content-length", "0")))
    return first.encode("latin-1"), headers, body


def _written(first: bytes, headers: Mapping[str, str], body: bytes) -> bytes:
    kept = {
        name: value
        for name, value in headers.items()
        if name not in ("transfer-encoding", "connection", "content-length")
    }
    lines = [f"{name}: {value}" for name, value in kept.items()]
    lines.append(f"content-length: {len(body)}")
    return first + b"\r\n" + "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


class _Connection:
    """One connection of the client."""

    def __init__(
        self, chaos: Chaos, port: Callable[[], int], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._chaos, self._port, self._reader, self._writer = chaos, port, reader, writer

    async def run(self) -> None:
        while await self._one():
            pass

    async def _one(self) -> bool:
        """Serves one request; whether the connection can take another."""
        first, headers, body = await _message(self._reader)
        method, path, _ = first.decode("latin-1").split(" ")
        chaos = self._chaos
        epoch = chaos.epoch
        fate, chance = chaos.fate(method, path)
        chaos.seen()
        status = upstream = 0
        try:
            if fate == "late":
                await asyncio.sleep(chance.uniform(0.01, 0.3))
            if fate == "drop-before":
                return False
            if fate == "page-before":
                status = 502
                return await self._send(_GATEWAY, keep=False)
            shown = chaos._shown.get(path) if fate == "stale" else None
            if shown and time.monotonic() - shown[0] < _STALE_SECONDS:
                status = upstream = 200
                return await self._send(shown[1])
            asked = time.monotonic()
            try:
                answer = await self._forward(first, headers, body)
            except (OSError, asyncio.IncompleteReadError):
                return False  # the upstream is away, or went away meanwhile
            upstream = int(answer[0].split(b" ")[1])
            if method == "GET" and upstream == 200:
                chaos._shown[path] = (asked, _written(*answer))
            if fate == "late-after":
                await asyncio.sleep(chance.uniform(0.01, 0.3))
            done, status = await self._answer(fate, chance, answer, upstream)
            return done
        finally:
            chaos.passed.append(Passed(epoch, method, path, body, fate, status, upstream))

    async def _forward(
        self, first: bytes, headers: Mapping[str, str], body: bytes
    ) -> tuple[bytes, dict[str, str], bytes]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port(), limit=2**24)
        try:
            writer.write(_written(first, headers, body))
            await writer.drain()
            return await _message(reader)
        finally:
            writer.close()

    async def _answer(
        self, fate: str, chance: random.Random, answer: tuple[bytes, dict[str, str], bytes], upstream: int
    ) -> tuple[bool, int]:
        first, headers, body = answer
        half = body[: chance.randrange(len(body))] if body else b""
        match fate:
            case "drop-after":
                return False, 0
            case "reset-after":
                self._writer.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
                return False, 0
            case "cut-after" if body:
                whole = _written(first, headers, body)
                return await self._send(whole[: len(whole) - len(body) + len(half)], keep=False), 0
            case "short-after" if body:
                return await self._send(_written(first, headers, half)), 0
            case "page-after":
                return await self._send(_GATEWAY, keep=False), 502
        return await self._send(_written(first, headers, body)), upstream

    async def _send(self, data: bytes, *, keep: bool = True) -> bool:
        self._writer.write(data)
        await self._writer.drain()
        return keep

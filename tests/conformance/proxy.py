"""A proxy on this machine that checks everything that passes through it against the official description.

In a test: ``with validating(origin) as proxy: ...; assert proxy.violations == []``. By hand:
``python -m tests.conformance.proxy --upstream http://127.0.0.1:8321 --port 8322``.
"""

from __future__ import annotations

import argparse
import signal
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pinsync.emulator.misbehaving import NoAnswer
from pinsync.emulator.server import in_background
from tests.conformance.description import Description

_BASE_PATH = "/v5"
_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
_OF_ONE_CONNECTION = {
    "connection",
    "content-encoding",
    "content-length",
    "date",
    "host",
    "keep-alive",
    "transfer-encoding",
    "upgrade",
}


@dataclass(frozen=True)
class Proxy:
    """A running proxy: where to send requests, and what did not conform so far, in the order in which it passed.

    Violations start with ``request`` or ``answer``, method and path; those of a fault's answer are the fault's doing.
    """

    origin: str
    violations: list[str] = field(default_factory=list)


@contextmanager
def validating(
    upstream_origin: str, port: int = 0, tell: Callable[[str], None] = lambda violation: None
) -> Iterator[Proxy]:
    """A proxy before ``upstream_origin``, in a background thread. ``tell`` hears of each violation as it passes.

    A connection that the upstream drops is dropped to the client too.
    """
    violations: list[str] = []

    def note(violation: str) -> None:
        violations.append(violation)
        tell(violation)

    with in_background(_app(upstream_origin, note), port=port) as origin:
        yield Proxy(origin, violations)


def _app(upstream_origin: str, note: Callable[[str], None]) -> Starlette:
    description = Description.load()

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[dict[str, httpx.AsyncClient]]:
        async with httpx.AsyncClient(base_url=upstream_origin, timeout=300, trust_env=False) as client:
            yield {"client": client}

    async def forward(request: Request) -> Response:
        url = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        body = await request.body()
        headers = {name: value for name, value in request.headers.items() if name not in _OF_ONE_CONNECTION}
        checked = request.url.path.startswith(f"{_BASE_PATH}/")
        if checked:
            for problem in description.check_request(request.method, url, headers, body):
                note(f"request {request.method} {request.url.path}: {problem}")
        client: httpx.AsyncClient = request.state.client
        sent = client.build_request(
            request.method, url, headers={**headers, "accept-encoding": "identity"}, content=body or None
        )
        try:
            answer = await client.send(sent)
        except httpx.RemoteProtocolError:
            return NoAnswer()
        except httpx.TransportError as error:
            return Response(f"the upstream cannot be reached: {error!r}", 502, media_type="text/plain")
        if checked:
            for problem in description.check_response(
                request.method, url, answer.status_code, answer.headers, answer.content
            ):
                note(f"answer {request.method} {request.url.path} {answer.status_code}: {problem}")
        kept = {name: value for name, value in answer.headers.items() if name not in _OF_ONE_CONNECTION}
        return Response(answer.content, answer.status_code, headers=kept)

    return Starlette(routes=[Route("/{path:path}", forward, methods=_METHODS)], lifespan=lifespan)


def main() -> None:
    """Runs a proxy until Ctrl-C and prints each violation."""
    parser = argparse.ArgumentParser(description="Check what passes against Pinterest's official API description.")
    parser.add_argument("--upstream", required=True, help="Where requests go, such as http://127.0.0.1:8321.")
    parser.add_argument("--port", type=int, default=8322, help="Where to listen on this machine.")
    arguments = parser.parse_args()
    stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda number, frame: stopped.set())
    with validating(arguments.upstream, arguments.port, lambda violation: print(violation, flush=True)) as proxy:
        print(f"Listening on {proxy.origin}, passing on to {arguments.upstream}", flush=True)
        with suppress(KeyboardInterrupt):
            stopped.wait()
    print(f"{len(proxy.violations)} violation(s)")


if __name__ == "__main__":
    main()

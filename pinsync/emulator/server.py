"""Running an emulator over HTTP: in a background thread, or in the foreground until it is told to stop."""

from __future__ import annotations

import os
import socket
import threading
from asyncio import Transport
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import cast

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from pinsync.emulator.app import create_app
from pinsync.emulator.misbehaving import DIE, DROP, HANG
from pinsync.emulator.settings import EmulatorSettings
from pinsync.listening import listening, origin_of, stopped_by_signals

_LOOK_AGAIN_SECONDS = 0.05
_STOPPING_SECONDS = 3  # how long running calls may take to finish
_JOINING_SECONDS = 30.0

DIED = 70
"""The exit code of an emulator that a fault made die."""


@contextmanager
def running(settings: EmulatorSettings, host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """An emulator in a background thread. Gives its origin, such as ``http://127.0.0.1:43121``; the API is at
    ``<origin>/v5``. Port 0 takes a free one. OSError where the address cannot be had."""
    with in_background(create_app(settings), host, port) as origin:
        yield origin


@contextmanager
def in_background(app: ASGIApp, host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """Any ASGI application over HTTP in a background thread. Gives its origin."""
    ready = threading.Event()
    with listening(host, port) as listener:
        server = _Server(app, ready.set)
        thread = threading.Thread(
            target=server.run, kwargs={"sockets": [listener]}, name="pinsync-emulator", daemon=True
        )
        thread.start()
        try:
            while not ready.wait(_LOOK_AGAIN_SECONDS):
                if not thread.is_alive():
                    raise RuntimeError("the emulator did not start")
            yield origin_of(listener)
        finally:
            server.should_exit = True
            thread.join(_JOINING_SECONDS)


def serve(settings: EmulatorSettings, host: str, port: int, announce: Callable[[str], None]) -> None:
    """Serves until Ctrl-C or SIGTERM, then lets running calls finish and returns.

    ``announce`` is called with the origin once connections are accepted. Must be called in the main thread. OSError where
    the address cannot be had.
    """
    with listening(host, port) as listener, stopped_by_signals():
        server = _Server(create_app(settings), lambda: announce(origin_of(listener)), _Mortal)
        server.run(sockets=[listener])


class _Server(uvicorn.Server):
    def __init__(self, app: ASGIApp, ready: Callable[[], None], protocol: type[_Silent] | None = None) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=protocol or _Silent,
                ws="none",
                lifespan="on",
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=_STOPPING_SECONDS,
            )
        )
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()


async def _until_closed(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


class _Silent(H11Protocol):
    """HTTP/1.1 whose application can leave a call without an answer, through the ASGI extensions `DROP`, `HANG` and
    `DIE`. In a process that is not the emulator's own, dying is no more than dropping the connection."""

    _hanging = False
    _stopping = False

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        inner = cast("ASGIApp", self.app)

        async def drop(receive: Receive) -> None:
            transport.close()
            await _until_closed(receive)

        async def hang(receive: Receive) -> None:
            self._hanging = True
            if self._stopping:
                transport.close()
            await _until_closed(receive)

        async def die(receive: Receive) -> None:
            self.die()
            await drop(receive)

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            scope.setdefault("extensions", {}).update({DROP: drop, HANG: hang, DIE: die})
            await inner(scope, receive, send)

        self.app = app

    def shutdown(self) -> None:
        # A call that hangs would never end by itself.
        self._stopping = True
        if self._hanging:
            self.transport.close()
        else:
            super().shutdown()

    def die(self) -> None:
        """What dying comes to before the connection is closed."""


class _Mortal(_Silent):
    """The protocol of a process that is an emulator and nothing else."""

    def die(self) -> None:
        os._exit(DIED)

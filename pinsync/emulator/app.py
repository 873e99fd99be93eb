"""The emulator as one ASGI application: the API at /v5, consent at /oauth, pictures at /media, uploads, the boards on /."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route, Router

from pinsync.emulator import account, analytics, boards, consent, media, oauth, page, pin_listings, pins, sections
from pinsync.emulator.calls import World
from pinsync.emulator.dispatch import Dispatcher, refused
from pinsync.emulator.errors import OUR_FAULT, Refusal
from pinsync.emulator.faults import FaultPlan
from pinsync.emulator.grants import Grants
from pinsync.emulator.misbehaving import ConnectionDropped, NoAnswerInTime
from pinsync.emulator.operations import OPERATIONS, Operation
from pinsync.emulator.quotas import Quotas
from pinsync.emulator.settings import EmulatorSettings
from pinsync.emulator.storage import Storage
from pinsync.emulator.store import Store
from pinsync.emulator.tokens import Tokens

# What the emulator plays, as far as no setting has a say in it.
_PLAYED = (account, boards, sections, pin_listings)

_log = logging.getLogger("pinsync.emulator")


def create_app(settings: EmulatorSettings, tokens: Tokens | None = None) -> Starlette:
    """An emulator on ``settings.data``; usable in process through ``httpx.ASGITransport``, where a dropped connection is
    raised as `pinsync.emulator.misbehaving.ConnectionDropped`.

    ``tokens`` says who may call; by default the token ``emulator`` and those that are given out here.
    ValueError or StoreError where the settings or the folder cannot be used.
    """
    store = Store(settings.data, settings.seed)
    world = World(store, settings.clock)
    grants = Grants(settings, store)
    played = {operation_id: handler for module in _PLAYED for operation_id, handler in module.HANDLERS.items()}
    faults = FaultPlan(settings.faults, settings.seed)
    storage = Storage(world, settings.data, faults)
    dispatcher = Dispatcher(
        world,
        tokens or grants,
        Quotas(settings, store),
        faults,
        {
            **played,
            **pins.handlers(settings),
            **media.handlers(settings),
            **oauth.handlers(grants),
            **analytics.handlers(settings),
        },
        settings.latency,
        settings.beta,
    )

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        yield
        store.close()

    api = [
        Route(operation.path, _endpoint(dispatcher, operation), methods=[operation.method]) for operation in OPERATIONS
    ]
    app = Starlette(
        routes=[
            Mount("/v5", app=Router(api, redirect_slashes=False)),
            *consent.routes(grants),
            *storage.routes(),
            *page.routes(store),
        ],
        exception_handlers={HTTPException: _no_such_thing, Exception: _our_fault},
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False
    return app


def _endpoint(dispatcher: Dispatcher, operation: Operation) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        return await dispatcher.answer(operation, request)

    return endpoint


def _no_such_thing(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 404
    what = "Method not allowed" if status == 405 else "Not found"
    headers = error.headers if isinstance(error, HTTPException) else None
    return refused(Refusal(status, status, f"{what}: {request.method} {ascii(request.url.path)[1:-1]}", headers))


def _our_fault(request: Request, error: Exception) -> Response:
    if not isinstance(error, (ConnectionDropped, NoAnswerInTime)):
        _log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return refused(Refusal(500, OUR_FAULT, "Something went wrong on our end. Sorry about that."))

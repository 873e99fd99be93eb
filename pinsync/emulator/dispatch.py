"""From an HTTP request to an operation and back: faults, the size of the body, who is calling, quotas, scopes."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import replace

import anyio
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from pinsync.emulator import bodies, misbehaving, quotas
from pinsync.emulator.calls import Answer, Call, Handler, World
from pinsync.emulator.errors import (
    RATE_LIMITED,
    RATE_MESSAGE,
    Refusal,
    lacking,
    not_permitted,
    unauthenticated,
)
from pinsync.emulator.faults import FaultPlan, Strike
from pinsync.emulator.operations import Operation
from pinsync.emulator.quotas import Quotas
from pinsync.emulator.registration import is_app
from pinsync.emulator.tokens import ACCOUNT, Identity, Tokens, bearer

LARGEST_BODY = 150 * 1024 * 1024

_BY_APP = ("oauth/token", "token/revoke")

_log = logging.getLogger("pinsync.emulator")


class Dispatcher:
    """Answers the operations of the API."""

    def __init__(
        self,
        world: World,
        tokens: Tokens,
        quotas: Quotas,
        faults: FaultPlan,
        handlers: Mapping[str, Handler],
        latency: float,
        beta: bool,
    ) -> None:
        self._world = world
        self._tokens = tokens
        self._quotas = quotas
        self._faults = faults
        self._handlers = handlers
        self._latency = latency
        self._beta = beta

    async def answer(self, operation: Operation, request: Request) -> Response:
        """The answer to one request for ``operation``, faults included."""
        strike = self._faults.strike(operation.id)
        if strike.slow:
            await anyio.sleep(strike.slow)
        due = anyio.current_time() + self._latency
        try:
            return await self._answer(operation, request, strike)
        finally:
            # What the call itself took is part of its latency, as it is Pinterest's.
            if (left := due - anyio.current_time()) > 0:
                await anyio.sleep(left)

    async def _answer(self, operation: Operation, request: Request, strike: Strike) -> Response:
        try:
            content = await read_body(request)
        except Refusal as refusal:
            return refused(refusal)
        outcome = strike.outcome
        if outcome and misbehaving.comes_first(outcome):
            response = misbehaving.instead(outcome, self._quotas.windows(operation.category))
        else:
            response = await run_in_threadpool(self._perform, operation, request, content, strike.stale)
            if outcome:
                response = misbehaving.afterwards(outcome, response)
        # Neither headers nor query: what is logged must never hold a token.
        _log.info("%s %s %d %s", request.method, request.url.path, response.status_code, operation.id)
        return response

    def _perform(self, operation: Operation, request: Request, content: bytes, stale: float) -> Response:
        headers: dict[str, str] = {}
        try:
            identity = self._caller(operation, request.headers.get("authorization"))
            standing = self._quotas.spend(identity.account_id, operation.category)
            headers = quotas.headers(standing)
            if not standing.allowed:
                raise Refusal(429, RATE_LIMITED, RATE_MESSAGE, quotas.waiting(standing))
            if missing := identity.lacks(operation):
                raise lacking(missing)
            if identity.is_app and not operation.for_app:
                raise not_permitted(
                    f"{operation.id} needs a token that a person allowed, not one of client_credentials."
                )
            if operation.is_beta and not self._beta:
                raise not_permitted(f"{operation.id} is in beta and not available to this app.")
            if request.query_params.get("ad_account_id"):
                raise Refusal(404, 2, "AdAccount not found.")
            decode = bodies.form if operation.id in _BY_APP else bodies.decode
            body = decode(content, request.headers.get("content-type", ""))
            origin = str(request.base_url).rstrip("/")
            call = Call(operation, identity, origin, request.path_params, request.query_params, body, stale)
            return answered(self._handlers[operation.id](self._world, call), headers)
        except Refusal as refusal:
            return refused(refusal, headers)

    def _caller(self, operation: Operation, authorization: str | None) -> Identity:
        if operation.id in _BY_APP:
            if not is_app(authorization):
                raise unauthenticated("Basic")
            return replace(ACCOUNT, scopes=frozenset())
        identity = self._tokens.identify(bearer(authorization) or "")
        if identity is None:
            raise unauthenticated()
        return identity


async def read_body(request: Request) -> bytes:
    """The whole body. Refused with 413 once it is known to be too large, without keeping it."""
    too_large = Refusal(413, 1, f"The request is larger than {LARGEST_BODY // 2**20} MB.", {"connection": "close"})
    announced = request.headers.get("content-length", "0")
    if not announced.isdigit() or int(announced) > LARGEST_BODY:
        raise too_large
    content = bytearray()
    try:
        async for chunk in request.stream():
            content += chunk
            if len(content) > LARGEST_BODY:
                raise too_large
    except ClientDisconnect:
        raise Refusal(400, 1, "The request ended too early.") from None
    return bytes(content)


def answered(answer: Answer, headers: Mapping[str, str]) -> Response:
    """An answer as HTTP; no body where there is nothing to say."""
    if answer.body is None:
        return Response(status_code=answer.status, headers=headers)
    return json_response(answer.status, answer.body, headers)


def refused(refusal: Refusal, headers: Mapping[str, str] | None = None) -> Response:
    """A refusal as HTTP."""
    body = {"code": refusal.code, "message": refusal.message}
    return json_response(refusal.status, body, {**(headers or {}), **refusal.headers})


def json_response(status: int, body: Mapping[str, object], headers: Mapping[str, str]) -> Response:
    """JSON in UTF-8."""
    content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    return Response(content, status, headers={**headers, "content-type": "application/json"})

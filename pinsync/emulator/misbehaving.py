"""What a fault puts in the place of an answer."""

from __future__ import annotations

import math
from collections.abc import Sequence

import httpx
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from pinsync.emulator import quotas
from pinsync.emulator.effects import EFFECTS, Work
from pinsync.emulator.errors import OUR_FAULT, RATE_LIMITED, RATE_MESSAGE, invalid, unauthenticated
from pinsync.emulator.faults import Fault
from pinsync.emulator.quotas import Standing
from pinsync.emulator.settings import Window

DROP = "pinsync.emulator.drop"
HANG = "pinsync.emulator.hang"
DIE = "pinsync.emulator.die"
"""The ASGI extensions with which `pinsync.emulator.server` lets a connection be closed without an answer, be left
waiting for one, and lets the whole process end."""

_MESSAGES = {
    500: "Something went wrong on our end. Sorry about that.",
    502: "Bad gateway.",
    503: "The service is temporarily unavailable.",
    504: "The service did not answer in time.",
}
_PAGE = b"<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"


class ConnectionDropped(httpx.RemoteProtocolError):
    """No answer came. Raised in process, where there is no connection to close; over HTTP the client of itself meets
    the exception that this one derives from."""

    def __init__(self) -> None:
        super().__init__("Server disconnected without sending a response.")


class NoAnswerInTime(httpx.ReadTimeout):
    """The client gave up waiting. Raised in process, where nobody would: what a hanging call comes to over HTTP."""

    def __init__(self) -> None:
        super().__init__("The server left the request without a response.")


class NoAnswer(Response):
    """Ends a call without an answer, in one of the ways that an extension stands for."""

    def __init__(self, way: str = DROP) -> None:
        super().__init__()
        self._way = way

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        end = scope.get("extensions", {}).get(self._way)
        if end is None:
            raise NoAnswerInTime if self._way == HANG else ConnectionDropped
        await end(receive)


_WITHOUT_ANSWER = {"drop": DROP, "hang": HANG, "die": DIE}


def comes_first(fault: Fault) -> bool:
    """Whether nothing of the work is done."""
    return EFFECTS[fault.effect].work is Work.NOT_DONE


def instead(fault: Fault, windows: Sequence[Window]) -> Response:
    """What is answered without doing the work. ``windows`` are the rate limits that a 429 speaks of."""
    match fault.effect:
        case "400":
            refusal = invalid("the emulator was told to refuse this.")
            return _error(refusal.status, refusal.code, refusal.message)
        case "401":
            refusal = unauthenticated()
            return _error(refusal.status, refusal.code, refusal.message, refusal.headers)
        case "429":
            standing = Standing(False, tuple(windows) or ((1, 1.0),), 0, fault.seconds)
            return _error(429, RATE_LIMITED, RATE_MESSAGE, quotas.waiting(standing))
        case "429-bare":
            return _error(429, RATE_LIMITED, RATE_MESSAGE)
        case "409":
            return _error(409, 409, "Could not get exclusive access to the board.")
        case _:
            return _broken(fault)


def afterwards(fault: Fault, answer: Response) -> Response:
    """What is answered once the work is done, in place of ``answer``."""
    if fault.effect != "truncate":
        return _broken(fault)
    body = bytes(answer.body)
    kept = {name: value for name, value in answer.headers.items() if name != "content-length"}
    return Response(body[: math.ceil(len(body) / 2)], answer.status_code, headers=kept)


def _broken(fault: Fault) -> Response:
    name = fault.effect.partition("-")[0]
    if name in _WITHOUT_ANSWER:
        return NoAnswer(_WITHOUT_ANSWER[name])
    if name == "html":
        return Response(_PAGE, 502, media_type="text/html")
    return _error(int(name), OUR_FAULT, _MESSAGES[int(name)])


def _error(status: int, code: int, message: str, headers: dict[str, str] | None = None) -> Response:
    body = f'{{"code":{code},"message":"{message}"}}'
    return Response(body, status, headers=headers, media_type="application/json")

"""Sends calls: at the pace allowed, again where that is safe, and with a verdict on what a failure means.

Errors fall into three classes (see :mod:`pinsync.errors`): not done for sure, refused for good, and in doubt. A call
that is not repeatable is never sent again once it may have reached the server.
"""

from __future__ import annotations

import logging
import platform
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx

from pinsync import __version__
from pinsync.errors import (
    ApiError,
    CredentialsRefused,
    InDoubt,
    Interrupted,
    NotDone,
    NotPermitted,
    QuotaSpent,
    Refused,
)
from pinsync.pinterest.answers import Page, is_id
from pinsync.pinterest.credentials import Access, Fixed, Secret
from pinsync.pinterest.operations import ANALYTICS, Call, get_account, next_page
from pinsync.pinterest.pacing import Pacer, Timing, http_date

Answer = TypeVar("Answer")
Item = TypeVar("Item")

log = logging.getLogger(__name__)

ATTEMPTS = 5
_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 30.0
_LONGEST_MESSAGE = 500
LONGEST_CALL = 60.0
"""Seconds that an answer is waited for. What was begun longer ago is over, whatever became of it."""

_TIMEOUT = httpx.Timeout(connect=10.0, read=LONGEST_CALL, write=LONGEST_CALL, pool=None)
_LARGEST_OFFSET = timedelta(days=1)
USER_AGENT = f"pinsync/{__version__} (Python {platform.python_version()}; {platform.system()})"
# Nothing of the request can have been processed when one of these is raised.
NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
# What reading JSON of unknown origin raises; OverflowError is int() of an infinite number.
NOT_JSON = (ValueError, RecursionError, OverflowError)


class Client:
    """A connection to one account's API. Use it as an async context manager.

    ``sent`` counts the requests that left, by category. ``ahead`` is by how much the server's clock is ahead of this
    machine's, as its last answer told. ``timing`` and ``chance`` (a number from 0 to 1) are handed in
    so that tests wait for nothing; ``transport`` likewise replaces the network.
    """

    def __init__(
        self,
        access: Access,
        pacer: Pacer,
        timing: Timing | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.sent: Counter[str] = Counter()
        self.ahead = timedelta()
        self._tokens = access.tokens or Fixed(access.token)
        self._where = access.base_url
        self._account = access.account or None
        self._pacer = pacer
        self._timing = timing or Timing()
        self._chance = chance
        self._http = httpx.AsyncClient(
            base_url=access.base_url,
            headers={"User-Agent": USER_AGENT, "Accept": "application/json"},
            timeout=_TIMEOUT,
            transport=transport,
            trust_env=access.environment != "emulator",  # a proxy of the network has no way to this machine
            limits=httpx.Limits(max_connections=64, max_keepalive_connections=32),
        )

    async def __aenter__(self) -> Self:
        await self._http.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.__aexit__(kind, error, trace)

    async def send(self, call: Call[Answer]) -> Answer:
        """The JSON answer to ``call``; None where there is none.

        Raises NotDone, Refused (or one of its kinds) or InDoubt, as :mod:`pinsync.errors` defines them.
        """
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return await self._try(call)
            except (QuotaSpent, Interrupted):
                raise
            except NotDone as error:
                if attempt == ATTEMPTS:
                    raise
                pause = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2 ** (attempt - 1)) * (0.5 + self._chance() / 2)
                log.info("%s: %s; trying again", call.operation, error.message)
                # A wait that the server asked for is the pacer's to keep.
                await self._timing.sleep(0 if error.wait else pause)
        raise AssertionError("unreachable")

    async def account(self) -> str:
        """The id of the account that is acted for, asked for once where the login does not have it. Empty where the token may
        not tell. Raises like :meth:`send`."""
        if self._account is None:
            try:
                self._account = (await self.send(get_account())).get("id", "")
            except NotPermitted:
                self._account = ""
        return self._account

    async def pages(self, call: Call[Page[Item]]) -> AsyncIterator[list[Item]]:
        """The items of a listing, page by page, until the last."""
        seen: set[str] = set()
        while True:
            page = await self.send(call)
            yield page.get("items") or []
            bookmark = page.get("bookmark")
            if not bookmark:
                return
            if bookmark in seen:
                raise Refused(
                    f"the listing {call.operation} repeats itself", "Try again later.", operation=call.operation
                )
            seen.add(bookmark)
            call = next_page(call, bookmark)

    async def _try(self, call: Call[Answer]) -> Answer:
        token = await self._tokens.token()
        try:
            return await self._try_with(token, call)
        except CredentialsRefused:
            # A token that is refused did nothing, so that even a call that is not repeatable can be sent again.
            renewed = await self._tokens.renewed(token)
            if renewed is None:
                raise
        log.info("%s: sent again with a renewed token", call.operation)
        return await self._try_with(renewed, call)

    async def _try_with(self, token: Secret, call: Call[Answer]) -> Answer:
        number = await self._pacer.acquire(call.category)
        self.sent[call.category] += 1
        failure: ApiError
        try:
            response = await self._http.request(
                call.method, call.path, params=dict(call.query), json=call.body, auth=_Bearer(token.reveal)
            )
        except NEVER_SENT as error:
            failure = unreachable(call.operation, self._where, token.hide(str(error)) or type(error).__name__)
        except httpx.RequestError as error:
            failure = _unclear(call, f"no answer to {call.operation} ({type(error).__name__})")
        else:
            # A response and its stream refer to each other, and the request holds all that was sent: without the stream it
            # is freed at once, and not when the collector comes by.
            response.stream = httpx.ByteStream(b"")
            log.debug("%s %s -> %s", call.method, call.path, response.status_code)
            self._compare_clocks(response.headers)
            wait = self._pacer.learn(call.category, response.status_code, response.headers, number)
            if response.is_success:
                return self._answer(call, response)
            raise _verdict(call, response, wait, token.hide)
        self._pacer.learn(call.category, 0, {}, number)
        if isinstance(failure, InDoubt):
            log.info("%s: %s; it may have happened", call.operation, failure.message)
        # Raised out here because httpx's own error, and every frame that it passed, holds the request with the token.
        raise failure

    def _compare_clocks(self, headers: Mapping[str, str]) -> None:
        moment = http_date(headers.get("date", ""))
        offset = moment - datetime.now(UTC) if moment else None
        if offset is not None and abs(offset) < _LARGEST_OFFSET:
            self.ahead = offset

    def _answer(self, call: Call[Answer], response: httpx.Response) -> Answer:
        if response.status_code == 204 and call.method == "DELETE":
            return None  # type: ignore[return-value]
        try:
            answer: Any = response.json()
        except NOT_JSON:
            answer, what = None, "is not JSON"
        else:
            what = "is not what the API describes"
        if not _as_described(call, answer):
            raise _unclear(call, f"the answer to {call.operation} {what}", response.status_code)
        return answer  # type: ignore[no-any-return]


class _Bearer(httpx.Auth):
    """Adds the token at the last moment, so that no request object holds it before."""

    def __init__(self, reveal: Callable[[], str]) -> None:
        self._reveal = reveal

    def auth_flow(self, request: httpx.Request) -> Any:
        request.headers["Authorization"] = f"Bearer {self._reveal()}"
        yield request


def _as_described(call: Call[Any], answer: Any) -> bool:
    """Whether an answer has what pinsync relies on: see :attr:`Call.needs`."""
    if not isinstance(answer, dict):
        return False
    if "page_size" not in call.query:
        return _is_resource(call, answer)
    items, bookmark = answer.get("items"), answer.get("bookmark")
    return (
        isinstance(items, list)
        and all(_is_resource(call, item) for item in items)
        and (bookmark is None or isinstance(bookmark, str))
    )


def _is_resource(call: Call[Any], answer: Any) -> bool:
    if not isinstance(answer, dict):
        return False
    for name in call.needs:
        value = answer.get(name)
        if not isinstance(value, str) or not value or (name in ("id", "media_id") and not is_id(value)):
            return False
    return True


def unreachable(operation: str, where: str, reason: str) -> NotDone | Refused:
    """What it means that no connection to ``where`` came about."""
    if "CERTIFICATE_VERIFY_FAILED" in reason:
        return Refused(
            f"Pinterest's certificate could not be verified: {reason}",
            "Check the clock and the proxy of this machine; pinsync does not send a token without verified TLS.",
            operation=operation,
        )
    advice = "Check the network, and a proxy if there is one."
    if where.startswith("http://"):
        advice = "Start it with `pinsync emulator`, or set PINTEREST_API_URL to where it listens."
    return NotDone(f"{where} could not be reached: {reason}", advice, operation=operation)


def _unclear(call: Call[Any], message: str, status: int | None = None, code: int | None = None) -> ApiError:
    kind = NotDone if call.repeatable else InDoubt
    return kind(message, operation=call.operation, status=status, code=code)


def _verdict(
    call: Call[Any], response: httpx.Response, wait: float | None, without_token: Callable[[str], str]
) -> ApiError:
    status = response.status_code
    code, text = error_body(response)
    text = without_token(text)[:_LONGEST_MESSAGE]
    about: dict[str, Any] = {"operation": call.operation, "status": status, "code": code}
    told = f"{text} (HTTP {status}{f', code {code}' if code is not None else ''})"
    if status == 401 and code != _NOT_YOURS:
        return CredentialsRefused(f"Pinterest refused the access token: {told}", _NEW_TOKEN, **about)
    if status == 403 or (status == 401 and code == _NOT_YOURS):
        return NotPermitted(
            f"Pinterest does not permit {call.operation}: {told}", _permission_advice(call, code), **about
        )
    if status == 429:
        error = NotDone(f"rate limit reached: {told}", **about)
        error.wait = wait
        return error
    if status >= 500 or status == 408:
        return _unclear(call, told, status, code)
    if status == 409 or (call.fetches_urls and code == 1 and "fetch" in text.lower()):
        return NotDone(told, **about)
    return Refused(told, _ADVICE.get(code or 0, ""), **about)


def error_body(response: httpx.Response) -> tuple[int | None, str]:
    """Pinterest's code and message, as far as the answer has them."""
    try:
        body = response.json()
        return int(body["code"]), str(body["message"])
    except (*NOT_JSON, KeyError, TypeError):
        return None, response.reason_phrase or "no explanation"


# Source: the official description of multi_pins/analytics, "Not authorized to access board or Pin."
_NOT_YOURS = 7
_NEW_TOKEN = (
    "Run `pinsync auth login`, or put a valid token of this environment into PINTEREST_ACCESS_TOKEN; "  # noqa: S105
    "sandbox and production have separate ones."
)
_ADVICE = {
    40: "The board is not there any more; plan again to see the present state.",
    50: "The pin is not there any more; plan again to see the present state.",
    2031: "The section is not there any more; plan again to see the present state.",
}


def _permission_advice(call: Call[Any], code: int | None) -> str:
    if call.operation == "pins/update":
        return (
            "Changing pins is a beta of the API that not every app has. Ask Pinterest for it, or edit the pin on "
            "pinterest.com and then undo the change in the file."
        )
    if code == 29 and call.operation in ("pins/create", "pins/save"):
        return "An app with trial access may not create pins in production: use `environment: sandbox` in pinsync.yaml."
    if call.category == ANALYTICS:
        return "Check that the token has the scopes boards:read and pins:read, and that the pins are this account's."
    advice = "Check that the token has the scopes boards:read, boards:write, pins:read and pins:write."
    if call.operation.startswith("board_sections/"):
        advice += (
            " Sections also need the login of a person, as `pinsync auth login` gives, and not client credentials."
        )
    return advice

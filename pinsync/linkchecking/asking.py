"""Asks for one link, and judges the answer."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from http import HTTPStatus
from urllib.parse import urljoin

import httpx

from pinsync import __version__
from pinsync.content.links import LINKS, address_problem
from pinsync.linkchecking.addresses import Resolve, is_public

LONGEST = 30.0
"""Seconds for a link, redirects included."""

REDIRECTS = 10

_TIMEOUT = {"connect": 10.0, "read": 15.0, "write": 15.0, "pool": None}
_TRIED = 2  # addresses of a host; the second is often the same in another version of IP
_HEADERS = {"User-Agent": f"pinsync/{__version__} (link check)", "Accept": "*/*", "Connection": "close"}
_GONE = (404, 410)
_BUSY = (429, 503)
_REDIRECTING = (301, 302, 303, 307, 308)
_SURELY_THERE = "api.pinterest.com"
_NO_SUCH_HOST = (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME))


class Fate(Enum):
    """What became of a link."""

    ALIVE = "alive"
    DEAD = "dead"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a link, and why."""

    fate: Fate
    reason: str = ""


class _Unknown(Exception):
    """The link could not be checked; the message says why."""


class Asker:
    """Asks hosts whose addresses are all allowed, and only at those addresses, so that a name cannot mean another machine
    when it is connected to. There are no cookies, no credentials and no proxies.

    ``allowed`` says of an address that is not public whether it may be asked all the same.
    """

    def __init__(self, transport: httpx.AsyncBaseTransport, resolve: Resolve, allowed: Callable[[str], bool]) -> None:
        self._transport = transport
        self._resolve = resolve
        self._allowed = allowed

    async def ask(self, link: str) -> Verdict:
        """Whether the link leads somewhere. Any trouble is a verdict."""
        try:
            async with asyncio.timeout(LONGEST):
                return await self._follow(link)
        except _Unknown as unknown:
            return Verdict(Fate.UNKNOWN, str(unknown))
        except socket.gaierror as error:
            if error.errno in _NO_SUCH_HOST and await self._can_look_up():
                return Verdict(Fate.DEAD, "there is no such host")
            return Verdict(Fate.UNKNOWN, "its host could not be looked up")
        except (TimeoutError, httpx.TimeoutException):
            return Verdict(Fate.UNKNOWN, "no answer in time")
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            return Verdict(Fate.UNKNOWN, f"no answer: {str(error) or type(error).__name__}")

    async def _can_look_up(self) -> bool:
        """Whether names are answered at all: without a network, some systems say of all that there is no such host."""
        try:
            return bool(await self._resolve(_SURELY_THERE, 443))
        except OSError:
            return False

    async def _follow(self, link: str) -> Verdict:
        for _ in range(REDIRECTS + 1):
            status, location = await self._answer(link)
            if status not in _REDIRECTING or not location:
                return _judged(status)
            link = urljoin(link, location)
            problem = address_problem(link, LINKS)
            if problem:
                raise _Unknown(f"it leads to an address that {problem[0]}")
        raise _Unknown(f"more than {REDIRECTS} redirects")

    async def _answer(self, link: str) -> tuple[int, str | None]:
        status, location = await self._request("HEAD", link)
        if status >= HTTPStatus.BAD_REQUEST and status not in _BUSY:
            # Many servers know nothing of HEAD, and say so in many ways; one byte of the page is asked for instead.
            return await self._request("GET", link)
        return status, location

    async def _request(self, method: str, link: str) -> tuple[int, str | None]:
        url = httpx.URL(link)
        host = url.raw_host.decode("ascii")
        addresses = await self._resolve(host, url.port or (443 if url.scheme == "https" else 80))
        for address in addresses:
            if not is_public(address) and not self._allowed(address):
                name = "" if host == address else f" ({host})"
                raise _Unknown(f"it leads to {address}{name}, which is no address of the public internet and was not "
                               "asked; --allow-private-links lets it")  # fmt: skip
        headers = {
            **_HEADERS,
            "Host": url.netloc.decode("ascii"),
            **({"Range": "bytes=0-0"} if method == "GET" else {}),
        }
        for number, address in enumerate(addresses[:_TRIED], 1):
            # With the name for the certificate and the server, but to the address that was looked at.
            request = httpx.Request(
                method,
                url.copy_with(host=address),
                headers=headers,
                extensions={"sni_hostname": host, "timeout": _TIMEOUT},
            )
            try:
                response = await self._transport.handle_async_request(request)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                if number == len(addresses[:_TRIED]):
                    raise
                continue
            await response.aclose()
            return response.status_code, response.headers.get("location")
        raise _Unknown("its host has no address")


def _judged(status: int) -> Verdict:
    if status in _GONE:
        return Verdict(Fate.DEAD, _named(status))
    # What cannot be given from its first byte on is empty, and there.
    if status < HTTPStatus.BAD_REQUEST or status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
        return Verdict(Fate.ALIVE)
    return Verdict(Fate.UNKNOWN, _named(status))


def _named(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"status {status}"

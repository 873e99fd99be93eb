"""Pictures by address. Only this machine is ever asked; for everywhere else a picture is drawn."""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import urlsplit

import httpx

from pinsync.emulator import pictures
from pinsync.emulator.errors import image_not_fetched, invalid

_SECONDS = 10.0
_LONGEST = 2048


def fetch(url: str) -> bytes:
    """The picture at ``url``: fetched where the host is this machine, drawn otherwise.

    Refused as Pinterest does where it cannot be fetched; hosts in ``.invalid`` never can.
    """
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".").lower()
    except ValueError:
        raise invalid("'url' is not an address.") from None
    if parts.scheme not in ("http", "https") or not host or len(url) > _LONGEST:
        raise invalid("'url' has to be an https address.")
    if _is_here(host):
        return _download(url)
    if parts.scheme != "https" or host == "invalid" or host.endswith(".invalid"):
        raise image_not_fetched()
    return pictures.placeholder(url)


def _is_here(host: str) -> bool:
    try:
        if host == "localhost":
            found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
            return all(ipaddress.ip_address(entry[4][0]).is_loopback for entry in found)
        return ipaddress.ip_address(host).is_loopback
    except (OSError, ValueError):
        return False


def _download(url: str) -> bytes:
    # No proxy and no redirect: either could lead off this machine.
    try:
        with (
            httpx.Client(timeout=_SECONDS, trust_env=False, follow_redirects=False) as client,
            client.stream("GET", url) as response,
        ):
            if response.status_code != httpx.codes.OK:
                raise image_not_fetched()
            data = bytearray()
            for chunk in response.iter_bytes():
                data += chunk
                if len(data) > pictures.LARGEST:
                    raise image_not_fetched()
            return bytes(data)
    except (httpx.HTTPError, httpx.InvalidURL):
        raise image_not_fetched() from None

"""Where the API is and what proves who we are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from urllib.parse import urlsplit

from pinsync.errors import UsageError

BASE_URLS = {
    "production": "https://api.pinterest.com/v5",
    "sandbox": "https://api-sandbox.pinterest.com/v5",
    "emulator": "http://127.0.0.1:8321/v5",
}
TOKEN = "PINTEREST_ACCESS_TOKEN"  # noqa: S105
URL = "PINTEREST_API_URL"
APP_ID = "PINTEREST_APP_ID"
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_VISIBLE = re.compile(r"[!-~]*")
_PLAIN = re.compile(r"https?://([a-z0-9._-]+|\[[0-9a-f:.]+])(:[0-9]+)?(/[a-z0-9/._~-]*)?", re.IGNORECASE | re.ASCII)
_ADVICE = "Give the base up to /v5, such as https://api.pinterest.com/v5."


@dataclass(frozen=True, slots=True)
class Secret:
    """A text that shows itself to nobody who does not ask for it by name."""

    _value: str = field(repr=False)

    def reveal(self) -> str:
        """The text itself."""
        return self._value

    def hide(self, text: str) -> str:
        """``text`` with the secret taken out, as where a server or a proxy repeats what it was sent."""
        return text.replace(self._value, "…") if self._value else text

    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__


@dataclass(frozen=True, slots=True)
class Access:
    """An API to talk to. ``environment`` is production, sandbox, emulator, or the host of another address."""

    environment: str
    base_url: str
    token: Secret

    def pin_url(self, pin_id: str) -> str:
        """Where people see the pin."""
        if self.environment == "emulator":
            return f"{self.base_url.removesuffix('/v5')}/#pin-{pin_id}"
        return f"https://www.pinterest.com/pin/{pin_id}/"


def resolve_access(configured: str, environ: Mapping[str, str], *, need_token: bool = True) -> Access:
    """The API of the configured environment, or the one that the variables name.

    Raises UsageError when the address is not one that a token may be sent to, or when the token is missing.
    """
    base_url = environ.get(URL, "").strip().rstrip("/") or BASE_URLS[configured]
    environment = _environment_of(base_url)
    token = Secret(environ.get(TOKEN, "").strip() or ("emulator" if environment == "emulator" else ""))
    if not token.reveal() and need_token:
        raise UsageError(
            f"no access token: {TOKEN} is not set",
            f"Create a token for the {environment} environment at developers.pinterest.com and export it as {TOKEN}.",
        )
    if not _VISIBLE.fullmatch(token.reveal()):
        raise UsageError(
            f"{TOKEN} is not a token: it has white space or other characters that no token has",
            "Copy the token alone, in one piece: without quotes, line breaks or a name before it.",
        )
    return Access(environment, base_url, token)


def _environment_of(base_url: str) -> str:
    if not _PLAIN.fullmatch(base_url):
        # Not quoted in the message: what stands before an @ is a password.
        raise UsageError(f"{URL} must be a plain https address, without a user, a query or white space", _ADVICE)
    try:
        parts = urlsplit(base_url)
        host = parts.hostname or ""
        port = parts.port
        if host.replace(".", "").isdigit():
            IPv4Address(host)  # what looks like a number is one to the HTTP library, or an error
    except ValueError as error:
        raise UsageError(f"{URL} is not a web address: {error}", _ADVICE) from error
    if host in _LOOPBACK and parts.scheme in ("http", "https"):
        return "emulator"
    if parts.scheme != "https" or not host:
        raise UsageError(
            f"{URL} must be an https address (plain http only for this machine)",
            _ADVICE,
        )
    known = {"api.pinterest.com": "production", "api-sandbox.pinterest.com": "sandbox"}
    return known.get(host, host if port is None else f"{host}:{port}")

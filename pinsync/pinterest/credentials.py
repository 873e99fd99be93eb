"""Where the API is and what proves who we are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from typing import Protocol
from urllib.parse import urlsplit

from pinsync.errors import UsageError

BASE_URLS = {
    "production": "https://api.pinterest.com/v5",
    "sandbox": "https://api-sandbox.pinterest.com/v5",
    "emulator": "http://127.0.0.1:8321/v5",
}
TOKEN = "PINTEREST_ACCESS_TOKEN"  # noqa: S105
URL = "PINTEREST_API_URL"
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


class Tokens(Protocol):
    """Where the client has its token from."""

    async def token(self) -> Secret:
        """The access token of this moment. Raises NotDone or CredentialsRefused, but never InDoubt."""

    async def renewed(self, after: Secret) -> Secret | None:
        """The token to use now that ``after`` was refused, or None where it is for good. Raises like :meth:`token`."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """A token that was given and cannot be renewed."""

    _token: Secret

    async def token(self) -> Secret:
        """The token."""
        return self._token

    async def renewed(self, after: Secret) -> Secret | None:
        """None: there is no other."""
        return None


@dataclass(frozen=True, slots=True)
class Access:
    """An API to talk to. ``environment`` is production, sandbox, emulator, or the host of another address.

    ``tokens``, where given, are used instead of ``token``. ``account`` is the id of the account, where it is known.
    """

    environment: str
    base_url: str
    token: Secret
    tokens: Tokens | None = field(default=None, repr=False, compare=False)
    account: str = ""

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
    token = secret_in(environ, TOKEN)
    if not token.reveal() and environment == "emulator":
        token = Secret("emulator")
    if not token.reveal() and need_token:
        raise UsageError(
            f"not logged in to {environment}, and {TOKEN} is not set",
            f"Run `pinsync auth login`, or create a token for the {environment} environment at developers.pinterest.com "
            f"and export it as {TOKEN}.",
        )
    return Access(environment, base_url, token)


def secret_in(environ: Mapping[str, str], name: str) -> Secret:
    """The secret in a variable, empty where it is not set. Raises UsageError when it is none, without showing it."""
    secret = Secret(environ.get(name, "").strip())
    if not is_secret(secret):
        raise UsageError(
            f"{name} is not usable: it has white space or other characters that no token or secret has",
            "Copy it alone, in one piece: without quotes, line breaks or a name before it.",
        )
    return secret


def is_secret(secret: Secret) -> bool:
    """Whether it has only characters that tokens, ids and secrets have."""
    return _VISIBLE.fullmatch(secret.reveal()) is not None


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

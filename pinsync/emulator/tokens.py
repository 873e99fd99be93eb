"""Who a bearer token acts for and what it may do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from pinsync.emulator.operations import Operation

SCOPES: Mapping[str, str] = {
    "user_accounts:read": "see the account",
    "boards:read": "see its public boards",
    "boards:write": "create, change and delete its public boards",
    "boards:read_secret": "see its secret boards",
    "boards:write_secret": "create, change and delete its secret boards",
    "pins:read": "see its public pins",
    "pins:write": "create, change and delete its public pins",
    "pins:read_secret": "see its secret pins",
    "pins:write_secret": "create, change and delete its secret pins",
}
"""The scopes that something here needs, and what each allows an app to do with an account."""

EVERYDAY_TOKEN = "emulator"  # noqa: S105 - public by design: it opens nothing but an emulator


@dataclass(frozen=True, slots=True)
class Identity:
    """The account a call acts for, and the scopes it was granted; ``is_app`` where the app got its token by itself."""

    account_id: str
    username: str
    scopes: frozenset[str]
    is_app: bool = False

    def lacks(self, operation: Operation) -> list[str]:
        """The scopes that ``operation`` needs and this identity does not have, in the official order."""
        return [scope for scope in operation.scopes if scope not in self.scopes]

    def lacks_for_secrets(self, operation: Operation) -> list[str]:
        """The same of those that ``operation`` needs besides where it meets something secret."""
        needed = (f"{scope}_secret" for scope in operation.scopes)
        return [scope for scope in needed if scope in SCOPES and scope not in self.scopes]


ACCOUNT = Identity("549755885175000001", "emulator", frozenset(SCOPES))
"""The emulator's own account, with all that can be allowed."""


class Tokens(Protocol):
    """Where tokens are looked up."""

    def identify(self, token: str) -> Identity | None:
        """Who ``token`` stands for, or None where it is unknown, expired or revoked."""
        ...


def bearer(header: str | None) -> str | None:
    """The token in an Authorization header, or None where there is no bearer token."""
    scheme, _, token = (header or "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None

"""Who a bearer token acts for and what it may do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from pinsync.emulator.operations import Operation

SCOPES = frozenset(
    {
        "user_accounts:read",
        "boards:read",
        "boards:write",
        "boards:read_secret",
        "boards:write_secret",
        "pins:read",
        "pins:write",
        "pins:read_secret",
        "pins:write_secret",
    }
)

ACCOUNT_ID = "549755885175000001"
EVERYDAY_TOKEN = "emulator"  # noqa: S105 - public by design: it opens nothing but an emulator


@dataclass(frozen=True, slots=True)
class Identity:
    """The account a call acts for, and the scopes it was granted."""

    account_id: str
    username: str
    scopes: frozenset[str]

    def lacks(self, operation: Operation) -> list[str]:
        """The scopes that ``operation`` needs and this identity does not have, in the official order."""
        return [scope for scope in operation.scopes if scope not in self.scopes]


class Tokens(Protocol):
    """Where tokens are looked up."""

    def identify(self, token: str) -> Identity | None:
        """Who ``token`` stands for, or None where it is unknown, expired or revoked."""
        ...


class EverydayToken:
    """The token ``emulator``, which always works and may do everything."""

    def identify(self, token: str) -> Identity | None:
        """The emulator's own account for ``emulator``, nobody otherwise."""
        if token == EVERYDAY_TOKEN:
            return Identity(ACCOUNT_ID, "emulator", SCOPES)
        return None


def bearer(header: str | None) -> str | None:
    """The token in an Authorization header, or None where there is no bearer token."""
    scheme, _, token = (header or "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None

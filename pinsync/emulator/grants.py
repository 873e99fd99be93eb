"""What people granted: codes, access tokens and refresh tokens, which are kept as hashes only.

All that comes of one consent is a chain: its code, and each token that was had for the code or for another token. Whoever
shows a code or a refresh token a second time ends the whole chain, because then two hold it and one of them stole it.
"""

from __future__ import annotations

import hashlib
import math
import secrets
import sqlite3
from collections.abc import Collection
from dataclasses import dataclass, replace

from pinsync.emulator.settings import EmulatorSettings
from pinsync.emulator.store import Store
from pinsync.emulator.tokens import ACCOUNT, EVERYDAY_TOKEN, SCOPES, Identity

CODE_LIFETIME = 300.0

_CODE, _ACCESS, _APP, _REFRESH = "code", "access", "app", "refresh"
_PREFIXES = {_CODE: "", _ACCESS: "pina_", _APP: "pina_", _REFRESH: "pinr_"}


@dataclass(frozen=True, slots=True)
class Granted:
    """What a client gets: an access token that lives ``expires_in`` seconds, and a refresh token unless the app itself
    asked. ``refresh_expires_at`` is in whole seconds since 1970."""

    access_token: str
    scopes: tuple[str, ...]
    expires_in: int
    refresh_token: str | None = None
    refresh_expires_in: int = 0
    refresh_expires_at: int = 0


class Grants:
    """Gives out codes and tokens, and knows them again."""

    def __init__(self, settings: EmulatorSettings, store: Store) -> None:
        self._store = store
        self._clock = settings.clock
        self._lifetimes = {
            _CODE: CODE_LIFETIME,
            _ACCESS: settings.token_lifetime,
            _APP: settings.token_lifetime,
            _REFRESH: settings.refresh_token_lifetime,
        }

    def identify(self, token: str) -> Identity | None:
        """Who an access token stands for. ``emulator`` always works and may do everything."""
        if token == EVERYDAY_TOKEN:
            return ACCOUNT
        with self._store.reading() as db:
            row = self._find(db, token, _ACCESS, _APP)
        if row is None:
            return None
        return replace(ACCOUNT, scopes=frozenset(row["scopes"].split()), is_app=row["kind"] == _APP)

    def consent(self, scopes: Collection[str], redirect_uri: str) -> str:
        """A new code, to be redeemed once and soon."""
        with self._store.writing() as db:
            return self._issue(db, _CODE, scopes, secrets.token_hex(16), redirect_uri)

    def redeem(self, code: str, redirect_uri: str) -> Granted | None:
        """The tokens for a code; None where it is not valid or was made for another ``redirect_uri``."""
        with self._store.writing() as db:
            row = self._find(db, code, _CODE)
            if row is None or self._is_used(db, row) or row["redirect_uri"] != redirect_uri:
                return None
            return self._exchange(db, row, row["scopes"].split())

    def refresh(self, token: str, scopes: Collection[str]) -> Granted | None:
        """New tokens for a refresh token, which is used up; None where it is not valid, or where ``scopes`` are not among
        those it has. No scopes mean all of them."""
        with self._store.writing() as db:
            row = self._find(db, token, _REFRESH)
            if row is None or self._is_used(db, row):
                return None
            granted = row["scopes"].split()
            return self._exchange(db, row, scopes or granted) if set(scopes) <= set(granted) else None

    def for_owner(self, scopes: Collection[str]) -> Granted:
        """A token for the account that the app belongs to, without a refresh token."""
        with self._store.writing() as db:
            return self._access(db, _APP, scopes, secrets.token_hex(16))

    def revoke(self, token: str) -> None:
        """Ends an access token, or with a refresh token its whole chain. Unknown ones are as good as revoked."""
        with self._store.writing() as db:
            row = self._find(db, token, _ACCESS, _APP, _REFRESH)
            if row and row["kind"] == _REFRESH:
                _end(db, row["chain"])
            elif row:
                db.execute("DELETE FROM tokens WHERE sha256 = ?", (row["sha256"],))

    def _find(self, db: sqlite3.Connection, token: str, *kinds: str) -> sqlite3.Row | None:
        row: sqlite3.Row | None = db.execute(
            "SELECT * FROM tokens WHERE sha256 = ? AND expires_at > ?", (_hash(token), self._clock())
        ).fetchone()
        return row if row and row["kind"] in kinds else None

    def _is_used(self, db: sqlite3.Connection, row: sqlite3.Row) -> bool:
        if row["used"]:
            _end(db, row["chain"])
        return bool(row["used"])

    def _exchange(self, db: sqlite3.Connection, row: sqlite3.Row, scopes: Collection[str]) -> Granted:
        db.execute("UPDATE tokens SET used = 1 WHERE sha256 = ?", (row["sha256"],))
        access = self._access(db, _ACCESS, scopes, row["chain"])
        lifetime = self._lifetimes[_REFRESH]
        return Granted(
            access.access_token,
            access.scopes,
            access.expires_in,
            self._issue(db, _REFRESH, row["scopes"].split(), row["chain"]),
            math.ceil(lifetime),
            int(self._clock() + lifetime),
        )

    def _access(self, db: sqlite3.Connection, kind: str, scopes: Collection[str], chain: str) -> Granted:
        token = self._issue(db, kind, scopes, chain)
        return Granted(token, tuple(sorted(scopes)), math.ceil(self._lifetimes[kind]))

    def _issue(
        self, db: sqlite3.Connection, kind: str, scopes: Collection[str], chain: str, redirect_uri: str | None = None
    ) -> str:
        now = self._clock()
        db.execute("DELETE FROM tokens WHERE expires_at <= ?", (now,))
        token = _PREFIXES[kind] + secrets.token_hex(32)
        db.execute(
            "INSERT INTO tokens VALUES (?, ?, ?, ?, ?, ?, 0)",
            (_hash(token), kind, chain, " ".join(scopes), redirect_uri, now + self._lifetimes[kind]),
        )
        return token


def scopes_of(text: str) -> frozenset[str]:
    """Scopes that a client wrote, with commas or spaces between them. ValueError names one that there is not."""
    scopes = text.replace(",", " ").split()
    for scope in scopes:
        if scope not in SCOPES:
            raise ValueError(scope)
    return frozenset(scopes)


def _end(db: sqlite3.Connection, chain: str) -> None:
    db.execute("DELETE FROM tokens WHERE chain = ?", (chain,))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()

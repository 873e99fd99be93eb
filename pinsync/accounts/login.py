"""What proves to Pinterest who we are, and its form as JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pinsync.pinterest.credentials import Secret

FORMAT_VERSION = 1
NOTHING = Secret("")
_EARLY = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class App:
    """A registered app: its id, which anybody may know, and its secret."""

    id: str
    secret: Secret


@dataclass(frozen=True, slots=True)
class Login:
    """An access token, and what is known of it and about renewing it.

    Without ``app`` nothing can be renewed. With it but without ``refresh``, the app asks in its own name (the client
    credentials grant). An empty ``access`` is one that is still to be asked for. Times have a zone and are None where they
    are not known; ``scopes``, ``account_id`` and ``username`` are empty then.
    """

    access: Secret
    refresh: Secret = NOTHING
    app: App | None = None
    issued_at: datetime | None = None
    expires_at: datetime | None = None
    refresh_expires_at: datetime | None = None
    scopes: tuple[str, ...] = ()
    account_id: str = ""
    username: str = ""

    def is_over(self, now: datetime) -> bool:
        """Whether the access token is of no use any more, as far as is known."""
        return self.access == NOTHING or (self.expires_at is not None and self.expires_at <= now)

    def is_due(self, now: datetime) -> bool:
        """Whether it is time to renew the access token: some minutes before its end, or less where it is short-lived."""
        if self.is_over(now) or self.expires_at is None:
            return self.is_over(now)
        lifetime = self.expires_at - self.issued_at if self.issued_at else _EARLY
        return self.expires_at - min(_EARLY, lifetime / 10) <= now


def dump(login: Login) -> Secret:
    """The login as JSON."""
    document = {
        "format_version": FORMAT_VERSION,
        "access_token": login.access.reveal(),
        "refresh_token": login.refresh.reveal(),
        "app_id": login.app.id if login.app else "",
        "app_secret": login.app.secret.reveal() if login.app else "",
        "issued_at": _written(login.issued_at),
        "expires_at": _written(login.expires_at),
        "refresh_expires_at": _written(login.refresh_expires_at),
        "scopes": list(login.scopes),
        "account_id": login.account_id,
        "username": login.username,
    }
    return Secret(json.dumps(document))


def parse(text: Secret) -> Login | None:
    """The login in ``text``; None where there is none that this pinsync can read.

    No exception leaves this, because its frames would hold the secrets.
    """
    try:
        document = json.loads(text.reveal())
        if document["format_version"] != FORMAT_VERSION:
            return None
        app = App(_text(document["app_id"]), Secret(_text(document["app_secret"])))
        return Login(
            access=Secret(_text(document["access_token"])),
            refresh=Secret(_text(document["refresh_token"])),
            app=app if app.id else None,
            issued_at=_read(document["issued_at"]),
            expires_at=_read(document["expires_at"]),
            refresh_expires_at=_read(document["refresh_expires_at"]),
            scopes=tuple(_text(scope) for scope in document["scopes"]),
            account_id=_text(document["account_id"]),
            username=_text(document["username"]),
        )
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _written(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _read(text: Any) -> datetime | None:
    moment = datetime.fromisoformat(text) if text is not None else None
    if moment is not None and moment.tzinfo is None:
        raise ValueError
    return moment

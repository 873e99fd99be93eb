"""A login as text and JSON: who, where, how long, and never a token."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from pinsync.accounts.login import NOTHING, Login
from pinsync.pinterest.answers import Account
from pinsync.report.escaping import terminal

_NOUNS = {"universal": "calls", "org_read": "reads", "org_write": "writes", "org_analytics": "analytics"}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a login is for, and where it is. ``tier`` is the configured one: the API does not tell."""

    environment: str
    url: str
    profile: str
    kept_in: str
    tier: str


@dataclass(frozen=True, slots=True)
class Quota:
    """What is left of a rate category: ``used`` calls in the last 24 hours, ``left`` until one has to wait, None for any
    number, under a ``limit`` in words."""

    used: int
    left: int | None
    limit: str


def as_json(login: Login, account: Account, place: Place, quotas: Mapping[str, Quota]) -> str:
    """The status as a JSON object."""
    document: dict[str, Any] = {
        **asdict(place),
        "account": {name: account.get(name) for name in ("id", "username", "account_type")},
        "scopes": list(login.scopes),
        "access_token": {"expires_at": _iso(login.expires_at)},
        "refresh_token": {"expires_at": _iso(login.refresh_expires_at)} if login.refresh != NOTHING else None,
        "quota": {category: asdict(quota) for category, quota in quotas.items()},
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def as_text(login: Login, account: Account, place: Place, quotas: Mapping[str, Quota]) -> str:
    """The status for people, a line for each fact."""
    kind = f" ({account['account_type'].lower()})" if account.get("account_type") else ""
    rows = {
        "account": f"{account.get('username', 'without a name')}{kind}, id {account.get('id', 'not known')}",
        "environment": f"{place.environment} at {place.url}",
        "profile": place.profile,
        "kept in": place.kept_in,
        "scopes": " ".join(login.scopes) or "not known",
        "access token": f"good {until(login.expires_at)}",
        "refresh token": f"good {until(login.refresh_expires_at)}" if login.refresh != NOTHING else "none",
        "tier": f"{place.tier} (as configured)",
        **{_NOUNS[category]: _spoken(quota) for category, quota in quotas.items()},
    }
    return "".join(f"{name:<14} {terminal(text)}\n" for name, text in rows.items())


def _spoken(quota: Quota) -> str:
    left = quota.limit if quota.left is None else f"{quota.left:,} left of {quota.limit}"
    return f"{left}; {quota.used:,} in the last 24 hours, as far as this machine knows"


def until(moment: datetime | None) -> str:
    """Until when something is good."""
    return f"until {moment.astimezone():%Y-%m-%d %H:%M %Z}" if moment else "until Pinterest says otherwise"


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None

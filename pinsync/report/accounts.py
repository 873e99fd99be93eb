"""A login as text and JSON: who, where, how long, and never a token."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from pinsync.accounts.login import NOTHING, Login
from pinsync.pinterest.answers import Account
from pinsync.pinterest.usage import Spent
from pinsync.report.escaping import terminal
from pinsync.report.screen import Line, Piece, Screen, text_of


@dataclass(frozen=True, slots=True)
class Place:
    """Where a login is for, and where it is. ``tier_from`` names where the access tier is known from: pinsync.yaml, the
    default, or the answer, which says otherwise than those."""

    environment: str
    url: str
    profile: str
    kept_in: str
    tier: str
    tier_from: str


Quota = Mapping[str, Spent | None]
"""What was spent of the limits on writes and on all calls; None where there is no limit for an hour or more."""


def as_json(login: Login, account: Account, place: Place, quota: Quota | None) -> str:
    """The status as a JSON object. ``quota`` is None where no calls are recorded."""
    document: dict[str, Any] = {
        **asdict(place),
        "account": {name: account.get(name) for name in ("id", "username", "account_type")},
        "scopes": list(login.scopes),
        "access_token": {"expires_at": _iso(login.expires_at)},
        "refresh_token": {"expires_at": _iso(login.refresh_expires_at)} if login.refresh != NOTHING else None,
        "quota": {what: spent and asdict(spent) for what, spent in quota.items()} if quota else None,
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def as_text(login: Login, account: Account, place: Place, quota: Quota | None, screen: Screen | None = None) -> str:
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
        "tier": f"{place.tier} ({_TIER_FROM.get(place.tier_from, place.tier_from)})",
        **(
            {what: _left(spent) for what, spent in quota.items()}
            if quota
            else {"quota": "what was used is not recorded"}
        ),
    }
    return text_of(
        [Line((Piece(f"{name:<14} ", "bold"),), (Piece(terminal(text)),)) for name, text in rows.items()], screen
    )


_TIER_FROM = {
    "default": "assumed; pinsync.yaml names none",
    "answer": "so says Pinterest's answer; correct `tier` in pinsync.yaml",
}


def _left(spent: Spent | None) -> str:
    if spent is None:
        return "no limit a day"
    hours = f"{spent.seconds / 3_600:g} hours" if spent.seconds > 3_600 else "hour"
    return f"{spent.used:,} of {spent.limit:,} used in the last {hours}; {spent.left:,} left"


def until(moment: datetime | None) -> str:
    """Until when something is good."""
    return f"until {moment.astimezone():%Y-%m-%d %H:%M %Z}" if moment else "until Pinterest says otherwise"


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None

"""Tokens for codes, for refresh tokens and for the app itself, and their revocation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pinsync.emulator import bodies
from pinsync.emulator.calls import Answer, Call, Handler, World
from pinsync.emulator.errors import grant_invalid, invalid
from pinsync.emulator.grants import Granted, Grants, scopes_of

# Source: the official description, schemas OauthAccessTokenRequest…; continuous_refresh is in the operation's prose.
_FIELDS: Mapping[str, tuple[str, ...]] = {
    "authorization_code": ("code", "redirect_uri", "continuous_refresh"),
    "refresh_token": ("refresh_token", "scope", "continuous_refresh"),
    "client_credentials": ("scope",),
}
_HINTS = ("access_token", "refresh_token")


def handlers(grants: Grants) -> Mapping[str, Handler]:
    """The operations on tokens, by their ids."""

    def token(world: World, call: Call) -> Answer:
        """``POST /oauth/token``."""
        grant_type = bodies.choice(call.body, "grant_type", tuple(_FIELDS), "")
        body = bodies.mapping(call.body, ("grant_type", *_FIELDS[grant_type]))
        granted = _granted(grants, grant_type, body)
        if granted is None:
            raise grant_invalid()
        return Answer(200, _shown(grant_type, granted))

    def revoke(world: World, call: Call) -> Answer:
        """``POST /oauth/token/revoke``."""
        body = bodies.mapping(call.body, ("token", "token_type_hint"))
        bodies.choice(body, "token_type_hint", _HINTS, _HINTS[0])
        grants.revoke(_required(body, "token"))
        return Answer(200)

    return {"oauth/token": token, "token/revoke": revoke}


def _granted(grants: Grants, grant_type: str, body: Mapping[str, Any]) -> Granted | None:
    bodies.choice(body, "continuous_refresh", ("true", "false"), "true")
    match grant_type:
        case "authorization_code":
            return grants.redeem(_required(body, "code"), _required(body, "redirect_uri"))
        case "refresh_token":
            return grants.refresh(_required(body, "refresh_token"), _scopes(body.get("scope", "")))
        case _:
            if scopes := _scopes(body.get("scope", "")):
                return grants.for_owner(scopes)
            raise invalid("'scope' is required.")


def _required(body: Mapping[str, Any], name: str) -> str:
    value: str = body.get(name, "").strip()
    if not value:
        raise invalid(f"'{name}' is required.")
    return value


def _scopes(text: str) -> frozenset[str]:
    try:
        return scopes_of(text)
    except ValueError as error:
        raise invalid(f"there is no scope {bodies.quoted(str(error))}.") from None


def _shown(grant_type: str, granted: Granted) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "response_type": grant_type,
        "access_token": granted.access_token,
        "token_type": "bearer",
        "expires_in": granted.expires_in,
        "scope": " ".join(granted.scopes),
    }
    if granted.refresh_token:
        shown |= {
            "refresh_token": granted.refresh_token,
            "refresh_token_expires_in": granted.refresh_expires_in,
            "refresh_token_expires_at": granted.refresh_expires_at,
        }
    return shown

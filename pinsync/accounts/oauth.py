"""Tokens for codes, for refresh tokens and for the app itself, and their end.

Source: the operations ``oauth/token`` and ``token/revoke`` of the official API description, version 5.23.0. It knows no PKCE.
Nothing that is raised here has a secret in its text or in the variables of its frames.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from pinsync.accounts.login import NOTHING, App, Login
from pinsync.errors import ApiError, CredentialsRefused, InDoubt, NotDone, Refused
from pinsync.pinterest.client import NEVER_SENT, NOT_JSON, USER_AGENT, error_body, unreachable
from pinsync.pinterest.credentials import Secret

log = logging.getLogger(__name__)

SCOPES = ("user_accounts:read", "boards:read", "boards:write", "pins:read", "pins:write")
"""What pinsync needs."""

SECRET_SCOPES = ("boards:read_secret", "boards:write_secret", "pins:read_secret", "pins:write_secret")
"""What it needs besides for secret boards."""

_TIMEOUT = httpx.Timeout(30.0, connect=10.0)
_TOKEN = "oauth/token"  # noqa: S105 - the id of an operation
_WRONG_APP = (
    "Check PINTEREST_APP_ID and PINTEREST_APP_SECRET (or what was typed) against developers.pinterest.com/apps."
)
_AGAIN = "Run `pinsync auth login` again; in CI, client credentials need no refresh token (see docs/accounts.md)."


@dataclass(frozen=True, slots=True)
class OAuth:
    """The token operations below ``base_url``. ``now`` tells the time of day with a zone; ``transport``, where given, takes
    the place of the network."""

    base_url: str
    transport: httpx.BaseTransport | None = None
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def redeem(self, app: App, code: Secret, redirect_uri: str) -> Login:
        """The login that a person allowed. A code works once, so that a lost answer means to begin anew.

        Raises ApiError.
        """
        form: dict[str, str | Secret] = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "continuous_refresh": "true",  # apps from before 2025-09-25 get a refresh token without renewal otherwise
        }
        try:
            login = self._tokens(Login(NOTHING, app=app), app, form)
        except InDoubt as error:
            raise NotDone(error.message, "Run `pinsync auth login` again.", operation=_TOKEN) from None
        # Without a refresh token the app would be asked next, which may act for another account.
        return login if login.refresh != NOTHING else replace(login, app=None)

    def own(self, app: App, scopes: Sequence[str]) -> Login:
        """A login as the account that the app belongs to, without a refresh token. Raises NotDone or Refused."""
        return self.renewed(Login(NOTHING, app=app, scopes=tuple(scopes)), app)

    def renewed(self, login: Login, app: App) -> Login:
        """The login with new tokens. The old refresh token is used up, if there was one.

        Where the answer is lost, the same is sent once more: if the first was not carried out, or Pinterest is lenient,
        nothing is lost. Raises NotDone, or CredentialsRefused where only a person can help.
        """
        form: dict[str, str | Secret]
        if login.refresh == NOTHING:
            form = {"grant_type": "client_credentials", "scope": ",".join(login.scopes or SCOPES)}
        else:
            form = {"grant_type": "refresh_token", "refresh_token": login.refresh}
        try:
            return self._tokens(login, app, form)
        except InDoubt as error:
            lost = error.message
        try:
            return self._tokens(login, app, form)
        except InDoubt as error:
            raise NotDone(
                f"the login could not be renewed: {error.message}", "Try again later.", operation=_TOKEN
            ) from None
        except CredentialsRefused as error:
            raise CredentialsRefused(
                f"{error.message} (before that: {lost}; Pinterest may have renewed the login and told nobody)",
                error.advice,
                operation=_TOKEN,
            ) from None

    def revoke(self, app: App, token: Secret, hint: str) -> None:
        """Ends a token; ``hint`` is access_token or refresh_token. Ending it twice does no harm. Raises ApiError."""
        form: dict[str, str | Secret] = {"token": token, "token_type_hint": hint}
        answer = self._send("token/revoke", "/oauth/token/revoke", app, form)
        if isinstance(answer, ApiError):
            raise answer
        if not answer.is_success:
            raise _verdict(answer, [app.secret, token], "token/revoke")

    def _tokens(self, login: Login, app: App, form: Mapping[str, str | Secret]) -> Login:
        answer = self._send(_TOKEN, "/oauth/token", app, form)
        if isinstance(answer, ApiError):
            raise answer
        if not answer.is_success:
            raise _verdict(
                answer, [app.secret, *(value for value in form.values() if isinstance(value, Secret))], _TOKEN
            )
        found = _read(login, answer, self.now())
        if found is None:
            raise InDoubt("the answer to oauth/token is not what the API describes", operation=_TOKEN)
        return found

    def _send(
        self, operation: str, path: str, app: App, form: Mapping[str, str | Secret]
    ) -> httpx.Response | NotDone | Refused | InDoubt:
        # Failures are returned, for the caller to raise: here and below, the frames hold the secrets in the open.
        local = self.base_url.startswith("http://")
        try:
            with httpx.Client(
                base_url=self.base_url,
                headers={"User-Agent": USER_AGENT, "Accept": "application/json"},
                timeout=_TIMEOUT,
                transport=self.transport,
                trust_env=not local,
            ) as http:
                data = {name: value.reveal() if isinstance(value, Secret) else value for name, value in form.items()}
                response = http.post(path, data=data, auth=httpx.BasicAuth(app.id, app.secret.reveal()))
                log.debug("POST %s -> %s", path, response.status_code)
                return response
        except NEVER_SENT as error:
            return unreachable(
                operation, self.base_url, type(error).__name__ if app.secret.reveal() in str(error) else str(error)
            )
        except httpx.RequestError as error:
            return InDoubt(f"no answer to {operation} ({type(error).__name__})", operation=operation)


def _verdict(response: httpx.Response, secrets: Sequence[Secret], operation: str) -> ApiError:
    code, text = error_body(response)
    for secret in secrets:
        text = secret.hide(text)
    status = response.status_code
    told = f"{text[:500]} (HTTP {status}{f', code {code}' if code is not None else ''})"
    about: dict[str, Any] = {"operation": operation, "status": status, "code": code}
    if status == 429:
        return NotDone(f"rate limit reached: {told}", "Try again later.", **about)
    if status >= 500 or status == 408:
        return InDoubt(told, **about)
    if operation != _TOKEN:
        return Refused(told, **about)
    return CredentialsRefused(
        f"Pinterest gives no tokens for this: {told}",
        f"{_AGAIN} {_WRONG_APP}" if status != 403 else _WRONG_APP,
        **about,
    )


def _read(login: Login, response: httpx.Response, now: datetime) -> Login | None:
    """The login with the tokens of an answer, or None where it is not one. No exception leaves this: see ``_send``."""
    try:
        body = response.json()
        access, refresh = body["access_token"], body.get("refresh_token") or login.refresh.reveal()
        if not all(isinstance(token, str) for token in (access, refresh)) or not access:
            return None
        lasts = body.get("refresh_token_expires_in")
        return replace(
            login,
            access=Secret(access),
            refresh=Secret(refresh),
            issued_at=now,
            expires_at=now + timedelta(seconds=int(body["expires_in"])),
            refresh_expires_at=now + timedelta(seconds=int(lasts)) if lasts else login.refresh_expires_at,
            scopes=tuple(str(body.get("scope", "")).replace(",", " ").split()) or login.scopes,
        )
    except (*NOT_JSON, KeyError, TypeError, AttributeError):
        return None

"""Which login a run uses: the environment's, or the stored one of its profile."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from pinsync.accounts.login import NOTHING, App, Login
from pinsync.accounts.stores import DEFAULT_PROFILE, PROFILE, Store, Unsaved, stored, stores
from pinsync.errors import UsageError
from pinsync.pinterest.credentials import TOKEN, Access, Tokens, resolve_access, secret_in

REFRESH_TOKEN = "PINTEREST_REFRESH_TOKEN"  # noqa: S105 - the name of a variable
APP_ID = "PINTEREST_APP_ID"
APP_SECRET = "PINTEREST_APP_SECRET"  # noqa: S105 - the name of a variable


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A login in use. ``app``, where the environment names one, takes precedence over the login's own."""

    access: Access
    login: Login
    store: Store
    app: App | None

    @property
    def app_id(self) -> str:
        """The app whose limits the calls count against, empty where it is not known."""
        app = self.app or self.login.app
        return app.id if app else ""


def sign_in(
    configured: str,
    profile: str,
    environ: Mapping[str, str],
    tell: Callable[[str], None] = lambda sentence: None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> SignedIn:
    """The login for the configured environment: what the variables hold, else what is stored under the profile, else that of
    the app itself, where the variables name one. Nothing is sent.

    Raises UsageError where there is none or a variable is wrong, and StateError where a store cannot be read.
    """
    access = resolve_access(configured, environ, need_token=False)
    app = app_in(environ)
    store: Store
    login = _given(environ, app)
    kept = None if login else stored(stores(access.environment, profile, environ))
    if kept:
        store, login = kept
    else:
        login = login or _without_login(configured, profile, environ, access, app)
        store = Unsaved(login, tell)
    tokens = _renewing(login, store, access, app, tell, now) if login.app else None
    return SignedIn(replace(access, token=login.access, tokens=tokens, account=login.account_id), login, store, app)


def _renewing(
    login: Login,
    store: Store,
    access: Access,
    app: App | None,
    tell: Callable[[str], None],
    now: Callable[[], datetime],
) -> Tokens:
    # httpx, which these need, takes longer to import than a plan without Pinterest takes for all the rest.
    from pinsync.accounts.oauth import OAuth
    from pinsync.accounts.renewing import Renewing

    return Renewing(login, store, OAuth(access.base_url, now=now), app, tell, now)


def profile_for(configured: str, environ: Mapping[str, str]) -> str:
    """The profile that --profile or the environment names, else the configured one."""
    return environ.get(PROFILE, "") or configured or DEFAULT_PROFILE


def app_in(environ: Mapping[str, str]) -> App | None:
    """The app that the variables name, or None. Raises UsageError where one of two is missing."""
    found = {name: secret_in(environ, name) for name in (APP_ID, APP_SECRET)}
    missing = [name for name, value in found.items() if value == NOTHING]
    if len(missing) == 2:
        return None
    if missing:
        raise UsageError(f"{missing[0]} is not set", f"{APP_ID} and {APP_SECRET} belong together: set both or neither.")
    return App(found[APP_ID].reveal(), found[APP_SECRET])


def _given(environ: Mapping[str, str], app: App | None) -> Login | None:
    """The login in the variables."""
    access, refresh = secret_in(environ, TOKEN), secret_in(environ, REFRESH_TOKEN)
    if access == NOTHING and refresh == NOTHING:
        return None
    if access == NOTHING and app is None:
        raise UsageError(
            f"{REFRESH_TOKEN} is of no use alone", f"Set {APP_ID} and {APP_SECRET} as well, or {TOKEN} instead."
        )
    # An access token is not followed by one of the app itself, which may act for another account.
    return Login(access, refresh, app if refresh != NOTHING else None)


def _without_login(configured: str, profile: str, environ: Mapping[str, str], access: Access, app: App | None) -> Login:
    """What there is to use where nobody logged in. Raises UsageError."""
    if profile != DEFAULT_PROFILE:
        raise UsageError(
            f"nobody is logged in to {access.environment} as the profile {profile}",
            f"Run `pinsync auth login --profile {profile}`.",
        )
    return Login(NOTHING, app=app) if app else Login(resolve_access(configured, environ).token)

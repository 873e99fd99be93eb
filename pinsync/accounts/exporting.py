"""A login as environment variables, for CI."""

from __future__ import annotations

from pinsync.accounts.login import NOTHING, App, Login
from pinsync.accounts.signing_in import APP_ID, APP_SECRET, REFRESH_TOKEN
from pinsync.pinterest.credentials import TOKEN, Secret


def variables(login: Login, app: App | None = None) -> dict[str, Secret]:
    """What has to be set to use this login elsewhere: of the app's own, the app is enough. ``app`` replaces the login's."""
    app = app or login.app
    found = {APP_ID: Secret(app.id), APP_SECRET: app.secret} if app else {}
    if app is None or login.refresh != NOTHING:
        found |= {TOKEN: login.access, REFRESH_TOKEN: login.refresh}
    return {name: value for name, value in found.items() if value != NOTHING}

"""Keeping a login alive: one renewal at a time, among the calls of a run as among the processes of a machine."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from pinsync.accounts.login import App, Login
from pinsync.accounts.oauth import OAuth
from pinsync.accounts.stores import Store
from pinsync.errors import ApiError, CredentialsRefused, PinsyncError, StateError
from pinsync.pinterest.credentials import Secret

log = logging.getLogger(__name__)

_PAUSE = timedelta(minutes=1)


def renew(store: Store, oauth: OAuth, app: App | None, after: Secret | None = None) -> Login:
    """The login with new tokens, which are saved before anybody uses them.

    With ``after``, the access token that is of no use any more, nothing is sent where another process was quicker. ``app`` is
    used instead of the login's own. Raises NotDone, CredentialsRefused, or StateError when the store cannot be written; then
    the refresh token is not used up.
    """
    with store.held():
        login = store.load()
        if login is None:
            raise CredentialsRefused("the login was removed meanwhile", "Run `pinsync auth login`.")
        if after is not None and login.access != after and not login.is_over(oauth.now()):
            return login
        app = app or login.app
        if app is None:
            raise CredentialsRefused(
                "the login cannot be renewed without the app that it belongs to",
                "Set PINTEREST_APP_ID and PINTEREST_APP_SECRET as well.",
            )
        store.save(login)  # a store that cannot be written must show before the refresh token is used up
        renewed = oauth.renewed(login, app)
        store.save(renewed)
        log.info("the login was renewed")
        return renewed


class Renewing:
    """The tokens of a login that is renewed before it ends, and when Pinterest refuses it.

    A renewal runs in a thread, which a stopped run still waits for: what Pinterest answers is saved. ``tell`` hears of a
    renewal that failed while the old token is good.
    """

    def __init__(
        self,
        login: Login,
        store: Store,
        oauth: OAuth,
        app: App | None = None,
        tell: Callable[[str], None] = lambda sentence: None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._login = login
        self._store = store
        self._oauth = oauth
        self._app = app
        self._tell = tell
        self._now = now
        self._one_at_a_time = threading.Lock()
        self._refusal: CredentialsRefused | None = None
        self._not_before: datetime | None = None

    async def token(self) -> Secret:
        """The access token, renewed where that is due."""
        now = self._now()
        if self._login.is_due(now) and not (self._not_before and now < self._not_before):
            try:
                return await self.renewed(self._login.access)
            except (ApiError, StateError) as error:
                if self._login.is_over(now):
                    raise
                if self._not_before is None:
                    self._tell(f"{error.message}; going on with the present token until it ends. {error.advice}")
                self._not_before = now + _PAUSE
        return self._login.access

    async def renewed(self, after: Secret) -> Secret:
        """A token other than ``after``."""
        return await asyncio.to_thread(self._renewed, after)

    def _renewed(self, after: Secret) -> Secret:
        with self._one_at_a_time:
            if self._login.access == after:
                self._check()
                try:
                    self._login = renew(self._store, self._oauth, self._app, after)
                except CredentialsRefused as error:
                    self._refusal = error
                    raise
            return self._login.access

    def _check(self) -> None:
        # What was refused once is not asked for again by each of the calls that are under way.
        if self._refusal:
            raise _again(self._refusal)


def _again(error: CredentialsRefused) -> PinsyncError:
    return CredentialsRefused(
        error.message, error.advice, operation=error.operation, status=error.status, code=error.code
    )

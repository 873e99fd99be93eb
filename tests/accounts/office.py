"""The emulator's token operations in process, logins from them, and what was asked there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import httpx

from pinsync.accounts.login import App, Login
from pinsync.accounts.oauth import SCOPES, OAuth
from pinsync.emulator.app import create_app
from pinsync.emulator.registration import APP_ID, APP_SECRET
from pinsync.emulator.settings import EmulatorSettings
from pinsync.pinterest.credentials import Secret

APP = App(APP_ID, Secret(APP_SECRET))
BASE = "http://127.0.0.1:1/v5"
REDIRECT = "http://localhost:8085/"


class Sync(httpx.BaseTransport):
    """An app in process for clients that are not asynchronous, from any thread. ``before`` and ``after`` are called around it
    and may raise, as a network does."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self.forms: list[dict[str, str]] = []
        self.before: Callable[[], None] = lambda: None
        self.after: Callable[[], None] = lambda: None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.forms.append(dict(parse_qsl(request.read().decode())))
        self.before()

        async def answer() -> httpx.Response:
            response = await httpx.ASGITransport(self._app).handle_async_request(request)
            return httpx.Response(response.status_code, headers=response.headers, content=await response.aread())

        response = asyncio.run(answer())
        self.after()
        return response

    @property
    def asked(self) -> list[str]:
        """What kinds of tokens were asked for, in order; ``revoke`` for a revocation."""
        return [form.get("grant_type", "revoke") for form in self.forms]


@dataclass
class Office:
    """Where tokens are given out, at a ``moment`` that is moved by hand."""

    folder: Path
    moment: datetime = datetime(2026, 11, 24, 12, tzinfo=UTC)
    app: Any = None
    wire: Sync = field(init=False)

    def __post_init__(self) -> None:
        if self.app is None:
            data = self.folder / "emulator"
            data.mkdir(exist_ok=True)
            self.app = create_app(EmulatorSettings(data=data, clock=lambda: self.moment.timestamp()))
        self.wire = Sync(self.app)
        self.oauth = OAuth(BASE, self.wire, lambda: self.moment)

    def consent(self, scopes: tuple[str, ...] = SCOPES) -> Secret:
        """The code that a person gave."""
        form = {
            "client_id": APP_ID, "redirect_uri": REDIRECT, "response_type": "code", "scope": ",".join(scopes),
            "decision": "allow",
        }  # fmt: skip
        with httpx.Client(transport=Sync(self.app), base_url="http://127.0.0.1:1") as http:
            response = http.post("/oauth/", data=form)
        return Secret(httpx.URL(response.headers["location"]).params["code"])

    def login(self) -> Login:
        """A login that a person allowed just now."""
        return self.oauth.redeem(APP, self.consent(), REDIRECT)

    def works(self, token: Secret) -> bool:
        """Whether an access token opens the account."""
        with httpx.Client(transport=Sync(self.app), base_url=BASE) as http:
            return http.get("/user_account", headers={"Authorization": f"Bearer {token.reveal()}"}).is_success

    def wait(self, **time: float) -> None:
        """Lets time pass."""
        self.moment += timedelta(**time)


def lose() -> None:
    """What a network does when an answer does not arrive."""
    raise httpx.ReadTimeout("late")

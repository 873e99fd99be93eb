"""What an app and a person do to get tokens from an emulator."""

from __future__ import annotations

from typing import Any

import httpx

from pinsync.emulator.registration import APP_ID, APP_SECRET

APP = (APP_ID, APP_SECRET)
REDIRECT = "http://localhost:8085/callback"
ASKED = {
    "client_id": APP_ID,
    "redirect_uri": REDIRECT,
    "response_type": "code",
    "scope": "boards:read,pins:read",
    "state": "a1",
}


def decide(client: httpx.Client, decision: str = "allow", **fields: str) -> httpx.Response:
    """Sends the form of the consent page."""
    return client.post("http://emulator/oauth/", data={**ASKED, **fields, "decision": decision})


def sent_back(response: httpx.Response) -> dict[str, str]:
    """What an app learns from the address that a person is sent back to."""
    assert response.status_code == 303
    return dict(httpx.URL(response.headers["location"]).params)


def allowed(client: httpx.Client, **fields: str) -> str:
    """A code that a person allowed."""
    return sent_back(decide(client, **fields))["code"]


def exchange(client: httpx.Client, grant_type: str = "", **fields: str) -> httpx.Response:
    """Asks for tokens. The kind of grant is guessed from the fields, if not named."""
    guessed = "refresh_token" if "refresh_token" in fields else "authorization_code"
    return client.post("/oauth/token", data={"grant_type": grant_type or guessed, **fields}, auth=APP)


def granted(client: httpx.Client, scope: str = "boards:read,pins:read") -> dict[str, Any]:
    """The tokens of a person who allowed ``scope``."""
    response = exchange(client, code=allowed(client, scope=scope), redirect_uri=REDIRECT)
    assert response.status_code == 200, response.text
    return dict(response.json())


def status(client: httpx.Client, token: str) -> int:
    """What a read answers to an access token."""
    return client.get("/boards", headers={"authorization": f"Bearer {token}"}).status_code

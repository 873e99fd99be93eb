"""The page on which a person allows an app to act for the account, as https://www.pinterest.com/oauth/ does."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pinsync.emulator import bodies, page
from pinsync.emulator.dispatch import read_body, refused
from pinsync.emulator.errors import Refusal
from pinsync.emulator.grants import Grants, scopes_of
from pinsync.emulator.registration import APP_ID, APP_NAME, is_redirect
from pinsync.emulator.tokens import ACCOUNT, SCOPES

_PARAMETERS = ("client_id", "redirect_uri", "response_type", "scope", "state")


def routes(grants: Grants) -> list[Route]:
    """``/oauth/``: GET asks the person, POST takes the answer and sends them back to the app."""

    async def ask(request: Request) -> Response:
        asked = {name: request.query_params[name] for name in _PARAMETERS if name in request.query_params}
        return _unanswerable(asked) or _question(asked)

    async def answer(request: Request) -> Response:
        try:
            form = bodies.form(await read_body(request), request.headers.get("content-type", ""))
        except Refusal as refusal:
            return refused(refusal)
        if response := _unanswerable(form):
            return response
        if form.get("decision") != "allow":
            return _back(form, {"error": "access_denied"})
        code = await run_in_threadpool(grants.consent, scopes_of(form["scope"]), form["redirect_uri"])
        return _back(form, {"code": code})

    return [
        Route(path, endpoint, methods=[method])
        for path in ("/oauth/", "/oauth")
        for method, endpoint in (("GET", ask), ("POST", answer))
    ]


def _unanswerable(asked: Mapping[str, str]) -> Response | None:
    """What is answered at once, because there is nothing that a person could allow."""
    app, redirect_uri = asked.get("client_id", ""), asked.get("redirect_uri", "")
    if app != APP_ID:
        return _refusal(f"No app with the id {app!r} is registered here. The one that is has the id {APP_ID}.")
    if not is_redirect(redirect_uri):
        return _refusal(f"{redirect_uri!r} is no address on this machine, such as http://localhost:8085/.")
    if asked.get("response_type") != "code":
        return _back(asked, {"error": "unsupported_response_type"})
    try:
        scopes = scopes_of(asked.get("scope", ""))
    except ValueError:
        scopes = frozenset()
    return None if scopes else _back(asked, {"error": "invalid_scope"})


def _back(asked: Mapping[str, str], answer: Mapping[str, str]) -> Response:
    if "state" in asked:
        answer = {**answer, "state": asked["state"]}
    address = asked["redirect_uri"]
    address += f"{'&' if '?' in address else '?'}{urlencode(answer)}"
    return Response(status_code=303, headers={"location": address, "cache-control": "no-store"})


def _refusal(sentence: str) -> Response:
    return page.asking("This cannot be allowed", f"<p>{escape(sentence)}</p>", 400)


def _question(asked: Mapping[str, str]) -> Response:
    wanted = scopes_of(asked["scope"])
    listed = "".join(
        f"<li>{escape(meaning)} <small>{scope}</small></li>" for scope, meaning in SCOPES.items() if scope in wanted
    )
    fields = "".join(f'<input type="hidden" name="{name}" value="{escape(value)}">' for name, value in asked.items())
    body = (
        f"<p>It wants to</p><ul>{listed}</ul>"
        f"<p>and sends you on to <code>{escape(asked['redirect_uri'])}</code></p>"
        f'<form method="post" action="/oauth/">{fields}'
        '<button name="decision" value="allow">Allow</button>'
        '<button name="decision" value="deny">Deny</button></form>'
    )
    return page.asking(f"{APP_NAME} asks for access to the account {ACCOUNT.username}", body)

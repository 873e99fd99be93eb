"""``pinsync auth``."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from pinsync.cli import Terminal

if TYPE_CHECKING:
    from pinsync.accounts.login import App, Login
    from pinsync.accounts.signing_in import SignedIn
    from pinsync.content.settings import Settings
    from pinsync.pinterest.answers import Account
    from pinsync.pinterest.credentials import Access, Secret
    from pinsync.pinterest.pacing import Pacer
    from pinsync.pinterest.usage import Usage

_environment = click.option(
    "--environment",
    type=click.Choice(["production", "sandbox", "emulator"]),
    help="Which Pinterest (default: that of pinsync.yaml, else production).",
)
_profile = click.option(
    "--profile",
    metavar="NAME",
    help="Which login, where there are several (default: PINSYNC_PROFILE, that of pinsync.yaml, else default).",
)


@click.group("auth", short_help="Log in to Pinterest, and see who is logged in.")
def command() -> None:
    """The login that pinsync uses: stored by this machine, or given by environment variables, which come first."""


@command.command()
@_profile
@_environment
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    default=8085,
    show_default=True,
    help="The port of the redirect address http://localhost:PORT/, which has to be registered for the app.",
)
@click.option("--no-browser", is_flag=True, help="Open no browser here: paste the address that one elsewhere ends at.")
@click.option("--secret-boards", is_flag=True, help="Ask for access to secret boards and their pins too.")
@click.option(
    "--client-credentials", is_flag=True, help="Log in as the owner of the app, without a browser and a refresh token."
)
@click.pass_obj
def login(
    terminal: Terminal,
    profile: str | None,
    environment: str | None,
    port: int,
    no_browser: bool,
    secret_boards: bool,
    client_credentials: bool,
) -> None:
    """Asks for consent in the browser and stores the tokens: in the system's keyring where there is one, else in a file.

    The app's id and secret come from PINTEREST_APP_ID and PINTEREST_APP_SECRET, or are asked for.
    """
    from dataclasses import replace

    from pinsync.accounts.oauth import SCOPES, SECRET_SCOPES, OAuth
    from pinsync.accounts.signing_in import app_in, profile_for
    from pinsync.accounts.stores import keep, stores
    from pinsync.errors import NotPermitted
    from pinsync.pinterest.credentials import resolve_access
    from pinsync.pinterest.usage import usage_of
    from pinsync.report.escaping import terminal as escaped

    settings = _settings(environment)
    access = resolve_access(settings.environment, os.environ, need_token=False)
    name = profile or profile_for(settings.profile, os.environ)
    places = stores(access.environment, name, os.environ)
    app = app_in(os.environ) or _ask_for_app()
    oauth = OAuth(access.base_url)
    scopes = SCOPES + (SECRET_SCOPES if secret_boards else ())
    if client_credentials:
        found = oauth.own(app, scopes)
    else:
        code, redirected = _consent(terminal, access, app, scopes, port, no_browser)
        found = oauth.redeem(app, code, redirected)
    store = keep(places, found, terminal.tell)
    try:
        pacer = _pacer(settings, usage_of(access.base_url, app.id, os.environ))
        account = _account(replace(access, token=found.access), pacer)
    except NotPermitted as error:
        terminal.tell(f"Warning: who is logged in is not known: {error.message}")
    else:
        found = replace(found, account_id=account.get("id", ""), username=account.get("username", ""))
        keep(places, found, terminal.tell)
    who = found.username or "the owner of the app"
    click.echo(
        f"Logged in to {escaped(access.environment)} as {escaped(who)} (profile {name}); kept in {escaped(store.where)}."
    )
    _remind(terminal)


@command.command()
@_profile
@_environment
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How to show it.",
)
@click.pass_obj
def status(terminal: Terminal, profile: str | None, environment: str | None, format_: str) -> None:
    """Asks Pinterest who is logged in, and shows what is known of the login. Exits 1 where it is of no use."""
    from datetime import UTC, datetime

    from pinsync.pinterest.limits import UNIVERSAL, tier_with
    from pinsync.pinterest.operations import READ, WRITE
    from pinsync.pinterest.usage import usage_of
    from pinsync.report.accounts import Place, as_json, as_text

    settings = _settings(environment)
    name, found = _signed_in(terminal, settings, profile)
    usage = usage_of(found.access.base_url, found.app_id, os.environ)
    pacer = _pacer(settings, usage)
    account = _account(found.access, pacer)
    # The question may have renewed the login.
    known = found.store.load() or found.login
    tier = tier_with(READ, pacer.windows(READ)) or settings.tier
    configured = "pinsync.yaml" if settings.tier_given else "default"
    place = Place(
        found.access.environment,
        found.access.base_url,
        name,
        found.store.where,
        tier,
        configured if tier == settings.tier else "answer",
    )
    now = datetime.now(UTC)
    kinds = {"writes": WRITE, "all calls": UNIVERSAL}
    quota = {kind: usage.spent(category, pacer, now) for kind, category in kinds.items()} if usage else None
    if format_ == "json":
        click.echo(as_json(known, account, place, quota), nl=False)
    else:
        click.echo(as_text(known, account, place, quota, terminal.screen), nl=False)


@command.command()
@_profile
@_environment
@click.pass_obj
def refresh(terminal: Terminal, profile: str | None, environment: str | None) -> None:
    """Renews the stored login now. Runs do that by themselves when it is time."""
    import asyncio

    from pinsync.accounts.stores import Unsaved
    from pinsync.errors import UsageError
    from pinsync.report.accounts import until

    _, found = _signed_in(terminal, _settings(environment), profile)
    if isinstance(found.store, Unsaved) or found.access.tokens is None:
        raise UsageError(
            "the login comes from environment variables, where a new one cannot be put",
            "Log in with `pinsync auth login`, or replace the variables.",
        )
    asyncio.run(found.access.tokens.renewed(found.login.access))
    renewed = found.store.load() or found.login
    click.echo(f"Renewed; the access token is good {until(renewed.expires_at)}.")


@command.command()
@_profile
@_environment
@click.option("--local", is_flag=True, help="Only remove it here; the tokens stay good until they end.")
@click.pass_obj
def logout(terminal: Terminal, profile: str | None, environment: str | None, local: bool) -> None:
    """Has Pinterest revoke the stored tokens, then removes them from this machine."""
    from pinsync.accounts.signing_in import app_in, profile_for
    from pinsync.accounts.stores import stored, stores
    from pinsync.pinterest.credentials import resolve_access
    from pinsync.report.escaping import terminal as escaped

    settings = _settings(environment)
    access = resolve_access(settings.environment, os.environ, need_token=False)
    name = profile or profile_for(settings.profile, os.environ)
    places = stores(access.environment, name, os.environ)
    kept = stored(places) if not local else None
    if kept:
        store, found = kept
        with store.held():
            _revoke(terminal, access, store.load() or found, app_in(os.environ))
    for store in places:
        with store.held():
            store.remove()
    if kept or local:
        click.echo(f"Logged out of {escaped(access.environment)} (profile {name}).")
    else:
        click.echo(f"Nobody is logged in to {escaped(access.environment)} (profile {name}).")
    _remind(terminal)


@command.command()
@_profile
@_environment
@click.option("--show-secrets", is_flag=True, help="Print the values.")
@click.option("--to-a-pipe", is_flag=True, help="Print them where standard output is no terminal too.")
@click.option(
    "--renew", is_flag=True, help="Renew the login first, for a job that puts new secrets in the place of the old."
)
@click.pass_obj
def export(
    terminal: Terminal, profile: str | None, environment: str | None, show_secrets: bool, to_a_pipe: bool, renew: bool
) -> None:
    """Lists the variables that CI needs to use this login; with --show-secrets as NAME=value lines."""
    import asyncio

    from pinsync.accounts.exporting import variables
    from pinsync.errors import UsageError

    _, found = _signed_in(terminal, _settings(environment), profile)
    login = found.login
    if renew:
        if found.access.tokens is None:
            raise UsageError(
                "the login cannot be renewed", "It needs PINTEREST_APP_ID and PINTEREST_APP_SECRET as well."
            )
        if show_secrets and not (sys.stdout.isatty() or to_a_pipe):
            raise UsageError("standard output is no terminal", "Add --to-a-pipe: a renewed login must not be lost.")
        asyncio.run(found.access.tokens.renewed(login.access))
        login = found.store.load() or login
    values = variables(login, found.app)
    if not show_secrets:
        for name in values:
            click.echo(name)
        terminal.note("Give CI secrets of these names; `pinsync auth export --show-secrets` prints their values.")
    elif sys.stdout.isatty() or to_a_pipe:
        for name, value in values.items():
            click.echo(f"{name}={value.reveal()}")
    else:
        raise UsageError(
            "standard output is no terminal: the secrets might end up in a file or a log",
            "Add --to-a-pipe if you mean it.",
        )
    if "PINTEREST_REFRESH_TOKEN" in values:
        terminal.note(
            "A refresh token works once: whoever renews the login first, this machine or CI, ends it for the other. Client "
            "credentials (PINTEREST_APP_ID and PINTEREST_APP_SECRET alone) do not have that trouble, where CI works for the "
            "account that owns the app."
        )


def _settings(environment: str | None) -> Settings:
    """The settings of the content root here, if there is one, with the environment that was asked for."""
    from dataclasses import replace
    from pathlib import Path

    from pinsync.content.locating import find_root
    from pinsync.content.settings import Settings, load_settings
    from pinsync.errors import ContentError, UsageError

    try:
        root = find_root(Path())
    except UsageError:
        settings = Settings(Path())
    else:
        settings, problems = load_settings(root)
        if problems:
            raise ContentError(problems, root)
    return replace(settings, environment=environment) if environment else settings


def _signed_in(terminal: Terminal, settings: Settings, profile: str | None) -> tuple[str, SignedIn]:
    from pinsync.accounts.signing_in import profile_for, sign_in

    name = profile or profile_for(settings.profile, os.environ)
    return name, sign_in(settings.environment, name, os.environ, terminal.tell)


def _pacer(settings: Settings, usage: Usage | None) -> Pacer:
    from datetime import UTC, datetime

    from pinsync.pinterest.limits import limits_for
    from pinsync.pinterest.pacing import Timing
    from pinsync.pinterest.usage import pacer_for

    return pacer_for(limits_for(settings.tier, settings.rates), Timing(), usage, lambda: datetime.now(UTC))


def _account(access: Access, pacer: Pacer) -> Account:
    """Who the token acts for. Raises ApiError."""
    import asyncio

    from pinsync.pinterest.client import Client
    from pinsync.pinterest.operations import get_account

    async def ask() -> Account:
        async with Client(access, pacer) as client:
            return await client.send(get_account())

    return asyncio.run(ask())


def _consent(
    terminal: Terminal, access: Access, app: App, scopes: tuple[str, ...], port: int, no_browser: bool
) -> tuple[Secret, str]:
    """The code that a person's consent gave, and the redirect address it was given for."""
    import webbrowser

    from pinsync.accounts.consent import PATIENCE, Redirect, code_in, consent_url, new_state, redirect_uri

    state = new_state()
    address = consent_url(access, app.id, port, scopes, state)
    if no_browser:
        terminal.tell("Open this address in any browser and allow it:")
        terminal.tell(address)
        terminal.tell(
            f"It ends at an address that begins with {redirect_uri(port)} and that the browser may not reach."
        )
        pasted = _ask_hidden("Paste that address here (it is not shown)")
        return code_in(pasted.reveal(), state), redirect_uri(port)
    with Redirect(port, state) as redirect:
        terminal.tell("Asking for consent in the browser. If none opens, open this address:")
        terminal.tell(address)
        webbrowser.open(address)
        terminal.tell(f"Waiting for the answer, for up to {PATIENCE / 60:g} minutes.")
        return redirect.wait(), redirect_uri(port)


def _ask_for_app() -> App:
    from pinsync.accounts.login import App
    from pinsync.errors import UsageError
    from pinsync.pinterest.credentials import is_secret

    click.echo("The app is one of https://developers.pinterest.com/apps/, with its id and its secret.", err=True)
    app = App(_ask("App id", click.prompt).reveal(), _ask_hidden("App secret (it is not shown)"))
    if not (app.id and app.secret.reveal() and is_secret(app.secret)) or ":" in app.id:
        raise UsageError(
            "that is not the id and the secret of an app",
            "Copy each alone, or set PINTEREST_APP_ID and PINTEREST_APP_SECRET.",
        )
    return app


def _ask_hidden(question: str) -> Secret:
    return _ask(question, lambda text, **more: click.prompt(text, hide_input=True, **more))


def _ask(question: str, prompt: Callable[..., Any]) -> Secret:
    """What a person types, or else the next line of standard input."""
    from pinsync.pinterest.credentials import Secret

    if sys.stdin.isatty():
        return Secret(str(prompt(question, err=True)).strip())
    click.echo(f"{question}:", err=True)
    return Secret(sys.stdin.readline().strip())


def _revoke(terminal: Terminal, access: Access, login: Login, app: App | None) -> None:
    """Has Pinterest end the tokens. Raises ApiError where it could not be asked."""
    from pinsync.accounts.login import NOTHING
    from pinsync.accounts.oauth import OAuth
    from pinsync.errors import InDoubt, NotDone, Refused

    app = app or login.app
    if app is None:
        return
    oauth = OAuth(access.base_url)
    try:
        for token, hint in ((login.refresh, "refresh_token"), (login.access, "access_token")):
            if token != NOTHING:
                oauth.revoke(app, token, hint)
    except Refused as error:
        terminal.tell(
            f"Warning: Pinterest did not revoke the tokens: {error.message}. They end by themselves; to end them now, take "
            "the app's access away in the security settings of the account on pinterest.com."
        )
    except (NotDone, InDoubt) as error:
        raise NotDone(
            f"the tokens could not be revoked, and are still here: {error.message}",
            "Try again later, or only remove them here with --local.",
        ) from None


def _remind(terminal: Terminal) -> None:
    """Says that variables come first, where there are some."""
    from pinsync.accounts.signing_in import REFRESH_TOKEN
    from pinsync.pinterest.credentials import TOKEN

    given = [name for name in (TOKEN, REFRESH_TOKEN) if os.environ.get(name)]
    if given:
        terminal.note(f"Note: {' and '.join(given)} in the environment come first, whatever is stored.")

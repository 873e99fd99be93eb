"""One renewal at a time: among tasks, among processes, and in the middle of an apply."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from pinsync.accounts.login import App, Login
from pinsync.accounts.renewing import Renewing
from pinsync.accounts.stores import InFile, Unsaved
from pinsync.accounts.whose import Whose
from pinsync.applying.outcome import Result
from pinsync.emulator.app import create_app
from pinsync.emulator.settings import EmulatorSettings
from pinsync.errors import CredentialsRefused, NotDone, StateError
from pinsync.model.policies import Policies
from pinsync.pinterest.credentials import Access, Secret
from pinsync.session import Session
from tests.accounts.office import APP, Office, lose
from tests.videos import video
from tests.world import BOARDS, World


class Desk:
    """An office, a file with a login of it, and the tokens of a run."""

    def __init__(self, folder: Path) -> None:
        self.office = Office(folder)
        self.store = InFile(folder / "accounts" / "login.json")
        self.login = self.office.login()
        self.store.save(self.login)
        self.told: list[str] = []
        self.tokens = self.run()

    def run(self) -> Renewing:
        """The tokens of another run on the same machine."""
        return Renewing(
            self.login, self.store, self.office.oauth, tell=self.told.append, now=lambda: self.office.moment
        )

    def token(self) -> Secret:
        return asyncio.run(self.tokens.token())

    @property
    def renewals(self) -> int:
        return self.office.wire.asked.count("refresh_token")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_token_is_used_as_long_as_it_is_good(desk: Desk) -> None:
    desk.office.wait(days=29)
    assert desk.token() == desk.login.access
    assert desk.renewals == 0


def test_a_token_is_renewed_before_its_end_and_saved_before_it_is_used(desk: Desk) -> None:
    desk.office.wait(days=30, minutes=-4)
    token = desk.token()
    kept = desk.store.load()
    assert kept
    assert desk.office.works(token)
    assert kept.access == token != desk.login.access
    assert (kept.refresh, kept.app) != (desk.login.refresh, None)
    assert desk.token() == token
    assert desk.renewals == 1


def test_a_refused_token_is_renewed_once_for_many_calls(desk: Desk) -> None:
    async def calls() -> list[Secret]:
        return await asyncio.gather(*(desk.tokens.renewed(desk.login.access) for _ in range(32)))

    assert len({token.reveal() for token in asyncio.run(calls())}) == 1
    assert desk.renewals == 1


def test_a_run_uses_what_another_renewed(desk: Desk) -> None:
    other = desk.run()
    desk.office.wait(days=31)
    assert asyncio.run(other.token()) == desk.token()
    assert desk.renewals == 1


def test_a_refusal_is_asked_for_once_and_names_the_way_out(desk: Desk) -> None:
    desk.office.oauth.revoke(APP, desk.login.refresh, "refresh_token")

    async def calls() -> list[Any]:
        return await asyncio.gather(*(desk.tokens.renewed(desk.login.access) for _ in range(8)), return_exceptions=True)

    errors = asyncio.run(calls())
    assert all(isinstance(error, CredentialsRefused) and "pinsync auth login" in error.advice for error in errors)
    assert desk.renewals == 1
    assert desk.store.load() == desk.login


def test_a_login_that_was_removed_meanwhile_is_over(desk: Desk) -> None:
    desk.store.remove()
    with pytest.raises(CredentialsRefused, match="removed"):
        asyncio.run(desk.tokens.renewed(desk.login.access))


def test_an_early_renewal_that_fails_leaves_the_good_token_in_use(desk: Desk) -> None:
    desk.office.wait(days=30, minutes=-4)
    desk.office.wire.before = lose
    assert desk.token() == desk.login.access
    assert len(desk.told) == 1
    asked = desk.renewals
    assert desk.token() == desk.login.access
    assert desk.renewals == asked
    desk.office.wait(minutes=4)
    with pytest.raises(NotDone):
        desk.token()
    assert desk.store.load() == desk.login
    desk.office.wire.before = lambda: None
    assert desk.office.works(desk.token())


def test_a_store_that_cannot_be_written_does_not_cost_the_refresh_token(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(file: Path, text: str) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pinsync.accounts.stores.replace_synced", full)
    with pytest.raises(StateError, match="No space left"):
        asyncio.run(desk.tokens.renewed(desk.login.access))
    assert desk.renewals == 0


def test_a_renewal_goes_on_to_its_end_when_the_run_is_stopped(desk: Desk) -> None:
    begun, stopped = threading.Event(), threading.Event()
    desk.office.wire.before = lambda: (begun.set(), stopped.wait(10))[0]

    async def run() -> None:
        task = asyncio.ensure_future(desk.tokens.renewed(desk.login.access))
        await asyncio.to_thread(begun.wait, 10)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        stopped.set()

    asyncio.run(run())
    kept = desk.store.load()
    assert kept
    assert kept.refresh != desk.login.refresh
    assert desk.office.works(kept.access)


def test_tokens_of_the_environment_are_renewed_in_memory_with_a_warning(desk: Desk) -> None:
    login = Login(Secret("pina_old"), desk.login.refresh, APP)
    tokens = Renewing(login, Unsaved(login, desk.told.append), desk.office.oauth, APP, desk.told.append)
    token = asyncio.run(tokens.renewed(login.access))
    assert desk.office.works(token)
    assert len(desk.told) == 1
    assert "PINTEREST_REFRESH_TOKEN" in desk.told[0]
    assert not any(text in desk.told[0] for text in (token.reveal(), login.refresh.reveal()))


def test_the_app_itself_gets_its_first_token_when_it_is_needed(desk: Desk) -> None:
    login = Login(Secret(""), app=APP)
    tokens = Renewing(login, Unsaved(login, desk.told.append), desk.office.oauth, now=lambda: desk.office.moment)
    assert desk.office.works(asyncio.run(tokens.token()))
    assert desk.office.wire.asked[1:] == ["client_credentials"]
    assert not desk.told


_RUN = """
import asyncio, sys
from pathlib import Path
from pinsync.accounts.oauth import OAuth
from pinsync.accounts.renewing import Renewing
from pinsync.accounts.stores import InFile

store = InFile(Path(sys.argv[1]))
tokens = Renewing(store.load(), store, OAuth(sys.argv[2]))
print(flush=True)
sys.stdin.readline()

async def calls():
    return await asyncio.gather(*(tokens.token() for _ in range(8)))

print(*{token.reveal() for token in asyncio.run(calls())})
"""


@contextmanager
def counter() -> Iterator[tuple[str, list[str]]]:
    """A server that rotates refresh tokens, and the ones it was shown."""
    shown: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            shown.append(form["refresh_token"][0])
            body = {"access_token": f"pina_{len(shown)}", "refresh_token": f"pinr_{len(shown)}", "expires_in": 86400}
            data = json.dumps(body).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/v5", shown
        server.shutdown()


PROCESSES = int(os.environ.get("PROCESSES", "3"))
"""How many processes find a token expired at once; `make chaos` sets 32."""


def test_all_calls_of_all_processes_on_an_expired_token_renew_it_once(tmp_path: Path) -> None:
    file = tmp_path / "login.json"
    past = datetime.now(UTC) - timedelta(days=1)
    InFile(file).save(Login(Secret("pina_0"), Secret("pinr_0"), App("1", Secret("x")), past, past))
    with counter() as (url, shown):
        runs = [
            subprocess.Popen([sys.executable, "-c", _RUN, file, url], stdin=-1, stdout=-1, text=True)
            for _ in range(PROCESSES)
        ]
        for run in runs:
            assert run.stdout
            assert run.stdout.readline() == "\n"  # all of them have read the expired login
        for run in runs:
            assert run.stdin
            run.stdin.write("\n")
            run.stdin.flush()
        outputs = [run.communicate(timeout=60)[0].strip() for run in runs]
    assert outputs == ["pina_1"] * PROCESSES
    assert shown == ["pinr_0"]


class LoggedIn(World):
    """A world whose runs use a login that is renewed, and whose tokens live for two minutes."""

    def begin(self) -> None:
        settings = EmulatorSettings(
            data=self.data,
            clock=lambda: self.moment.timestamp(),
            limits={"universal": (), "org_read": (), "org_write": ()},
            token_lifetime=120,
        )
        self.app = create_app(settings)
        self.network = type(self.network)(self.app)
        self.office = Office(self.folder, app=self.app)
        self.store = InFile(self.folder / "accounts" / "login.json")
        self.office.oauth = replace(self.office.oauth, now=lambda: self.moment)
        self.store.save(self.office.login())

    def session(self, *args: Any) -> Session:
        session = super().session(*args)
        login = self.store.load()
        assert login
        tokens = Renewing(login, self.store, self.office.oauth, now=lambda: self.moment)
        return replace(session, access=replace(session.access, tokens=tokens))


@pytest.fixture
def world(tmp_path: Path) -> LoggedIn:
    world = LoggedIn(tmp_path)
    world.begin()
    world.write({"boards.yaml": BOARDS})
    for number in range(4):
        world.pin(f"pin-{number}", f"board: soups\nsection: autumn\ntitle: Soup {number}\n", f"#{number}04080")
    return world


def test_an_apply_succeeds_though_the_token_ends_during_every_second_call(world: LoggedIn) -> None:
    world.write({"pinsync.yaml": "environment: emulator\ntier: standard\nconcurrency: 1\n"})
    inner = world.network.handle_async_request
    statuses: list[int] = []

    async def late(request: httpx.Request) -> httpx.Response:
        world.wait(90)
        response = await inner(request)
        statuses.append(response.status_code)
        return response

    world.network.handle_async_request = late  # type: ignore[method-assign]
    outcomes = world.apply()
    assert {outcome.result for outcome in outcomes} == {Result.DONE}
    assert len(world.live("/pins")) == 4
    assert 4 < statuses.count(401) == world.office.wire.asked.count("refresh_token")


def test_an_apply_succeeds_though_the_token_has_ended_at_each_of_its_calls(world: LoggedIn) -> None:
    world.write(
        {
            "long.yaml": "board: soups\ntitle: Long\ncarousel: [{image: pin-0.jpg}, {image: pin-1.jpg}]\n",
            "moving.yaml": "board: soups\ntitle: Moving\nvideo: moving.mp4\n",
            "moving.mp4": video(),
        }
    )
    inner = world.network.handle_async_request
    seen: set[tuple[str, str, bytes]] = set()

    async def refuse_first(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/uploads/":
            return await inner(request)  # storage sees no token
        call = (request.method, str(request.url), request.content)
        if call not in seen:
            seen.add(call)
            return httpx.Response(401, json={"code": 2, "message": "Authentication failed."})
        return await inner(request)

    world.network.handle_async_request = refuse_first  # type: ignore[method-assign]
    assert {outcome.result for outcome in world.apply()} == {Result.DONE}
    assert len(world.live("/pins")) == 6
    assert not world.plan().to_do
    seen.clear()
    world.pin("pin-0", "board: soups\nsection: autumn\ntitle: Another\n", "#004080")
    (world.root / "pin-1.yaml").unlink()
    saved = world.live("/pins")[0]["id"]
    world.write({"saved.yaml": f"board: bakes\nsave: '{saved}'\n"})
    world.policies = Policies(prune=True)
    assert [outcome.change.action.value for outcome in world.apply()] == ["update", "create", "delete"]
    assert len(world.live("/pins")) == 6
    assert not world.plan().to_do


def test_a_run_whose_login_is_revoked_stops_with_one_reason_and_leaves_nothing_in_doubt(world: LoggedIn) -> None:
    login = world.store.load()
    assert login
    posts: list[httpx.Request] = []
    inner = world.network.handle_async_request

    async def revoke(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            posts.append(request)
            if len(posts) == 3:
                await asyncio.to_thread(world.office.oauth.revoke, APP, login.refresh, "refresh_token")
        return await inner(request)

    world.network.handle_async_request = revoke  # type: ignore[method-assign]
    outcomes = world.apply()
    assert {outcome.result for outcome in outcomes} == {Result.DONE, Result.FAILED, Result.SKIPPED}
    assert not world.state().pending
    failed = [outcome for outcome in outcomes if outcome.result is Result.FAILED]
    assert all("pinsync auth login" in outcome.advice for outcome in failed)
    assert world.office.wire.asked.count("refresh_token") == 1


def test_a_token_of_the_environment_is_asked_once_whose_it_is(world: LoggedIn) -> None:
    def session(account: str = "") -> Session:
        access = Access("elsewhere", "http://127.0.0.1:1/v5", Secret("emulator"))
        found = replace(World.session(world), access=access, whose=Whose(world.folder / "home"))
        if account:
            found.whose.note(Secret("emulator"), account)  # type: ignore[union-attr]
        return found

    world.write({"pinsync.yaml": "environment: production\n"})
    world.session = lambda *args: session()  # type: ignore[method-assign]
    world.network.requests.clear()
    world.apply()
    world.plan()
    asked = [request.url.path for request in world.network.requests].count("/v5/user_account")
    assert asked == 1
    assert world.state().account
    assert "emulator" not in (world.folder / "home" / "tokens.json").read_text()
    world.session = lambda *args: session("1")  # type: ignore[method-assign]
    with pytest.raises(StateError, match="but the login is that of 1"):
        world.plan()


def test_a_state_is_refused_to_another_account(world: LoggedIn) -> None:
    def as_account(account: str) -> Session:
        session = LoggedIn.session(world)
        return replace(session, access=replace(session.access, account=account))

    world.session = lambda *args: as_account("1")  # type: ignore[method-assign]
    world.apply()
    assert world.state().account == "1"
    with pytest.raises(StateError, match="belongs to the account 1, but the login is that of 2"):
        as_account("2").read_state()
    assert as_account("1").read_state().account == as_account("").read_state().account == "1"

"""One renewal at a time: among tasks, among runs, and in the middle of an apply."""

from __future__ import annotations

import asyncio
import shutil
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from pinsync.accounts.login import Login
from pinsync.accounts.renewing import Renewing
from pinsync.accounts.stores import InFile, Unsaved
from pinsync.applying.outcome import Outcome, Result
from pinsync.emulator.app import create_app
from pinsync.emulator.settings import EmulatorSettings
from pinsync.emulator.tokens import ACCOUNT
from pinsync.errors import CredentialsRefused, NotDone, StateError
from pinsync.model.policies import Policies
from pinsync.pinterest.credentials import Secret
from pinsync.session import Session
from tests.accounts.office import APP, Office, lose
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


def test_an_apply_succeeds_though_every_call_is_refused_once(world: LoggedIn) -> None:
    inner = world.network.handle_async_request
    seen: set[tuple[str, str, bytes]] = set()

    async def refuse_first(request: httpx.Request) -> httpx.Response:
        call = (request.method, str(request.url), request.content)
        if call not in seen:
            seen.add(call)
            return httpx.Response(401, json={"code": 2, "message": "Authentication failed."})
        return await inner(request)

    world.network.handle_async_request = refuse_first  # type: ignore[method-assign]
    outcomes = world.apply()
    assert {outcome.result for outcome in outcomes} == {Result.DONE}
    assert len(world.live("/pins")) == 4
    assert not world.plan().to_do


class Expiry:
    """Copies of a world whose apply creates, changes and deletes, with a token that ends just before one of its calls."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        (folder / "first").mkdir()
        world = LoggedIn(folder / "first", policies=Policies(prune=True))
        world.begin()
        world.write({"boards.yaml": BOARDS})
        world.pin("changed", "board: soups\ntitle: Before\n").pin("gone", "board: soups\ntitle: Gone\n", "#102030")
        world.apply()
        (world.root / "gone.yaml").unlink()
        world.pin("changed", "board: soups\ntitle: After\n").pin(
            "new", "board: bread\nsection: rye\ntitle: New\n", "#203040"
        )
        world.write({
            "bread.yaml": "boards: [{key: bread, name: Bread, sections: [{key: rye, name: Rye}]}]\n",
            "several.yaml": "board: bread\ntitle: Several\ncarousel: [{image: new.jpg}, {image: changed.jpg}]\n",
        })  # fmt: skip
        world, outcomes = self.run(0, 1)
        self.check(world, outcomes)
        self.calls = len(world.network.requests)

    def run(self, at: int, concurrency: int, lost: str = "") -> tuple[LoggedIn, list[Outcome]]:
        """An apply whose token ends before its ``at``-th call; the world and the outcomes. ``lost`` says what
        becomes of the first attempt to renew it: nothing arrives ``before`` or ``after`` it was carried out."""
        folder = self._folder / f"{at}-{concurrency}-{lost}"
        shutil.copytree(self._folder / "first", folder)
        world = LoggedIn(folder, policies=Policies(prune=True))
        world.begin()
        world.write({"pinsync.yaml": f"environment: emulator\ntier: standard\nconcurrency: {concurrency}\n"})
        inner = world.network.handle_async_request
        calls = 0

        def lose_once() -> None:
            setattr(world.office.wire, lost, lambda: None)
            lose()

        async def late(request: httpx.Request) -> httpx.Response:
            nonlocal calls
            calls += 1
            if calls == at:
                world.wait(120)
                if lost:
                    setattr(world.office.wire, lost, lose_once)
            return await inner(request)

        world.network.handle_async_request = late  # type: ignore[method-assign]
        return world, world.apply()

    def check(self, world: LoggedIn, outcomes: list[Outcome]) -> None:
        """All is as declared, and nothing is there twice."""
        assert {outcome.result for outcome in outcomes} == {Result.DONE}
        assert sorted(pin["title"] for pin in world.live("/pins")) == ["After", "New", "Several"]
        assert sorted(board["name"] for board in world.live("/boards")) == ["Bakes", "Bread", "Weeknight soups"]
        assert not world.state().pending


@pytest.fixture(scope="module")
def expiry(tmp_path_factory: pytest.TempPathFactory) -> Expiry:
    return Expiry(tmp_path_factory.mktemp("expiry"))


@pytest.mark.parametrize("concurrency", [1, 4])
def test_an_apply_succeeds_whichever_of_its_calls_the_token_ends_before(expiry: Expiry, concurrency: int) -> None:
    assert expiry.calls > 8
    for at in range(1, expiry.calls + 1):
        world, outcomes = expiry.run(at, concurrency)
        expiry.check(world, outcomes)
        assert world.office.wire.asked.count("refresh_token") == 1


def test_a_renewal_that_is_lost_costs_at_most_a_login_and_never_a_pin(expiry: Expiry) -> None:
    world, outcomes = expiry.run(expiry.calls - 2, 4, "before")
    expiry.check(world, outcomes)
    for at in (expiry.calls - 4, expiry.calls):
        world, outcomes = expiry.run(at, 4, "after")
        failed = [outcome for outcome in outcomes if outcome.result is not Result.DONE]
        assert failed
        assert "told nobody" in failed[0].message
        assert "pinsync auth login" in failed[0].advice
        assert not world.state().pending
        world.store.save(world.office.login())
        expiry.check(world, world.apply())


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


def test_a_token_alone_is_asked_whose_it_is_before_anything_is_written_or_given_up(world: LoggedIn) -> None:
    world.apply()
    assert world.state().account == ACCOUNT.account_id
    asked = [request.url.path for request in world.network.requests].count("/v5/user_account")
    assert asked == 1
    state = world.root / ".pinsync" / "state.json"
    state.write_text(state.read_text().replace(ACCOUNT.account_id, "1"))
    sent = len(world.network.requests)
    assert not world.plan().to_do
    assert "/v5/user_account" not in [request.url.path for request in world.network.requests[sent:]]

    world.request("DELETE", f"/pins/{world.state().resources['pin.pin-1'].id}")
    with pytest.raises(StateError, match="belongs to the account 1, but the login is that of 549755885175000001"):
        world.plan()
    world.pin("pin-0", "board: soups\nsection: autumn\ntitle: Other\n", "#004080")
    plan, session = world.plan(refresh=False), world.session()

    async def run() -> None:
        async with session.client() as client:
            await session.apply(plan, session.read_state(), client, lambda outcome: None)

    with pytest.raises(StateError, match="belongs to the account 1"):
        asyncio.run(run())
    assert {request.method for request in world.network.requests[sent:]} == {"GET"}

"""Codes, refresh tokens and the app itself against the emulator, and over a network that fails."""

from __future__ import annotations

import logging
import traceback
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from pinsync.accounts.login import NOTHING, App, Login, dump, parse
from pinsync.accounts.oauth import SCOPES, OAuth
from pinsync.errors import ApiError, CredentialsRefused, InDoubt, NotDone
from pinsync.pinterest.credentials import Secret
from tests.accounts.office import APP, BASE, REDIRECT, Office, lose


def test_a_code_gives_tokens_that_last_as_long_as_the_answer_says(tmp_path: Path) -> None:
    office = Office(tmp_path)
    login = office.login()
    assert office.works(login.access)
    assert login.refresh != NOTHING
    assert set(login.scopes) == set(SCOPES)
    assert login.expires_at == office.moment + timedelta(days=30)
    assert login.refresh_expires_at == office.moment + timedelta(days=60)
    assert office.wire.forms[0]["continuous_refresh"] == "true"


def test_a_person_without_a_refresh_token_is_not_followed_by_the_app() -> None:
    answer = {"access_token": "pina_x", "expires_in": 60, "scope": "pins:read,boards:read"}
    oauth = OAuth(BASE, httpx.MockTransport(lambda request: httpx.Response(200, json=answer)))
    login = oauth.redeem(APP, Secret("code"), REDIRECT)
    assert login.app is None
    assert login.scopes == ("pins:read", "boards:read")


def test_a_renewal_uses_the_refresh_token_up_and_keeps_the_rest(tmp_path: Path) -> None:
    office = Office(tmp_path)
    login = office.login()
    renewed = office.oauth.renewed(login, APP)
    assert office.works(renewed.access)
    assert renewed.refresh not in (login.refresh, NOTHING)
    assert renewed.app == login.app
    with pytest.raises(CredentialsRefused, match="grant is invalid"):
        office.oauth.renewed(login, APP)


def test_the_app_asks_in_its_own_name_without_a_refresh_token(tmp_path: Path) -> None:
    office = Office(tmp_path)
    login = office.oauth.own(APP, SCOPES)
    again = office.oauth.renewed(login, APP)
    assert office.works(again.access)
    assert login.refresh == again.refresh == NOTHING
    assert again.access != login.access


def test_what_is_revoked_opens_nothing_any_more(tmp_path: Path) -> None:
    office = Office(tmp_path)
    login = office.login()
    office.oauth.revoke(APP, login.refresh, "refresh_token")
    assert not office.works(login.access)


def test_a_wrong_secret_is_explained(tmp_path: Path) -> None:
    office = Office(tmp_path)
    with pytest.raises(CredentialsRefused) as caught:
        office.oauth.own(App(APP.id, Secret("wrong")), SCOPES)
    assert "PINTEREST_APP_SECRET" in caught.value.advice


def test_a_lost_answer_is_asked_for_once_more_with_the_same_token(tmp_path: Path) -> None:
    office = Office(tmp_path)
    login = office.login()
    failures = [lose]
    office.wire.before = lambda: failures.pop()() if failures else None
    renewed = office.oauth.renewed(login, APP)
    assert office.works(renewed.access)
    assert [form["refresh_token"] for form in office.wire.forms[1:]] == [login.refresh.reveal()] * 2


def test_a_renewal_that_was_carried_out_and_lost_says_so(tmp_path: Path) -> None:
    office = Office(tmp_path)
    login = office.login()
    failures = [lose]
    office.wire.after = lambda: failures.pop()() if failures else None
    with pytest.raises(CredentialsRefused, match="may have renewed the login and told nobody") as caught:
        office.oauth.renewed(login, APP)
    assert "pinsync auth login" in caught.value.advice


MARK = "s3cr3t-mark"
FAILURES: dict[str, object] = {
    "connect": httpx.ConnectError(f"no route {MARK}"),
    "lost": httpx.ReadTimeout(MARK),
    "400": httpx.Response(400, json={"code": 283, "message": f"{MARK} is wrong"}),
    "401": httpx.Response(401, json={"code": 2, "message": f"{MARK} is wrong"}),
    "429": httpx.Response(429, json={"code": 8, "message": MARK}),
    "503": httpx.Response(503, text=MARK),
    "not JSON": httpx.Response(200, text=MARK),
    "no token": httpx.Response(200, json={"refresh_token": MARK}),
    "another shape": httpx.Response(200, json={"access_token": [MARK], "expires_in": 1}),
    "no time": httpx.Response(200, json={"access_token": MARK, "refresh_token": MARK, "expires_in": MARK}),
    "a list": httpx.Response(200, json=[MARK]),
}


APP_OF_MARK = App("1", Secret(MARK))
ACTS = {
    "redeem": lambda oauth: oauth.redeem(APP_OF_MARK, Secret(MARK), REDIRECT),
    "renewed": lambda oauth: oauth.renewed(Login(Secret(MARK), Secret(MARK)), APP_OF_MARK),
    "revoke": lambda oauth: oauth.revoke(APP_OF_MARK, Secret(MARK), "refresh_token"),
}
# A revocation needs no content.
CASES = [
    (act, name)
    for act in ACTS
    for name in FAILURES
    if act != "revoke" or name in ("connect", "lost", "401", "429", "503")
]


@pytest.mark.parametrize(("act", "failure"), CASES)
def test_no_failure_is_taken_for_doubt_about_a_call_or_shows_a_secret(
    act: str, failure: str, caplog: pytest.LogCaptureFixture
) -> None:
    effect = FAILURES[failure]

    def answer(request: httpx.Request) -> httpx.Response:
        if isinstance(effect, httpx.Response):
            return httpx.Response(effect.status_code, content=effect.content)
        raise effect  # type: ignore[misc]

    with caplog.at_level(logging.DEBUG, logger="pinsync"), pytest.raises(ApiError) as caught:
        ACTS[act](OAuth(BASE, httpx.MockTransport(answer)))
    assert act == "revoke" or not isinstance(caught.value, InDoubt)
    error: BaseException | None = caught.value
    while error is not None:
        trace = traceback.TracebackException(type(error), error, error.__traceback__, capture_locals=True)
        frames = [str(frame.locals) for frame in trace.stack if "tests" not in frame.filename]
        assert MARK not in f"{frames}{error}{error.args}{vars(error)}"
        error = error.__cause__ or error.__context__
    assert MARK not in "".join(record.getMessage() for record in caplog.records if record.name.startswith("pinsync"))


def test_passing_trouble_is_told_from_what_only_a_person_can_mend() -> None:
    for status, kind in ((429, NotDone), (500, NotDone), (400, CredentialsRefused), (401, CredentialsRefused)):
        oauth = OAuth(BASE, httpx.MockTransport(lambda request, status=status: httpx.Response(status)))
        with pytest.raises(kind):
            oauth.renewed(Login(NOTHING, Secret("pinr_x")), APP)


def test_a_login_survives_being_written_and_read(tmp_path: Path) -> None:
    login = Office(tmp_path).login()
    assert parse(dump(login)) == login
    assert login.refresh.reveal() not in repr(login)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", "null", '{"format_version": 2}', '{"format_version": 1}', "[" * 100_000]
)
def test_what_is_no_login_is_none(text: str) -> None:
    assert parse(Secret(text)) is None


def test_a_token_is_renewed_a_little_before_its_end(tmp_path: Path) -> None:
    office = Office(tmp_path)
    login = office.login()
    assert login.expires_at
    end = login.expires_at
    cases = [(-400, False, False), (-299, True, False), (0, True, True)]
    for seconds, due, over in cases:
        moment = end + timedelta(seconds=seconds)
        assert (login.is_due(moment), login.is_over(moment)) == (due, over)
    assert not Login(Secret("given")).is_due(end)
    assert Login(NOTHING).is_due(end)

"""``pinsync auth`` against an emulator, with a person at the browser."""

from __future__ import annotations

import json

import httpx
import pytest

from pinsync.accounts.stores import InFile
from pinsync.emulator.registration import APP_ID, APP_SECRET
from tests.cli.machine import APP, Machine, free_port


def test_the_life_of_a_login(machine: Machine) -> None:
    login = machine.pinsync("auth", "login", "--port", free_port())
    assert "Logged in to emulator as emulator" in login.output, login.output
    assert "Asking for consent" in login.output
    assert "POST /oauth/token -> 200" in login.output  # so that the search for secrets sees the log
    assert machine.answers == [200, 200]
    kept = machine.store.load()
    assert kept
    assert kept.account_id

    status = machine.pinsync("auth", "status", "--format", "json", PINTEREST_APP_ID="", PINTEREST_APP_SECRET="")
    told = json.loads(status.stdout)
    assert told["account"]["id"] == kept.account_id
    assert (told["environment"], told["profile"], told["tier"]) == ("emulator", "default", "trial")
    assert told["tier_from"] == "pinsync.yaml"
    # That of the login, and this one.
    assert told["quota"]["all calls"] == {"used": 2, "limit": 1_000, "seconds": 86_400, "left": 998}
    assert told["quota"]["writes"]["left"] == 300
    assert told["kept_in"] == machine.store.where
    assert told["refresh_token"]["expires_at"] > told["access_token"]["expires_at"]
    assert "pins:write" in told["scopes"]
    status = machine.pinsync("auth", "status").output
    assert "user_accounts:read" in status
    assert "0 of 300 used in the last 24 hours; 300 left" in status
    (machine.folder / "work" / "pinsync.yaml").write_text("environment: emulator\ntier: standard\n")
    status = machine.pinsync("auth", "status").output
    assert "trial (so says Pinterest's answer" in status
    assert "no limit a day" in status

    assert machine.pinsync("auth", "refresh").exit_code == 0
    renewed = machine.store.load()
    assert renewed
    assert renewed.access != kept.access

    assert "--to-a-pipe" in str(machine.pinsync("auth", "export", "--renew", "--show-secrets").exception.advice)  # type: ignore[union-attr]
    anew = machine.pinsync("auth", "export", "--renew", "--show-secrets", "--to-a-pipe", secret=False)
    renewed = machine.store.load()
    assert renewed
    assert f"PINTEREST_REFRESH_TOKEN={renewed.refresh.reveal()}\n" in anew.stdout
    named = machine.pinsync("auth", "export")
    assert named.stdout.split() == [*APP, "PINTEREST_ACCESS_TOKEN", "PINTEREST_REFRESH_TOKEN"]
    refused = machine.pinsync("auth", "export", "--show-secrets")
    assert "no terminal" in str(refused.exception)
    shown = machine.pinsync("auth", "export", "--show-secrets", "--to-a-pipe", secret=False)
    assert f"PINTEREST_REFRESH_TOKEN={renewed.refresh.reveal()}\n" in shown.stdout

    assert "Logged out of emulator" in machine.pinsync("auth", "logout").output
    assert machine.store.load() is None
    headers = {"Authorization": f"Bearer {renewed.access.reveal()}"}
    assert httpx.get(f"{machine.origin}/v5/user_account", headers=headers).status_code == 401
    assert "Nobody is logged in" in machine.pinsync("auth", "logout").output


def test_an_address_is_pasted_where_there_is_no_browser(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    def paste(question: str) -> object:
        from pinsync.pinterest.credentials import Secret

        shown = told[-2]
        return Secret(machine.allow(shown))

    told: list[str] = []
    monkeypatch.setattr("pinsync.cli.Terminal.tell", lambda self, sentence: told.append(sentence))
    monkeypatch.setattr("pinsync.cli.auth._ask_hidden", paste)
    result = machine.pinsync("auth", "login", "--no-browser", "--secret-boards")
    assert "Logged in" in result.output, result.output
    kept = machine.store.load()
    assert kept
    assert "pins:read_secret" in kept.scopes


def test_an_answer_to_another_question_is_refused(machine: Machine) -> None:
    result = machine.pinsync("auth", "login", "--no-browser", typed="http://localhost:8085/?code=s3cr3t&state=x\n")
    assert "not the address" in str(result.exception)
    assert machine.store.load() is None


def test_the_app_may_be_piped_in_and_is_kept_for_renewals(machine: Machine) -> None:
    without = {"PINTEREST_APP_ID": "", "PINTEREST_APP_SECRET": ""}
    typed = f"{APP_ID}\n{APP_SECRET}\n"
    result = machine.pinsync(
        "auth", "login", "--client-credentials", "--profile", "work", typed=typed, secret=False, **without
    )
    assert "profile work" in result.output, result.output
    assert APP_SECRET not in result.output
    machine.store = InFile(machine.folder / "accounts" / "emulator.work.json")
    assert machine.pinsync("--profile", "work", "auth", "refresh", **without).exit_code == 0
    assert machine.pinsync("auth", "export", "--profile", "work", **without).stdout.split() == [*APP]


def test_a_wrong_app_leaves_nothing_behind(machine: Machine) -> None:
    result = machine.pinsync("auth", "login", "--client-credentials", PINTEREST_APP_SECRET="s3cr3t")
    assert "PINTEREST_APP_SECRET" in result.exception.advice  # type: ignore[union-attr]
    assert machine.store.load() is None


def test_variables_cannot_be_renewed_and_say_that_they_come_first(machine: Machine) -> None:
    given = {"PINTEREST_ACCESS_TOKEN": "emulator"}
    assert "come first" in machine.pinsync("auth", "login", "--client-credentials", **given).output
    assert "environment variables" in str(machine.pinsync("auth", "refresh", **given).exception)
    assert "the environment of this run" in machine.pinsync("auth", "status", **given).output


def test_a_login_that_cannot_be_revoked_is_kept_until_local_is_said(machine: Machine) -> None:
    machine.pinsync("auth", "login", "--client-credentials")
    nowhere = f"http://127.0.0.1:{free_port()}/v5"
    assert "still here" in str(machine.pinsync("auth", "logout", PINTEREST_API_URL=nowhere).exception)
    assert machine.store.load()
    assert "Logged out" in machine.pinsync("auth", "logout", "--local", PINTEREST_API_URL=nowhere).output
    assert machine.store.load() is None


def test_a_plan_uses_the_login_and_renews_it_when_it_was_ended(machine: Machine) -> None:
    machine.pinsync("auth", "login", "--client-credentials")
    before = machine.store.load()
    assert before
    form = {"token": before.access.reveal()}
    httpx.post(f"{machine.origin}/v5/oauth/token/revoke", data=form, auth=(APP_ID, APP_SECRET))
    (machine.folder / "work" / "boards.yaml").write_text("boards: [{key: a, name: A}]\n")
    result = machine.pinsync("plan")
    assert result.exit_code == 0
    assert "board.a" in result.output
    after = machine.store.load()
    assert after
    assert after.access != before.access

    assert machine.pinsync("apply", "--auto-approve").exit_code == 0
    state = machine.folder / "work" / ".pinsync" / "state.json"
    state.write_text(state.read_text().replace(after.account_id, "1"))
    refused = machine.pinsync("plan", "--refresh=false")
    assert "belongs to the account 1" in str(refused.exception)

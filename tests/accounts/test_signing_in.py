"""Which login a run uses."""

from __future__ import annotations

from pathlib import Path

import pytest

from pinsync.accounts.exporting import variables
from pinsync.accounts.login import NOTHING, App, Login
from pinsync.accounts.signing_in import sign_in
from pinsync.accounts.stores import FOLDER, stores
from pinsync.errors import UsageError
from pinsync.pinterest.credentials import Secret

APP = App("1", Secret("s"))
KEPT = Login(Secret("pina_kept"), Secret("pinr_kept"), APP, account_id="7")
APP_SET = {"PINTEREST_APP_ID": "2", "PINTEREST_APP_SECRET": "t"}


def tokens(environment: str, folder: Path, profile: str = "default", **environ: str) -> tuple[str, str, bool, str]:
    """Access token, refresh token, whether it can be renewed, and the account that is known."""
    found = sign_in(environment, profile, {FOLDER: str(folder), **environ})
    renewable = found.access.tokens is not None
    return found.login.access.reveal(), found.login.refresh.reveal(), renewable, found.access.account


def test_variables_beat_what_is_stored_and_that_beats_the_app(tmp_path: Path) -> None:
    assert tokens("sandbox", tmp_path, **APP_SET) == ("", "", True, "")
    stores("sandbox", "default", {FOLDER: str(tmp_path)})[0].save(KEPT)
    assert tokens("sandbox", tmp_path, **APP_SET) == ("pina_kept", "pinr_kept", True, "7")
    assert tokens("sandbox", tmp_path, PINTEREST_ACCESS_TOKEN="mine") == ("mine", "", False, "")
    assert tokens("sandbox", tmp_path, PINTEREST_ACCESS_TOKEN="mine", **APP_SET) == ("mine", "", False, "")
    given = {"PINTEREST_ACCESS_TOKEN": "mine", "PINTEREST_REFRESH_TOKEN": "more", **APP_SET}
    assert tokens("sandbox", tmp_path, **given) == ("mine", "more", True, "")
    del given["PINTEREST_ACCESS_TOKEN"]
    assert tokens("sandbox", tmp_path, **given) == ("", "more", True, "")


def test_the_emulator_lets_in_whoever_is_not_logged_in(tmp_path: Path) -> None:
    assert tokens("emulator", tmp_path) == ("emulator", "", False, "")
    stores("emulator", "default", {FOLDER: str(tmp_path)})[0].save(KEPT)
    assert tokens("emulator", tmp_path)[0] == "pina_kept"


def test_a_profile_that_nobody_logged_in_is_no_other_login(tmp_path: Path) -> None:
    stores("production", "default", {FOLDER: str(tmp_path)})[0].save(KEPT)
    with pytest.raises(UsageError, match="as the profile work") as caught:
        tokens("production", tmp_path, "work", **APP_SET)
    assert "--profile work" in caught.value.advice


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        ({}, "PINTEREST_ACCESS_TOKEN"),
        ({"PINTEREST_APP_ID": "1"}, "PINTEREST_APP_SECRET"),
        ({"PINTEREST_APP_SECRET": "1"}, "PINTEREST_APP_ID"),
        ({"PINTEREST_REFRESH_TOKEN": "1"}, "PINTEREST_REFRESH_TOKEN"),
        ({"PINTEREST_REFRESH_TOKEN": "1 2"}, "PINTEREST_REFRESH_TOKEN"),
        ({"PINTEREST_APP_ID": "1", "PINTEREST_APP_SECRET": "1\n2"}, "PINTEREST_APP_SECRET"),
    ],
)
def test_what_is_missing_is_named(environ: dict[str, str], named: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=named):
        tokens("production", tmp_path, **environ)


def test_ci_needs_no_tokens_of_the_app_itself() -> None:
    app = ["PINTEREST_APP_ID", "PINTEREST_APP_SECRET"]
    both = ["PINTEREST_ACCESS_TOKEN", "PINTEREST_REFRESH_TOKEN"]
    assert list(variables(KEPT)) == app + both
    assert list(variables(Login(Secret("x"), NOTHING, APP))) == app
    assert list(variables(Login(Secret("x")))) == both[:1]

"""Files and keyrings: what is kept where, and what happens when one of them fails."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from pinsync.accounts.login import App, Login
from pinsync.accounts.stores import FOLDER, InFile, InKeyring, keep, stored, stores
from pinsync.errors import StateError, UsageError
from pinsync.pinterest.credentials import Secret

LOGIN = Login(Secret("pina_mark"), Secret("pinr_mark"), App("1", Secret("app-mark")))


class Keyring:
    """A keyring in memory, which may be locked."""

    priority = 5.0

    def __init__(self) -> None:
        self.entries: dict[tuple[str, str], str] = {}
        self.locked = False

    def _open(self) -> None:
        if self.locked:
            raise RuntimeError(f"locked: {self.entries}")

    def get_password(self, service: str, name: str) -> str | None:
        self._open()
        return self.entries.get((service, name))

    def set_password(self, service: str, name: str, text: str) -> None:
        self._open()
        self.entries[service, name] = text

    def delete_password(self, service: str, name: str) -> None:
        self._open()
        del self.entries[service, name]


@pytest.fixture
def keyring(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Keyring:
    found = Keyring()
    module = SimpleNamespace(get_keyring=lambda: found, __spec__=SimpleNamespace())
    monkeypatch.setitem(sys.modules, "keyring", module)
    monkeypatch.setattr("platformdirs.user_config_path", lambda *args, **more: tmp_path)
    return found


@pytest.mark.skipif(os.name == "nt", reason="Windows has other permissions")
def test_a_file_is_its_owners_alone(tmp_path: Path) -> None:
    [store] = stores("127.0.0.1:8/x", "default", {FOLDER: str(tmp_path / "new")})
    keep([store], LOGIN, print)
    [file] = (tmp_path / "new").glob("*.json")
    assert store.load() == LOGIN
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_environments_and_profiles_have_logins_of_their_own(tmp_path: Path) -> None:
    environ = {FOLDER: str(tmp_path)}
    for environment in ("production", "sandbox"):
        for profile in ("default", "work"):
            found = stores(environment, profile, environ)
            assert stored(found) is None
            keep(found, LOGIN, print)
    assert len(list(tmp_path.glob("*.json"))) == 4


@pytest.mark.parametrize("profile", ["", "../x", "A", "a b", "-a", "x" * 41, "a/b", "a\n"])
def test_a_profile_that_is_no_name_is_refused(profile: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        stores("production", profile, {FOLDER: str(tmp_path)})


def test_a_keyring_comes_first_and_leaves_no_file(keyring: Keyring, tmp_path: Path) -> None:
    found = stores("production", "default", {})
    found[1].save(LOGIN)
    store = keep(found, LOGIN, print)
    assert isinstance(store, InKeyring)
    assert list(keyring.entries) == [("pinsync", "production.default")]
    assert not list(tmp_path.rglob("*.json"))
    assert stored(found) == (store, LOGIN)
    store.remove()
    store.remove()
    assert stored(found) is None


def test_a_locked_keyring_leaves_the_file(keyring: Keyring) -> None:
    keyring.locked = True
    told: list[str] = []
    found = stores("production", "default", {})
    with pytest.raises(StateError, match="keyring cannot be read"):
        stored(found)
    store = keep(found, LOGIN, told.append)
    assert isinstance(store, InFile)
    assert "keyring cannot be written" in told[0]
    assert stored(found) == (store, LOGIN)


def test_what_a_keyring_says_is_not_repeated(keyring: Keyring) -> None:
    [store, _] = stores("production", "default", {})
    store.save(LOGIN)
    keyring.locked = True
    with pytest.raises(StateError) as caught:
        store.save(LOGIN)
    assert "mark" not in f"{caught.value}{caught.value.__context__}{caught.value.__cause__}"


def test_a_keyring_of_no_use_and_a_named_folder_mean_a_file(keyring: Keyring, tmp_path: Path) -> None:
    assert len(stores("production", "default", {FOLDER: str(tmp_path)})) == 1
    keyring.priority = 0
    assert len(stores("production", "default", {})) == 1


def test_a_damaged_file_is_told_and_kept(tmp_path: Path) -> None:
    found = stores("production", "default", {FOLDER: str(tmp_path)})
    file = tmp_path / "production.default.json"
    file.write_text('{"access_token": "pina_mark"')
    with pytest.raises(StateError, match="no login") as caught:
        stored(found)
    assert "pina_mark" not in str(caught.value)
    assert file.exists()

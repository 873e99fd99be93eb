"""Where logins are kept: in the system's keyring, in files that only their owner can read, or nowhere."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol, TypeVar
from urllib.parse import quote

from pinsync.accounts.login import Login, dump, parse
from pinsync.errors import NotDone, StateError, UsageError
from pinsync.pinterest.credentials import Secret
from pinsync.state.durable import replace_synced, told

Answer = TypeVar("Answer")

FOLDER = "PINSYNC_ACCOUNTS"
"""The variable that names a folder for logins; the keyring is left alone then."""

PROFILE = "PINSYNC_PROFILE"
DEFAULT_PROFILE = "default"
_PROFILE = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_SERVICE = "pinsync"
_PATIENCE = 180.0  # longer than a renewal that is sent twice
_WAY_OUT = f"Unlock it, or set {FOLDER} to a folder that only you can read, and log in again."


class Store(Protocol):
    """One place for one login. ``where`` names it to people."""

    where: str

    def load(self) -> Login | None:
        """The login, or None. Raises StateError."""

    def save(self, login: Login) -> None:
        """Puts the login in the place of the one before; it is durable when this returns. Raises StateError."""

    def remove(self) -> None:
        """Takes the login away, if there is one. Raises StateError."""

    def held(self) -> contextlib.AbstractContextManager[None]:
        """Keeps all other processes from renewing this login meanwhile. Raises NotDone after some minutes."""


class InFile:
    """A login in a file of its own."""

    def __init__(self, file: Path) -> None:
        self.where = str(file)
        self._file = file

    def load(self) -> Login | None:
        """The login, or None."""
        with told(self._file, "read"):
            if not self._file.exists():
                return None
            login = parse(Secret(self._file.read_text("utf-8", "replace")))
        if login is None:
            raise StateError(
                f"{self._file} holds no login that this pinsync can read", "Run `pinsync auth login` again."
            )
        return login

    def save(self, login: Login) -> None:
        """Writes the file anew, with the mode 0600."""
        with told(self._file, "written"):
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            replace_synced(self._file, dump(login).reveal())

    def remove(self) -> None:
        """Removes the file."""
        with told(self._file, "removed"):
            self._file.unlink(missing_ok=True)

    def held(self) -> contextlib.AbstractContextManager[None]:
        """By a lock file beside it."""
        return _holding(self._file.with_suffix(".lock"))


class InKeyring:
    """A login in the keyring of the system. ``lock`` is a file, as keyrings have no locks."""

    where = "the system's keyring"

    def __init__(self, name: str, lock: Path, keyring: Any) -> None:
        self._name = name
        self._lock = lock
        self._keyring = keyring

    def load(self) -> Login | None:
        """The login, or None."""
        text: Secret | None = _asked("read", self._text)
        if text is None:
            return None
        login = parse(text)
        if login is None:
            raise StateError("the keyring holds no login that this pinsync can read", "Run `pinsync auth login` again.")
        return login

    def _text(self) -> Secret | None:
        text = self._keyring.get_password(_SERVICE, self._name)
        return Secret(text) if text else None

    def save(self, login: Login) -> None:
        """Replaces the entry."""
        _asked("written", lambda: self._keyring.set_password(_SERVICE, self._name, dump(login).reveal()))

    def remove(self) -> None:
        """Removes the entry."""
        if _asked("read", self._text) is not None:
            _asked("written", lambda: self._keyring.delete_password(_SERVICE, self._name))

    def held(self) -> contextlib.AbstractContextManager[None]:
        """By a lock file in the folder for logins."""
        return _holding(self._lock)


class Unsaved:
    """A login that lives as long as the run: it came from the environment, which nobody but a person can change.

    ``tell`` hears when the refresh token out there is used up.
    """

    where = "the environment of this run"

    def __init__(self, login: Login, tell: Callable[[str], None]) -> None:
        self._login: Login = login
        self._tell = tell

    def load(self) -> Login | None:
        """The login."""
        return self._login

    def save(self, login: Login) -> None:
        """Keeps it for the rest of the run."""
        if login.refresh != self._login.refresh:
            self._tell(
                "Warning: the login was renewed, and with that PINTEREST_REFRESH_TOKEN is used up; the new one ends with "
                "this run. Before the next run, log in again on your machine, and replace the secrets PINTEREST_ACCESS_TOKEN "
                "and PINTEREST_REFRESH_TOKEN. Better: give CI no tokens but PINTEREST_APP_ID and PINTEREST_APP_SECRET "
                "(client credentials), which never need that."
            )
        self._login = login

    def remove(self) -> None:
        """Nothing: the environment is not ours."""

    def held(self) -> contextlib.AbstractContextManager[None]:
        """No other process has it."""
        return contextlib.nullcontext()


def stores(environment: str, profile: str, environ: Mapping[str, str]) -> list[Store]:
    """The places where the login of this environment and profile may be, the preferred one first. Raises UsageError."""
    if not _PROFILE.fullmatch(profile):
        raise UsageError(
            "a profile's name has 1 to 40 lower-case letters, digits, - and _",
            f"Correct --profile, {PROFILE} or `profile`.",
        )
    given = environ.get(FOLDER, "")
    if given and not Path(given).is_absolute():
        raise UsageError(f"{FOLDER} is not a whole path", "Begin it at the root, such as /run/secrets/pinsync.")
    folder = Path(given) if given else _usual_folder()
    name = f"{quote(environment, safe='')}.{profile}"
    found: list[Store] = [InFile(folder / f"{name}.json")]
    keyring = None if given else _keyring()
    if keyring is not None:
        found.insert(0, InKeyring(name, folder / f"{name}.lock", keyring))
    return found


def stored(places: list[Store]) -> tuple[Store, Login] | None:
    """The first of the places that has the login, with it. Raises StateError where none has and one cannot be read."""
    trouble: StateError | None = None
    for store in places:
        try:
            login = store.load()
        except StateError as error:
            trouble = trouble or error
        else:
            if login is not None:
                return store, login
    if trouble:
        raise trouble
    return None


def keep(places: list[Store], login: Login, tell: Callable[[str], None]) -> Store:
    """Saves the login in the first place that takes it, and there alone; says which that is. Raises StateError."""
    for number, store in enumerate(places):
        try:
            with store.held():
                store.save(login)
        except StateError as error:
            if store is places[-1]:
                raise
            tell(f"{error.message}; {places[number + 1].where} is used instead")
        else:
            for other in places[number + 1 :]:
                other.remove()
            return store
    raise AssertionError("unreachable")


def _usual_folder() -> Path:
    from platformdirs import user_config_path

    return user_config_path("pinsync", appauthor=False) / "accounts"


def _keyring() -> Any:
    """The system's keyring, or None where there is none or its library is not installed."""
    if find_spec("keyring") is None:
        return None
    backend = import_module("keyring").get_keyring()
    return backend if backend.priority > 0 else None


def _asked(verb: str, act: Callable[[], Answer]) -> Answer:
    """What a keyring answers. Whatever it raises becomes a StateError without a trace of it, which may hold the login."""
    try:
        return act()
    except Exception as error:  # noqa: BLE001 - backends raise what the system's libraries raise
        failed = type(error).__name__
    raise StateError(f"the system's keyring cannot be {verb}: {failed}", _WAY_OUT)


@contextlib.contextmanager
def _holding(file: Path) -> Iterator[None]:
    from filelock import FileLock, Timeout

    lock = FileLock(file, timeout=_PATIENCE, mode=0o600)
    with told(file, "written"):
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with contextlib.suppress(Timeout):
            lock.acquire()
    if not lock.is_locked:
        raise NotDone(f"another pinsync has been renewing the login for {_PATIENCE:g} seconds", "Try again later.")
    try:
        yield
    finally:
        lock.release()

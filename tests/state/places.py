"""Places elsewhere that keep a state: a bare repository with checkouts of it, and a server that speaks S3."""

from __future__ import annotations

import atexit
import hashlib
import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from pinsync.content.settings import Settings
from pinsync.errors import StateError
from pinsync.state.backends import backend_for
from pinsync.state.backends.s3 import S3Store
from pinsync.state.lock import Lock, held
from pinsync.state.remote import SPOOL, Kept, RemoteBackend

KEYS = {"AWS_ACCESS_KEY_ID": "somebody", "AWS_SECRET_ACCESS_KEY": "and-a-secret", "AWS_EC2_METADATA_DISABLED": "true"}


def git(folder: Path, *arguments: str) -> str:
    """What git prints in a folder, with nothing of this machine's configuration."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environ |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    who = ["-c", "user.name=Somebody", "-c", "user.email=some@body.example"]
    done = subprocess.run(
        ["git", "-C", str(folder), *who, *arguments], env=environ, capture_output=True, text=True, check=True
    )
    return done.stdout


@cache
def _repositories() -> tuple[Path, Path]:
    """A bare repository and a shallow clone of it, to be copied: git takes its time to make them."""
    folder = Path(tempfile.mkdtemp(prefix="pinsync-places-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    origin, first, clone = folder / "origin.git", folder / "first", folder / "clone"
    git(folder, "init", "--quiet", "--bare", "--initial-branch=main", "--template=", str(origin))
    git(folder, "clone", "--quiet", str(origin), str(first))
    (first / "README.md").write_text("Content.\n")
    git(first, "add", ".")
    git(first, "commit", "--quiet", "--message=Begin")
    git(first, "push", "--quiet", "origin", "HEAD:main")
    git(folder, "clone", "--quiet", "--depth=1", "--branch=main", "--template=", f"file://{origin}", str(clone))
    return origin, clone


@dataclass(frozen=True)
class Branch:
    """A bare repository in ``folder``; each machine has a clone of it with the content in a folder of its own."""

    folder: Path
    branch: str = "pinsync-state"

    @property
    def origin(self) -> Path:
        return self.folder / "origin.git"

    def machine(self, name: str, content: str = "pins") -> Path:
        """The content root in the clone of that name, made where it is not there yet."""
        origin, first = _repositories()
        if not self.origin.exists():
            shutil.copytree(origin, self.origin)
        clone = self.folder / name
        if not clone.exists():
            shutil.copytree(first, clone)
            config = clone / ".git" / "config"
            config.write_text(config.read_text().replace(str(origin), str(self.origin)))
        (clone / content).mkdir(exist_ok=True)
        return clone / content

    def options(self) -> dict[str, str]:
        return {"backend": "git", "branch": self.branch}


@dataclass(frozen=True)
class Bucket:
    """A bucket at ``endpoint``; the machines share nothing but it."""

    folder: Path
    endpoint: str
    name: str = "our-pins"
    more: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def made(cls, folder: Path, endpoint: str, name: str = "") -> Bucket:
        """A new bucket, for the test whose folder this is where it has no name. The usual variables hold KEYS."""
        bucket = cls(folder, endpoint, name or f"b{hashlib.sha256(str(folder).encode()).hexdigest()[:20]}")
        store = backend_on(bucket)._store
        assert isinstance(store, S3Store)
        store._client.create_bucket(Bucket=bucket.name)
        return bucket

    def machine(self, name: str, content: str = "pins") -> Path:
        """The content root of the machine of that name."""
        root = self.folder / name / content
        root.mkdir(parents=True, exist_ok=True)
        return root

    def options(self) -> dict[str, str]:
        return {"backend": "s3", "bucket": self.name, "path": "pins/state.json", "endpoint": self.endpoint, **self.more}


@dataclass
class Memory:
    """A store in memory. ``fails`` is asked before each save."""

    name: str = "the state in memory"
    data: bytes | None = None
    version: int = 0
    lock: Lock | None = None
    fails: Callable[[], bool] = lambda: False
    saves: int = 0

    def load(self) -> Kept:
        return Kept(self.data, str(self.version))

    def save(self, data: bytes, over: str, lock: Lock, message: str) -> str:
        if self.fails():
            raise StateError("the network is gone", "Mend it.")
        if self.lock != lock:
            raise StateError("the lock was taken from this run")
        if data == self.data:
            return str(self.version)
        if over != str(self.version):
            raise StateError("somebody wrote the state although this run holds its lock")
        self.data, self.version, self.saves = data, self.version + 1, self.saves + 1
        return str(self.version)

    def take(self, lock: Lock) -> None:
        if self.lock:
            raise held(self.lock)
        self.lock = lock

    def holder(self) -> Lock | None:
        return self.lock

    def drop(self, lock: Lock) -> None:
        self.lock = None

    def earlier(self) -> Iterable[tuple[str, bytes]]:
        return ()


@dataclass(frozen=True)
class Shelf:
    """What is common to all places, with nothing else in the way: a store in memory."""

    folder: Path
    store: Memory = field(default_factory=Memory)

    def machine(self, name: str, content: str = "pins") -> Path:
        """The content root of the machine of that name."""
        return self.folder / name / content


Place = Branch | Bucket | Shelf


def spool(place: Place, machine: str = "here") -> Path:
    """Where a machine keeps what it has not stored yet."""
    return place.machine(machine) / SPOOL


def backend_on(place: Place, machine: str = "here", content: str = "pins") -> RemoteBackend:
    """The backend that the content root on this machine has."""
    if isinstance(place, Shelf):
        return RemoteBackend(place.store, spool(place, machine))
    options = place.options()
    root = place.machine(machine, content)
    found = backend_for(Settings(root, state_backend=options.pop("backend"), state_options=options))
    assert isinstance(found, RemoteBackend)
    if isinstance(place, Bucket) and not place.more:
        found._store.__dict__["_client"] = _client(place.endpoint)  # half a second each
    return found


@cache
def _client(endpoint: str) -> Any:
    return S3Store("any", "any", endpoint)._client


@contextmanager
def serving_s3() -> Iterator[str]:
    """The address of moto's S3, in a thread. It checks a condition and writes in two steps, which S3 does in one: so one
    request at a time."""
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import WSGIRequestHandler, make_server

    class Silent(WSGIRequestHandler):
        def log(self, *arguments: Any) -> None:
            pass

    moto = DomainDispatcherApplication(create_backend_app)
    turn = threading.Lock()

    def one_at_a_time(environ: Any, start_response: Any) -> list[bytes]:
        with turn:
            return [b"".join(moto(environ, start_response))]

    server = make_server("127.0.0.1", 0, one_at_a_time, threaded=True, request_handler=Silent)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

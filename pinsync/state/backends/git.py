"""State on a branch of its own in the remote repository that the content comes from.

The branch has no ancestor in common with any other. Each new version of the state, and each taking and giving back of the
lock, is a commit, pushed only onto the very commit that it was made for. All happens in a bare repository in a temporary
folder: of the user's checkout nothing but its configuration is read, for the remote's address and the credentials.
"""

from __future__ import annotations

import base64
import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from random import SystemRandom
from urllib.parse import urlsplit

from pinsync.content.settings import Settings
from pinsync.errors import StateError
from pinsync.state.document import fingerprint
from pinsync.state.lock import Lock, dump, held, parse
from pinsync.state.remote import SPOOL, Kept, RemoteBackend

BRANCH = "pinsync-state"
ABOUT = "PINSYNC.md"
_ABOUT_TEXT = """# What pinsync remembers

Which file is which pin on Pinterest. pinsync writes this branch by itself, one commit a change: do not edit, merge or
delete it. `git log` on it tells what was applied, when and by whom; a file that ends in `.lock` says who is applying now.
"""
TOKEN = "PINSYNC_STATE_TOKEN"  # noqa: S105 - the name of a variable
"""A token for the remote, where git has no credentials of its own: as in a checkout that does not keep them."""

_TIP, _NEXT = "refs/pinsync/tip", "refs/pinsync/next"
_PATIENCE = 120.0  # seconds for one command of git
_ATTEMPTS = 100
_WITHOUT_MOVING = 3
_HISTORY = 20
_BESIDE = SystemRandom()
# Where credentials and the way to the server are said.
_NEEDED = re.compile(r"(http|credential)\.|core\.sshcommand$")
# What git tells the hooks that it runs, and would be taken for ours.
_OF_OTHERS = tuple(
    f"GIT_{name}"
    for name in ("DIR", "WORK_TREE", "INDEX_FILE", "PREFIX", "OBJECT_DIRECTORY", "ALTERNATE_OBJECT_DIRECTORIES",
                 "COMMON_DIR", "NAMESPACE", "SHALLOW_FILE", "GRAFT_FILE", "QUARANTINE_PATH")
)  # fmt: skip
_PASSWORD = re.compile(r"(?<=://)[^/@\s]+@")


def build(settings: Settings) -> RemoteBackend:
    """The backend of a content root."""
    options = settings.state_options
    store = GitStore(
        settings.root, options.get("remote", "origin"), options.get("branch", BRANCH), options.get("path", "")
    )
    return RemoteBackend(store, settings.root / SPOOL)


@dataclass(frozen=True, slots=True)
class _Tip:
    """What a commit of the branch holds: files of ours by their path. ``commit`` is empty where there is no branch."""

    commit: str
    files: Mapping[str, bytes] = field(default_factory=dict)


class GitStore:
    """The file ``path`` on ``branch`` of the checkout's ``remote``. By default the path is that of ``root`` in its checkout."""

    def __init__(self, root: Path, remote: str, branch: str, path: str = "") -> None:
        self.name = f"the state on the branch {branch} of {remote}"
        self._root = root
        self._remote = remote
        self._branch = branch
        self._given = path
        self._last: _Tip | None = None
        self._locked: _Tip | None = None

    def load(self) -> Kept:
        """As :meth:`Store.load`."""
        # Right after the lock was taken nothing else can be there than what was seen under it.
        tip = self._locked or self._fetch()
        self._locked = None
        data = tip.files.get(self._path)
        return Kept(data, _version(data))

    def save(self, data: bytes, over: str, lock: Lock, message: str) -> str:
        """As :meth:`Store.save`."""

        def edit(tip: _Tip) -> Mapping[str, bytes | None]:
            there = tip.files.get(self._path)
            if there == data:
                return {}  # an earlier push got there, and its answer was lost
            holder = self._lock_in(tip)
            if holder is None or holder.id != lock.id:
                raise StateError(
                    f"the lock on {self.name} was taken from this run{f' and is held by {holder}' if holder else ''}",
                    "Nothing more is sent. Run it again: it looks for what was under way before it sends anything.",
                )
            if _version(there) != over:
                raise StateError(
                    f"somebody wrote {self.name} although this run holds its lock",
                    "Nothing more is sent, and nothing was overwritten. `git log` on the branch says who it was.",
                )
            return {self._path: data}

        self._locked = None
        self._change(edit, message)
        return _version(data)

    def take(self, lock: Lock) -> None:
        """As :meth:`Store.take`."""

        def edit(tip: _Tip) -> Mapping[str, bytes | None]:
            holder = self._lock_in(tip)
            if holder is None:
                return {self._lock_path: dump(lock).encode()}
            if holder.id != lock.id:
                raise held(holder)
            return {}

        self._last = None
        self._locked = self._change(edit, f"{lock.purpose}: lock {self._path}\n\nBy {lock}")

    def holder(self) -> Lock | None:
        """As :meth:`Store.holder`."""
        return self._lock_in(self._fetch())

    def drop(self, lock: Lock) -> None:
        """As :meth:`Store.drop`."""

        def edit(tip: _Tip) -> Mapping[str, bytes | None]:
            holder = self._lock_in(tip)
            return {self._lock_path: None} if holder and holder.id == lock.id else {}

        self._locked = None
        self._change(edit, f"{lock.purpose}: unlock {self._path}")

    def earlier(self) -> Iterator[tuple[str, bytes]]:
        """As :meth:`Store.earlier`."""
        if not self._fetch(depth=_HISTORY).commit:
            return
        listed = self._git("rev-list", f"--max-count={_HISTORY}", _TIP, "--", self._path).decode().split()
        for commit in listed[1:]:
            data = self._read(commit).files.get(self._path)
            if data is not None:
                yield f"{self.name} ({commit[:12]})", data

    def _change(self, edit: Callable[[_Tip], Mapping[str, bytes | None]], message: str) -> _Tip:
        """Commits what ``edit`` makes of the newest commit, once more for as long as others push in between."""
        tip = self._last or self._fetch()
        standing = 0
        for _ in range(_ATTEMPTS):
            if tip.commit and ABOUT not in tip.files:
                raise StateError(
                    f"the branch {self._branch} of {self._remote} holds something else than state",
                    "Give the state a branch of its own under `state: {branch: …}` in pinsync.yaml.",
                )
            files = edit(tip)
            if not files:
                self._last = tip
                return tip
            if not tip.commit:
                files = {ABOUT: _ABOUT_TEXT.encode(), **files}
            commit = self._commit(tip, files, message)
            refusal = self._push(tip.commit, commit)
            if not refusal:
                left = {path: data for path, data in {**tip.files, **files}.items() if data is not None}
                self._last = _Tip(commit, left)
                return self._last
            newer = self._fetch()
            standing = standing + 1 if newer.commit == tip.commit else 0
            if standing == _WITHOUT_MOVING:
                break
            tip = newer
            time.sleep(_BESIDE.uniform(0.02, 0.4))
        raise StateError(
            f"{self.name} cannot be pushed: {refusal}",
            "Whoever runs pinsync needs to be allowed to push this branch; in GitHub Actions: `permissions: {contents: write}`.",
        )

    def _fetch(self, depth: int = 1) -> _Tip:
        try:
            self._git("fetch", "--quiet", "--no-tags", "--no-recurse-submodules", f"--depth={depth}", "--no-write-fetch-head",
                      "--force", "--end-of-options", self._fetch_url, f"+refs/heads/{self._branch}:{_TIP}")  # fmt: skip
        except _Failed as failure:
            if "couldn't find remote ref" in failure.said.lower():
                return _Tip("")
            raise StateError(
                f"{self.name} cannot be read: {failure}", "Check the network, and whether `git fetch` works here."
            ) from failure
        return self._read(_TIP)

    def _read(self, commit: str) -> _Tip:
        """What is in a commit, with one command for all its files."""
        paths = (self._path, self._lock_path, ABOUT)
        names = [commit, *(f"{commit}:{path}" for path in paths)]
        out = self._git("cat-file", "--batch", data="".join(f"{name}\n" for name in names).encode())
        found: list[tuple[str, bytes | None]] = []
        for _ in names:
            head, _, out = out.partition(b"\n")
            oid, size = head.partition(b" ")[0], head.rpartition(b" ")[2]
            if size == b"missing":
                found.append(("", None))
            else:
                found.append((oid.decode(), out[: int(size)]))
                out = out[int(size) + 1 :]
        files = {path: data for path, (_, data) in zip(paths, found[1:], strict=True) if data is not None}
        return _Tip(found[0][0], files)

    def _commit(self, tip: _Tip, files: Mapping[str, bytes | None], message: str) -> str:
        text = f"{message}\n".encode()
        name, mail = self._person
        stream = [
            f"reset {_NEXT}\n\ncommit {_NEXT}\nmark :1\n".encode(),
            f"committer {name} <{mail}> {int(time.time())} +0000\n".encode(),
            b"data %d\n%s\n" % (len(text), text),
            f"from {tip.commit}\n".encode() if tip.commit else b"",
        ]
        for path, data in files.items():
            if data is None:
                stream.append(f"D {path}\n".encode())
            else:
                stream.append(b"M 100644 inline %s\ndata %d\n%s\n" % (path.encode(), len(data), data))
        marks = Path(self._folder) / "marks"
        self._git(
            "fast-import",
            "--quiet",
            "--force",
            "--done",
            f"--export-marks={marks}",
            data=b"".join([*stream, b"done\n"]),
        )
        return marks.read_text().split()[1]

    def _push(self, over: str, commit: str) -> str:
        """Puts the branch from one commit to another; returns why not, or nothing."""
        branch = f"refs/heads/{self._branch}"
        try:
            self._git("push", "--quiet", "--no-verify", "--no-signed", "--no-follow-tags", "--no-recurse-submodules",
                      f"--force-with-lease={branch}:{over}", "--end-of-options", self._push_url,
                      f"{commit}:{branch}")  # fmt: skip
        except _Failed as failure:
            return str(failure)
        return ""

    def _lock_in(self, tip: _Tip) -> Lock | None:
        lock = tip.files.get(self._lock_path)
        return parse(lock, f"{self._lock_path} on the branch {self._branch}") if lock is not None else None

    @cached_property
    def _checkout(self) -> tuple[Path, str, str]:
        """The top of the checkout, where in it the content root is (with a slash at the end), and its kind of object ids."""
        try:
            said = _run(
                ["-C", str(self._root), "rev-parse", "--show-toplevel", "--show-object-format", "--show-prefix"], {}
            )
        except _Failed as failure:
            raise StateError(
                f"the state is to be on a branch, but {self._root} is not in a checkout that git can use: {failure}",
                "Put the content under version control, or keep the state elsewhere (`state:` in pinsync.yaml).",
            ) from failure
        top, form, prefix = said.decode().split("\n")[:3]
        return Path(top), prefix, form

    @cached_property
    def _path(self) -> str:
        path = self._given or f"{self._checkout[1]}state.json"
        if path.startswith("/") or {"", ".", "..", ".git"} & set(path.split("/")) or re.search(r'[\x00-\x1f"\\]', path):
            raise StateError(f"{path!r} is no path on a branch", "Write it as in a checkout, such as soups/state.json.")
        return path

    @property
    def _lock_path(self) -> str:
        return f"{self._path}.lock"

    @cached_property
    def _config(self) -> list[tuple[str, str, str]]:
        """All that is configured for the checkout: scope, name and value."""
        said = _run(["-C", str(self._root), "config", "--list", "--show-scope", "--includes", "-z"], {}).decode()
        parts = said.split("\0")
        entries = [(scope, *entry.partition("\n")) for scope, entry in zip(parts[::2], parts[1::2], strict=False)]
        return [(scope, name, value) for scope, name, there, value in entries if there]

    @property
    def _person(self) -> tuple[str, str]:
        configured = {name: value for _, name, value in self._config}
        name = configured.get("user.name", "pinsync")
        mail = configured.get("user.email", f"pinsync@{socket.gethostname()}")
        return re.sub(r"[<>\x00-\x1f]", "", name), re.sub(r"[<>\x00-\x1f]", "", mail)

    @cached_property
    def _fetch_url(self) -> str:
        return self._url()

    @cached_property
    def _push_url(self) -> str:
        return self._url("--push")

    def _url(self, *which: str) -> str:
        try:
            return _run(["-C", str(self._root), "remote", "get-url", *which, self._remote], {}).decode().strip()
        except _Failed as failure:
            raise StateError(
                f"the checkout has no remote called {self._remote}",
                "`git remote` lists them; name one under `state: {remote: …}` in pinsync.yaml.",
            ) from failure

    @cached_property
    def _folder(self) -> str:
        folder = tempfile.mkdtemp(prefix="pinsync-state-")
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        _run(["init", "--quiet", "--bare", f"--object-format={self._checkout[2]}", "--template=", folder], {})
        return folder

    def _token(self) -> list[tuple[str, str]]:
        """The setting that makes git show the token in PINSYNC_STATE_TOKEN to the remote's host, as GitHub takes it."""
        token = os.environ.get(TOKEN, "")
        parts = urlsplit(self._url("--push"))
        if not token or parts.scheme != "https" or not parts.hostname:
            return []
        proof = base64.b64encode(f"x-access-token:{token}".encode()).decode()
        return [(f"http.https://{parts.netloc.rpartition('@')[2]}/.extraheader", f"AUTHORIZATION: basic {proof}")]

    def _git(self, *arguments: str, data: bytes = b"") -> bytes:
        """Runs git in the repository of our own, with the credentials of the checkout."""
        needed = [(name, value) for scope, name, value in self._config if scope in ("local", "worktree")]
        needed = [(name, value) for name, value in needed if _NEEDED.match(name)] + self._token()
        first = int(os.environ.get("GIT_CONFIG_COUNT") or 0)
        environ = {"GIT_CONFIG_COUNT": str(first + len(needed))}
        for number, (name, value) in enumerate(needed, first):
            environ |= {f"GIT_CONFIG_KEY_{number}": name, f"GIT_CONFIG_VALUE_{number}": value}
        return _run([f"--git-dir={self._folder}", *arguments], environ, data, self._checkout[0])


def _version(data: bytes | None) -> str:
    return "" if data is None else fingerprint(data)


class _Failed(Exception):
    """A command of git failed. ``said`` is what it printed about that."""

    def __init__(self, said: str) -> None:
        self.said = _PASSWORD.sub("", said.strip())
        lines = [line for line in self.said.splitlines() if not line.startswith(("hint:", "To "))]
        super().__init__("; ".join(line.strip() for line in lines[-3:]) or "git says nothing about it")


def _run(arguments: Sequence[str], more: Mapping[str, str], data: bytes = b"", cwd: Path | None = None) -> bytes:
    inherited = {name: value for name, value in os.environ.items() if name not in _OF_OTHERS}
    # Secrets are in the environment and never among the arguments, which everybody on the machine can read.
    environ = {**inherited, "LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", **more}
    try:
        done = subprocess.run(  # noqa: S603 - no shell, and what the settings say is checked or follows --end-of-options
            ["git", *arguments],  # noqa: S607
            input=data, env=environ, cwd=cwd, capture_output=True, timeout=_PATIENCE, check=False,
        )  # fmt: skip
    except FileNotFoundError as error:
        raise StateError("git is not installed", "The state is on a branch, so pinsync needs git.") from error
    except subprocess.TimeoutExpired as error:
        raise _Failed(f"git did not finish within {_PATIENCE:g} seconds") from error
    if done.returncode:
        raise _Failed(done.stderr.decode(errors="replace"))
    return done.stdout

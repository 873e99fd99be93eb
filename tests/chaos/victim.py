"""Runs pinsync in processes that die, or whose disk fails, at the Nth thing they do to a file of the state.

`Zygote` starts one helper process that has everything imported; each run is a fork of it, so that hundreds of them take
seconds. As a program this module is that helper: it reads one run as a line of JSON and answers with another.
"""

from __future__ import annotations

import errno
import gc
import json
import os
import pkgutil
import signal
import ssl
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import httpx

from pinsync import __path__
from tests.chaos.emulator import HERE
from tests.cli.running import pinsync

DEATHS = ("before", "after", "torn")
"""Killed just before; just after; or in the middle: half a write is there, of what was not synced half is lost."""

_LONGEST = 60

FAILURES = ("full", "broken")
"""From the Nth on there is no space any more; or the Nth alone fails with an input/output error."""


@dataclass(frozen=True)
class Ran:
    """How a process ended (negative: by that signal), what it printed, and what it did to files of the state."""

    code: int
    out: str
    points: tuple[str, ...]


class Zygote:
    """The helper process."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.victim"],
            cwd=HERE,
            env={**os.environ, "PYTHONPATH": str(HERE)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._lock = threading.Lock()

    def run(
        self, *arguments: str, cwd: Path, environ: Mapping[str, str], at: int = 0, how: str = "", only: str = ""
    ) -> Ran:
        """Runs ``pinsync`` with these arguments. ``how`` is one of `DEATHS` or `FAILURES` and happens at the ``at``-th
        thing done below ``.pinsync``, or the ``at``-th of those called ``only``; 0 is never, and only counts."""
        order = {
            "arguments": arguments, "cwd": str(cwd), "environ": dict(environ), "state": str(cwd / ".pinsync"),
            "at": at, "how": how, "only": only,
        }  # fmt: skip
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with self._lock:
            self._process.stdin.write(json.dumps(order) + "\n")
            self._process.stdin.flush()
            answer = json.loads(self._process.stdout.readline())
        return Ran(answer["code"], answer["out"], tuple(answer["points"]))

    def close(self) -> None:
        """Ends it."""
        self._process.communicate(timeout=60)


@contextmanager
def zygote() -> Iterator[Zygote]:
    """A helper process, ended at the end."""
    helper = Zygote()
    try:
        yield helper
    finally:
        helper.close()


class _Points:
    """Everything that is done to files below a folder, counted; at one of them what was ordered happens."""

    def __init__(self, order: Mapping[str, Any], note: Callable[[str], None]) -> None:
        self._folder, self._note = os.path.realpath(order["state"]) + os.sep, note
        self._at, self._how, self._only = order["at"], order["how"], order["only"]
        self._count = 0
        self._synced: dict[str, int] = {}
        self._lock = threading.RLock()

    def install(self) -> None:
        for name, where in {
            "write": self._of_handle, "fsync": self._of_handle, "ftruncate": self._of_handle, "open": self._of_creation,
            "replace": self._of_path, "rename": self._of_path, "link": self._of_path, "unlink": self._of_path,
        }.items():  # fmt: skip
            setattr(os, name, self._counted(name, getattr(os, name), where))
        os.remove = os.unlink

    def _of_handle(self, handle: int, *_: Any) -> str:
        try:
            return str(Path(f"/proc/self/fd/{handle}").readlink())
        except OSError:
            return ""

    def _of_path(self, path: Any, *_: Any, **__: Any) -> str:
        return str(Path(path).parent.resolve() / Path(path).name)

    def _of_creation(self, path: Any, flags: int = 0, *_: Any, **__: Any) -> str:
        return self._of_path(path) if flags & os.O_CREAT else ""

    def _counted(self, name: str, real: Callable[..., Any], where: Callable[..., str]) -> Callable[..., Any]:
        def act(*args: Any, **named: Any) -> Any:
            path = where(*args, **named)
            # A folder is synced under its own name.
            if not (path + os.sep).startswith(self._folder):
                return real(*args, **named)
            with self._lock:
                point = f"{name} {Path(path).name}"
                self._note(point)
                if self._only and point != self._only:
                    return real(*args, **named)
                self._count += 1
                full = self._how == "full" and self._count >= self._at > 0
                if full and name not in ("unlink", "ftruncate"):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                if full or self._count != self._at:
                    result = real(*args, **named)
                    self._keep_size(name, args, path)
                    return result
                if self._how == "broken":
                    raise OSError(errno.EIO, os.strerror(errno.EIO))
                if self._how == "after":
                    with suppress(OSError):
                        real(*args, **named)
                elif self._how == "torn":
                    self._tear(name, real, args, path)
                return os.kill(os.getpid(), signal.SIGKILL)

        return act

    def _keep_size(self, name: str, args: tuple[Any, ...], path: str) -> None:
        if name == "fsync":
            self._synced[path] = os.fstat(args[0]).st_size

    def _tear(self, name: str, real: Callable[..., Any], args: tuple[Any, ...], path: str) -> None:
        if name == "write":
            real(args[0], args[1][: len(args[1]) // 2])
        elif name == "fsync" and not Path(path).is_dir():
            safe, size = self._synced.get(path, 0), os.fstat(args[0]).st_size
            os.truncate(path, safe + (size - safe) // 2)


def _child(order: Mapping[str, Any], points: int, out: int) -> None:
    """The fork: never returns."""
    code = 1
    try:
        os.dup2(out, 1)
        os.dup2(out, 2)
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        sys.stdin, sys.stdout, sys.stderr = open(0), open(1, "w"), open(2, "w")  # noqa: SIM115
        os.chdir(order["cwd"])
        for key in [key for key in os.environ if key.startswith(("PINSYNC_", "PINTEREST_"))]:
            del os.environ[key]
        os.environ.update(order["environ"])
        signal.alarm(_LONGEST)
        write = os.write
        _Points(order, lambda text: void(write(points, f"{text}\n".encode()))).install()
        sys.argv = ["pinsync", *order["arguments"]]
        from pinsync.cli import main

        main()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(bool(end.code))
    except BaseException:  # noqa: BLE001 - there is nobody above
        import traceback

        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def void(_: object) -> None:
    """Nothing."""


def _serve() -> None:
    for module in pkgutil.walk_packages(__path__, "pinsync."):
        if ".emulator" not in module.name and not module.name.endswith("__main__"):
            import_module(module.name)
    for name in (
        "PIL.ImageOps",
        "PIL.PngImagePlugin",
        "jsonschema",
        "pathspec",
        "anyio._backends._asyncio",
        "httpcore",
        "h11",
    ):
        import_module(name)
    os.fsync = void  # nobody cuts the power
    ssl.create_default_context = cache(ssl.create_default_context)
    httpx.create_ssl_context(trust_env=False)  # takes longer than most runs
    with tempfile.TemporaryDirectory() as folder:  # so that every fork finds the schemas read and the patterns compiled
        for arguments in (["init", "--environment", "emulator"], ["plan", "--refresh=false"]):
            assert pinsync(*arguments, cwd=Path(folder)).code == 0
    gc.freeze()
    for text in sys.stdin:
        order = json.loads(text)
        with tempfile.TemporaryFile() as points, tempfile.TemporaryFile() as out:
            child = os.fork()
            if child == 0:
                _child(order, points.fileno(), out.fileno())
            _, status = os.waitpid(child, 0)
            for file in (points, out):
                file.seek(0)
            answer = {
                "code": os.waitstatus_to_exitcode(status), "out": out.read().decode("utf-8", "replace"),
                "points": points.read().decode().splitlines(),
            }  # fmt: skip
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    _serve()

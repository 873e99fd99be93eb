"""Runs the command blocks of a page as a reader would: in order, in one folder, with an emulator beside it."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pinsync.emulator.server import running
from pinsync.emulator.settings import EmulatorSettings
from tests.cli.running import pinsync
from tests.docs.pages import Block

SHELLS = ("sh", "bash", "shell")
"""What stands behind the fence of a block of commands."""

NOT_RUN = {
    "make ": "sets up an environment and runs the tests, of which this is one",
    "pip install ": "needs a network; the pinsync under test is there already",
    "git clone ": "needs a network",
    "git push ": "needs a repository on GitHub",
}
"""What a command begins with that is left out, and why. An emulator is not left out: it runs beside what follows."""

SHOWN = {
    "docs/accounts.md": "a login needs a person, who types and clicks",
    "docs/commands.md": "how each command is called",
    "docs/import.md": "needs a pin that is on Pinterest",
}
"""Pages that show commands in blocks that are not run, and why."""

_DEFAULT = "http://127.0.0.1:8321"
_SERVER = "pinsync emulator"
_SECONDS = 120
_PLAIN = re.compile(r"pinsync( [\w./:=-]+)+")
"""A command that means to a shell what it means without one."""
_DOCUMENTED_CODE = re.compile(r"\bexits (?:with )?(\d+)")


@dataclass(frozen=True)
class Command:
    """A command of a block, the line it stands in, and the exit codes that the page lets it have."""

    text: str
    line: int
    codes: tuple[int, ...]


def commands(block: Block) -> Iterator[Command]:
    """The commands of a block, lines that end in a backslash joined. A comment ``# exits 1`` documents a code; without
    one it is 0, or 2 where ``--detailed-exitcode`` asks for it."""
    waiting = ""
    for number, line in enumerate(block.text.splitlines(), block.line + 1):
        waiting += line
        if waiting.endswith("\\"):
            waiting = waiting[:-1]
            continue
        text, waiting = waiting.strip(), ""
        if not text or text.startswith("#"):
            continue
        _, comment, said = text.partition(" #")
        found = _DOCUMENTED_CODE.search(said) if comment else None
        codes = (int(found[1]),) if found else (0, 2) if "--detailed-exitcode" in text else (0,)
        yield Command(text, number, codes)


@dataclass
class Reader:
    """Somebody who follows a page. ``cwd`` and the environment carry over from command to command."""

    folder: Path
    cwd: Path = field(init=False)
    environ: dict[str, str] = field(init=False)
    _server: subprocess.Popen[str] | None = None
    _here: ExitStack = field(default_factory=ExitStack)
    _origin: str = ""

    def __post_init__(self) -> None:
        self.cwd = self.folder / "reader"
        self.cwd.mkdir()
        self.environ = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("PINSYNC_", "PINTEREST_")) and name not in ("NO_COLOR", "CI")
        }
        self.environ |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
        for who in ("AUTHOR", "COMMITTER"):
            self.environ |= {f"GIT_{who}_NAME": "A reader", f"GIT_{who}_EMAIL": "reader@example.com"}
        self.environ["PINSYNC_ACCOUNTS"] = str(self.folder / "accounts")
        self.environ["PATH"] = f"{self._shim()}{os.pathsep}{self.environ.get('PATH', '')}"

    def _shim(self) -> Path:
        # `pinsync` has to be the one under test, however it is installed.
        shim = self.folder / "bin" / "pinsync"
        shim.parent.mkdir()
        shim.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m pinsync "$@"\n', "utf-8")
        shim.chmod(0o755)
        return shim.parent

    def follow(self, block: Block) -> list[str]:
        """Does what a block says and returns what went wrong. A YAML block that begins with a comment that is a file name
        is written to that file."""
        if block.language in ("yaml", "yml"):
            named = re.match(r"# ([\w./-]+\.ya?ml)\n", block.text)
            if named:
                file = self.cwd / named[1]
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(block.text, "utf-8")
        if block.language not in SHELLS:
            return []
        return [problem for command in commands(block) if (problem := self._run(command))]

    def _run(self, command: Command) -> str:
        if command.text.startswith(tuple(NOT_RUN)):
            return ""
        if command.text.startswith(_SERVER):
            self.start_emulator(*shlex.split(command.text, comments=True)[2:])
            return ""
        if not self._origin:
            self.start_emulator()
        code, said = self._plainly(command) or self._in_a_shell(command)
        if code in command.codes:
            return ""
        allowed = " or ".join(map(str, command.codes))
        return f"line {command.line}: `{command.text}` exits {code}, not {allowed}:\n{said}"

    def _plainly(self, command: Command) -> tuple[int, str] | None:
        text = command.text.partition(" #")[0].rstrip()
        if not _PLAIN.fullmatch(text):
            return None
        environ = {**self.environ, "PINTEREST_API_URL": f"{self._origin}/v5"}
        ran = pinsync(*text.split()[1:], cwd=self.cwd, environ=environ, typed="y\n")
        return ran.code, ran.out + ran.err

    def _in_a_shell(self, command: Command) -> tuple[int, str]:
        before = self.folder / "after"
        script = (
            f"{command.text.replace(_DEFAULT, self._origin)}\ncode=$?\npwd > {shlex.quote(str(before))}\nexit $code\n"
        )
        with _somebody_who_says_yes() as stdin:
            done = subprocess.run(
                ["/bin/sh", "-c", script],
                cwd=self.cwd,
                env={**self.environ, "PINTEREST_API_URL": f"{self._origin}/v5"},
                stdin=stdin,
                capture_output=True,
                text=True,
                timeout=_SECONDS,
                check=False,
            )
        if before.exists():
            self.cwd = Path(before.read_text("utf-8").rstrip("\n"))
        return done.returncode, done.stdout + done.stderr

    def start_emulator(self, *options: str) -> None:
        """An emulator with these options on a free port, in the place of the one that ran. AssertionError where it does
        not start. One without options runs in this process, which costs less."""
        self.stop()
        if not options:
            data = tempfile.mkdtemp(dir=self.folder)
            self._origin = self._here.enter_context(running(EmulatorSettings(data=Path(data))))
            return
        self._server = subprocess.Popen(
            [sys.executable, "-u", "-m", "pinsync", "emulator", *options, "--port", "0"],
            cwd=self.cwd,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert self._server.stdout is not None
        said = ""
        for line in self._server.stdout:
            said += line
            if line.startswith("Boards:"):
                self._origin = line.split()[1].rstrip("/")
                return
        raise AssertionError(f"pinsync emulator {shlex.join(options)} did not start: {said}")

    def stop(self) -> None:
        """Ends the emulator, if one still runs."""
        self._here.close()
        self._origin = ""
        if self._server is not None:
            self._server.terminate()
            self._server.communicate(timeout=_SECONDS)
            self._server = None


@contextmanager
def _somebody_who_says_yes() -> Iterator[int]:
    import pty  # there is none on Windows, where the rest of this package is imported all the same

    master, slave = pty.openpty()
    try:
        os.write(master, b"y\n")
        yield slave
    finally:
        os.close(slave)
        os.close(master)

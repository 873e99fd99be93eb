"""Somebody's machine with an emulator beside it, where ``pinsync`` runs in process and all that it writes is searched."""

from __future__ import annotations

import re
import socket
import threading
from pathlib import Path

import httpx
from click.testing import CliRunner, Result

from pinsync.accounts.stores import InFile
from pinsync.cli import root
from pinsync.emulator.registration import APP_ID, APP_SECRET

APP = {"PINTEREST_APP_ID": APP_ID, "PINTEREST_APP_SECRET": APP_SECRET}
SECRETS = re.compile(rf"pin[ar]_[0-9a-f]|{APP_SECRET}|s3cr3t")


class Machine:
    """Somebody's machine, with an emulator beside it."""

    def __init__(self, folder: Path, origin: str) -> None:
        self.folder = folder
        self.origin = origin
        self.store = InFile(folder / "accounts" / "emulator.default.json")
        self.answers: list[int] = []

    def pinsync(self, *arguments: str, typed: str = "", secret: bool = True, **environ: str) -> Result:
        """Runs ``pinsync -vv``, and unless ``secret`` is off looks for secrets in all that it wrote."""
        env = {
            "PINSYNC_ACCOUNTS": str(self.folder / "accounts"), "PINTEREST_API_URL": f"{self.origin}/v5", "PINSYNC_PROFILE": "",
            "HOME": str(self.folder), "XDG_STATE_HOME": str(self.folder / "xdg"),
            **APP, **environ,
        }  # fmt: skip
        result = CliRunner().invoke(
            root,
            ["-vv", "-C", str(self.folder / "work"), *arguments],
            input=typed,
            env=env,
            auto_envvar_prefix="PINSYNC",
        )
        if secret:
            assert not SECRETS.search(result.output), result.output
            assert not SECRETS.search(repr(result.exception))
            for file in self.folder.rglob("*"):
                if file.is_file() and str(file) != self.store.where:
                    assert not SECRETS.search(file.read_bytes().decode("latin-1")), file
        return result

    def browse(self, address: str) -> bool:
        """A browser whose user allows what is asked."""

        def allow() -> None:
            asked = dict(httpx.URL(address).params)
            with httpx.Client(follow_redirects=True, trust_env=False) as http:
                self.answers.append(http.get(address).status_code)
                self.answers.append(http.post(f"{self.origin}/oauth/", data={**asked, "decision": "allow"}).status_code)

        threading.Thread(target=allow).start()
        return True

    def allow(self, address: str) -> str:
        """Where a browser on another machine ends."""
        asked = dict(httpx.URL(address).params)
        return httpx.post(f"{self.origin}/oauth/", data={**asked, "decision": "allow"}).headers["location"]


def free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])

"""Many processes whose login ended renew it once, together."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from pinsync.accounts.stores import FOLDER, InFile
from pinsync.emulator.app import create_app
from pinsync.emulator.server import in_background
from pinsync.emulator.settings import EmulatorSettings
from tests.accounts.office import APP, Office
from tests.chaos.emulator import HERE
from tests.chaos.stage import LONG

_RUNS = """
import asyncio, os, sys
from pinsync.accounts.signing_in import sign_in

async def calls(access):
    refused = sys.argv[2] == "revoked"
    ask = (lambda: access.tokens.renewed(access.token)) if refused else access.tokens.token
    tokens = await asyncio.gather(*(ask() for _ in range(4)))
    os.write(1, (" ".join({token.reveal() for token in tokens}) + "\\n").encode())

def run():
    access = sign_in("emulator", "default", os.environ).access
    os.write(ready[1], b".")
    os.close(go[1])
    os.read(go[0], 1)
    asyncio.run(calls(access))

ready, go = os.pipe(), os.pipe()
children = []
for _ in range(int(sys.argv[1])):
    children.append(os.fork())
    if not children[-1]:
        try:
            run()
        except BaseException as error:
            print(repr(error), flush=True)
        os._exit(0)
for _ in children:
    os.read(ready[0], 1)  # all of them have read the login before any goes on
os.close(go[1])
for child in children:
    os.waitpid(child, 0)
"""


def _noting(app: ASGIApp, paths: list[str]) -> ASGIApp:
    async def noted(scope: Scope, receive: Receive, send: Send) -> None:
        paths.append(scope.get("path", ""))
        await app(scope, receive, send)

    return noted


@pytest.mark.skipif(sys.platform == "win32", reason="forks")
@pytest.mark.parametrize("ended", ["expired", "revoked"] if LONG else ["expired"])
def test_32_processes_with_a_token_that_ended_renew_it_once(tmp_path: Path, ended: str) -> None:
    data, accounts = tmp_path / "emulator", tmp_path / "accounts"
    data.mkdir()
    limits = dict.fromkeys(("universal", "org_read", "org_write"), ())
    app = create_app(EmulatorSettings(data, limits=limits))
    office = Office(tmp_path, app=app)
    login = replace(office.login(), expires_at=None)
    office.oauth.revoke(APP, login.access, "access_token")
    if ended == "expired":
        login = replace(login, expires_at=datetime.now(UTC) - timedelta(seconds=1))
    store = InFile(accounts / "emulator.default.json")
    store.save(login)
    paths: list[str] = []
    with in_background(_noting(app, paths)) as origin:
        environ = {key: value for key, value in os.environ.items() if not key.startswith(("PINSYNC_", "PINTEREST_"))}
        environ |= {"PINTEREST_API_URL": f"{origin}/v5", FOLDER: str(accounts), "PYTHONPATH": str(HERE)}
        ran = subprocess.run(
            [sys.executable, "-c", _RUNS, "32", ended],
            env=environ,
            capture_output=True,
            text=True,
            timeout=240,
            check=True,
        )
        kept = store.load()
        assert kept
        assert office.works(kept.access)
    assert ran.stdout.split() == [kept.access.reveal()] * 32
    assert ran.stderr == ""
    assert kept.refresh != login.refresh
    assert paths.count("/v5/oauth/token") == 1

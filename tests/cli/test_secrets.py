"""Every command, at its most talkative, on a machine full of secrets: none is in anything that is written."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from typing import Any

import click
import httpx
import pytest

from pinsync.cli import root
from pinsync.emulator.registration import APP_ID, APP_SECRET
from pinsync.emulator.settings import EmulatorSettings
from pinsync.errors import PinsyncError
from tests.cli.machine import APP, SECRETS, Machine, free_port
from tests.world import picture

# In this order they tell a story. Where a command takes nothing, it is listed all the same.
STORY: dict[str, list[str]] = {
    "auth login": ["--port", "PORT"],
    "auth refresh": [],
    "auth status": [],
    "auth export": [],
    "init": ["other", "--environment", "emulator"],
    "workspaces": ["--json"],
    "validate": [],
    "plan": ["--out", "plan.json"],
    "show": ["plan.json"],
    "preview": [],
    "schedule": ["--all"],
    "github run": ["validate", "."],
    "github summary": ["plan.json"],
    "github comment": ["plan.json"],
    "apply": ["plan.json", "--auto-approve"],
    "drift": [],
    "analytics": [],
    "refresh": [],
    "pull": [],
    "import": ["--all"],
    "import csv": ["pins.csv", "--media", "link"],
    "state list": [],
    "state show": ["pin.pin"],
    "state pull": [],
    "state media": [],
    "state push": ["plan.json"],
    "state migrate": ["--to", "local"],
    "state mv": ["pin.pin", "pin.moved"],
    "state forget": ["pin.moved"],
    "state adopt": ["pin.pin", "1"],
    "state unlock": ["1"],
    "state recover": [],
    "schema": ["pin"],
    "completion": ["zsh"],
    "emulator": ["--data", "emulated", "--port", "0"],
    "demo": [],
    "auth logout": [],
}
REFUSED = ("state adopt", "state unlock", "state push", "state migrate", "github comment")
"""Those that cannot do what they are asked for here, and say so."""


def commands(path: str, command: click.Command) -> Iterator[str]:
    """All commands that do something, by what is typed."""
    if not isinstance(command, click.Group) or command.invoke_without_command:
        yield path
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            assert found
            yield from commands(f"{path} {name}".strip(), found)


def test_no_command_writes_a_secret_anywhere(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    assert set(STORY) == set(commands("", root))
    started: list[list[str]] = []

    def start(arguments: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        started.append(arguments)
        return subprocess.CompletedProcess(arguments, 0, "", "")

    def serve(settings: EmulatorSettings, host: str, port: int, announce: Any) -> None:
        announce(machine.origin)

    monkeypatch.setattr("subprocess.run", start)
    monkeypatch.setattr("pinsync.emulator.server.serve", serve)
    monkeypatch.setattr(tempfile, "tempdir", str(machine.folder))
    about = {"REPOSITORY": "kitchen/pins", "SHA": "a" * 40, "TOKEN": "ghs_s3cr3t", "API_URL": machine.origin}
    for name, value in about.items():
        monkeypatch.setenv(f"GITHUB_{name}", value)
    monkeypatch.setenv("RUNNER_TEMP", str(machine.folder))
    work = machine.folder / "work"
    (work / "boards.yaml").write_text("boards: [{key: a, name: A}]\n")
    (work / "pin.yaml").write_text("board: a\ntitle: A\nimage: pin.jpg\n")
    (work / "pin.jpg").write_bytes(picture())
    (work / "pins.csv").write_text("Title,Media URL,Pinterest board\nB,https://example.com/b.jpg,A\n")
    said = ""
    for name, arguments in STORY.items():
        arguments = [free_port() if argument == "PORT" else argument for argument in arguments]
        # The emulator names its app, and its secret is no secret; so it is searched for all the others.
        result = machine.pinsync(*name.split(), *arguments, secret=name != "emulator")
        said += result.output.replace(APP_SECRET, "") if name == "emulator" else result.output
        if name in REFUSED:
            assert isinstance(result.exception, PinsyncError), (name, result.output, result.exception)
        else:
            assert result.exit_code == 0, (name, result.output, result.exception)
        if name == "plan":
            kept = machine.store.load()
            assert kept
            assert SECRETS.search(kept.access.reveal())
            # From here on the stored token is refused, and renewed in the middle of a run.
            form = {"token": kept.access.reveal()}
            httpx.post(f"{machine.origin}/v5/oauth/token/revoke", data=form, auth=(APP_ID, APP_SECRET))
    assert not SECRETS.search(said)
    assert "POST /pins -> 201" in said  # the log was on
    assert "the login was renewed" in said
    assert started  # the demo's
    assert not SECRETS.search(repr(started))


def test_tokens_of_the_environment_are_not_written_either(machine: Machine) -> None:
    machine.pinsync("auth", "login", "--port", free_port())
    kept = machine.store.load()
    assert kept
    given = {"PINTEREST_ACCESS_TOKEN": "pina_0ld", "PINTEREST_REFRESH_TOKEN": kept.refresh.reveal(), **APP}
    (machine.folder / "work" / "boards.yaml").write_text("boards: [{key: a, name: A}]\n")
    renewed = machine.pinsync("apply", "--auto-approve", **given)
    assert "PINTEREST_REFRESH_TOKEN is used up" in renewed.output
    refused = machine.pinsync("apply", "--auto-approve", PINTEREST_ACCESS_TOKEN="pina_0ld")
    assert "refused the access token" in str(refused.exception)

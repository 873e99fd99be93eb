"""The whole story over HTTP: pinsync, the emulator, and a proxy that checks every request and answer."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from pinsync.emulator.server import running
from pinsync.emulator.settings import EmulatorSettings
from tests.cli.running import Ran, pinsync, process
from tests.conformance.proxy import validating

EXAMPLES = Path(__file__).parents[2] / "examples" / "content"
SECRET = "pina_MARKED_SECRET_0123456789"


@dataclass
class Stage:
    """A copy of the example content and what it is published to."""

    content: Path
    origin: str
    proxy: Any

    def pinsync(self, *arguments: str) -> Ran:
        environ = {"PINTEREST_API_URL": f"{self.proxy.origin}/v5", "PINTEREST_ACCESS_TOKEN": "emulator"}
        return pinsync(*arguments, cwd=self.content, environ=environ)

    def pins(self) -> list[dict[str, Any]]:
        answer = httpx.get(f"{self.origin}/v5/pins?page_size=250", headers={"Authorization": "Bearer emulator"})
        return list(answer.json()["items"])


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    content = tmp_path / "content"
    shutil.copytree(EXAMPLES, content, ignore=shutil.ignore_patterns(".pinsync"))
    (tmp_path / "data").mkdir()
    with running(EmulatorSettings(data=tmp_path / "data")) as origin, validating(origin) as proxy:
        yield Stage(content, origin, proxy)


def test_the_examples_from_nothing_to_settled(stage: Stage) -> None:
    planned = json.loads(stage.pinsync("plan", "--format", "json").out)
    created = [change for change in planned["changes"] if change["action"] == "create"]
    pins = [change for change in created if change["kind"] == "pin"]
    assert planned["summary"] == {"create": len(created)}
    assert planned["cost"] == {"org_write": len(created) + 2, "org_read": 2 * 4}, "two of them are videos"
    assert len(pins) >= 10
    assert stage.pinsync("plan", "--detailed-exitcode").code == 2

    applied = stage.pinsync("apply", "--auto-approve")
    assert applied.code == 0, applied.out + applied.err
    assert len(stage.pins()) == len(pins)
    for pin in stage.pins():
        assert f"{stage.proxy.origin}/#pin-{pin['id']}" in applied.out

    settled = stage.pinsync("plan", "--detailed-exitcode")
    assert (settled.code, "Nothing to do" in settled.out) == (0, True)
    page = httpx.get(f"{stage.origin}/").text
    assert all(pin["id"] in page for pin in stage.pins())

    assert stage.proxy.violations == []


def test_a_saved_plan_is_applied_once_and_refused_when_stale(stage: Stage) -> None:
    assert stage.pinsync("plan", "--out", "plan.json").code == 0
    assert (stage.content / "plan.json").stat().st_mode & 0o777 == 0o600
    assert stage.pinsync("apply", "plan.json", "--auto-approve").code == 0
    again = stage.pinsync("apply", "plan.json", "--auto-approve")
    assert again.code == 1
    assert "something was applied" in again.err

    stage.pinsync("plan", "--out", "plan.json")
    boards = stage.content / "boards.yaml"
    boards.write_text(boards.read_text("utf-8").replace("description: ", "description: Newly. ", 1), "utf-8")
    stale = stage.pinsync("apply", "plan.json", "--auto-approve")
    assert stale.code == 1
    assert "the content or a picture changed" in stale.err
    assert stage.proxy.violations == []


def test_state_commands(stage: Stage) -> None:
    stage.pinsync("apply", "--auto-approve")
    listed = json.loads(stage.pinsync("state", "list", "--format", "json").out)
    pulled = json.loads(stage.pinsync("state", "pull").out)
    assert {row["address"]: row["id"] for row in listed} == {
        address: entry["id"] for address, entry in pulled["resources"].items()
    }
    address = listed[0]["address"]
    assert json.loads(stage.pinsync("state", "show", address, "--format", "json").out)["id"] == listed[0]["id"]
    unknown = stage.pinsync("state", "show", f"{address}x")
    assert unknown.code == 1
    assert f"Did you mean {address}?" in unknown.err
    assert stage.pinsync("state", "unlock", "abc").code == 1


def test_a_state_of_another_environment_is_refused(stage: Stage) -> None:
    stage.pinsync("apply", "--auto-approve", "--target", "board.soups")
    config = stage.content / "pinsync.yaml"
    config.write_text(config.read_text("utf-8").replace("environment: emulator", "environment: sandbox"), "utf-8")
    ran = pinsync("plan", cwd=stage.content, environ={"PINTEREST_ACCESS_TOKEN": "x"})
    assert ran.code == 1
    assert "belongs to emulator" in ran.err


def test_a_wrong_token_is_refused_and_appears_nowhere(stage: Stage, tmp_path: Path) -> None:
    environ = {"PINTEREST_API_URL": f"{stage.origin}/v5", "PINTEREST_ACCESS_TOKEN": SECRET}
    said = ""
    for arguments in (
        ["plan"], ["plan", "--format", "json"], ["plan", "--refresh=false", "--out", "plan.json"],
        ["apply", "--auto-approve"], ["apply", "--auto-approve", "--refresh=false"], ["apply", "plan.json", "--auto-approve"],
        ["validate"], ["state", "list"], ["state", "pull"], ["schema", "pin"],
    ):  # fmt: skip
        ran = pinsync("-vv", *arguments, cwd=stage.content, environ=environ)
        said += ran.out + ran.err
        assert "Traceback" not in ran.err
    assert "refused the access token" in said
    assert "PINTEREST_ACCESS_TOKEN" in said
    assert SECRET not in said
    written = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert (stage.content / "plan.json") in written
    assert [file for file in written if SECRET.encode() in file.read_bytes()] == []
    assert stage.pins() == []


def test_the_demo_tells_its_story(tmp_path: Path) -> None:
    ran = process("demo", cwd=tmp_path, environ={"TMPDIR": str(tmp_path)})
    assert ran.code == 0, ran.out + ran.err
    assert ran.out.count("$ pinsync") == 7
    assert "1 pin to update" in ran.out
    assert "Where to look" in ran.out

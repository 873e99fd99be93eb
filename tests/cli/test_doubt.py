"""What people do about doubt, locks, damage and interruption: processes that are stopped, an emulator that misbehaves."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from pinsync.emulator.faults import parse_fault
from pinsync.emulator.server import running
from pinsync.emulator.settings import EmulatorSettings
from tests.cli.running import Ran, pinsync
from tests.world import picture

BOARDS = "boards: [{key: soups, name: Soups}]\n"
PIN = "board: soups\ntitle: Pumpkin soup\nimage: soup.jpg\n"


class Folder:
    """A content folder and the emulator that it is for."""

    def __init__(self, root: Path, origin: str) -> None:
        self.root = root
        self.origin = origin
        root.mkdir(exist_ok=True)
        files = {"pinsync.yaml": "environment: emulator\nsettling: 0s\n", "boards.yaml": BOARDS, "soup.yaml": PIN}
        for name, text in files.items():
            (root / name).write_text(text)
        (root / "soup.jpg").write_bytes(picture())

    @property
    def environ(self) -> dict[str, str]:
        return {"PINTEREST_API_URL": f"{self.origin}/v5"}

    @property
    def state(self) -> Path:
        return self.root / ".pinsync" / "state.json"

    def pinsync(self, *arguments: str) -> Ran:
        return pinsync(*arguments, cwd=self.root, environ=self.environ)

    def request(self, method: str, path: str, body: Any = None) -> Any:
        headers = {"Authorization": "Bearer emulator"}
        return httpx.request(method, f"{self.origin}/v5{path}", json=body, headers=headers).json()

    def twin(self) -> str:
        """Somebody else's pin that looks just like the declared one; its id."""
        (board,) = self.request("GET", "/boards")["items"]
        data = base64.b64encode(picture()).decode()
        source = {"source_type": "image_base64", "content_type": "image/jpeg", "data": data}
        return str(
            self.request("POST", "/pins", {"board_id": board["id"], "title": "Pumpkin soup", "media_source": source})[
                "id"
            ]
        )


@contextmanager
def folder(tmp_path: Path, *faults: str) -> Iterator[Folder]:
    (tmp_path / "data").mkdir(exist_ok=True)
    with running(EmulatorSettings(data=tmp_path / "data", faults=tuple(map(parse_fault, faults)))) as origin:
        yield Folder(tmp_path / "content", origin)


def test_of_several_that_look_alike_a_person_says_which_one_it_is(tmp_path: Path) -> None:
    with folder(tmp_path) as content:
        content.pinsync("apply", "--auto-approve")
        first = json.loads(content.pinsync("state", "show", "pin.soup", "--format", "json").out)["id"]
        second = content.twin()
        assert (
            content.pinsync("state", "forget", "pin.soup").out == f"Forgot pin.soup; pin {first} stays on Pinterest.\n"
        )
        held = content.pinsync("plan")
        assert "pinsync state adopt pin.soup ID" in held.out
        for advice in (first, second):
            assert advice in held.out

        assert content.pinsync("state", "adopt", "pin.soup", second).out == f"pin.soup is {second} from now on.\n"
        assert content.pinsync("plan", "--detailed-exitcode").code == 0
        assert json.loads(content.pinsync("state", "show", "pin.soup", "--format", "json").out)["id"] == second


REFUSED = [
    (("adopt", "pin.tart", "1"), "neither declared nor in doubt"),
    (("adopt", "pin.soup", "1"), "already"),
    (("adopt", "pin.other", "12"), "there is no pin 12"),
    (("adopt", "pin.other", "soup"), "ids are digits"),
    (("adopt", "board.other", "12"), "there is no board 12"),
    (("adopt", "section.soups/autumn", "12"), "there is no section 12"),
    (("forget", "pin.sop"), "Did you mean pin.soup?"),
    (("forget", "pin.other"), "the state knows no pin.other"),
]


def test_what_cannot_be_adopted_or_forgotten_is_refused(tmp_path: Path) -> None:
    with folder(tmp_path) as content:
        content.pinsync("apply", "--auto-approve")
        (content.root / "boards.yaml").write_text(
            "boards: [{key: soups, name: Soups, sections: [{key: autumn, name: Autumn}]}, {key: other, name: Other}]\n"
        )
        (content.root / "other.yaml").write_text(PIN.replace("Pumpkin", "Other"))
        before = content.pinsync("state", "pull").out
        for arguments, says in REFUSED:
            ran = content.pinsync("state", *arguments)
            assert ran.code == 1
            assert says in ran.err
            assert "Traceback" not in ran.err
        assert content.pinsync("state", "pull").out == before


def test_a_taken_id_is_not_given_away_twice(tmp_path: Path) -> None:
    with folder(tmp_path) as content:
        content.pinsync("apply", "--auto-approve")
        (content.root / "other.yaml").write_text(PIN.replace("Pumpkin", "Other"))
        taken = json.loads(content.pinsync("state", "show", "pin.soup", "--format", "json").out)["id"]
        ran = content.pinsync("state", "adopt", "pin.other", taken)
        assert f"{taken} is pin.soup already" in ran.err


def test_an_adopted_board_and_section_are_brought_to_what_is_declared(tmp_path: Path) -> None:
    with folder(tmp_path) as content:
        board = content.request("POST", "/boards", {"name": "Old soups"})["id"]
        section = content.request("POST", f"/boards/{board}/sections", {"name": "Fall"})["id"]
        (content.root / "boards.yaml").write_text(
            "boards: [{key: soups, name: Soups, sections: [{key: autumn, name: Autumn}]}]\n"
        )
        assert content.pinsync("state", "adopt", "board.soups", board).code == 0
        assert content.pinsync("state", "adopt", "section.soups/autumn", section).code == 0
        assert content.pinsync("apply", "--auto-approve").code == 0
        assert [one["name"] for one in content.request("GET", "/boards")["items"]] == ["Soups"]
        assert [one["name"] for one in content.request("GET", f"/boards/{board}/sections")["items"]] == ["Autumn"]
        assert content.pinsync("plan", "--detailed-exitcode").code == 0


def test_a_damaged_state_is_mended_and_nothing_is_made_again(tmp_path: Path) -> None:
    with folder(tmp_path) as content:
        content.pinsync("apply", "--auto-approve")
        assert content.pinsync("state", "recover").out == "The state is sound; nothing was changed.\n"
        content.state.write_text(content.state.read_text()[:200])
        refused = content.pinsync("apply", "--auto-approve")
        assert refused.code == 1
        assert "pinsync state recover" in refused.err

        recovered = content.pinsync("state", "recover")

        assert recovered.code == 0
        assert "is damaged" in recovered.out
        assert content.pinsync("apply", "--auto-approve").code == 0
        assert len(content.request("GET", "/pins")["items"]) == 1
        assert content.pinsync("plan", "--detailed-exitcode").code == 0


def start(content: Folder, *arguments: str) -> subprocess.Popen[str]:
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(("PINSYNC_", "PINTEREST_"))}
    return subprocess.Popen(
        [sys.executable, "-u", "-m", "pinsync", *arguments], cwd=content.root, env={**inherited, **content.environ},
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def until(process: subprocess.Popen[str], words: str) -> str:
    """What the process prints until there is a line with these words."""
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if words in line:
            return said
    raise AssertionError(f"ended before it said {words!r}: {said}")


@pytest.mark.skipif(os.name == "nt", reason="Windows has other signals")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_the_first_signal_lets_what_is_under_way_finish(tmp_path: Path, number: int, code: int) -> None:
    with folder(tmp_path, "pins/create:slow=0.5") as content:
        (content.root / "pinsync.yaml").write_text("environment: emulator\nconcurrency: 1\n")
        for name in "bcdef":
            (content.root / f"{name}.yaml").write_text(PIN.replace("Pumpkin", name))
        process = start(content, "apply", "--auto-approve")
        until(process, "created   board.soups")
        process.send_signal(number)
        out, err = process.communicate(timeout=60)

        assert process.returncode == code, out + err
        assert "Stopping: what is under way is finished and recorded" in err
        assert "the run was stopped" in out
        assert "the next plan holds only what is left" in out
        state = json.loads(content.pinsync("state", "pull").out)
        assert state["pending"] == {}
        made = {pin["id"] for pin in content.request("GET", "/pins")["items"]}
        assert made == {entry["id"] for entry in state["resources"].values() if entry["kind"] == "pin"}
        assert len(made) < 6
        assert content.pinsync("apply", "--auto-approve").code == 0
        assert len(content.request("GET", "/pins")["items"]) == 6


@pytest.mark.skipif(os.name == "nt", reason="Windows has other signals")
def test_the_second_signal_ends_the_run_at_once_and_nothing_is_lost(tmp_path: Path) -> None:
    with folder(tmp_path, "pins/create:drop-after:nth=1", "pins/create:slow=3:nth=1") as content:
        process = start(content, "apply", "--auto-approve")
        until(process, "created   board.soups")
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        process.stderr.readline()
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
        assert process.returncode == 130
        assert content.pinsync("apply", "--auto-approve", "--lock-timeout", "5").code == 0
        assert len(content.request("GET", "/pins")["items"]) == 1


def test_a_second_apply_waits_for_the_first_or_is_told_who_holds_the_lock(tmp_path: Path) -> None:
    with folder(tmp_path, "pins/create:slow=4") as content:
        first = start(content, "apply", "--auto-approve")
        until(first, "created   board.soups")
        refused = content.pinsync("apply", "--auto-approve")
        assert refused.code == 1
        assert f"process {first.pid}" in refused.err
        waited = content.pinsync("apply", "--auto-approve", "--lock-timeout", "30")
        assert waited.code == 0, waited.err
        assert "waiting for up to 30 seconds" in waited.err
        assert "Nothing to do" in waited.out
        out, err = first.communicate(timeout=60)
        assert first.returncode == 0, out + err
        assert len(content.request("GET", "/pins")["items"]) == 1


def test_the_lock_of_a_killed_run_is_taken_over(tmp_path: Path) -> None:
    with folder(tmp_path, "pins/create:slow=1") as content:
        first = start(content, "apply", "--auto-approve")
        until(first, "created   board.soups")
        first.kill()
        first.communicate()
        assert content.state.with_name("state.json.lock").exists()
        assert content.pinsync("apply", "--auto-approve").code == 0
        assert len(content.request("GET", "/pins")["items"]) == 1
        assert not content.state.with_name("state.json.lock").exists()

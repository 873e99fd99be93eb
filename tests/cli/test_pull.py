"""``pinsync pull`` over HTTP."""

from __future__ import annotations

from pathlib import Path

import httpx

from pinsync.emulator.server import running
from pinsync.emulator.settings import EmulatorSettings
from tests.cli.running import Ran, pinsync
from tests.world import BOARDS, picture

PIN = "board: soups   # mine\ntitle: Soup\nimage: soup.jpg\n"


def test_shown_then_written_then_settled(tmp_path: Path) -> None:
    content = tmp_path / "content"
    content.mkdir()
    (tmp_path / "data").mkdir()
    for name, text in {"pinsync.yaml": "environment: emulator\n", "boards.yaml": BOARDS, "soup.yaml": PIN}.items():
        (content / name).write_text(text)
    (content / "soup.jpg").write_bytes(picture())
    with running(EmulatorSettings(data=tmp_path / "data")) as origin:

        def run(*arguments: str) -> Ran:
            return pinsync(*arguments, cwd=content, environ={"PINTEREST_API_URL": f"{origin}/v5"})

        assert run("apply", "--auto-approve").code == 0
        with httpx.Client(base_url=f"{origin}/v5", headers={"Authorization": "Bearer emulator"}) as http:
            pin = http.get("/pins").json()["items"][0]["id"]
            assert http.patch(f"/pins/{pin}", json={"title": "Soup \u202ewen"}).status_code == 200

        shown = run("pull", "--dry-run")
        assert (shown.code, shown.err) == (0, "")
        assert shown.out.splitlines() == [
            "--- a/soup.yaml",
            "+++ b/soup.yaml",
            "@@ -1,3 +1,3 @@",
            " board: soups   # mine",
            "-title: Soup",
            "+title: Soup \\u202ewen",
            " image: soup.jpg",
        ]
        assert (content / "soup.yaml").read_text() == PIN

        pulled = run("pull")
        assert pulled.code == 0
        assert pulled.out == f"{shown.out}Pulled 1 value into 1 file.\n"
        assert (content / "soup.yaml").read_text() == PIN.replace("Soup", "Soup \u202ewen")
        assert run("plan", "--detailed-exitcode").code == 0

        named = run("pull", "--address", "pin.soup")
        assert (named.code, named.out) == (1, "Nothing to pull.\n")
        assert named.err == "Left out: pin.soup: nobody changed it on Pinterest since pinsync looked last.\n"

"""``pinsync analytics`` as it is typed: where the report goes, and the exit codes."""

from __future__ import annotations

from pathlib import Path

import pytest

from pinsync.emulator.server import running
from pinsync.emulator.settings import EmulatorSettings
from tests.cli.running import pinsync
from tests.world import picture


def test_reports_go_where_they_are_asked_for(tmp_path: Path) -> None:
    content = tmp_path / "content"
    content.mkdir()
    (content / "pinsync.yaml").write_text("environment: emulator\ntier: standard\n")
    (content / "boards.yaml").write_text("boards: [{key: soups, name: Soups}]\n")
    for name in ("soup", "stew"):
        (content / f"{name}.yaml").write_text(f"board: soups\ntitle: {name}\nimage: {name}.jpg\n")
        (content / f"{name}.jpg").write_bytes(picture())
    with running(EmulatorSettings(tmp_path / "data", pin_age=60 * 86_400, beta=False)) as origin:
        environ = {"PINTEREST_API_URL": f"{origin}/v5"}
        assert pinsync("apply", "--auto-approve", cwd=content, environ=environ).code == 0
        some = pinsync("analytics", "--max-calls", "2", cwd=content, environ=environ)
        assert some.code == 3
        assert "--max-calls allows 1, so that 1 call must wait" in some.err
        assert "1 of 2 pins without numbers" in some.out
        page = pinsync("-q", "analytics", "--out", "a/it.html", "--board", "soups", cwd=content, environ=environ)
        assert (page.code, page.out) == (0, "")
        assert page.err == f"Analytics: {Path('a/it.html')}\n"
        assert (content / "a" / "it.html").read_text("utf-8").startswith("<!doctype html>")
        lines = pinsync("analytics", "pin.s*", "--format", "csv", cwd=content, environ=environ)
        assert lines.out.splitlines()[1].startswith("pin,pin.s")
        assert lines.err == ""  # all of it was known
        refused = pinsync("analytics", "--out", "it.yaml", cwd=content, environ=environ)
        assert refused.code == 1
        assert "would be taken for content" in refused.err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [([], "the sandbox has no analytics"), (["--limit", "0"], "range"), (["--by", "tag"], "tag")],
)
def test_what_is_wrong_is_said_without_a_call(tmp_path: Path, arguments: list[str], says: str) -> None:
    (tmp_path / "pinsync.yaml").write_text("environment: sandbox\n")
    ran = pinsync("analytics", *arguments, cwd=tmp_path, environ={"PINTEREST_ACCESS_TOKEN": "pina_a"})
    assert ran.code in (1, 2)
    assert says in ran.err

"""``pinsync validate``: warnings beside errors, what makes it fail, and links."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pinsync.cli import Terminal
from pinsync.cli.validate import command
from tests.cli.running import pinsync
from tests.content.corpus import PIN, root

WARNED = f"{PIN}title: T\ndescription: D\nlink: https://example.com/\nlints: {{small-image: off}}\n"


def validate(*arguments: str) -> Result:
    return CliRunner().invoke(command, arguments, obj=Terminal(False, 0))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(root(tmp_path, {"p.yaml": WARNED}))
    return tmp_path


def test_a_warning_shows_its_rule_and_does_not_fail(folder: Path) -> None:
    ran = validate()
    assert ran.output == (
        "p.yaml:1:1: warning: the pin has no alt text. Say what the picture shows, for people who do not see it. "
        "`alt_text: null` says that it shall have none. [missing-alt-text]\n"
        "    board: soups\n    ^\n"
        "5 resources checked: 1 warning.\n"
    )
    assert ran.exit_code == 0


def test_strict_fails_for_warnings(folder: Path) -> None:
    assert validate("--strict").exit_code == 1
    (folder / "p.yaml").write_text(f"{WARNED}alt_text: A\n")
    ran = validate("--strict")
    assert (ran.exit_code, ran.output) == (0, "5 resources checked: no problems.\n")


def test_a_rule_that_is_an_error_fails_here_and_forbids_planning(folder: Path) -> None:
    (folder / "pinsync.yaml").write_text("environment: emulator\nlints: {missing-alt-text: error}\n")
    ran = validate()
    assert ran.exit_code == 1
    assert "p.yaml:1:1: the pin has no alt text." in ran.output
    assert "[missing-alt-text]" in ran.output
    planned = pinsync("plan", cwd=folder)  # no emulator runs: the content is looked at before anything is sent
    assert planned.code == 1
    assert planned.err.startswith("p.yaml:1:1: the pin has no alt text.")
    assert "nothing was sent" in planned.err


def test_warnings_as_json_and_annotations(folder: Path) -> None:
    document = json.loads(validate("--format", "json").output)
    assert document["summary"] == {"errors": 0, "warnings": 1}
    (problem,) = document["problems"]
    assert (problem["severity"], problem["code"]) == ("warning", "missing-alt-text")
    assert validate("--format", "github").output.startswith(
        "::warning file=p.yaml,line=1,col=1,title=pinsync missing-alt-text::the pin has no alt text."
    )


def test_planning_prints_no_warnings(folder: Path) -> None:
    planned = pinsync("plan", "--refresh=false", cwd=folder, environ={"PINTEREST_ACCESS_TOKEN": "t"})
    assert planned.code == 0
    assert "alt text" not in planned.out.replace("alt_text", "")
    assert planned.err == ""


@pytest.fixture
def site() -> Iterator[str]:
    """A web site on this machine."""

    class Pages(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.send_response(404 if "gone" in self.path else 200)
            self.end_headers()

        do_GET = do_HEAD  # noqa: N815

        def log_message(self, *arguments: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_links_are_asked_for_over_the_network(folder: Path, site: str) -> None:
    (folder / "pinsync.yaml").write_text("environment: emulator\nlints: {missing-alt-text: off}\n")
    for name in ("gone", "there"):
        (folder / f"{name}.yaml").write_text(
            WARNED.replace("title: T", f"title: {name}").replace("https://example.com", f"{site}/{name}")
            .replace("off}", "off, same-picture: off}")
        )  # fmt: skip
    (folder / "p.yaml").unlink()
    ran = validate("--links")
    assert ran.stdout.startswith(
        f'gone.yaml:5:7: warning: the link "{site}/gone/" is dead: 404 Not Found (in `pin.gone`).'
    )
    assert "[dead-link]" in ran.stdout
    assert ran.stderr == "Links: 2 checked, 0 of them from the cache; 1 dead; 0 could not be checked.\n"
    assert ran.exit_code == 0
    again = validate("--links", "--strict")
    assert again.stderr == "Links: 2 checked, 1 of them from the cache; 1 dead; 0 could not be checked.\n"
    assert again.exit_code == 1

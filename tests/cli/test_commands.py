"""The command line as a whole: overview, documentation, start-up, options that all commands share."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from pinsync import __version__
from pinsync.cli import COMMANDS, load
from pinsync.emulator.server import running
from pinsync.emulator.settings import EmulatorSettings
from scripts.write_docs import PAGES
from tests.cli.running import pinsync, process

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("name", COMMANDS)
def test_the_overview_says_what_the_command_says(name: str) -> None:
    command = load(name)
    assert command.name == name
    assert command.get_short_help_str(200) == COMMANDS[name]
    assert command.help


def test_every_option_says_what_it_does() -> None:
    def options(command: click.Command) -> Iterator[click.Option]:
        yield from (one for one in command.params if isinstance(one, click.Option))
        for below in getattr(command, "commands", {}).values():
            yield from options(below)

    assert [one.opts for name in COMMANDS for one in options(load(name)) if not (one.help or one.hidden)] == []


@pytest.mark.parametrize("page", PAGES)
def test_the_reference_is_up_to_date(page: str) -> None:
    assert (DOCS / page).read_text("utf-8") == PAGES[page](), "run `make docs`"


def test_the_variable_of_an_option_is_called_like_the_option(tmp_path: Path) -> None:
    pinsync("init", cwd=tmp_path)
    for variable, command in (
        ("PINSYNC_VALIDATE_FORMAT", ["validate"]),
        ("PINSYNC_STATE_LIST_FORMAT", ["state", "list"]),
    ):
        assert pinsync(*command, cwd=tmp_path, environ={variable: "json"}).out.startswith(("{", "["))


def test_version(tmp_path: Path) -> None:
    assert process("--version", cwd=tmp_path).out.split() == ["pinsync,", "version", __version__]


def test_an_option_in_the_wrong_place_is_told_the_right_one(tmp_path: Path) -> None:
    told = pinsync("state", "list", "-q", cwd=tmp_path)
    assert told.code == 2
    assert "No such option '-q'. It goes before the command: `pinsync -q state list`." in told.err
    assert "before the command" not in pinsync("plan", "--bogus", cwd=tmp_path).err


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys\nfrom pinsync.cli import root\n"
        "root.main(['--help'], prog_name='pinsync', standalone_mode=False)\n"
        "print(*sorted({name.partition('.')[0] for name in sys.modules} & "
        "{'httpx', 'PIL', 'yaml', 'jsonschema', 'rich', 'starlette', 'uvicorn', 'asyncio', 'logging', 'dataclasses'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == ""


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts(shell: str, tmp_path: Path) -> None:
    assert "_PINSYNC_COMPLETE" in pinsync("completion", shell, cwd=tmp_path).out


def test_completion_knows_the_commands(tmp_path: Path) -> None:
    environ = {"_PINSYNC_COMPLETE": "bash_complete", "COMP_WORDS": "pinsync s", "COMP_CWORD": "1"}
    assert pinsync(cwd=tmp_path, environ=environ).out.split() == [
        "plain,schedule",
        "plain,show",
        "plain,state",
        "plain,schema",
    ]


def test_init_then_validate(tmp_path: Path) -> None:
    first = pinsync("init", "pins", cwd=tmp_path)
    assert first.code == 0
    assert first.out.count("wrote") == 14
    assert "no problems" in pinsync("-C", "pins", "validate", cwd=tmp_path).out
    (tmp_path / "pins" / "boards.yaml").write_text("mine")
    again = pinsync("init", "pins", cwd=tmp_path)
    assert again.out.count("kept") == 14
    assert (tmp_path / "pins" / "boards.yaml").read_text() == "mine"


def test_outside_a_content_root_the_way_in_is_named(tmp_path: Path) -> None:
    ran = process("plan", cwd=tmp_path)
    assert ran.code == 1
    assert ran == pinsync("plan", cwd=tmp_path)
    assert "pinsync init" in ran.err


def test_the_content_root_is_found_from_below(tmp_path: Path) -> None:
    pinsync("init", cwd=tmp_path)
    assert pinsync("validate", cwd=tmp_path / "pins").code == 0
    assert pinsync("validate", "pins/first-pin.yaml", cwd=tmp_path).code == 0


@pytest.mark.parametrize("command", ["plan", "apply"])
def test_problems_in_the_content_come_before_everything(command: str, tmp_path: Path) -> None:
    (tmp_path / "pinsync.yaml").write_text("environment: production\n")
    (tmp_path / "soup.yaml").write_text("titel: Soup\nimage: no.jpg\n")
    arguments = ["--auto-approve"] if command == "apply" else []
    ran = pinsync(command, *arguments, cwd=tmp_path)
    assert ran.code == 1
    assert "soup.yaml:1:1: unknown key `titel`. Did you mean `title`?" in ran.err
    assert "nothing was sent" in ran.err
    assert not (tmp_path / ".pinsync" / "state.json.lock").exists()


def test_a_missing_token_is_said_before_anything_is_locked(tmp_path: Path) -> None:
    (tmp_path / "pinsync.yaml").write_text("environment: sandbox\n")
    ran = pinsync("apply", "--auto-approve", cwd=tmp_path)
    assert ran.code == 1
    assert "PINTEREST_ACCESS_TOKEN" in ran.err
    assert not (tmp_path / ".pinsync").exists() or not (tmp_path / ".pinsync" / "state.json.lock").exists()


def test_apply_without_a_terminal_needs_approval(tmp_path: Path) -> None:
    (tmp_path / "pinsync.yaml").touch()
    ran = pinsync("apply", cwd=tmp_path)
    assert ran.code == 1
    assert "--auto-approve" in ran.err


@pytest.mark.parametrize("name", ["pin", "boards", "config", "defaults"])
def test_schema_prints_the_published_file(name: str, tmp_path: Path) -> None:
    assert pinsync("schema", name, cwd=tmp_path).out == (DOCS.parent / "schemas" / f"{name}.json").read_text("utf-8")


def test_quiet_says_the_sum_and_the_result_and_logs_can_be_json(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    with running(EmulatorSettings(data=tmp_path / "data")) as origin:
        environ = {"PINTEREST_API_URL": f"{origin}/v5"}
        pinsync("init", "pins", "--environment", "emulator", cwd=tmp_path)
        plan = pinsync("-q", "plan", "pins", cwd=tmp_path, environ=environ)
        assert plan.out == "Plan: 1 board, 1 section and 1 pin to create.\n"
        done = pinsync(
            "-q", "--log-format", "json", "-vv", "apply", "pins", "--auto-approve", cwd=tmp_path, environ=environ
        )
        assert done.out == "\nApplied: 3 done.\n"
        logged = [json.loads(line) for line in done.err.splitlines()]
        assert len({entry["run"] for entry in logged}) == 1
        assert any(entry["message"] == "POST /pins -> 201" and entry["level"] == "debug" for entry in logged)
        refused = pinsync("--log-format", "json", "apply", "pins", cwd=tmp_path, environ=environ)
        (error,) = [json.loads(line) for line in refused.err.splitlines()]
        assert (error["level"], error["advice"]) == ("error", "Add --auto-approve once the plan was reviewed.")
        assert refused.out == ""


def test_a_command_whose_reader_leaves_ends_quietly(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "pinsync", "schema", "pin"]
    done = subprocess.run(command, cwd=tmp_path, stdout=writing, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (1, "")


def test_colour_goes_where_it_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "pinsync.yaml").write_text("environment: emulator\n")
    (tmp_path / "soup.yaml").write_text("titel: Soup\n")
    for arguments, environ, coloured in (
        ([], {}, False),
        (["--color", "always"], {"NO_COLOR": "1"}, True),
        ([], {"FORCE_COLOR": "1"}, True),
        (["--no-color"], {"FORCE_COLOR": "1"}, False),
    ):
        for command in ("validate", "schedule"):
            ran = pinsync(*arguments, command, cwd=tmp_path, environ=environ)
            assert ("\x1b[" in ran.out + ran.err) is coloured, (arguments, environ, command)

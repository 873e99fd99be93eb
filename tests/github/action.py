"""A small runner of composite actions: executes the `run` steps of action.yml for real, with their variables, in order."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from click.testing import CliRunner

from pinsync.cli import root

ACTION = Path(__file__).parents[2] / "action.yml"
_OURS = ("PINSYNC_", "PINTEREST_", "GITHUB_")
_EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")


@dataclass(frozen=True)
class Ran:
    """How the action ended: its exit code, its log, its outputs and the summary of the job."""

    code: int
    log: str
    outputs: dict[str, str]
    summary: str


def definition() -> dict[str, Any]:
    """The action as it is written."""
    found: dict[str, Any] = yaml.safe_load(ACTION.read_text("utf-8"))
    return found


def run_action(folder: Path, inputs: Mapping[str, str], environ: Mapping[str, str], *, for_real: bool) -> Ran:
    """Runs the action in ``folder``, a checkout. The step that installs pinsync is left out, since it needs the network; the
    one under test is used. Where it is not ``for_real``, the step that runs pinsync is run in this process, with the same
    variables."""
    action = definition()
    given = {name: str(entry.get("default", "")) for name, entry in action["inputs"].items()} | dict(inputs)
    assert given.keys() == action["inputs"].keys(), "an input that the action does not have"
    temporary = folder.parent / f"{folder.name}-runner"
    output, summary = temporary / "output", temporary / "summary"
    _prepare(temporary, output, summary)
    base = {key: value for key, value in os.environ.items() if not key.startswith(_OURS)}
    base |= {"GITHUB_OUTPUT": str(output), "GITHUB_STEP_SUMMARY": str(summary), "RUNNER_TEMP": str(temporary)}
    base |= {"GITHUB_WORKSPACE": str(folder), "PINSYNC_ACCOUNTS": str(temporary / "accounts"), **environ}
    known = {"github.token": environ.get("GITHUB_TOKEN", ""), "github.action_path": str(ACTION.parent)}

    def expanded(text: str) -> str:
        def value(found: re.Match[str]) -> str:
            kind, _, name = found[1].partition(".")
            return expanded(given[name]) if kind == "inputs" else known.get(found[1], "")

        return _EXPRESSION.sub(value, text)

    log, code = "", 0
    for step in action["runs"]["steps"]:
        if "run" not in step or step["name"] == "Install pinsync" or code:
            continue
        assert step["shell"] == "bash"
        assert not _EXPRESSION.search(step["run"]), "what others write reaches a script through a variable only"
        env = base | {name: expanded(str(value)) for name, value in step.get("env", {}).items()}
        code, said = (_in_a_shell if for_real else _in_this_process)(step["run"], folder, env)
        log += said
    found = re.findall(
        r"^([a-z-]+)<<(pinsync-[0-9a-f]+)\n(.*?)\n\2$", output.read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    return Ran(code, log, {name: value for name, _, value in found}, summary.read_text("utf-8"))


def _prepare(temporary: Path, *files: Path) -> None:
    program = temporary / "pinsync-venv" / "bin" / "pinsync"
    program.parent.mkdir(parents=True, exist_ok=True)
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m pinsync "$@"\n')
    program.chmod(0o755)
    for file in files:
        file.write_text("")


def _in_a_shell(script: str, folder: Path, env: Mapping[str, str]) -> tuple[int, str]:
    bash = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
    done = subprocess.run(bash, cwd=folder, env=env, capture_output=True, text=True, timeout=120, check=False)
    return done.returncode, done.stdout + done.stderr


def _in_this_process(script: str, folder: Path, env: Mapping[str, str]) -> tuple[int, str]:
    words = shlex.split(script.replace("$COMMAND", env["COMMAND"]).replace("$CONTENT", env["CONTENT"]))
    assert words[0] == "$RUNNER_TEMP/pinsync-venv/bin/pinsync"
    cleared = {name: None for name in os.environ if name.startswith(_OURS) and name not in env}
    arguments = ["-C", str(folder), *words[1:]]
    here = Path.cwd()
    try:
        done = CliRunner().invoke(root, arguments, env={**cleared, **env}, auto_envvar_prefix="PINSYNC")
    finally:
        os.chdir(here)
    if done.exception and not isinstance(done.exception, SystemExit):
        return 1, done.output + repr(done.exception)
    return done.exit_code, done.output

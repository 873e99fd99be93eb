"""The workflows to copy: least permissions, pinned actions, nothing untrusted in a script, inputs that the action has."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.github.action import ACTION, definition

WORKFLOWS = sorted((ACTION.parent / "examples" / "github").glob("*.yml"))


def steps(workflow: dict[str, Any]) -> list[dict[str, Any]]:
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.stem)
def test_a_workflow_is_safe_to_copy(file: Path) -> None:
    workflow = yaml.safe_load(file.read_text("utf-8"))
    triggers = workflow[True]  # YAML 1.1 reads `on` so
    assert "pull_request_target" not in triggers
    assert workflow["permissions"] == {}
    assert workflow["concurrency"]["cancel-in-progress"] is (workflow["concurrency"]["group"] != "pinsync-apply")
    for job in workflow["jobs"].values():
        assert job["permissions"]["contents"] in ("read", "write")
    for step in steps(workflow):
        assert "${{" not in step.get("run", "")
        if "uses" in step:
            assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", step["uses"])
        if step.get("uses", "").startswith("pinsync/"):
            assert step["with"].keys() <= definition()["inputs"].keys()
        if step.get("uses", "").startswith("actions/checkout"):
            assert step["with"]["persist-credentials"] is False


def test_the_workflows_are_those_that_the_documentation_names() -> None:
    text = (ACTION.parent / "docs" / "github.md").read_text("utf-8")
    assert {file.name for file in WORKFLOWS} == set(re.findall(r"^\| \[([a-z]+\.yml)\]", text, re.MULTILINE))

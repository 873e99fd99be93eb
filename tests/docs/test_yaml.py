"""Every YAML file that the documentation shows is one that pinsync takes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from pinsync.content.documents import parse
from pinsync.emulator.scenario import load_scenario
from tests.docs.pages import DOCS, README, ROOT, Block

OF_OTHERS = {
    "jobs": "a GitHub workflow",
    "repos": "pre-commit's configuration",
    "runs": "a GitHub action",
    "script": "a job of GitLab CI",
}
"""Keys that tell the files of other programs, which are only parsed."""

_MEDIA = {"image", "carousel", "video", "save"}
_LISTS = {"boards", "pins"}
BLOCKS = [
    pytest.param(block, id=f"{page.name}:{block.line}")
    for page in (README, *DOCS)
    for block in page.blocks
    if block.language in ("yaml", "yml")
]


def schema(name: str) -> dict[str, Any]:
    """A published schema."""
    return dict(json.loads((ROOT / "schemas" / f"{name}.json").read_text("utf-8")))


def kind_of(value: dict[str, Any]) -> str:
    """The schema that a file with these keys is for, ``scenario``, or empty where it is nothing that is known."""
    keys = value.keys()
    if keys & OF_OTHERS.keys():
        return "another program's"
    if "faults" in keys:
        return "scenario"
    if keys & _LISTS:
        return "boards"
    if keys & _MEDIA:
        return "pin"
    return next((name for name in ("defaults", "config") if keys <= schema(name)["properties"].keys()), "")


@pytest.mark.parametrize("block", BLOCKS)
def test_a_file_in_the_documentation_is_valid(block: Block, tmp_path: Path) -> None:
    document = parse("a block", block.text.encode())
    assert document.problems == []
    kind = kind_of(document.value)
    assert kind, f"{list(document.value)} are keys of no file that is known"
    if kind == "scenario":
        (tmp_path / "scenario.yaml").write_text(block.text, "utf-8")
        assert load_scenario(tmp_path / "scenario.yaml")[1] == []
    elif kind != "another program's":
        errors = [error.message for error in Draft202012Validator(schema(kind)).iter_errors(document.value)]
        assert errors == []


def test_a_wrong_file_is_noticed() -> None:
    for text, kind in [("titel: Soup\nimage: a.jpg\n", "pin"), ("boards: [{key: soups}]\n", "boards")]:
        value = parse("a block", text.encode()).value
        assert kind_of(value) == kind
        assert not Draft202012Validator(schema(kind)).is_valid(value)
    assert kind_of({"borad": "soups"}) == ""

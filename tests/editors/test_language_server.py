"""A real language server with what ``pinsync init`` sets up for it.

``npm ci --prefix tests/editors``, and YAML_LANGUAGE_SERVER=$PWD/tests/editors/node_modules/.bin/yaml-language-server in the
environment.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pinsync.content.starter import write_starter
from pinsync.model.schemas import build
from tests.editors.server import Server

COMMAND = os.environ.get("YAML_LANGUAGE_SERVER")
pytestmark = pytest.mark.skipif(not COMMAND, reason="YAML_LANGUAGE_SERVER does not say where one is")

PIN, BOARDS, CONFIG, DEFAULTS = (build()[name] for name in ("pin", "boards", "config", "defaults"))
FILES = {"pins/new.yaml": PIN, "lists/new.yml": BOARDS, "pinsync.yaml": CONFIG, "pins/_defaults.yaml": DEFAULTS}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("content")
    assert all(written for _, written in write_starter(root, "emulator"))
    return root


@pytest.fixture(scope="module")
def server(root: Path) -> Iterator[Server]:
    with Server([COMMAND or "", "--stdio"], root) as server:
        yield server


def lines(schema: dict[str, Any], indent: str = "") -> Iterator[tuple[str, str]]:
    """Every key below a schema, lists left out, as a file with the cursor on it, and its description."""
    for key, value in schema.get("properties", {}).items():
        yield f"{indent}|{key}: ", value["description"]
        for text, description in lines(value, f"{indent}  "):
            yield f"{indent}{key}:\n{text}", description


def test_it_finds_nothing_wrong_with_the_starter(server: Server, root: Path) -> None:
    for path in root.rglob("*.yaml"):
        assert server.problems(path.relative_to(root).as_posix(), path.read_text("utf-8")) == []


@pytest.mark.parametrize(
    ("name", "text", "problems"),
    [
        ("a.yaml", "image: a.jpg\ntitle: no\nlints: {small-image: off}\nboard: süßes\n", []),
        ("a.yaml", "board: {existing: Soups}\ncarousel: [{image: a.jpg}, {image: b.jpg, title: B}]\n", []),
        ("a.yaml", "titel: A\nimage: a.jpg\n", ["1:1: Property titel is not allowed."]),
        ("a.yaml", "title: A\n", ['1:1: Missing property "image".']),
        ("a.yaml", "video: a.mp4\ncover: 12:30\n", ["2:8: Write a time in whole seconds such as 3s, or name a picture."]),
        ("a.yaml", "image: a.jpg\nboard: {existing: }\n", ['2:19: Incorrect type. Expected "string".']),
        ("a.yaml", "pins: [{id: a, image: a.jpg}]\n", []),
        ("a.yaml", "pins: [{image: a.jpg}]\n", ['1:8: Missing property "id".']),
        ("a.yaml", "boards: [{key: a b, name: A}]\n",
         ["1:16: Use letters, digits, dots, dashes and underscores, such as `soups`."]),
        ("a/_defaults.yaml", "image: a.jpg\n", ["1:1: Property image is not allowed."]),
        ("pinsync.yaml", "tier: gold\n", ['1:7: Value is not accepted. Valid values: "trial", "standard".']),
        (".github/workflows/a.yml", "on: push\n", []),
    ],
)  # fmt: skip
def test_it_says_what_is_wrong(name: str, text: str, problems: list[str], server: Server) -> None:
    assert server.problems(name, text) == problems


@pytest.mark.parametrize("name", FILES)
def test_it_explains_every_key(name: str, server: Server) -> None:
    for text, description in lines(FILES[name]):
        assert description in server.hover(name, text).replace("\\", ""), text


@pytest.mark.parametrize(
    ("name", "text", "schema"),
    [
        ("a.yaml", "|", PIN),
        ("pinsync.yaml", "|", CONFIG),
        ("pinsync.yaml", "policies:\n  |", CONFIG["properties"]["policies"]),
        ("pinsync.yaml", "lints:\n  |", CONFIG["properties"]["lints"]),
        ("a/_defaults.yaml", "|", DEFAULTS),
        ("boards.yaml", "|", BOARDS),
        ("a.yaml", "boards:\n  - |", BOARDS["properties"]["boards"]["items"]),
        ("a.yaml", "pins:\n  - |", BOARDS["properties"]["pins"]["items"]),
        ("a.yaml", "carousel:\n  - |", PIN["properties"]["carousel"]["items"]),
    ],
)
def test_it_offers_every_key_with_its_description(name: str, text: str, schema: dict[str, Any], server: Server) -> None:
    offered = server.completions(name, text)
    for key, value in schema["properties"].items():
        assert offered[key][1] == value["description"]


@pytest.mark.parametrize(
    ("name", "text", "values"),
    [
        ("pinsync.yaml", "environment: |", {"emulator": "`pinsync emulator` on this machine."}),
        ("pinsync.yaml", "state:\n  backend: |", {"git": "A branch of the remote repository."}),
        ("a.yaml", "lifecycle:\n  on_drift: |", {"revert": "Change it back."}),
        ("a.yaml", "board: |", {"soups": "", "{existing: NAME}": "A board that pinsync only adds pins to"}),
        ("pinsync.yaml", "settling: |", {"30s": ""}),
        ("boards.yaml", "boards:\n  - privacy: |", {"secret": ""}),
    ],
)
def test_it_offers_values_with_what_they_mean(name: str, text: str, values: dict[str, str], server: Server) -> None:
    offered = server.completions(name, text)
    for value, meaning in values.items():
        assert meaning in offered[value][1]


def test_what_it_writes_for_a_key_is_right(server: Server) -> None:
    offered = server.completions("a.yaml", "|")
    assert offered["board"][0] == "board: "
    assert offered["title"][0] == "title: ${1:Pumpkin soup in 20 minutes}"
    assert offered["carousel"][0] == "carousel:\n  - image: "
    assert "branch" not in server.completions("pinsync.yaml", "|")["state"][0]

"""Wrong content: every mistake is answered with its place and what to write instead, and one mistake once."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from pinsync.content.linting.rules import MEANINGS
from pinsync.content.loading import load
from pinsync.content.problems import Problem
from tests.cli.running import pinsync
from tests.content.corpus import Wrong, boards, config, keys, links, media, root, texts, videos, write, yaml

CASES: list[Wrong] = [
    *yaml.CASES, *keys.CASES, *texts.CASES, *links.CASES, *media.CASES, *videos.CASES, *boards.CASES,
    *config.CASES,
]  # fmt: skip


def place(problem: Problem) -> str:
    return f"{problem.file}:{max(1, problem.line)}:{max(1, problem.column)}"


def assert_said(problems: tuple[Problem, ...], expected: tuple[tuple[str, str, str], ...]) -> None:
    assert [place(problem) for problem in problems] == [where for where, _, _ in expected], problems
    for problem, (_, message, advice) in zip(problems, expected, strict=True):
        assert message in problem.message
        assert advice in problem.advice
        assert problem.advice


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_mistake_is_answered_with_its_place_and_advice(case: Wrong, tmp_path: Path) -> None:
    assert_said(load(root(tmp_path, case.files)).problems, case.problems)


def test_everything_is_said_in_one_run_and_in_order(tmp_path: Path) -> None:
    expected: list[tuple[str, tuple[str, str, str]]] = []
    root(tmp_path, {})
    cases = [case for case in CASES if not case.alone]
    assert len(cases) >= 250
    for number, case in enumerate(cases):
        write(tmp_path / f"{number:03}", case.files)
        expected += [(f"{number:03}/", problem) for problem in case.problems]
    problems = load(tmp_path).problems
    assert_said(problems, tuple((f"{folder}{where}", *words) for folder, (where, *words) in expected))  # type: ignore[misc]
    assert list(problems) == sorted(
        problems, key=lambda problem: (problem.file, problem.line, problem.column, problem.message)
    )
    assert load(tmp_path).problems == problems


def test_no_two_cases_are_the_same() -> None:
    assert len({case.name for case in CASES}) == len(CASES)


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every case in one content root, for the command line, with no rules on for what is right in them."""
    off = "".join(f"  {code}: off\n" for code in MEANINGS)
    folder = root(tmp_path_factory.mktemp("many"), {"pinsync.yaml": f"lints:\n{off}"})
    for number, case in enumerate(CASES):
        write(folder / f"{number:03}", {name: text for name, text in case.files.items() if name != "pinsync.yaml"})
    return folder


def test_the_command_says_it_as_text_that_editors_and_people_read(many: Path) -> None:
    ran = pinsync("validate", cwd=many)
    assert (ran.code, ran.err) == (1, "")
    *lines, last = ran.out.splitlines()
    places = [line for line in lines if re.match(r"\d{3}/[^ ]*:\d+:\d+: ", line)]
    assert f"checked: {len(places)} errors." in last
    assert all(line in places or line.startswith("    ") for line in lines)
    assert all((many / line.split(":")[0]).exists() for line in places)


def test_files_are_named_as_seen_from_where_it_is_run(tmp_path: Path) -> None:
    folder = root(tmp_path / "content", {"a/p.yaml": "titel: A\n"})
    for cwd, path, shown in (
        (folder, ".", "a/p.yaml"),
        (tmp_path, "content", "content/a/p.yaml"),
        (folder / "a", ".", "p.yaml"),
        (folder / "a", "..", "p.yaml"),
        (write(folder / "b", {}), "..", "../a/p.yaml"),
        (Path("/"), str(folder), f"{str(folder)[1:]}/a/p.yaml"),
        (write(folder / "c" / "d", {}), ".", str(folder / "a" / "p.yaml")),
    ):
        assert pinsync("validate", path, cwd=cwd).out.startswith(f"{shown}:1:1: ")


@pytest.fixture(scope="module")
def document(many: Path) -> dict[str, Any]:
    """What the command says of them as JSON."""
    ran = pinsync("validate", "--format", "json", cwd=many)
    assert (ran.code, ran.err) == (1, "")
    return dict(json.loads(ran.out))


def test_the_command_says_it_as_json(many: Path, document: dict[str, Any]) -> None:
    assert document["format_version"] == 1
    assert document["summary"] == {"errors": len(document["problems"]), "warnings": 0}
    for problem in document["problems"]:
        assert set(problem) == {"file", "line", "column", "severity", "code", "message", "advice"}
        assert (many / problem["file"]).exists()
        assert problem["line"] >= 1
        assert problem["column"] >= 1


def test_the_command_says_it_as_annotations(many: Path, document: dict[str, Any]) -> None:
    ran = pinsync("validate", "--format", "github", cwd=many)
    assert (ran.code, ran.err) == (1, "")
    pattern = re.compile(r"::error file=[^,:]+,line=\d+,col=\d+,title=pinsync [a-z-]+::\S.*")
    assert len(ran.out.splitlines()) == len(document["problems"])
    assert all(pattern.fullmatch(line) for line in ran.out.splitlines())

"""Switching rules off, making them errors, for all or for some pins; and who runs them."""

from __future__ import annotations

from pathlib import Path

import pytest

from pinsync.content.linting import running
from pinsync.content.linting.rules import MEANINGS
from pinsync.content.linting.running import lint
from pinsync.content.loading import load, load_valid
from pinsync.errors import ContentError
from tests.content.corpus import PIN, Files, root

GOOD = f"{PIN}title: T\ndescription: D\nalt_text: A\nlink: https://example.com/\n"
OFF = "  small-image: off\n  same-picture: off\n  repeated-title: off\n"


def levels(folder: Path, files: Files, code: str = "missing-link") -> dict[str, str]:
    """What this rule says of each file that it finds something in."""
    content = load(root(folder, files))
    assert content.problems == ()
    return {problem.file: problem.severity for problem in lint(content) if problem.code == code}


LEVELS: dict[str, tuple[Files, dict[str, str]]] = {
    "nothing said": ({}, {"a/p.yaml": "warning", "b/p.yaml": "warning"}),
    "off for all": ({"pinsync.yaml": "lints: {missing-link: off}\n"}, {}),
    "an error for all": (
        {"pinsync.yaml": "lints: {missing-link: error}\n"}, {"a/p.yaml": "error", "b/p.yaml": "error"}),
    "another rule off": ({"pinsync.yaml": "lints: {missing-title: off}\n"},
                         {"a/p.yaml": "warning", "b/p.yaml": "warning"}),
    "off for a pin": ({"a/p.yaml": f"{PIN.replace('soup.jpg', '../soup.jpg')}lints: {{missing-link: off}}\n"},
                      {"b/p.yaml": "warning"}),
    "off for a folder": ({"a/_defaults.yaml": "lints: {missing-link: off}\n"}, {"b/p.yaml": "warning"}),
    "off, and an error again in a folder": (
        {"_defaults.yaml": "lints: {missing-link: off}\n", "b/_defaults.yaml": "lints: {missing-link: error}\n"},
        {"b/p.yaml": "error"}),
    "a folder's other rules stay as they are above it": (
        {"_defaults.yaml": "lints: {missing-link: off}\n", "b/_defaults.yaml": "lints: {missing-title: error}\n"}, {}),
    "on in a folder where it is off for all": (
        {"pinsync.yaml": "lints: {missing-link: off}\n", "a/_defaults.yaml": "lints: {missing-link: warning}\n"},
        {"a/p.yaml": "warning"}),
}  # fmt: skip


@pytest.mark.parametrize("name", LEVELS)
def test_the_nearest_level_holds(name: str, tmp_path: Path) -> None:
    files, expected = LEVELS[name]
    pin = PIN.replace("soup.jpg", "../soup.jpg")
    assert levels(tmp_path, {"a/p.yaml": pin, "b/p.yaml": pin, **files}) == expected


def test_an_entry_of_a_list_has_levels_of_its_own(tmp_path: Path) -> None:
    entries = "- {id: a, board: soups, image: soup.jpg, lints: {missing-link: error}}\n"
    assert levels(tmp_path, {"l.yaml": f"pins:\n{entries}"}) == {"l.yaml": "error"}


@pytest.mark.parametrize("silent", ["a", "b"])
def test_a_pin_for_which_a_rule_is_off_is_no_other_to_be_like(silent: str, tmp_path: Path) -> None:
    files = {
        f"{name}.yaml": f"{GOOD}lints: {{same-picture: {'off' if name == silent else 'warning'}}}\n" for name in "ab"
    }
    assert levels(tmp_path, files, "same-picture") == {}


@pytest.mark.parametrize(
    ("file", "text", "place", "message", "advice"),
    [
        ("pinsync.yaml", "lints: {missing-alt: off}\n", (1, 9), "unknown key `missing-alt`", "`missing-alt-text`"),
        ("pinsync.yaml", "lints: {small-image: false}\n", (1, 22), "must be one of off, warning, error", "off"),
        ("pinsync.yaml", "lints: {small-image: warn}\n", (1, 22), "must be one of", "Did you mean `warning`?"),
        ("pinsync.yaml", "lints: off\n", (1, 8), "`lints` must be a mapping", "missing-alt-text"),
        ("_defaults.yaml", "lints: {smal-image: off}\n", (1, 9), "unknown key", "Did you mean `small-image`?"),
        ("p.yaml", f"{GOOD}lints: {{smal-image: off}}\n", (7, 9), "unknown key", "Did you mean `small-image`?"),
        ("boards.yaml", "boards:\n- key: soups\n  name: S\n  lints: {}\n", (4, 3), "unknown key", "into a pin"),
    ],
)  # fmt: skip
def test_a_level_that_is_none_is_answered_with_what_to_write(
    file: str, text: str, place: tuple[int, int], message: str, advice: str, tmp_path: Path
) -> None:
    content = load(root(tmp_path, {"p.yaml": GOOD, file: text}))
    (problem,) = content.problems
    assert (problem.file, (problem.line, problem.column)) == (file, place)
    assert message in problem.message
    assert advice in problem.advice
    if file == "p.yaml":
        assert lint(content) == []  # it is not known what it was set to


@pytest.mark.parametrize(
    "mistake", ["title: 2026\n", f"title: {'x' * 101}\n", "titel: T\n", "alt_text: [1]\n", "link: soup\n"]
)
def test_what_is_wrong_is_not_missing_on_top(mistake: str, tmp_path: Path) -> None:
    name = mistake.partition(":")[0].replace("titel", "title")
    text = "".join(line for line in GOOD.splitlines(keepends=True) if not line.startswith(name))
    content = load(root(tmp_path, {"pinsync.yaml": f"lints:\n{OFF}", "p.yaml": text + mistake}))
    assert len(content.problems) == 1
    assert lint(content) == []


def test_an_unreadable_file_of_defaults_may_have_held_everything(tmp_path: Path) -> None:
    content = load(root(tmp_path, {"p.yaml": PIN, "_defaults.yaml": "alt_text: [\n"}))
    assert len(content.problems) == 1
    assert lint(content) == []


def test_warnings_do_not_forbid_planning_and_errors_do(tmp_path: Path) -> None:
    files = {"p.yaml": PIN, "q.yaml": f"{PIN}titel: T\n"}
    assert load_valid(root(tmp_path / "a", {"p.yaml": PIN})).resources
    with pytest.raises(ContentError) as caught:
        load_valid(root(tmp_path / "b", {**files, "pinsync.yaml": "lints: {missing-link: error}\n"}))
    assert [(problem.file, problem.code) for problem in caught.value.problems] == [
        ("p.yaml", "missing-link"), ("q.yaml", "unknown-key"),
    ]  # fmt: skip


def test_planning_runs_no_rule_that_is_an_error_for_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    real = running.opened
    monkeypatch.setattr(running, "opened", lambda root, file: opened.append(file) or real(root, file))
    load_valid(root(tmp_path, {"p.yaml": PIN}))
    assert opened == []
    findings = running.Findings(load(tmp_path), only_errors=True)
    assert not any(map(findings.wanted, MEANINGS))
    (tmp_path / "p.yaml").write_text(f"{PIN}lints: {{small-image: error}}\n")
    findings = running.Findings(load(tmp_path), only_errors=True)
    assert [code for code in MEANINGS if findings.wanted(code)] == ["small-image"]

"""Moving the state between backends, and putting one in place by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pinsync.cli import root
from pinsync.errors import StateError, StateMoved
from pinsync.state import journal
from pinsync.state.backends import backend_at
from pinsync.state.document import State, dump
from pinsync.state.writing import writing
from tests.state.places import Branch
from tests.state.worlds import pending, settled


def run(*arguments: str, given: str = "") -> Result:
    return CliRunner().invoke(root, ["state", *arguments], input=given)


def configured(content: Path, state: Mapping[str, str]) -> None:
    (content / "pinsync.yaml").write_text(json.dumps({"environment": "emulator", "state": dict(state)}))


@pytest.fixture
def content(tmp_path: Path) -> Path:
    """A content root in a checkout, with a local state of three pins and a doubt, serial 1."""
    found = Branch(tmp_path).machine("here")
    configured(found, {"backend": "local"})
    fill(found, *settled(3), journal.begin("pin.x", pending()))
    return found


def fill(content: Path, *records: journal.Record) -> State:
    backend = backend_at(content)
    with writing(backend, "apply", 0, print):
        for record in records:
            backend.record(record)
    return backend.read()


def test_a_state_moves_to_a_branch_and_back_unchanged_and_nobody_goes_on_in_the_old_place(content: Path) -> None:
    before = run("pull", str(content)).output
    moved = run("migrate", "--to", "git", str(content))
    assert (moved.exit_code, 'state: {"backend": "git"}' in moved.output, "serial 1" in moved.output) == (0, True, True)
    for act in (lambda: fill(content, *settled(1, 9)), backend_at(content).read):
        with pytest.raises(StateMoved, match="moved to `state: "):
            act()
    assert isinstance(run("recover", str(content)).exception, StateMoved)
    configured(content, {"backend": "git"})
    assert run("pull", str(content)).output == before
    fill(content, *settled(1, 9))
    after = run("pull", str(content)).output
    assert run("migrate", "--to", "local", str(content)).exit_code == 0
    with pytest.raises(StateMoved):
        fill(content, *settled(1))
    assert isinstance(run("push", "-", str(content), given=after).exception, StateMoved)
    configured(content, {"backend": "local"})
    assert run("pull", str(content)).output == after


def test_a_state_does_not_move_over_another_one(content: Path) -> None:
    other = content.with_name("other")
    other.mkdir()
    configured(other, {"backend": "git"})
    fill(other, *settled(1))
    refused = run("migrate", "--to", "git", "--set", "path=other/state.json", str(content))
    assert isinstance(refused.exception, StateError)
    assert "another state" in refused.exception.message
    assert len(backend_at(content).read().resources) == 3, "the old one is as it was"
    assert len(backend_at(other).read().resources) == 1


def test_a_move_that_ended_half_way_is_finished(content: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(self: object, text: str, why: str) -> None:
        raise StateError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr("pinsync.state.backends.local.LocalBackend.put", failing)
        assert isinstance(run("migrate", "--to", "git", str(content)).exception, StateError)
    assert len(backend_at(content).read().resources) == 3
    assert run("migrate", "--to", "git", str(content)).exit_code == 0


@pytest.mark.parametrize(
    ("options", "expected"),
    [(["--to", "s3"], "`bucket` is missing"), (["--to", "git", "--set", "bucket=x"], "`bucket` says nothing")],
)
def test_where_it_cannot_be_is_said_before_anything_moves(options: list[str], expected: str, content: Path) -> None:
    assert expected in str(run("migrate", *options, str(content)).exception)


def test_what_was_pulled_and_edited_is_pushed_with_the_next_serial(content: Path) -> None:
    state = backend_at(content).read()
    text = dump(replace(state, pending={}))
    assert "serial 2" in run("push", "-", str(content), given=text).output
    assert backend_at(content).read() == replace(state, pending={}, serial=2)
    assert run("push", "-", str(content), given=text).output == "Nothing is different.\n"


@pytest.mark.parametrize(("change", "expected"), [({"lineage": "x"}, "another state"), ({"serial": 0}, "older time")])
def test_what_is_older_or_another_state_is_only_pushed_with_a_reason(
    change: Mapping[str, object], expected: str, content: Path
) -> None:
    given = json.loads(run("pull", str(content)).output) | {"pending": {}} | change
    refused = run("push", "-", str(content), given=json.dumps(given))
    assert expected in str(refused.exception)
    assert backend_at(content).read().pending
    forced = run("push", "-", "--force", "we know", str(content), given=json.dumps(given))
    assert (forced.exit_code, backend_at(content).read().serial) == (0, 2)


@pytest.mark.parametrize("text", ["", "{", '{"format_version": 99}'])
def test_what_is_no_document_is_not_pushed(text: str, content: Path) -> None:
    before = backend_at(content).read()
    assert isinstance(run("push", "-", "--force", "why not", str(content), given=text).exception, StateError)
    assert backend_at(content).read() == before

"""The journal: each verb, a line torn at any byte, and damage that is no tear."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pinsync.errors import StateError
from pinsync.state import journal
from pinsync.state.document import State, Upload
from pinsync.state.journal import Record, records, replay
from tests.state.worlds import backend, contents, fill, known, pending, settled

EMPTY = State("abc")
ONE = State("abc", 1, "production", {"pin.a": known()}, {"pin.a": pending()}, {"existing-board.x": "1"})


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (journal.begin("pin.b", pending()), ("production", {"pin.a"}, {"pin.a", "pin.b"}, {"existing-board.x": "1"})),
        (journal.settle("pin.a", known(2)), ("production", {"pin.a"}, set(), {"existing-board.x": "1"})),
        (journal.settle("pin.b", known(2)), ("production", {"pin.a", "pin.b"}, {"pin.a"}, {"existing-board.x": "1"})),
        (journal.abandon("pin.a"), ("production", {"pin.a"}, set(), {"existing-board.x": "1"})),
        (journal.abandon("pin.z"), ("production", {"pin.a"}, {"pin.a"}, {"existing-board.x": "1"})),
        (journal.move("pin.a", "pin.b"), ("production", {"pin.b"}, {"pin.b"}, {"existing-board.x": "1"})),
        (journal.move("pin.a", "pin.a"), ("production", {"pin.a"}, {"pin.a"}, {"existing-board.x": "1"})),
        (journal.forget("pin.a"), ("production", set(), set(), {"existing-board.x": "1"})),
        (journal.forget("pin.z"), ("production", {"pin.a"}, {"pin.a"}, {"existing-board.x": "1"})),
        (
            journal.note_existing({"existing-board.x": "2", "existing-board.y": "3"}),
            ("production", {"pin.a"}, {"pin.a"}, {"existing-board.x": "2", "existing-board.y": "3"}),
        ),
        (journal.note_environment("sandbox"), ("sandbox", {"pin.a"}, {"pin.a"}, {"existing-board.x": "1"})),
    ],
    ids=lambda value: value["do"] if isinstance(value, dict) else "",
)
def test_each_verb_does_what_it_says(record: Record, expected: tuple[Any, ...]) -> None:
    (written,) = records(journal.line(record), "journal")
    state = replay(ONE, [written])
    assert (state.environment, set(state.resources), set(state.pending), dict(state.existing)) == expected
    assert (state.lineage, state.serial) == (ONE.lineage, ONE.serial)
    assert ONE.pending == {"pin.a": pending()}, "the state given is left alone"


def test_what_was_begun_and_not_made_yet_moves_too() -> None:
    state = replay(ONE, [journal.begin("pin.b", pending()), journal.move("pin.b", "pin.c")])
    assert (set(state.resources), set(state.pending)) == ({"pin.a"}, {"pin.a", "pin.c"})


UPLOAD = Upload("sha256:ab", "soup.mp4", "uploaded", "2026-11-24T12:00:00+00:00")
USING = replace(pending(), media="71")


@pytest.mark.parametrize(
    ("after", "left"),
    [
        ([], {"71"}),
        ([journal.begin("pin.b", USING)], {"71"}),
        ([journal.begin("pin.b", USING), journal.settle("pin.b", known(2))], set()),
        ([journal.begin("pin.b", USING), journal.replace_by("pin.b", known(2), "5")], set()),
        ([journal.begin("pin.b", USING), journal.forget("pin.b")], set()),
        ([journal.begin("pin.b", USING), journal.move("pin.b", "pin.c"), journal.settle("pin.c", known(2))], set()),
        ([journal.begin("pin.b", USING), journal.abandon("pin.b")], {"71"}),
        ([journal.begin("pin.b", USING), journal.settle("pin.a", known(2))], {"71"}),
        ([journal.discard_media("71")], set()),
        ([journal.discard_media("72")], {"71"}),
    ],
    ids=["kept", "begun", "made", "replaced", "forgotten", "moved", "not made", "another made", "discarded", "unknown"],
)
def test_an_uploaded_video_is_remembered_until_a_pin_uses_it(after: list[Record], left: set[str]) -> None:
    journal_ = b"".join(map(journal.line, [journal.keep_media("71", UPLOAD), *after]))
    state = replay(ONE, records(journal_, "j"))
    assert dict(state.media) == dict.fromkeys(left, UPLOAD)


SLOT, LATER = "2026-12-01T08:30:00+00:00", "2026-12-01T09:15:00+00:00"


@pytest.mark.parametrize(
    ("after", "left"),
    [
        ([], {"pin.b": SLOT, "pin.c": LATER}),
        ([journal.begin("pin.b", pending())], {"pin.b": SLOT, "pin.c": LATER}),
        ([journal.begin("pin.b", pending()), journal.settle("pin.b", known(2))], {"pin.c": LATER}),
        ([journal.begin("pin.b", pending()), journal.abandon("pin.b")], {"pin.b": SLOT, "pin.c": LATER}),
        ([journal.give_slots({"pin.b": None, "pin.z": None, "pin.d": SLOT})], {"pin.c": LATER, "pin.d": SLOT}),
    ],
    ids=["kept", "begun", "made", "not made", "freed"],
)
def test_a_slot_is_kept_until_its_pin_is_made(after: list[Record], left: dict[str, str]) -> None:
    journal_ = b"".join(map(journal.line, [journal.give_slots({"pin.b": SLOT, "pin.c": LATER}), *after]))
    assert dict(replay(ONE, records(journal_, "j")).slots) == left


def test_records_keep_everything_of_what_they_record() -> None:
    written = records(b"".join(map(journal.line, [journal.settle("a", known(9)), journal.begin("b", pending())])), "j")
    state = replay(EMPTY, written)
    assert (state.resources, state.pending) == ({"a": known(9)}, {"b": pending()})


def test_a_journal_says_what_it_continues() -> None:
    assert journal.header(ONE) == {"do": "continue", "lineage": "abc", "serial": 1}
    assert journal.continued(journal.header(ONE), "j") == ("abc", 1)


@pytest.mark.parametrize(
    "record",
    [
        {"do": "fly"}, {"do": "begin"}, {"do": "begin", "address": "a"}, {"do": "begin", "address": "a", "pending": None},
        {"do": "begin", "address": "a", "pending": {}}, {"do": "settle", "address": "a", "known": []},
        {"do": "settle", "address": None, "known": {}}, {"do": "settle", "address": "a"}, {"do": "abandon"},
        {"do": "move", "source": "nowhere", "address": "b"}, {"do": "move", "address": "b"}, {"do": "forget"},
        {"do": "forget", "address": 7}, {"do": "existing"}, {"do": "existing", "found": []},
        {"do": "existing", "found": None}, {"do": "environment"}, {"do": "environment", "environment": None}, {},
        {"do": "slots"}, {"do": "slots", "slots": ["pin.a"]}, {"do": "slots", "slots": {"pin.a": "tomorrow"}},
        {"do": "slots", "slots": {"pin.a": "2026-12-01T08:30:00"}},
    ],
    ids=json.dumps,
)  # fmt: skip
def test_a_record_that_makes_no_sense_is_refused_and_not_passed_over(record: Record) -> None:
    with pytest.raises(StateError, match="record 2 ") as caught:
        replay(EMPTY, [journal.abandon("pin.a"), record])
    assert "upgrade" in caught.value.advice
    assert "recover" in caught.value.advice


def test_a_journal_cut_at_any_byte_is_the_state_before_the_cut(tmp_path: Path) -> None:
    fill(tmp_path, *settled(2), fold=True)
    history = [
        journal.begin("pin.p3", pending("Täglich 🥣")), journal.settle("pin.p3", known(3)),
        journal.move("pin.p1", "pin.q"), journal.note_existing({"existing-board.é": "5"}), journal.forget("pin.p2"),
    ]  # fmt: skip
    base = backend(tmp_path).read()
    fill(tmp_path, *history)
    file = tmp_path / ".pinsync" / "state.json.journal"
    whole = file.read_bytes()
    assert whole.count(b"\n") == 1 + len(history)
    for length in range(len(whole) + 1):
        file.write_bytes(whole[:length])
        complete = max(0, whole[:length].count(b"\n") - 1)
        assert contents(backend(tmp_path).read()) == contents(replay(base, history[:complete])), length


def test_after_a_cut_at_any_byte_the_next_record_is_as_sound_as_ever(tmp_path: Path) -> None:
    fill(tmp_path, *settled(1), fold=True)
    fill(tmp_path, *settled(2, 2))
    folder = tmp_path / ".pinsync"
    journal_file, snapshot = folder / "state.json.journal", (folder / "state.json").read_bytes()
    whole = journal_file.read_bytes()
    for length in range(0, len(whole) + 1, 3):
        (folder / "state.json").write_bytes(snapshot)
        journal_file.write_bytes(whole[:length])
        before = backend(tmp_path).read()
        fill(tmp_path, *settled(2, 8))
        expected = contents(replay(before, settled(2, 8)))
        assert contents(backend(tmp_path).read()) == expected, length
        fill(tmp_path, fold=True)
        assert contents(backend(tmp_path).read()) == expected, length


@pytest.mark.parametrize("tail", [b"\x00" * 64, b"\x00" * 63 + b"\n", b'{"do": "abandon", "addr\n', b"5\n", b"null\n", b"{}\n",
                                  b"[" * 100_000 + b"\n", b"\xff\xfe\n", b"\n"])  # fmt: skip
def test_what_a_crash_left_behind_the_last_record_is_cut_off_by_the_next_one(tail: bytes, tmp_path: Path) -> None:
    fill(tmp_path, *settled(2))
    file = tmp_path / ".pinsync" / "state.json.journal"
    with file.open("ab") as stream:
        stream.write(tail)
    assert set(backend(tmp_path).read().resources) == {"pin.p1", "pin.p2"}
    fill(tmp_path, *settled(2, 3))
    assert set(backend(tmp_path).read().resources) == {"pin.p1", "pin.p2", "pin.p3", "pin.p4"}
    assert tail not in file.read_bytes() or tail == b"\n"


@pytest.mark.parametrize("number", [1, 2, 3])
@pytest.mark.parametrize("damage", [b"", b"\x00\x00", b"{", b"null", b"[]", b'"do"', b"{}", b'{"do": 7}', b"\xff\xfe"])
def test_damage_before_the_last_record_is_refused_with_its_line(number: int, damage: bytes, tmp_path: Path) -> None:
    fill(tmp_path, *settled(3))
    file = tmp_path / ".pinsync" / "state.json.journal"
    lines = file.read_bytes().split(b"\n")
    lines[number - 1] = damage
    file.write_bytes(b"\n".join(lines))
    found = backend(tmp_path)
    for act in (found.read, found.fold, lambda: found.record(settled(1)[0])):
        with pytest.raises(StateError, match=f"line {number}, is damaged") as caught:
            act()
        assert "recover" in caught.value.advice
    assert file.read_bytes() == b"\n".join(lines)


@pytest.mark.parametrize(
    "head",
    [
        {"do": "forget", "address": "pin.p1"}, {"do": "continue"}, {"do": "continue", "lineage": "", "serial": 0},
        {"do": "continue", "lineage": None, "serial": 0}, {"do": "continue", "lineage": "abc", "serial": "x"},
        {"do": "continue", "lineage": "abc", "serial": -1}, {"do": "continue", "lineage": "abc", "serial": None},
    ],
    ids=json.dumps,
)  # fmt: skip
def test_a_journal_that_lost_its_head_is_refused_and_not_ignored(head: Record, tmp_path: Path) -> None:
    fill(tmp_path, *settled(2), fold=True)
    fill(tmp_path, *settled(2, 3))
    file = tmp_path / ".pinsync" / "state.json.journal"
    file.write_bytes(journal.line(head) + file.read_bytes().partition(b"\n")[2])
    with pytest.raises(StateError, match="does not begin with what it continues"):
        backend(tmp_path).read()


@settings(deadline=None)
@given(st.integers(0, 10_000), st.binary(max_size=4), st.integers(0, 40))
def test_any_bytes_anywhere_give_records_or_a_state_error(place: int, inserted: bytes, removed: int) -> None:
    sound = b"".join(map(journal.line, [journal.header(EMPTY), *settled(3), journal.begin("b", pending())]))
    place %= len(sound)
    data = sound[:place] + inserted + sound[place + removed :]
    with suppress(StateError):
        found = records(data, "journal")
        assert journal.intact(data, "journal") <= len(data)
        assert records(data[: journal.intact(data, "journal")], "journal") == found
        replay(EMPTY, found[1:])


@settings(deadline=None)
@given(st.text(max_size=40), st.text(max_size=40))
def test_whatever_a_text_holds_its_record_is_one_line(address: str, title: str) -> None:
    line = journal.line(journal.settle(address, known(1, title)))
    assert line.count(b"\n") == 1
    (record,) = records(line, "journal")
    assert replay(EMPTY, [record]).resources == {address: known(1, title)}

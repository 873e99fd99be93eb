"""The state document: what is written is read back, and what is damaged is refused rather than guessed at."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pinsync.errors import StateError
from pinsync.state import document
from pinsync.state.document import Known, Pending, State, Upload, dump, new_state, parse
from tests.state.worlds import NOW, backend, fill, known, pending, settled

texts = st.text(max_size=20)
addresses = st.text(min_size=1, max_size=20)
scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), texts)
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3))
fields = st.dictionaries(texts, values, max_size=4)
kinds = st.sampled_from(["board", "section", "pin"])
ids = st.text("0123456789", min_size=1, max_size=40)
shapes = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3).map(tuple)).filter(
    lambda shape: isinstance(shape, tuple)
)
states = st.builds(
    State,
    lineage=st.text(min_size=1, max_size=40),
    serial=st.integers(0, 10**12),
    environment=texts,
    resources=st.dictionaries(
        addresses,
        st.builds(Known, kinds, ids, fields, fields, texts, texts),
        max_size=4,
    ),
    pending=st.dictionaries(
        addresses, st.builds(Pending, texts, kinds, fields, texts, texts, shapes, texts), max_size=4
    ),
    existing=st.dictionaries(addresses, st.text(min_size=1), max_size=4),
    slots=st.dictionaries(addresses, st.datetimes(timezones=st.just(UTC)).map(document.slot_text), max_size=3),
    media=st.dictionaries(
        ids, st.builds(Upload, texts, texts, st.sampled_from(["registered", "uploaded", "refused"]), texts), max_size=3
    ),
)


@settings(deadline=None)
@given(states)
def test_what_is_dumped_is_parsed_back(state: State) -> None:
    text = dump(state)
    assert parse(text, "x") == state
    assert dump(parse(text, "x")) == text


def test_the_document_is_stable_readable_and_as_documented() -> None:
    state = State("abc", 7, "production", {"pin.b": known(2), "pin.a": known(1)}, {"pin.c": pending()}, {"z": "1"})
    text = dump(state)
    written = json.loads(text)
    assert list(written) == [
        "format_version",
        "lineage",
        "serial",
        "environment",
        "account",
        "resources",
        "pending",
        "existing",
        "retired",
        "departed",
        "media",
        "slots",
    ]
    assert written["format_version"] == 4
    assert list(written["resources"]) == ["pin.a", "pin.b"]
    assert set(written["resources"]["pin.a"]) == {
        "kind",
        "id",
        "applied",
        "observed",
        "created_at",
        "updated_at",
        "protected",
    }
    assert written["pending"]["pin.c"]["shape"] == ["image", None, [0.66, 1.5]]
    assert "🥣" in text
    assert text.endswith("}\n")


def test_every_new_state_has_a_lineage_of_its_own() -> None:
    assert len({new_state().lineage for _ in range(20)}) == 20


SOUND = json.loads(
    dump(State("abc", 7, "production", {"pin.a": known()}, {"pin.c": pending()}, {"existing-board.x": "1"}))
)


def changed(**changes: Any) -> str:
    return json.dumps({**SOUND, **changes})


def without(key: str) -> str:
    return json.dumps({name: value for name, value in SOUND.items() if name != key})


def resource(**changes: Any) -> str:
    return changed(resources={"pin.a": {**SOUND["resources"]["pin.a"], **changes}})


def intent(**changes: Any) -> str:
    return changed(pending={"pin.c": {**SOUND["pending"]["pin.c"], **changes}})


DAMAGED: dict[str, str | bytes] = {
    "empty": "",
    "blank": " \n\n",
    "zeros": b"\x00" * 200,
    "not text": b"\xff\xfe\x00{",
    "a page": "<html></html>",
    "null": "null",
    "a number": "7",
    "a list": "[]",
    "an empty object": "{}",
    "cut off": json.dumps(SOUND)[:-20],
    "twice": json.dumps(SOUND) * 2,
    "with a merge conflict": "<<<<<<< ours\n" + json.dumps(SOUND) + "\n=======\n",
    "nested without end": '{"format_version": 1, "lineage": ' + "[" * 100_000,
    "a number without end": '{"format_version": ' + "9" * 10_000 + "}",
    "infinite serial": json.dumps(SOUND).replace('"serial": 7', '"serial": 1e999'),
    **{f"without {key}": without(key) for key in SOUND},
    "a slot without a zone": changed(slots={"pin.a": "2026-12-01T08:30:00"}),
    "a slot that is no time": changed(slots={"pin.a": "tomorrow"}),
    "slots that are a list": changed(slots=["pin.a"]),
    "format null": changed(format_version=None),
    "format text": changed(format_version="1"),
    "format true": changed(format_version=True),
    "format zero": changed(format_version=0),
    "format negative": changed(format_version=-1),
    "lineage null": changed(lineage=None),
    "lineage empty": changed(lineage=""),
    "serial text": changed(serial="7"),
    "serial negative": changed(serial=-1),
    "serial fraction": changed(serial=7.5),
    "serial true": changed(serial=True),
    "environment null": changed(environment=None),
    "resources null": changed(resources=None),
    "resources a list": changed(resources=[]),
    "resources a text": changed(resources="pin.a"),
    "a resource null": changed(resources={"pin.a": None}),
    "a resource a text": changed(resources={"pin.a": "123"}),
    "a resource empty": changed(resources={"pin.a": {}}),
    "a resource with more": resource(colour="red"),
    "a resource of no kind": resource(kind=None),
    "a resource of an unknown kind": resource(kind="video"),
    "a resource whose id is null": resource(id=None),
    "a resource whose id is a number": resource(id=7),
    "a resource whose id is empty": resource(id=""),
    "a resource whose applied is null": resource(applied=None),
    "a resource whose observed is a list": resource(observed=[]),
    "a resource whose time is a number": resource(created_at=7),
    "pending a list": changed(pending=[]),
    "an intent null": changed(pending={"pin.c": None}),
    "an intent of an unknown kind": intent(kind="video"),
    "an intent whose shape is null": intent(shape=None),
    "an intent whose shape is a text": intent(shape="image"),
    "an intent that sent nothing": intent(sent=None),
    "an intent without time": intent(at=None),
    "existing null": changed(existing=None),
    "existing id null": changed(existing={"existing-board.x": None}),
    "existing id empty": changed(existing={"existing-board.x": ""}),
}  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGED)
def test_a_damaged_document_is_refused_with_a_way_out_and_left_as_it_is(damage: str, tmp_path: Path) -> None:
    fill(tmp_path, *settled(3), fold=True)
    file = tmp_path / ".pinsync" / "state.json"
    text = DAMAGED[damage]
    content = text if isinstance(text, bytes) else text.encode()
    file.write_bytes(content)
    found = backend(tmp_path)
    lock = found.lock("apply")
    for act in (found.read, found.fold, lambda: found.record(settled(1)[0])):
        with pytest.raises(StateError, match="damaged") as caught:
            act()
        assert str(file) in caught.value.message
        assert "recover" in caught.value.advice
        assert len(caught.value.message) < 20_000
    found.release(lock)
    assert file.read_bytes() == content
    assert sorted(path.name for path in file.parent.iterdir()) == ["state.json"]


@pytest.mark.parametrize("version", [5, 6, 10**9])
def test_a_newer_format_is_refused_and_says_to_upgrade(version: int) -> None:
    with pytest.raises(StateError, match=f"format {version}; this pinsync reads up to format 4") as caught:
        parse(changed(format_version=version, resources="of another shape"), "state.json")
    assert "upgrade" in caught.value.advice


@settings(deadline=None)
@given(st.integers(0, 10_000), st.binary(max_size=4), st.integers(0, 4))
def test_any_bytes_anywhere_give_a_state_or_a_state_error(place: int, inserted: bytes, removed: int) -> None:
    sound = json.dumps(SOUND).encode()
    place %= len(sound)
    text = (sound[:place] + inserted + sound[place + removed :]).decode("utf-8", "replace")
    with suppress(StateError):
        assert isinstance(parse(text, "x"), State)


def test_the_form_of_a_resource_is_checked_where_records_use_it_too() -> None:
    with pytest.raises(TypeError):
        document.known_of({"kind": "pin", "id": 1, "applied": {}, "observed": {}})
    with pytest.raises(TypeError):
        document.pending_of({"action": "create", "kind": "pin", "sent": [], "at": NOW})


@pytest.mark.parametrize(
    ("version", "unknown"), [(1, {"account", "departed", "media", "slots"}), (2, {"media", "slots"}), (3, {"slots"})]
)
def test_an_older_format_is_read_and_written_as_the_present_one(version: int, unknown: set[str]) -> None:
    text = dump(State("abc", 7, "production", {"pin.a": known(1)}))
    older = {name: value for name, value in json.loads(text).items() if name not in unknown}
    assert dump(parse(json.dumps({**older, "format_version": version}), "state.json")) == text

"""The published schemas: what an editor says about a file is what validation says."""

from __future__ import annotations

import json
import math
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from pinsync.content.documents import parse
from pinsync.content.loading import load
from pinsync.content.schema import NAMES, conforms, schema_text, validator
from pinsync.model.board import FIELDS as BOARD_FIELDS
from pinsync.model.pin import FIELDS as PIN_FIELDS
from pinsync.model.schemas import NOT_BLANK, build
from tests.content.corpus import PIN, root

SCHEMAS = Path(__file__).parents[2] / "schemas"


def plain(name: str) -> Draft202012Validator:
    """A validator as editors have it, which knows nothing of pinsync."""
    return Draft202012Validator(json.loads((SCHEMAS / f"{name}.json").read_text("utf-8")))


def value_of(text: str) -> Any:
    document = parse("p.yaml", text.encode())
    assert document.problems == []
    return document.value


def subschemas(schema: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(schema, dict):
        yield path, schema
        for key, part in schema.items():
            if key not in ("examples", "default", "enum"):
                yield from subschemas(part, f"{path}/{key}")
    elif isinstance(schema, list):
        for number, part in enumerate(schema):
            yield from subschemas(part, f"{path}/{number}")


def test_every_schema_is_published_and_no_other() -> None:
    assert sorted(path.stem for path in SCHEMAS.iterdir()) == sorted(NAMES) == sorted(build())


@pytest.mark.parametrize("name", NAMES)
def test_the_published_schema_is_the_one_of_the_tables(name: str) -> None:
    text = (SCHEMAS / f"{name}.json").read_text("utf-8")
    assert text == json.dumps(build()[name], indent=2, ensure_ascii=False) + "\n", "run `make schemas`"
    assert schema_text(name) == text


@pytest.mark.parametrize("name", NAMES)
def test_the_schema_is_valid_and_so_are_its_examples_and_defaults(name: str) -> None:
    schema = build()[name]
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == Draft202012Validator.META_SCHEMA["$schema"]
    for path, part in subschemas(schema):
        for example in [*part.get("examples", []), *([part["default"]] if "default" in part else [])]:
            assert list(Draft202012Validator(part).iter_errors(example)) == [], path


@pytest.mark.parametrize("name", NAMES)
def test_every_key_is_described_every_pattern_put_in_words_and_every_object_closed(name: str) -> None:
    for path, part in subschemas(build()[name]):
        if part.get("type") == "object":
            assert part.get("additionalProperties") is not None, path
        if part.get("pattern", NOT_BLANK) != NOT_BLANK:
            assert "patternErrorMessage" in part, path
        for key, value in part.get("properties", {}).items():
            assert value.get("description"), f"{path}/{key}"
            assert value.get("type") == "object" or value.keys() & {"examples", "default", "enum"}, f"{path}/{key}"


def test_the_schemas_have_the_limits_of_the_tables() -> None:
    schemas = build()
    a_pin, a_board = schemas["pin"]["properties"], schemas["boards"]["properties"]["boards"]["items"]["properties"]
    for fields, properties in ((PIN_FIELDS, a_pin), (BOARD_FIELDS, a_board)):
        for field_name, field in fields.items():
            if field.schema and "maxLength" in field.schema:
                assert properties[field_name]["maxLength"] == field.schema["maxLength"]


RIGHT = [
    ("pin", PIN),
    ("pin", "board: soups\nsection: autumn\nimage: https://example.com/1.jpg\ntitle: null\nlink: https://example.com\n"),
    ("pin", "board: {existing: A}\nsection: null\nsave: https://www.pinterest.com/pin/1/\n"),
    ("pin", "board: soups\ncarousel:\n- {image: a.jpg, title: A}\n- {image: b.jpg, link: https://example.com}\n"),
    ("pin", f"{PIN}publish_at: 2026-12-01T09:00+01:00\nlifecycle: {{protect: true, on_media_change: hold}}\n"),
    ("pin", f"{PIN}moved_from: pin.a/b#c\ntitle: no\nalt_text: '2026'\ndescription: ''\n"),
    ("pin", f"{PIN}title: {'🍲' * 100}\n"),
    ("pin", "image: soup.jpg\n"),
    ("boards", "boards: []\n"),
    ("boards", "boards: [{key: a.b-c_D9, name: A, description: null, privacy: PUBLIC, sections: [{key: a, name: A}]}]\n"),
    ("boards", f"pins: [{{id: a, board: soups, image: soup.jpg}}, {{id: b, board: {{existing: {'x' * 180}}}, save: '1'}}]\n"),
    ("boards", "boards: [{key: a, name: A, moved_from: board.b, lifecycle: {}}]\npins: []\n"),
    ("config", "{}\n"),
    ("config", "environment: emulator\ntier: standard\ntimezone: Europe/Berlin\nconcurrency: 1\nsettling: 2m\n"),
    ("config", "timezone: Europe/Berlin\nspread: {every: 45m, between: 08:00-21:00}\n"),
    ("pin", f"{PIN}publish_at: now\n"),
    ("config", "rates: {universal: {calls: 1, seconds: 0.5}}\nstate: {path: a.json}\npolicies: {on_existing: hold}\n"),
    ("config", "defaults: {board: soups, title: null, link_params: {a: b, c: null}}\n"),
    ("defaults", "{}\n"),
    ("defaults", "board: soups\nsection: autumn\nlink_params: {utm_source: pinterest}\nlifecycle: {protect: false}\n"),
]  # fmt: skip

WRONG = [
    ("pin", "{}\n"),
    ("pin", "[]\n"),
    ("pin", "Soup\n"),
    ("pin", "board: soups\n"),
    ("pin", f"{PIN}save: '1'\n"),
    ("pin", f"{PIN}titel: A\n"),
    ("pin", f"{PIN}title: 2026\n"),
    ("pin", f"{PIN}title: {'x' * 101}\n"),
    ("pin", f"{PIN}description: {'x' * 801}\n"),
    ("pin", f"{PIN}alt_text: {'x' * 501}\n"),
    ("pin", f"{PIN}link: https://example.com/{'x' * 2029}\n"),
    ("pin", f"{PIN}section: 7\n"),
    ("pin", f"{PIN}section: ''\n"),
    ("pin", f"{PIN}lifecycle:\n"),
    ("pin", f"{PIN}lifecycle: {{protect: yes}}\n"),
    ("pin", f"{PIN}lifecycle: {{on_media_change: never}}\n"),
    ("pin", f"{PIN}moved_from: soup\n"),
    ("pin", f"{PIN}publish_at: 2026\n"),
    ("pin", f"{PIN}link_params: {{a: b}}\n"),
    ("pin", "image: ' '\n"),
    ("pin", "image:\n"),
    ("pin", "image: soup.jpg\nboard: {}\n"),
    ("pin", "image: soup.jpg\nboard: {existing: ' '}\n"),
    ("pin", "image: soup.jpg\nboard: {existing: A, section: B}\n"),
    ("pin", "image: soup.jpg\nboard: [soups]\n"),
    ("pin", "save: https://example.com/1\n"),
    ("pin", "carousel: [{image: a.jpg}]\n"),
    ("pin", "carousel: [{image: a.jpg}, {title: A}]\n"),
    ("pin", "carousel: [{image: a.jpg}, {image: b.jpg, alt_text: B}]\n"),
    ("pin", f"carousel: [{'{image: a.jpg}, ' * 6}]\n"),
    ("pin", "carousel: {image: a.jpg}\n"),
    ("boards", "{}\n"),
    ("boards", "boards:\n"),
    ("boards", "boards: [{key: a}]\n"),
    ("boards", "boards: [{name: a}]\n"),
    ("boards", "boards: [{key: a b, name: A}]\n"),
    ("boards", "boards: [{key: a, name: ' '}]\n"),
    ("boards", f"boards: [{{key: {'a' * 101}, name: A}}]\n"),
    ("boards", f"boards: [{{key: a, name: {'a' * 181}}}]\n"),
    ("boards", "boards: [{key: a, name: A, privacy: private}]\n"),
    ("boards", "boards: [{key: a, name: A, sections: [{key: a}]}]\n"),
    ("boards", "boards: [{key: a, name: A, moved_from: pin.a}]\n"),
    ("boards", "pins: [null]\n"),
    ("boards", "pins: [{board: soups, image: a.jpg}]\n"),
    ("boards", "pins: [{id: a, board: soups}]\n"),
    ("boards", "pins: [{id: a/b, board: soups, image: a.jpg}]\n"),
    ("config", "environment: staging\n"),
    ("config", "concurrency: 0\n"),
    ("config", "concurrency: 1.5\n"),
    ("config", "rates: {org_read: {calls: 1}}\n"),
    ("config", "rates: {org_read: {calls: 1, seconds: 0}}\n"),
    ("config", "rates: {party: {calls: 1, seconds: 1}}\n"),
    ("config", "state: {backend: ftp}\n"),
    ("config", "settling: soon\n"),
    ("config", "defaults: {image: a.jpg}\n"),
    ("defaults", "image: a.jpg\n"),
    ("defaults", "link_params: {a: 7}\n"),
    ("defaults", "link_params: {'': a}\n"),
    ("defaults", "boards: []\n"),
]  # fmt: skip
FILES = {"pin": "p.yaml", "boards": "p.yaml", "config": "pinsync.yaml", "defaults": "_defaults.yaml"}


@pytest.mark.parametrize(("name", "text"), RIGHT)
def test_an_editor_accepts_what_is_right(name: str, text: str) -> None:
    assert list(plain(name).iter_errors(value_of(text))) == []


@pytest.mark.parametrize(("name", "text"), WRONG)
def test_an_editor_refuses_what_is_wrong_and_so_does_validation(name: str, text: str, tmp_path: Path) -> None:
    assert list(plain(name).iter_errors(value_of(text)))
    problems = load(root(tmp_path, {FILES[name]: text})).problems
    assert any(problem.file == FILES[name] for problem in problems)


def test_the_schemas_are_part_of_the_package() -> None:
    settings = tomllib.loads((SCHEMAS.parent / "pyproject.toml").read_text("utf-8"))
    assert settings["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]["schemas"] == "pinsync/schemas"


FULL: dict[str, str] = {
    "pin": "board: {existing: Soups}\nsection: a\ntitle: A\ncarousel: [{image: a.jpg, title: A}, {image: b.jpg}]\n"
    "lifecycle: {protect: true, on_drift: revert}\nlints: {small-image: off}\n",
    "boards": "boards: [{key: a, name: A, privacy: secret, sections: [{key: b, name: B}]}]\npins: [{id: x, image: a.jpg}]\n",
    "config": "concurrency: 2\nlimits: {update: 5%, delete: 3}\nrates: {org_read: {calls: 1, seconds: 0.5}}\n",
    "defaults": "board: a\nlink_params: {utm_source: p, b: null}\nlifecycle: {protect: false}\n",
}


@pytest.mark.parametrize("name", NAMES)
def test_what_is_right_conforms_at_once(name: str) -> None:
    assert conforms(name)(value_of(FULL[name]))


@settings(deadline=None, max_examples=150)
@given(st.sampled_from(NAMES), st.data())
def test_nothing_conforms_at_once_that_breaks_the_schema(name: str, data: st.DataObject) -> None:
    value = value_of(FULL[name])
    holder: Any = value
    while True:
        key = data.draw(st.sampled_from(sorted(holder) if isinstance(holder, dict) else range(len(holder))))
        if not isinstance(holder[key], (dict, list)) or not holder[key] or data.draw(st.booleans()):
            break
        holder = holder[key]
    odd = [
        None,
        True,
        0,
        1,
        -1,
        2**70,
        0.5,
        math.inf,
        math.nan,
        "",
        " ",
        "a",
        "off",
        "5%\n",
        "x" * 101,
        "x" * 2_100,
        [],
        {},
    ]
    if data.draw(st.booleans()):
        del holder[key]
    else:
        other = data.draw(st.sampled_from([key, *(("", "image", "video", "save") if isinstance(holder, dict) else ())]))
        holder[other] = data.draw(st.sampled_from([*odd, holder[key], [holder[key]] * 6, {"existing": "x"}]))
    if conforms(name)(value):
        assert list(validator(name).iter_errors(value)) == []

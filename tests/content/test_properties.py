"""Whatever is in a file: the reader agrees with YAML 1.2 and JSON, and mistakes are problems, never exceptions."""

from __future__ import annotations

import json
import math
import re
import unicodedata
from pathlib import Path
from typing import Any, ClassVar

import pytest
import yaml
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from pinsync.content.decoding import lines_of
from pinsync.content.documents import parse
from pinsync.content.loading import load
from pinsync.content.problems import Problem, ordered
from pinsync.report.problems import FORMATS
from tests.content.corpus import root
from tests.world import BOARDS

HIDDEN = "\x7f\x85\u2028\u2029\ufeff\ufffe\uffff" + "".join(
    map(chr, [*range(0x80, 0xA0), *(n for n in range(32) if n not in (9, 10))])
)
texts = st.text(st.characters(codec="utf-8", exclude_characters=HIDDEN), max_size=20) | st.sampled_from(
    [
        "no",
        "on",
        "12:30",
        "1_000",
        "0777",
        "1e3",
        "null",
        "~",
        "true",
        "2026-12-01",
        "<<",
        "=",
        "",
        " ",
        "- a",
        "a: b",
        "#",
    ]
)
numbers = st.integers(-(10**30), 10**30) | st.floats(allow_nan=False)
values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


def same(one: Any, other: Any) -> bool:
    """Equality that tells 1 from 1.0 and from True."""
    if isinstance(one, dict) and isinstance(other, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and bool(one == other)


class Core(yaml.SafeLoader):
    """The reference: PyYAML with the tag resolution of YAML 1.2's core schema and nothing else."""

    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {}


CORE = {
    "null": r"~|null|Null|NULL|",
    "bool": r"true|True|TRUE|false|False|FALSE",
    "int": r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+",
    "float": r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)",
}
for _name, _pattern in CORE.items():
    Core.add_implicit_resolver(
        f"tag:yaml.org,2002:{_name}", re.compile(rf"(?:{_pattern})\Z"), [*map(chr, range(33, 127)), ""]
    )
Core.add_constructor(
    "tag:yaml.org,2002:int", lambda loader, node: int(node.value, 0 if "x" in node.value or "o" in node.value else 10)
)
Core.add_constructor(
    "tag:yaml.org,2002:float", lambda loader, node: float(re.sub(r"\.(inf|nan)", r"\1", node.value.lower()))
)


class CoreDumper(yaml.SafeDumper):
    """PyYAML's writer, with what needs quotes decided by the core schema."""

    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {
        **Core.yaml_implicit_resolvers,
        "<": [("tag:yaml.org,2002:merge", re.compile(r"<<\Z"))],
    }


CoreDumper.add_representer(
    float, lambda dumper, value: dumper.represent_scalar("tag:yaml.org,2002:float", repr(value).replace("inf", ".inf"))
)


@settings(deadline=None)
@given(values, st.booleans(), st.sampled_from([None, True, False]))
def test_what_a_yaml_writer_writes_is_read_back(value: Any, unicode: bool, flow: bool | None) -> None:
    text = yaml.dump(
        value, Dumper=CoreDumper, allow_unicode=unicode, default_flow_style=flow, sort_keys=False, width=40
    )
    document = parse("p.yaml", text.encode())
    assert [problem for problem in document.problems if problem.code != "empty"] == []
    assert same(document.value, value)


@settings(deadline=None)
@given(values, st.booleans(), st.sampled_from([None, 1, 3]))
def test_json_is_read_as_json(value: Any, escaped: bool, indent: int | None) -> None:
    found = leaves(value)
    assume(not any(isinstance(part, float) and math.isinf(part) for part in found))
    # JSON escapes what is beyond U+FFFF in two halves, which YAML knows not; validate says so.
    assume(not escaped or all(character < "\U00010000" for part in found for character in str(part)))
    document = parse("p.yaml", json.dumps(value, ensure_ascii=escaped, indent=indent).encode())
    assert [problem for problem in document.problems if problem.code != "empty"] == []
    assert same(document.value, value)


def leaves(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [leaf for key, part in value.items() for leaf in (key, *leaves(part))]
    return [leaf for part in value for leaf in leaves(part)] if isinstance(value, list) else [value]


@settings(deadline=None)
@given(st.text("0123456789+-.eExXoOabAFinfNa_:~ult\"' ,", max_size=9))
def test_plain_words_mean_what_the_core_schema_says(word: str) -> None:
    text = f"a: {word}\n"
    document = parse("p.yaml", text.encode())
    try:
        expected = yaml.load(text, Loader=Core)  # noqa: S506
    except yaml.YAMLError:
        assert document.problems
    else:
        assert document.problems == []
        assert str(document.value) == str(expected)


RIGHT = [
    BOARDS,
    "board: soups\nsection: autumn\nimage: soup.jpg\ndescription: |\n  one\n  two\nlink: https://example.com/a?b=c\n",
    "board: soups\ncarousel:\n- {image: soup.jpg, title: 'A'}\n- image: soup.jpg\n  link: \"https://example.com\"\n",
    "pins:\n- &a\n  id: a\n  board: {existing: A}\n  image: soup.jpg\n- {id: b, board: soups, save: '1'}\n",
    "board: soups\nimage: soup.jpg\npublish_at: 2026-12-01T09:00+01:00\nlifecycle: {protect: true}\nalt_text: ~\n",
    "link_params: {utm_source: pinterest}\nboard: soups\nlifecycle: {on_media_change: hold}\n",
    "environment: emulator\ntimezone: Europe/Berlin\nrates: {org_read: {calls: 1, seconds: 2}}\nstate: {path: a.json}\n",
]  # fmt: skip
PIECES = ["\t", "\0", "\x1b[31m", "\u202e", "\u2028", "\ufeff", "\r", "\n", " ", ":", ": ", "- ", "[", "]", "{", "}", '"', "'", "|",
          ">", "&a ", "*a", "!x ", "!!int ", "<<: ", "%", "@", "#", "---\n", "...\n", "? ", "null", "7", "é", "🍲", "::error::",
          "##[a]",           "'\\0'", '"\\0"', ".nan", "0x" + "f" * 500, "../", "https://", "\\"]  # fmt: skip
mutations = st.lists(st.tuples(st.integers(0, 400), st.integers(0, 5), st.sampled_from(PIECES)), min_size=1, max_size=5)


def mutated(text: str, changes: list[tuple[int, int, str]]) -> str:
    for place, removed, piece in changes:
        start = place % (len(text) + 1)
        text = text[:start] + piece + text[start + removed :]
    return text


def assert_sound(problems: tuple[Problem, ...], folder: Path) -> None:
    assert list(problems) == ordered(problems)
    assert len(set(problems)) == len(problems)
    for problem in problems:
        data = (folder / problem.file).read_bytes().decode("utf-8-sig", "replace")
        lines = lines_of(data)
        assert 0 <= problem.line <= len(lines) + 1
        assert problem.column >= min(problem.line, 1)
        assert problem.message
        assert problem.advice
        if problem.excerpt:
            assert problem.column <= len(problem.excerpt) + 1
    for form, as_form in FORMATS.items():
        out = as_form(problems, folder)
        assert not any(unicodedata.category(character) in ("Cc", "Zl", "Zp") for character in out if character != "\n")
        assert not any("\u202a" <= character <= "\u202e" for character in out)
        if form == "json":
            assert len(json.loads(out)["problems"]) == len(problems)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return root(tmp_path_factory.mktemp("content"), {})


KEYS = ["", "board", "carousel", "pins", "boards", "image", "defaults", "rates", "link_params", "lifecycle", "state",
        "limits", "policies"]  # fmt: skip
once = settings(deadline=None, max_examples=80, suppress_health_check=[HealthCheck.too_slow])


@once
@given(st.sampled_from(RIGHT), mutations, st.sampled_from(["p.yaml", "_defaults.yaml", "pinsync.yaml", "boards.yaml"]))
def test_mutations_of_right_files_are_problems_or_none(
    folder: Path, text: str, changes: list[tuple[int, int, str]], name: str
) -> None:
    files = {
        "pinsync.yaml": "",
        "_defaults.yaml": "",
        "boards.yaml": BOARDS,
        "p.yaml": "board: soups\nimage: soup.jpg\n",
    }
    root(folder, {**files, name: mutated(text, changes)})
    assert_sound(load(folder).problems, folder)


@once
@given(st.binary(max_size=200), st.sampled_from(["p.yaml", "_defaults.yaml", "pinsync.yaml", "boards.yaml"]))
def test_random_bytes_are_problems_or_none(folder: Path, data: bytes, name: str) -> None:
    root(folder, {"pinsync.yaml": "", "_defaults.yaml": "", "boards.yaml": BOARDS, "p.yaml": "", name: data})
    assert_sound(load(folder).problems, folder)


@once
@given(values, st.sampled_from(["p.yaml", "_defaults.yaml", "pinsync.yaml", "boards.yaml"]), st.sampled_from(KEYS))
def test_random_data_is_a_problem_or_none(folder: Path, value: Any, name: str, key: str) -> None:
    text = json.dumps({key: value} if key else value)
    root(folder, {"pinsync.yaml": "", "_defaults.yaml": "", "boards.yaml": BOARDS, "p.yaml": "", name: text})
    assert_sound(load(folder).problems, folder)

"""Every error that pinsync raises on purpose says in one line what to do."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pinsync
from pinsync.errors import PinsyncError

PACKAGE = Path(pinsync.__file__).parent
TREES = {file: ast.parse(file.read_text("utf-8")) for file in sorted(PACKAGE.rglob("*.py"))}


def kinds() -> dict[str, type[PinsyncError]]:
    """All kinds of errors by name: those of errors.py, and their kinds elsewhere."""
    found = {"PinsyncError": PinsyncError}
    for _ in range(4):  # a kind of a kind may be defined in a file that was read before
        for file, tree in TREES.items():
            for node in ast.walk(tree):
                if isinstance(node, ast.ClassDef) and any(ast.unparse(base) in found for base in node.bases):
                    module = ".".join(file.relative_to(PACKAGE.parent).with_suffix("").parts)
                    found[node.name] = getattr(import_module(module), node.name)
    return found


def raised() -> Iterator[tuple[str, type[PinsyncError], list[ast.expr]]]:
    """Where each error is made, and what is given as advice."""
    known = kinds()
    for file, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in known:
                advice = [*node.args[1:2], *(word.value for word in node.keywords if word.arg == "advice")]
                yield f"{file.relative_to(PACKAGE)}:{node.lineno}", known[node.func.id], advice


def may_be_empty(advice: ast.expr) -> bool:
    return any(isinstance(node, ast.Constant) and node.value == "" for node in ast.walk(advice))


def test_every_error_says_what_to_do() -> None:
    places = [*raised()]
    assert len(places) > 100
    silent = [place for place, kind, advice in places if not kind.usual and (not advice or may_be_empty(advice[0]))]
    assert silent == []


def test_what_to_do_is_one_line_and_a_sentence() -> None:
    known = kinds()
    assert len(known) > 18
    usual = {kind.usual for kind in known.values() if kind.usual}
    given = {
        node.value
        for _, _, advice in raised()
        for node in advice
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert [text for text in usual | given if "\n" in text or not text.endswith((".", "?", "'"))] == []

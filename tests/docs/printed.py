"""What pinsync can print, as its source has it: texts in which … stands for what is filled in."""

from __future__ import annotations

import ast
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache

from tests.docs.pages import ROOT


@dataclass
class Source:
    """The literal texts of the package, all in one, and its calls by the name of what is called."""

    texts: str = ""
    calls: dict[str, list[ast.Call]] = field(default_factory=lambda: defaultdict(list))


@cache
def source() -> Source:
    """The package, read once."""
    found, texts = Source(), []
    for path in sorted((ROOT / "pinsync").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, (ast.Constant, ast.JoinedStr)):
                texts.append(text_of(node))
            elif isinstance(node, ast.Call):
                called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                found.calls[called].append(node)
    found.texts = "\0".join(texts)
    return found


def text_of(node: ast.expr) -> str:
    """A literal text with … for what is filled in; empty where it is no literal."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
    return ""

"""Values as YAML text, the way a person would write it and pinsync reads it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import yaml

from pinsync.content.documents import plain

# What may not stand in a YAML file as it is, or what some readers take for the end of a line.
_ESCAPED = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


class Inline(dict[str, Any]):
    """A mapping that is written in braces, on one line."""


def spell(value: Mapping[str, Any]) -> bytes:
    """``value`` as a YAML file; its keys stay in order."""
    text: str = yaml.dump(
        dict(value), Dumper=_Dumper, allow_unicode=True, sort_keys=False, default_flow_style=False, width=10**9
    )
    # A lone surrogate has no UTF-8; what reads the file reports it.
    return text.encode("utf-8", "surrogatepass")


class _Dumper(yaml.SafeDumper):
    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Lists stand further in than their key."""
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        """People write a value twice."""
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = None
    if _ESCAPED.search(text) or not isinstance(plain(text), str):
        style = '"'
    elif "\n" in text:
        style = "|"
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style)


def _inline(dumper: yaml.SafeDumper, value: Inline) -> yaml.MappingNode:
    return dumper.represent_mapping("tag:yaml.org,2002:map", value.items(), flow_style=True)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(Inline, _inline)

"""``_defaults.yaml``: values that folders give to the pins below them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote_plus, urlsplit, urlunsplit

from pinsync.content.locating import CONFIG
from pinsync.content.wrong import WRONG, mapping_of
from pinsync.model.schemas import build

_MERGED = ("lifecycle", "link_params", "lints")
_NAMES = tuple(build()["defaults"]["properties"])


@dataclass(frozen=True, slots=True)
class Layer:
    """Values for all pins of a folder and below.

    ``sources`` says for each value in which file it stands and under which path there, for messages.
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    sources: Mapping[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)


class Cascade:
    """The layers of a content root, combined per folder on demand."""

    def __init__(self, root_defaults: Any, by_file: Mapping[str, Any]) -> None:
        """``by_file`` maps the path of each ``_defaults.yaml`` to its values, which are WRONG if it cannot be read."""
        values = _known(root_defaults)
        base = Layer(values, {name: (CONFIG, ("defaults", name)) for name in values})
        self._by_folder = {file.rpartition("/")[0]: (file, _known(values)) for file, values in by_file.items()}
        self._combined: dict[str, Layer] = {"": self._below(base, "")}

    def of_folder(self, folder: str) -> Layer:
        """What applies in ``folder`` (relative to the root, no slash at its end)."""
        new: list[str] = []
        while folder not in self._combined:
            new.append(folder)
            folder = folder.rpartition("/")[0]
        layer = self._combined[folder]
        for below in reversed(new):
            layer = self._combined[below] = self._below(layer, below)
        return layer

    def _below(self, outer: Layer, folder: str) -> Layer:
        if folder not in self._by_folder:
            return outer
        file, values = self._by_folder[folder]
        return overlay(outer, values, {name: (file, (name,)) for name in values})


def _known(values: Any) -> Mapping[str, Any]:
    # A file that cannot be read might have held anything, so that nothing is missing below it.
    return values if isinstance(values, dict) else dict.fromkeys(_NAMES, WRONG)


def overlay(outer: Layer, values: Mapping[str, Any], sources: Mapping[str, tuple[str, tuple[str, ...]]]) -> Layer:
    """``outer`` with nearer ``values`` laid over it, as :func:`merged` does."""
    return Layer(merged(outer.values, values), {**outer.sources, **sources})


def merged(outer: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """``outer`` values with nearer ones laid over them.

    Mappings (lifecycle, link_params, lints) are merged key by key. A section goes with its board: a nearer board without a
    section takes the outer section away.
    """
    if not outer:
        return values
    result = dict(outer)
    if "board" in values and "section" not in values and values["board"] != result.get("board"):
        result.pop("section", None)
    for name, value in values.items():
        if name in _MERGED and isinstance(value, Mapping):
            result[name] = {**mapping_of(result.get(name)), **value}
        else:
            result[name] = value
    return result


def with_params(link: str, params: Mapping[str, str | None]) -> str:
    """``link`` with the parameters it does not have yet added to its query, in the order given."""
    if not params:
        return link
    parts = urlsplit(link)
    present = {unquote_plus(piece.partition("=")[0]) for piece in parts.query.split("&")}
    missing = {name: value for name, value in params.items() if value is not None and name not in present}
    if not missing:
        return link
    pieces = [f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in missing.items()]
    return urlunsplit(parts._replace(query="&".join([*([parts.query] if parts.query else []), *pieces])))

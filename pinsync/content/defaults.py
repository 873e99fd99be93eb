"""``_defaults.yaml``: values that folders give to the pins below them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote_plus, urlsplit, urlunsplit

from pinsync.content.locating import CONFIG

_MERGED = ("lifecycle", "link_params")


@dataclass(frozen=True, slots=True)
class Layer:
    """Values for all pins of a folder and below.

    ``sources`` says for each value in which file it stands and under which path there, for messages.
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    sources: Mapping[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)


class Cascade:
    """The layers of a content root, combined per folder on demand."""

    def __init__(self, root_defaults: Mapping[str, Any], by_file: Mapping[str, Mapping[str, Any]]) -> None:
        """``by_file`` maps the path of each ``_defaults.yaml`` to its values."""
        base = Layer(root_defaults, {name: (CONFIG, ("defaults", name)) for name in root_defaults})
        self._by_folder = {file.rpartition("/")[0]: (file, values) for file, values in by_file.items()}
        self._combined: dict[str, Layer] = {"": self._below(base, "")}

    def of_folder(self, folder: str) -> Layer:
        """What applies in ``folder`` (relative to the root, no slash at its end)."""
        known = self._combined.get(folder)
        if known is None:
            known = self._combined[folder] = self._below(self.of_folder(folder.rpartition("/")[0]), folder)
        return known

    def _below(self, outer: Layer, folder: str) -> Layer:
        if folder not in self._by_folder:
            return outer
        file, values = self._by_folder[folder]
        return overlay(outer, values, {name: (file, (name,)) for name in values})


def overlay(outer: Layer, values: Mapping[str, Any], sources: Mapping[str, tuple[str, tuple[str, ...]]]) -> Layer:
    """``outer`` with nearer ``values`` laid over it.

    Mappings (lifecycle, link_params) are merged key by key. A section goes with its board: a nearer board without a
    section takes the outer section away.
    """
    merged = dict(outer.values)
    if "board" in values and "section" not in values and values["board"] != merged.get("board"):
        merged.pop("section", None)
    for name, value in values.items():
        if name in _MERGED and isinstance(value, Mapping):
            merged[name] = {**merged.get(name, {}), **value}
        else:
            merged[name] = value
    return Layer(merged, {**outer.sources, **sources})


def with_params(link: str, params: Mapping[str, str | None]) -> str:
    """``link`` with the parameters it does not have yet added to its query, in the order given."""
    wanted = {name: value for name, value in params.items() if value is not None}
    if not wanted:
        return link
    parts = urlsplit(link)
    present = {unquote_plus(piece.partition("=")[0]) for piece in parts.query.split("&")}
    pieces: Iterable[str] = (
        f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in wanted.items() if name not in present
    )
    query = "&".join([*([parts.query] if parts.query else []), *pieces])
    return urlunsplit(parts._replace(query=query))

"""Recognising what only got another address: renamed and moved files, renamed keys."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from pinsync.model.resource import Desired, Value
from pinsync.state.document import Known

_TEXTS = ("title", "description", "link", "alt_text", "slots", "media", "name")


def find_moves(
    desired: Iterable[Desired], gone: Mapping[str, Known], ids: Mapping[str, str]
) -> tuple[dict[str, str], list[tuple[Desired, str]]]:
    """Pairs resources that are declared but not known with those that are known but not declared.

    ``ids`` are those of boards and sections settled so far. Returns new addresses with the old ones, and the
    resources whose ``moved_from`` names nothing known. An explicit ``moved_from`` wins; else the contents must be equal.
    """
    moves: dict[str, str] = {}
    unfounded: list[tuple[Desired, str]] = []
    left = dict(gone)
    wanting: dict[str, list[Desired]] = defaultdict(list)
    for resource in desired:
        source = resource.moved_from
        if source is not None and source in left and left[source].kind == resource.kind:
            moves[resource.address] = source
            del left[source]
        else:
            if source is not None:
                unfounded.append((resource, source))
            wanting[_signature(resource.kind, resource.fields, ids)].append(resource)
    having: dict[str, list[str]] = defaultdict(list)
    for address, known in left.items():
        having[_signature(known.kind, known.applied, {})].append(address)
    for signature, resources in wanting.items():
        moves |= _pair(resources, {address: left[address] for address in having.get(signature, ())}, ids)
    return moves, unfounded


def _pair(wanting: list[Desired], having: dict[str, Known], ids: Mapping[str, str]) -> dict[str, str]:
    """Gives each a source of its own, as far as there are any. All have the same content, so that it only matters that
    what stays on its board and in its section stays itself."""
    pairs: dict[str, str] = {}
    for same_place in (True, False):
        for resource in sorted(wanting, key=lambda one: one.address):
            for source, known in having.items() if resource.address not in pairs else ():
                if not same_place or _place(resource.fields, ids) == _place(known.applied, {}):
                    pairs[resource.address] = source
                    del having[source]
                    break
    return pairs


def _place(fields: Mapping[str, Value], ids: Mapping[str, str]) -> tuple[Value, Value]:
    board, section = fields.get("board"), fields.get("section")
    return ids.get(str(board), board), ids.get(str(section), section)


def _signature(kind: str, fields: Mapping[str, Value], ids: Mapping[str, str]) -> str:
    content: dict[str, Any] = {name: fields[name] for name in _TEXTS if fields.get(name) is not None}
    if kind == "section":
        # Two sections of one name are told apart by their boards; a pin stays itself on another board.
        content["board"] = ids.get(str(fields["board"]), fields["board"])
    return json.dumps([kind, content], sort_keys=True)

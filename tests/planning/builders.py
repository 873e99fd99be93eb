"""Small worlds for the planner, a line each."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from pinsync.model.policies import Policies
from pinsync.model.resource import Desired, Found, Image, Origin
from pinsync.model.spread import Spread
from pinsync.planning.live import NOT_READ, Live
from pinsync.planning.plan import Plan
from pinsync.planning.planner import Options, make_plan
from pinsync.state.document import Known, Pending, State

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
PICTURE = Image("soup.jpg", "a" * 64, 1000, 1500, "JPEG", 1234)
MEDIA = {"image": PICTURE.fingerprint}
SHAPE = ("image", None, (2 / 3,))


def board(key: str = "soups", **fields: Any) -> Desired:
    return Desired(f"board.{key}", "board", {"name": key.title(), **fields}, Origin("boards.yaml", 1, 1))


def section(key: str = "autumn", of: str = "soups", **fields: Any) -> Desired:
    values = {"board": f"board.{of}", "name": key.title(), **fields}
    return Desired(f"section.{of}/{key}", "section", values, Origin("boards.yaml", 2, 1))


def pin(key: str = "soup", on: str = "board.soups", images: tuple[Image, ...] = (PICTURE,), **fields: Any) -> Desired:
    more = {name: fields.pop(name) for name in ("publish_at", "at_once", "moved_from", "lifecycle") if name in fields}
    values = {"board": on, "media": MEDIA, **fields}
    return Desired(f"pin.{key}", "pin", values, Origin(f"{key}.yaml", 1, 1), images, **more)


def known_board(found_id: str = "1", **fields: Any) -> Known:
    values = {"name": "Soups", **fields}
    return Known("board", found_id, values, {"description": None, "privacy": "public", **values})


def known_section(found_id: str = "2", on: str = "1", name: str = "Autumn") -> Known:
    return Known("section", found_id, {"board": on, "name": name}, {"board": on, "name": name})


def known_pin(found_id: str = "3", on: str = "1", media: Any = None, **fields: Any) -> Known:
    observed = {"board": on, "section": None, "title": None, "description": None, "link": None, "alt_text": None}
    return Known("pin", found_id, {"board": on, "media": media or MEDIA, **fields}, {**observed, **fields})


def live_board(found_id: str = "1", **fields: Any) -> Found:
    return Found("board", found_id, {"name": "Soups", "description": None, "privacy": "public", **fields}, pin_count=1)


def live_section(found_id: str = "2", on: str = "1", name: str = "Autumn") -> Found:
    return Found("section", found_id, {"board": on, "name": name})


def live_pin(
    found_id: str = "3", on: str = "1", shape: tuple[Any, ...] = SHAPE, created_at: str = "", **fields: Any
) -> Found:
    empty = {"section": None, "title": None, "description": None, "link": None, "alt_text": None}
    return Found("pin", found_id, {"board": on, **empty, **fields}, shape, created_at)


def state(pending: dict[str, Pending] | None = None, **resources: Known) -> State:
    """Keys name addresses with ``__`` for the first dot and ``_in_`` for a slash: ``pin__soup``."""
    named = {key.replace("__", ".").replace("_in_", "/"): known for key, known in resources.items()}
    return State("lineage", 3, "emulator", named, pending or {})


def plan(
    desired: Iterable[Desired], known: State | None = None, live: Iterable[Found] | None = (), absent: Iterable[str] = (),
    now: datetime = NOW, on_existing: str = "adopt", policies: Policies | None = None, listed: Iterable[str] = (),
    spread: Spread | None = None,
) -> Plan:  # fmt: skip
    """The plan. ``live`` None means that nothing was read; ``absent`` names kind and id as ``pin:3``."""
    seen = NOT_READ
    if live is not None:
        gone = frozenset((one.partition(":")[0], one.partition(":")[2]) for one in absent)
        seen = Live({(found.kind, found.id): found for found in live}, gone, listed=frozenset(listed))
    resources = {one.address: one for one in desired}
    chosen = policies or Policies(on_existing=on_existing)
    return make_plan(resources, known or state(), seen, Options(now, "emulator", "digest", chosen, spread=spread))

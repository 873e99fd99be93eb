"""``pinsync.yaml``: how a content root is to be treated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pinsync.content.documents import Document
from pinsync.content.locating import CONFIG, inside
from pinsync.content.opening import checked, opened
from pinsync.content.problems import Problem, shortened
from pinsync.content.suggesting import nearest
from pinsync.content.wrong import WRONG, Wrong, mapping_of
from pinsync.model.policies import USUAL, Policies

Windows = tuple[tuple[int, float], ...]


@dataclass(frozen=True, slots=True)
class Settings:
    """The configuration of one content root, defaults filled in.

    ``rates`` maps rate categories to (calls, seconds) windows that replace the published limits. ``state_path`` is
    absolute. ``profile`` names the login to use, empty for the usual one. ``tier_given`` says that the file names the tier.
    ``max_writes`` is how much one run may write, None for as much as the rates allow.
    ``settling`` is how long Pinterest's listings may lag behind. ``lints`` maps rules to off, warning or error.
    ``defaults`` are the values for all pins, as written. ``timezone_wrong`` says that one is given and cannot be used.
    """

    root: Path
    environment: str = "production"
    profile: str = ""
    tier: str = "trial"
    tier_given: bool = False
    timezone: ZoneInfo | None = None
    timezone_wrong: bool = False
    concurrency: int = 8
    max_writes: int | None = None
    rates: Mapping[str, Windows] = field(default_factory=dict)
    state_backend: str = "local"
    state_path: Path = Path()
    policies: Policies = USUAL
    settling: timedelta = timedelta(seconds=30)
    lints: Mapping[str, str] = field(default_factory=dict)
    defaults: Mapping[str, Any] | Wrong = field(default_factory=dict)


def load_settings(root: Path) -> tuple[Settings, list[Problem]]:
    """The settings of ``root`` and what is wrong with them; with problems, the settings hold what could be read."""
    document = opened(root, CONFIG)
    problems = [problem for problem in document.problems if problem.code != "empty"]
    read, found = checked(document, "config")
    problems += found
    given = read if isinstance(read, dict) else {"timezone": WRONG, "defaults": WRONG}
    value = mapping_of(given)
    state = mapping_of(value.get("state"))
    zone = _zone(document, value.get("timezone"), problems)
    settings = Settings(
        root=root,
        environment=value.get("environment", "production"),
        profile=value.get("profile", ""),
        tier=value.get("tier", "trial"),
        tier_given="tier" in value,
        timezone=zone,
        timezone_wrong=zone is None and "timezone" in given,
        concurrency=int(value.get("concurrency", 8)),
        max_writes=int(value["max_writes"]) if "max_writes" in value else None,
        rates=_rates(mapping_of(value.get("rates"))),
        state_backend=state.get("backend", "local"),
        state_path=_state_path(root, document, state.get("path", ".pinsync/state.json"), problems),
        policies=_policies(mapping_of(value.get("policies")), mapping_of(value.get("limits"))),
        settling=duration(value.get("settling", "30s")),
        lints=mapping_of(value.get("lints")),
        defaults=given.get("defaults", {}),
    )
    return settings, problems


def _state_path(root: Path, document: Document, path: str, problems: list[Problem]) -> Path:
    """Where the state is kept: inside the content root, so that a change of the content cannot write elsewhere."""
    if not inside(root, root / path):
        advice = "Keep it below the folder of pinsync.yaml, where version control and backups find it."
        problems.append(
            document.problem(("state", "path"), "outside-root", "the state leads out of the content folder", advice)
        )
    return root / path


def _zone(document: Document, name: Any, problems: list[Problem]) -> ZoneInfo | None:
    if not isinstance(name, str):
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        guess = nearest(name, available_timezones())
        advice = f"Did you mean {guess}?" if guess else "Use a name of the IANA list, such as Europe/Berlin."
        message = f'there is no time zone "{shortened(name)}"'
        problems.append(document.problem(("timezone",), "unknown-value", message, advice))
        return None


def _policies(value: Mapping[str, Any], limits: Mapping[str, Any]) -> Policies:
    given = {name: _limit(limit) for name, limit in limits.items() if name != "from"}
    usual = USUAL
    return replace(
        usual,
        on_existing=value.get("on_existing", usual.on_existing),
        prune=value.get("prune", usual.prune),
        on_media_change=value.get("on_media_change", usual.on_media_change),
        foreign_pins=value.get("foreign_pins", usual.foreign_pins),
        on_drift=value.get("on_drift", usual.on_drift),
        on_missing=value.get("on_missing", usual.on_missing),
        limits={**usual.limits, **given},
        limits_from=int(limits.get("from", usual.limits_from)),
    )


def _limit(value: str | float) -> float | int:
    # YAML's 5.0 is a whole number too, and no share.
    return int(value.removesuffix("%")) / 100 if isinstance(value, str) else int(value)


def _rates(value: Mapping[str, Any]) -> dict[str, Windows]:
    windows = {name: mapping_of(window) for name, window in value.items()}
    return {
        name: ((int(window["calls"]), float(window["seconds"])),)
        for name, window in windows.items()
        if window.keys() >= {"calls", "seconds"}
    }


def duration(text: str) -> timedelta:
    """``30s``, ``500ms`` or ``2m`` as a span of time."""
    number = text.rstrip("ms")
    unit = {"ms": "milliseconds", "s": "seconds", "m": "minutes"}[text[len(number) :]]
    return timedelta(**{unit: float(number)})

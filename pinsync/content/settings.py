"""``pinsync.yaml``: how a content root is to be treated."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pinsync.content.documents import Document, parse
from pinsync.content.locating import CONFIG, inside
from pinsync.content.opening import checked, read
from pinsync.content.problems import Problem, shortened
from pinsync.content.remembering import Memory
from pinsync.content.suggesting import nearest
from pinsync.content.wrong import WRONG, Wrong, mapping_of
from pinsync.errors import UsageError
from pinsync.model.policies import USUAL, Policies
from pinsync.model.schemas import build
from pinsync.model.spread import DAY, Spread

Windows = tuple[tuple[int, float], ...]

# The keys of `state` beside `backend` and `path`, by the backend that they are for, and those that one cannot do without.
_OPTIONS = {"git": ("branch", "remote"), "s3": ("bucket", "endpoint", "region")}
_NEEDED = {"s3": ("bucket", "path")}


@dataclass(frozen=True, slots=True)
class Settings:
    """The configuration of one content root, defaults filled in.

    ``rates`` maps rate categories to (calls, seconds) windows that replace the published limits. ``state_path`` is
    absolute, and where the local state is kept; ``state_options`` is what else is said of the state. ``profile`` names the
    login to use, empty for the usual one. ``tier_given`` says that the file names the tier. ``max_writes`` is how much one run
    may write, None for as much as the rates allow.
    ``settling`` is how long Pinterest's listings may lag behind, ``processing`` how long it may take for a video. ``lints``
    maps rules to off, warning or error.
    ``defaults`` are the values for all pins, as written. ``timezone_wrong`` says that one is given and cannot be used.
    ``spread`` are the slots of pins without a time of their own.
    """

    root: Path
    environment: str = "production"
    profile: str = ""
    tier: str = "trial"
    tier_given: bool = False
    timezone: ZoneInfo | None = None
    timezone_wrong: bool = False
    spread: Spread | None = None
    concurrency: int = 8
    max_writes: int | None = None
    rates: Mapping[str, Windows] = field(default_factory=dict)
    state_backend: str = "local"
    state_path: Path = Path()
    state_options: Mapping[str, str] = field(default_factory=dict)
    policies: Policies = USUAL
    settling: timedelta = timedelta(seconds=30)
    processing: timedelta = timedelta(minutes=10)
    lints: Mapping[str, str] = field(default_factory=dict)
    defaults: Mapping[str, Any] | Wrong = field(default_factory=dict)


def load_settings(root: Path, memory: Memory | None = None) -> tuple[Settings, list[Problem]]:
    """The settings of ``root`` and what is wrong with them; with problems, the settings hold what could be read."""
    return _settings(root, *read(root, CONFIG, memory, lambda value: "config"))


def state_settings(options: Mapping[str, str], root: Path) -> tuple[Settings, list[Problem]]:
    """Settings that say nothing but where the state of ``root`` is, by the keys of ``state``, and what is wrong with them."""
    document = parse(CONFIG, json.dumps({"state": dict(options)}).encode())
    value, found = checked(document, "config")
    return _settings(root, document, "config", value, [*document.problems, *found])


def _settings(
    root: Path, document: Document, schema: str, found: Any, mistakes: list[Problem]
) -> tuple[Settings, list[Problem]]:
    problems = [problem for problem in mistakes if problem.code != "empty"]
    given = found if isinstance(found, dict) else {"timezone": WRONG, "defaults": WRONG}
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
        spread=_spread(document, mapping_of(value.get("spread")), zone, "timezone" in given, problems),
        concurrency=int(value.get("concurrency", 8)),
        max_writes=int(value["max_writes"]) if "max_writes" in value else None,
        rates=_rates(mapping_of(value.get("rates"))),
        state_backend=state.get("backend", "local"),
        state_path=_state_path(root, document, state, problems),
        state_options=_state_options(document, state, mapping_of(document.value).get("state"), problems),
        policies=_policies(mapping_of(value.get("policies")), mapping_of(value.get("limits"))),
        settling=duration(value.get("settling", "30s")),
        processing=duration(value.get("processing", "10m")),
        lints=mapping_of(value.get("lints")),
        defaults=given.get("defaults", {}),
    )
    return settings, problems


def with_environment(settings: Settings, environ: Mapping[str, str]) -> Settings:
    """The settings with what the variables PINSYNC_ENVIRONMENT and PINSYNC_TIER say instead. Raises UsageError."""
    given: dict[str, Any] = {
        name: environ[variable]
        for name, variable in (("environment", "PINSYNC_ENVIRONMENT"), ("tier", "PINSYNC_TIER"))
        if environ.get(variable)
    }
    for name, value in given.items():
        choices = build()["config"]["properties"][name]["enum"]
        if value not in choices:
            raise UsageError(
                f"PINSYNC_{name.upper()} cannot be {shortened(value)}", f"It is one of {', '.join(choices)}."
            )
    return replace(settings, **given)


def _state_path(root: Path, document: Document, state: Mapping[str, Any], problems: list[Problem]) -> Path:
    """Where the state is kept: inside the content root, so that a change of the content cannot write elsewhere."""
    path = (
        state.get("path", ".pinsync/state.json") if state.get("backend", "local") == "local" else ".pinsync/state.json"
    )
    if not inside(root, root / path):
        advice = "Keep it below the folder of pinsync.yaml, where version control and backups find it."
        problems.append(
            document.problem(("state", "path"), "outside-root", "the state leads out of the content folder", advice)
        )
    return root / path


def _state_options(document: Document, state: Mapping[str, Any], given: Any, problems: list[Problem]) -> dict[str, str]:
    """What is said of the state, which must fit the backend."""
    backend = state.get("backend", "local")
    for name in _NEEDED.get(backend, ()):
        if name not in mapping_of(given):
            advice = f"Add it; {backend} has no other way to know where the state is."
            problems.append(document.problem(("state",), "missing-key", f"`{name}` is missing in `state`", advice))
    for other, names in _OPTIONS.items():
        for name in names if other != backend else ():
            if name in state:
                message = f"`{name}` says nothing to the backend {backend}"
                advice = f"Take it out, or set `backend: {other}`."
                problems.append(document.problem(("state", name), "unknown-key", message, advice, at_key=True))
    return {name: option for name, option in state.items() if isinstance(option, str)}


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


def _spread(
    document: Document, value: Mapping[str, Any], zone: ZoneInfo | None, zone_given: bool, problems: list[Problem]
) -> Spread | None:
    every, between = value.get("every"), value.get("between")
    if not isinstance(every, str) or not isinstance(between, str):
        return None
    if zone is None and not zone_given:
        problems.append(
            document.problem(("spread",), "time-zone", "`spread` does not say which time zone its times are of",
                             "Set `timezone:` beside it, such as `timezone: Europe/Berlin`.", at_key=True)
        )  # fmt: skip
    step = int(every[:-1]) * (60 if every.endswith("h") else 1)
    if not 1 <= step <= DAY:
        message = f"`every` must be at least 1m and at most 24h, not {every}"
        problems.append(document.problem(("spread", "every"), "out-of-range", message, "Write, for example, 45m."))
    start, end = (int(hour) * 60 + int(minute) for hour, minute in (time.split(":") for time in between.split("-")))
    if end < start:
        problems.append(
            document.problem(("spread", "between"), "out-of-range", f"`between` ends before it begins: {between}",
                             "Write two times of one day, the earlier one first; midnight ends it.")
        )  # fmt: skip
    return Spread(step, start, end, zone) if zone and 1 <= step <= DAY and start <= end else None


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

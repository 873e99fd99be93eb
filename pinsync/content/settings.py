"""``pinsync.yaml``: how a content root is to be treated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pinsync.content.documents import parse
from pinsync.content.locating import CONFIG
from pinsync.content.problems import Problem
from pinsync.content.schema import check, without

Windows = tuple[tuple[int, float], ...]


@dataclass(frozen=True, slots=True)
class Settings:
    """The configuration of one content root, defaults filled in.

    ``rates`` maps rate categories to (calls, seconds) windows that replace the published limits. ``state_path`` is
    absolute. ``settling`` is how long Pinterest's listings may lag behind. ``defaults`` are the values for all pins, as written.
    """

    root: Path
    environment: str = "production"
    tier: str = "trial"
    timezone: ZoneInfo | None = None
    concurrency: int = 8
    rates: Mapping[str, Windows] = field(default_factory=dict)
    state_backend: str = "local"
    state_path: Path = Path()
    on_existing: str = "adopt"
    settling: timedelta = timedelta(seconds=30)
    defaults: Mapping[str, Any] = field(default_factory=dict)


def load_settings(root: Path) -> tuple[Settings, list[Problem]]:
    """The settings of ``root`` and what is wrong with them; with problems, the settings hold what could be read."""
    document = parse(CONFIG, (root / CONFIG).read_bytes())
    problems = [problem for problem in document.problems if problem.code != "empty"]
    value = document.value if isinstance(document.value, dict) else {}
    if document.value is not None:
        found = check(document, "config")
        problems += [problem for _, problem in found]
        value = without(value, [path for path, _ in found])
    zone = None
    if "timezone" in value:
        try:
            zone = ZoneInfo(value["timezone"])
        except (ZoneInfoNotFoundError, ValueError, OSError):
            problems.append(
                document.problem(("timezone",), "unknown-value", f"there is no time zone \"{value['timezone']}\"",
                                 "Use a name of the IANA list, such as Europe/Berlin.")
            )  # fmt: skip
    state = value.get("state", {})
    rates = {name: ((int(rate["calls"]), float(rate["seconds"])),) for name, rate in value.get("rates", {}).items()}
    settings = Settings(
        root=root,
        environment=value.get("environment", "production"),
        tier=value.get("tier", "trial"),
        timezone=zone,
        concurrency=value.get("concurrency", 8),
        rates=rates,
        state_backend=state.get("backend", "local"),
        state_path=root / state.get("path", ".pinsync/state.json"),
        on_existing=value.get("policies", {}).get("on_existing", "adopt"),
        settling=duration(value.get("settling", "30s")),
        defaults=value.get("defaults", {}),
    )
    return settings, problems


def duration(text: str) -> timedelta:
    """``30s``, ``500ms`` or ``2m`` as a span of time."""
    number = text.rstrip("ms")
    unit = {"ms": "milliseconds", "s": "seconds", "m": "minutes"}[text[len(number) :]]
    return timedelta(**{unit: float(number)})

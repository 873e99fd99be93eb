"""What analytics count: made up, and always the same for the same pin, metric and day.

A pin is shown most when it is new, more at weekends, and never quite forgotten. Clicks and saves are shares of that.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

# Source: the official description, parameters query_pin_analytics_metric_types and query_metric_types.
OF_PINS = (
    "IMPRESSION",
    "OUTBOUND_CLICK",
    "PIN_CLICK",
    "SAVE",
    "SAVE_RATE",
    "TOTAL_COMMENTS",
    "TOTAL_REACTIONS",
    "USER_FOLLOW",
    "PROFILE_VISIT",
    "VIDEO_MRC_VIEW",
    "VIDEO_10S_VIEW",
    "QUARTILE_95_PERCENT_VIEW",
    "VIDEO_V50_WATCH_TIME",
    "VIDEO_START",
    "VIDEO_AVG_WATCH_TIME",
)
OF_ACCOUNTS = (
    "ENGAGEMENT",
    "ENGAGEMENT_RATE",
    "IMPRESSION",
    "OUTBOUND_CLICK",
    "OUTBOUND_CLICK_RATE",
    "PIN_CLICK",
    "PIN_CLICK_RATE",
    "SAVE",
    "SAVE_RATE",
)
LIFETIME = ("TOTAL_COMMENTS", "TOTAL_REACTIONS")
APPS = ("MOBILE", "TABLET", "WEB")
READY, ESTIMATE, PROCESSING, BEFORE = "READY", "ESTIMATE", "PROCESSING", "BEFORE_PIN_CREATED"

Counts = Mapping[str, int]
NOTHING: Counts = dict.fromkeys(("IMPRESSION", "PIN_CLICK", "OUTBOUND_CLICK", "SAVE"), 0)
"""What is counted of every pin, where it is nothing."""

_RATES = {
    "SAVE_RATE": ("SAVE", "IMPRESSION"),
    "PIN_CLICK_RATE": ("PIN_CLICK", "IMPRESSION"),
    "OUTBOUND_CLICK_RATE": ("OUTBOUND_CLICK", "IMPRESSION"),
    "ENGAGEMENT_RATE": ("ENGAGEMENT", "IMPRESSION"),
    "VIDEO_AVG_WATCH_TIME": ("VIDEO_V50_WATCH_TIME", "VIDEO_START"),
}
_WEEK = (0.94, 0.9, 0.92, 0.96, 1.02, 1.2, 1.16)  # Monday first
_SO_FAR = 0.7  # of a day that is still an estimate
_SHARES = {"MOBILE": 0.72, "TABLET": 0.08}  # the rest is WEB


@dataclass(frozen=True, slots=True)
class Subject:
    """A pin that is counted: its row id, the day that it was made (UTC), whether it is a video, and has a link."""

    number: int
    created: date
    is_video: bool
    has_link: bool


def status(day: date, today: date, created: date | None = None) -> str:
    """The data_status of a day: yesterday is an estimate, and today is not counted yet."""
    if created and day < created:
        return BEFORE
    if day >= today:
        return PROCESSING
    return ESTIMATE if day == today - timedelta(days=1) else READY


def counted(pin: Subject, day: date, today: date, app: str = "ALL") -> Counts:
    """All that is counted of a pin on a day, on all devices or one kind; nothing while it is processed."""
    state = status(day, today, pin.created)
    if state == PROCESSING:
        return {}
    shown = 0 if state == BEFORE else _impressions(pin, day, _SO_FAR if state == ESTIMATE else 1.0)
    clicked = _part(shown, 0.01, 0.04, pin, day, "PIN_CLICK")
    counts = {
        "IMPRESSION": shown,
        "PIN_CLICK": clicked,
        "OUTBOUND_CLICK": _part(clicked, 0.2, 0.6, pin, day, "OUTBOUND_CLICK") if pin.has_link else 0,
        "SAVE": _part(shown, 0.005, 0.03, pin, day, "SAVE"),
    }
    if pin.is_video:
        started = _part(shown, 0.6, 0.9, pin, day, "VIDEO_START")
        viewed = _part(started, 0.4, 0.6, pin, day, "VIDEO_MRC_VIEW")
        long = _part(viewed, 0.3, 0.5, pin, day, "VIDEO_10S_VIEW")
        counts |= {
            "VIDEO_START": started,
            "VIDEO_MRC_VIEW": viewed,
            "VIDEO_10S_VIEW": long,
            "QUARTILE_95_PERCENT_VIEW": _part(long, 0.2, 0.6, pin, day, "QUARTILE_95_PERCENT_VIEW"),
            "VIDEO_V50_WATCH_TIME": 1_900 * started + 11_000 * long,
        }
    else:
        counts |= {
            "PROFILE_VISIT": _part(shown, 0.001, 0.004, pin, day, "PROFILE_VISIT"),
            "USER_FOLLOW": _part(shown, 0.0002, 0.001, pin, day, "USER_FOLLOW"),
        }
    return counts if app == "ALL" else {name: _share(count, app) for name, count in counts.items()}


def lifetime(pin: Subject, today: date) -> Counts:
    """Comments and reactions since the pin was made, which only grow."""
    grown = 1 - math.exp(-max(0, (today - pin.created).days) / 20)
    return {name: int(_size(pin) / 30 * _chance(pin, name) * grown) for name in LIFETIME}


def added(counts: Iterable[Counts]) -> Counts:
    """The sums of several days or pins."""
    sums: dict[str, int] = {}
    for one in counts:
        for name, count in one.items():
            sums[name] = sums.get(name, 0) + count
    return sums


def metrics(counts: Counts, names: Iterable[str]) -> dict[str, float]:
    """The metrics of these names, rates and averages included, as far as they exist for what was counted."""
    if counts:
        counts = {**counts, "ENGAGEMENT": counts["PIN_CLICK"] + counts["OUTBOUND_CLICK"] + counts["SAVE"]}
    shown: dict[str, float] = {}
    for name in names:
        part, whole = _RATES.get(name, ("", ""))
        if name in counts:
            shown[name] = counts[name]
        elif part in counts:
            shown[name] = round(counts[part] / counts[whole], 6) if counts[whole] else 0
    return shown


def _size(pin: Subject) -> float:
    return 40 * math.pow(60, _chance(pin, "size"))


def _impressions(pin: Subject, day: date, so_far: float) -> int:
    level = 0.12 + 0.88 * math.exp(-(day - pin.created).days / 14)
    noise = 0.8 + 0.4 * _chance(pin, f"noise {day.toordinal()}")
    return round(_size(pin) * level * _WEEK[day.weekday()] * noise * so_far)


def _part(whole: int, least: float, most: float, pin: Subject, day: date, metric: str) -> int:
    share = least + (most - least) * _chance(pin, metric)
    return min(whole, int(whole * share + _chance(pin, f"{metric} {day.toordinal()}")))


def _share(count: int, app: str) -> int:
    # Rounded so that the devices add up to all.
    parts = {name: int(count * share) for name, share in _SHARES.items()}
    return parts[app] if app in parts else count - sum(parts.values())


def _chance(pin: Subject, about: str) -> float:
    return zlib.crc32(f"{pin.number} {about}".encode()) / 2**32

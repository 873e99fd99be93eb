"""The published rate limits, in one table.

Source: Pinterest's documentation of access tiers and of rate limits per operation category ("subject to change
without notice"). The analytics row is unverified. Configuration overrides the table, and what the server answers
overrides both.
"""

from __future__ import annotations

from collections.abc import Mapping

Windows = tuple[tuple[int, float], ...]
"""How many calls may start within how many seconds; all windows hold at once."""

UNIVERSAL = "universal"
_DAY = 86_400.0
_MINUTE = 60.0

PUBLISHED: Mapping[str, Mapping[str, Windows]] = {
    "trial": {
        UNIVERSAL: ((1_000, _DAY),),
        "org_read": ((1_000, _DAY),),
        "org_write": ((300, _DAY),),
        "org_analytics": ((1_000, _DAY),),
    },
    "standard": {
        UNIVERSAL: ((100, 1.0),),
        "org_read": ((1_000, _MINUTE),),
        "org_write": ((100, _MINUTE),),
        "org_analytics": ((300, _MINUTE),),
    },
}


def limits_for(tier: str, overrides: Mapping[str, Windows]) -> dict[str, Windows]:
    """The limits of an access tier, with the configured ones in place of the published."""
    return {**PUBLISHED[tier], **overrides}


def tier_with(category: str, windows: Windows) -> str:
    """The access tier that is known by these windows of a category; empty where it could be none or several."""
    found = [tier for tier, limits in PUBLISHED.items() if set(limits[category]) <= set(windows)]
    return found[0] if len(found) == 1 else ""


def in_words(category: str, limits: Mapping[str, Windows]) -> str:
    """The tightest window of a category to people: ``300 a day``."""
    calls, seconds = limits[category][-1]
    units = {_DAY: "a day", 3_600.0: "an hour", _MINUTE: "a minute", 1.0: "a second"}
    return f"{calls:,} {units.get(seconds, f'in {seconds:g} s')}"

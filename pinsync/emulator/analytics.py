"""Analytics of pins and of the account. The numbers are in `measuring`."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Any

from pinsync.emulator import listings, pins
from pinsync.emulator.bodies import quoted
from pinsync.emulator.calls import Answer, Call, Handler, World
from pinsync.emulator.errors import invalid
from pinsync.emulator.measuring import (
    APPS,
    LIFETIME,
    NOTHING,
    OF_ACCOUNTS,
    OF_PINS,
    PROCESSING,
    Subject,
    added,
    counted,
    lifetime,
    metrics,
    status,
)
from pinsync.emulator.settings import EmulatorSettings
from pinsync.emulator.store import row_id

MOST_PINS = 100
RETENTION = 90  # days

_MOST_TOP_PINS = 50
_SORTS = ("ENGAGEMENT", "IMPRESSION", "OUTBOUND_CLICK", "PIN_CLICK", "SAVE")
_PIN_FORMATS = (
    "ORGANIC_IMAGE",
    "ORGANIC_PRODUCT",
    "ORGANIC_VIDEO",
    "ADS_STANDARD",
    "ADS_PRODUCT",
    "ADS_VIDEO",
    "ADS_IDEA",
)
# What each filter of an account's analytics can say, its default first, and what it stands for where nothing is claimed,
# paid or other people's.
_FILTERS = {
    "from_claimed_content": ("BOTH", "OTHER", "CLAIMED"),
    "content_type": ("ALL", "ORGANIC", "PAID"),
    "source": ("ALL", "YOUR_PINS", "OTHER_PINS"),
    "pin_format": ("ALL", *_PIN_FORMATS),
    "app_types": ("ALL", *APPS),
}
_EMPTY = ("CLAIMED", "PAID", "OTHER_PINS")
_SPLITS = {
    "OWNED_CONTENT": "from_claimed_content",
    "SOURCE": "source",
    "PIN_FORMAT": "pin_format",
    "APP_TYPE": "app_types",
}


def of_pin(age: float, world: World, call: Call) -> Answer:
    """``GET /pins/{pin_id}/analytics``."""
    with world.store.reading() as db:
        row = pins.find_by_path(db, call)
    report = _pin_report(world, call, listings.one_of(call, "split_field", ("NO_SPLIT", "APP_TYPE"), "NO_SPLIT"))
    return Answer(200, report(_subject(row, age)))


def of_pins(age: float, world: World, call: Call) -> Answer:
    """``GET /pins/analytics``: the same of up to 100 pins, all of which have to be there."""
    ids = [one for text in call.query.getlist("pin_ids") for one in text.split(",")]
    if not 1 <= len(ids) <= MOST_PINS or not all(one.isascii() and one.isdigit() for one in ids):
        raise invalid(f"'pin_ids' has to have 1 to {MOST_PINS} ids of pins.")
    report = _pin_report(world, call, "NO_SPLIT")
    with world.store.reading() as db:
        rows = [pins.find(db, call, row_id(one)) for one in ids]
    return Answer(200, {str(row["id"]): report(_subject(row, age)) for row in rows})


def of_account(age: float, world: World, call: Call) -> Answer:
    """``GET /user_account/analytics``: the sums of all pins."""
    today, (start, end) = _today(world), _period(world, call)
    names = _metric_types(call, OF_ACCOUNTS) or OF_ACCOUNTS
    split = listings.one_of(call, "split_field", ("NO_SPLIT", *_SPLITS), "NO_SPLIT")
    filters = _filters(call)
    subjects = _subjects(world, call, age)

    def report(filters: Mapping[str, str]) -> dict[str, Any]:
        kept = _kept(subjects, filters)
        by_day = {
            day: added([NOTHING, *(counted(one, day, today, filters["app_types"]) for one in kept)])
            if status(day, today) != PROCESSING
            else {}
            for day in _days(start, end)
        }
        return {
            "daily_metrics": [
                {"date": day.isoformat(), "data_status": status(day, today), "metrics": metrics(counts, names)}
                for day, counts in by_day.items()
            ],
            "summary_metrics": metrics(added(by_day.values()), names),
        }

    # The description names no groups; the values that the filter can have, in small letters, are a guess.
    groups = {
        value.lower(): {**filters, _SPLITS[split]: value} for value in _FILTERS.get(_SPLITS.get(split, ""), ())[1:]
    }
    return Answer(200, {name: report(one) for name, one in (groups or {"all": filters}).items()})


def top_pins(age: float, world: World, call: Call) -> Answer:
    """``GET /user_account/analytics/top_pins``: the pins with the most of one metric."""
    today, (start, end) = _today(world), _period(world, call)
    names = _metric_types(call, OF_ACCOUNTS) or OF_ACCOUNTS
    sort_by = listings.one_of(call, "sort_by", _SORTS)
    if not sort_by:
        raise invalid(f"'sort_by' has to be one of {', '.join(_SORTS)}.")
    text = call.query.get("num_of_pins", "10")
    most = int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
    if not 1 <= most <= _MOST_TOP_PINS:
        raise invalid(f"'num_of_pins' has to be a number from 1 to {_MOST_TOP_PINS}, not {quoted(text)}.")
    days = listings.one_of(call, "created_in_last_n_days", ("30",))
    newest = today - timedelta(days=int(days)) if days else date.min
    filters = _filters(call)
    sums = [
        (one, added(counted(one, day, today, filters["app_types"]) for day in _days(start, end)))
        for one in _kept(_subjects(world, call, age), filters)
        if one.created >= newest
    ]
    best = sorted(sums, key=lambda pair: (-metrics(pair[1], [sort_by]).get(sort_by, 0), pair[0].number))[:most]
    return Answer(
        200,
        {
            "date_availability": {
                "is_realtime": False,
                "latest_available_timestamp": datetime.combine(today, time(), UTC).timestamp() * 1_000 - 1_000,
            },
            "sort_by": sort_by,
            "pins": [
                {
                    "pin_id": str(one.number),
                    "metrics": metrics(counts, names),
                    "data_status": dict.fromkeys(names, status(end, today)),
                }
                for one, counts in best
            ],
        },
    )


def handlers(settings: EmulatorSettings) -> Mapping[str, Handler]:
    """What is played of analytics, of pins that count as ``settings.pin_age`` older than they are."""
    played = {
        "pins/analytics": of_pin,
        "multi_pins/analytics": of_pins,
        "user_account/analytics": of_account,
        "user_account/analytics/top_pins": top_pins,
    }
    return {operation: partial(handler, settings.pin_age) for operation, handler in played.items()}


def _pin_report(world: World, call: Call, split: str) -> Callable[[Subject], dict[str, Any]]:
    """What to answer of each pin of a call."""
    today, (start, end) = _today(world), _period(world, call)
    names = _metric_types(call, OF_PINS)
    if not names:
        raise invalid("'metric_types' is required.")
    app = listings.one_of(call, "app_types", APPS, "ALL")
    apps = {"all": app} if split == "NO_SPLIT" else {name.lower(): name for name in APPS}

    def report(pin: Subject, app: str) -> dict[str, Any]:
        by_day = {day: counted(pin, day, today, app) for day in _days(start, end)}
        shown = {
            "daily_metrics": [
                {
                    "date": day.isoformat(),
                    "data_status": status(day, today, pin.created),
                    "metrics": metrics(counts, names),
                }
                for day, counts in by_day.items()
            ],
            "summary_metrics": metrics(added(by_day.values()), names),
        }
        if asked := [name for name in names if name in LIFETIME]:
            shown["lifetime_metrics"] = {name: lifetime(pin, today)[name] for name in asked}
        return shown

    return lambda pin: {group: report(pin, one) for group, one in apps.items()}


def _today(world: World) -> date:
    return datetime.fromtimestamp(world.clock(), UTC).date()


def _days(start: date, end: date) -> Iterable[date]:
    return (start + timedelta(days=number) for number in range((end - start).days + 1))


def _period(world: World, call: Call) -> tuple[date, date]:
    start, end = (_date(call, name) for name in ("start_date", "end_date"))
    if start < _today(world) - timedelta(days=RETENTION):
        raise invalid(f"'start_date' cannot be more than {RETENTION} days back from today.")
    if not start <= end <= start + timedelta(days=RETENTION):
        raise invalid(f"'end_date' cannot be before 'start_date', nor more than {RETENTION} days past it.")
    return start, end


def _date(call: Call, name: str) -> date:
    text = call.query.get(name, "")
    try:
        if len(text) == len("2026-01-01"):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise invalid(f"'{name}' has to be a date such as 2026-01-01, not {quoted(text)}.")


def _metric_types(call: Call, known: Sequence[str]) -> list[str]:
    names = [one for text in call.query.getlist("metric_types") for one in text.split(",") if one]
    for name in names:
        if name not in known:
            raise invalid(f"'metric_types' has no {quoted(name)}; it may have {', '.join(known)}.")
    return names


def _filters(call: Call) -> dict[str, str]:
    return {name: listings.one_of(call, name, values[1:], values[0]) for name, values in _FILTERS.items()}


def _kept(subjects: Sequence[Subject], filters: Mapping[str, str]) -> list[Subject]:
    if any(value in _EMPTY for value in filters.values()):
        return []
    of_format = {"ALL": (True, False), "ORGANIC_IMAGE": (False,), "ORGANIC_VIDEO": (True,)}
    return [one for one in subjects if one.is_video in of_format.get(filters["pin_format"], ())]


def _subjects(world: World, call: Call, age: float) -> list[Subject]:
    with world.store.reading() as db:
        rows = db.execute("SELECT * FROM pins WHERE account_id = ?", (call.identity.account_id,)).fetchall()
    return [_subject(row, age) for row in rows]


def _subject(row: sqlite3.Row, age: float) -> Subject:
    created = datetime.fromtimestamp(row["created_at"] - age, UTC).date()
    return Subject(row["id"], created, row["media_type"] == "video", bool(row["link"]))

"""What the pacer learns from the server, and from the runs before."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pinsync.emulator.quotas import Quotas, headers, waiting
from pinsync.emulator.settings import EmulatorSettings
from pinsync.emulator.store import Store
from pinsync.pinterest.limits import UNIVERSAL, Windows, limits_for
from pinsync.pinterest.pacing import Pacer, listed_windows
from pinsync.pinterest.usage import Usage
from tests.pinterest.wire import Clock

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("100, 100;w=1, 1000;w=60", ((100, 1.0), (1000, 60.0))),
        ("300;w=86400", ((300, 86_400.0),)),
        ("100;W=1", ()),
        ("0;w=60, 5;w=0, 7;w=999999", ()),
        ("9999999999;w=60, -5;w=3, 1e9;w=2, 5;w=nan", ()),
        ("", ()),
        ("x" * 100_000, ()),
        ("5;w=60, " * 1_000, ((5, 60.0),)),
    ],
)
def test_windows_in_a_header(text: str, expected: Windows) -> None:
    assert listed_windows(text) == expected


def writes(
    folder: Path, count: int, configured: Mapping[str, Windows], real: Windows, latency: float = 0.0
) -> tuple[int, float]:
    """How many of so many writes were refused, and how long all took, against the emulator's own quotas."""
    clock = Clock(1_000_000_020.0)
    quotas = Quotas(
        EmulatorSettings(folder, clock=clock.now, limits={"org_write": real, UNIVERSAL: ((1_000, 1.0),)}), Store(folder)
    )
    refused = 0
    left = iter(range(count))

    async def work(pacer: Pacer) -> None:
        nonlocal refused
        for _ in left:
            while True:
                number = await pacer.acquire("org_write")
                await clock.sleep(latency)
                standing = quotas.spend("me", "org_write")
                told = headers(standing) if standing.allowed else waiting(standing)
                pacer.learn("org_write", 200 if standing.allowed else 429, told, number)
                if standing.allowed:
                    break
                refused += 1

    async def run() -> None:
        pacer = Pacer({**configured, UNIVERSAL: ((1_000, 1.0),)}, clock.timing, patience=1e9)
        await asyncio.gather(*(work(pacer) for _ in range(8)))

    begun = clock.moment
    asyncio.run(run())
    return refused, clock.moment - begun


@pytest.mark.parametrize(("configured", "start"), [(20, 0.0), (10_000, 0.0), (1, 40.0)])
def test_a_thousand_writes_go_at_the_allowed_rate_whatever_was_configured(
    tmp_path: Path, configured: int, start: float
) -> None:
    refused, seconds = writes(tmp_path, 1_000, {"org_write": ((configured, 10.0),)}, ((20, 10.0),))
    assert refused == 0
    # Until the first answers are there, it goes by what is configured.
    assert seconds <= start + 1_000 / 20 * 10.0 / 0.95


def test_rounded_seconds_do_not_add_up(tmp_path: Path) -> None:
    refused, seconds = writes(tmp_path, 500, {"org_write": ((20, 1.0),)}, ((20, 1.0),), latency=0.01)
    assert refused == 0
    assert seconds <= 500 / 20 / 0.95


def test_what_others_used_up_is_not_asked_for_again() -> None:
    clock = Clock()

    async def run() -> list[float]:
        pacer = Pacer({"org_write": ((100, 60.0),), UNIVERSAL: ((1_000, 1.0),)}, clock.timing)
        number = await pacer.acquire("org_write")
        pacer.learn("org_write", 201, {"x-ratelimit-remaining": "2", "x-ratelimit-reset": "30"}, number)
        started = []
        for _ in range(4):
            await pacer.acquire("org_write")
            started.append(clock.moment)
        return started

    assert asyncio.run(run()) == [1_000.0, 1_000.0, 1_030.0, 1_030.0]


def test_a_day_that_begins_anew_on_the_server_begins_anew_here() -> None:
    past = [("org_write", 3_600.0)] * 300
    pacer = Pacer(limits_for("trial", {}), Clock(100_000.0).timing, past=past)
    assert pacer.left("org_write") == 0
    pacer.learn("org_write", 200, {"x-ratelimit-remaining": "299", "x-ratelimit-reset": "80000"}, 300)
    assert pacer.left("org_write") == 299


def test_what_is_left_and_how_long_it_takes() -> None:
    async def run() -> None:
        pacer = Pacer(limits_for("trial", {}), Clock().timing, past=[("org_write", 60.0)] * 113)
        assert (pacer.left("org_write"), pacer.left("org_read")) == (187, 887)
        await pacer.acquire("org_write")
        assert pacer.left("org_write") == 186
        standard = Pacer(limits_for("standard", {}), Clock().timing)
        assert standard.left("org_write") is None
        assert standard.seconds_for({"org_write": 100}) == 0
        assert standard.seconds_for({"org_write": 300, "org_read": 5}) == 120

    asyncio.run(run())


def test_ten_small_runs_know_together_what_is_left(tmp_path: Path) -> None:
    for run in range(10):
        usage = Usage(tmp_path, "https://api.pinterest.com/v5", "app")
        assert len(usage.past(NOW + timedelta(hours=run))) == 3 * run
        for category in ("org_read", "org_write", "org_write"):
            usage.note(category, NOW + timedelta(hours=run))
        usage.close()
    assert len(Usage(tmp_path, "https://api.pinterest.com/v5", "app").past(NOW + timedelta(hours=26))) == 21, (
        "a day is a day"
    )
    assert Usage(tmp_path, "https://api.pinterest.com/v5", "other").past(NOW) == []
    assert Usage(tmp_path, "https://api-sandbox.pinterest.com/v5", "app").past(NOW) == []
    (file,) = tmp_path.iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    with file.open("ab") as stream:
        stream.write(b"\xff\xfe nonsense\n99999999999999 org_write\n1 org_write\n1764072000 " + b"x" * 99 + b"\n176407")
    assert len(Usage(tmp_path, "https://api.pinterest.com/v5", "app").past(NOW + timedelta(hours=9))) == 30


def test_the_file_does_not_grow_for_ever(tmp_path: Path) -> None:
    usage = Usage(tmp_path, "https://api.pinterest.com/v5")
    for _ in range(9_000):
        usage.note("org_write", NOW)
    usage.close()
    later = Usage(tmp_path, "https://api.pinterest.com/v5")
    later.note("org_write", NOW + timedelta(days=2))
    later.close()
    (file,) = tmp_path.iterdir()
    assert file.stat().st_size < 100


def test_a_place_that_cannot_be_written_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    usage = Usage(tmp_path / "file", "https://api.pinterest.com/v5")
    usage.note("org_write", NOW)
    assert usage.past(NOW) == []

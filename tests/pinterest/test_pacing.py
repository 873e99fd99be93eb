"""The pacer runs at the limit and never past it, lets everybody in by order of arrival, and gives up with words."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pinsync.errors import QuotaSpent
from pinsync.pinterest.limits import PUBLISHED, UNIVERSAL, Windows, in_words, limits_for
from pinsync.pinterest.pacing import Pacer, Timing, retry_after
from tests.pinterest.wire import Clock

ROUNDING = 1e-6

windows = st.lists(st.tuples(st.integers(1, 6), st.floats(0.01, 500, allow_nan=False)), min_size=1, max_size=3).map(
    tuple
)
gaps = st.lists(st.one_of(st.just(0.0), st.floats(0, 60, allow_nan=False)), min_size=1, max_size=40)
moments = st.sampled_from([0.0, 0.1, 1_000.0, 1 / 3, 1_764_000_000.123, 1e11])


def limited(own: Windows, universal: Windows = ((1_000_000, 1.0),)) -> dict[str, Windows]:
    return {"org_write": own, UNIVERSAL: universal}


def starts_of(clock: Clock, limits: Mapping[str, Windows], waits: Sequence[float]) -> tuple[list[float], list[float]]:
    """When calls arrive that come one after another with these gaps, and when they may start."""
    arrived: list[float] = []
    started: list[float] = []

    async def run() -> None:
        pacer = Pacer(limits, clock.timing, patience=1e9)
        for gap in waits:
            clock.moment += gap
            arrived.append(clock.moment)
            await pacer.acquire("org_write")
            started.append(clock.moment)

    asyncio.run(run())
    return arrived, started


def exceeded(started: Sequence[float], limits: Windows) -> list[tuple[int, float]]:
    """Windows within which more calls started than they allow."""
    return [
        (calls, seconds)
        for calls, seconds in limits
        for first, after in zip(started, started[calls:], strict=False)
        if after - first < seconds - ROUNDING - 4 * math.ulp(after)
    ]


@settings(deadline=None)
@given(own=windows, universal=windows, waits=gaps, moment=moments)
def test_no_window_is_ever_exceeded_and_no_call_waits_longer_than_it_must(
    own: Windows, universal: Windows, waits: list[float], moment: float
) -> None:
    clock = Clock(moment)
    arrived, started = starts_of(clock, limited(own, universal), waits)
    assert not exceeded(started, own)
    assert not exceeded(started, universal)
    for number, (arrival, start) in enumerate(zip(arrived, started, strict=True)):
        allowed = [started[number - calls] + seconds for calls, seconds in (*own, *universal) if number >= calls]
        assert start <= max([arrival, *allowed]) + ROUNDING + 4 * math.ulp(start)


@settings(deadline=None, max_examples=60)
@given(own=windows, count=st.integers(1, 60), moment=moments)
def test_many_tasks_at_once_keep_to_the_windows_and_to_their_order(own: Windows, count: int, moment: float) -> None:
    clock = Clock(moment)
    order: list[int] = []
    started: list[float] = []

    async def call(number: int, pacer: Pacer) -> None:
        await pacer.acquire("org_write")
        order.append(number)
        started.append(clock.moment)
        await asyncio.sleep(0)

    async def run() -> None:
        pacer = Pacer(limited(own), clock.timing, patience=1e9)
        await asyncio.gather(*(call(number, pacer) for number in range(count)))

    asyncio.run(run())
    assert order == list(range(count))
    assert started == sorted(started)
    assert not exceeded(started, own)
    assert len(clock.slept) <= 2 * count


@settings(deadline=None, max_examples=60)
@given(seconds=st.floats(1e-9, 1e6, allow_nan=False), moment=st.floats(0, 1e12, allow_nan=False))
def test_rounding_never_makes_it_wait_again_and_again(seconds: float, moment: float) -> None:
    clock = Clock(moment)
    starts_of(clock, limited(((1, seconds),)), [0.0] * 20)
    assert len(clock.slept) <= 40


def test_a_sleep_that_ends_a_little_early_is_slept_on() -> None:
    clock = Clock()

    async def nap(seconds: float) -> None:
        await clock.sleep(seconds * 0.999 if seconds > 1e-9 else seconds)

    async def run() -> None:
        pacer = Pacer(limited(((1, 10.0),)), Timing(clock.now, nap))
        for _ in range(10):
            await pacer.acquire("org_write")

    asyncio.run(run())
    assert clock.moment >= 1_090.0 - ROUNDING
    assert len(clock.slept) < 100


def test_the_whole_burst_goes_at_once_and_the_next_one_waits_for_the_first_to_age() -> None:
    clock = Clock()
    _, started = starts_of(clock, limited(((100, 60.0),)), [0.0] * 250)
    assert started == [1_000.0] * 100 + [1_060.0] * 100 + [1_120.0] * 50
    assert len(clock.slept) == 2


def test_all_windows_hold_at_once() -> None:
    _, started = starts_of(Clock(0.0), limited(((2, 1.0), (3, 10.0))), [0.0] * 7)
    assert started == [0.0, 0.0, 1.0, 10.0, 10.0, 11.0, 20.0]


def test_the_universal_limit_is_shared_by_all_categories() -> None:
    clock = Clock(0.0)
    limits: dict[str, Windows] = {"org_read": ((9, 1.0),), "org_write": ((9, 1.0),), UNIVERSAL: ((3, 60.0),)}

    async def run() -> None:
        pacer = Pacer(limits, clock.timing)
        for category in ("org_read", "org_write", "org_read", "org_write"):
            await pacer.acquire(category)

    asyncio.run(run())
    assert clock.moment == 60.0


@pytest.mark.parametrize("tier", PUBLISHED)
def test_the_published_limits_are_kept_for_a_thousand_writes(tier: str) -> None:
    limits = limits_for(tier, {})
    clock = Clock()
    _, started = starts_of(clock, limits, [0.0] * 1_000)
    assert not exceeded(started, limits["org_write"])
    assert not exceeded(started, limits[UNIVERSAL])
    (calls, seconds), *_ = limits["org_write"]
    assert started[-1] - started[0] == (1_000 // calls - (1_000 % calls == 0)) * seconds


@pytest.mark.parametrize("headers", [{"retry-after": "30"}, {"x-ratelimit-reset": "30"}])
def test_what_the_server_says_closes_the_gate_until_then_and_for_that_category_only(headers: dict[str, str]) -> None:
    clock = Clock()
    limits: dict[str, Windows] = {"org_read": ((9, 1.0),), "org_write": ((9, 1.0),), UNIVERSAL: ((99, 1.0),)}

    async def run() -> None:
        pacer = Pacer(limits, clock.timing)
        assert pacer.learn("org_write", 429, headers) == 30.0
        await pacer.acquire("org_read")
        assert clock.moment == 1_000.0
        clock.moment += 10
        await pacer.acquire("org_write")
        assert clock.moment == 1_030.0
        await pacer.acquire("org_write")
        assert clock.moment == 1_030.0

    asyncio.run(run())


def test_a_later_answer_with_a_shorter_wait_does_not_open_the_gate_earlier() -> None:
    clock = Clock()

    async def run() -> None:
        pacer = Pacer(limited(((9, 1.0),)), clock.timing)
        pacer.learn("org_write", 429, {"retry-after": "60"})
        pacer.learn("org_write", 429, {"retry-after": "5"})
        await pacer.acquire("org_write")

    asyncio.run(run())
    assert clock.moment == 1_060.0


@pytest.mark.parametrize(
    ("status", "headers", "wait"),
    [
        (200, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "20"}, 20.0),
        (200, {"x-ratelimit-remaining": "5", "x-ratelimit-reset": "20"}, None),
        (200, {"x-ratelimit-reset": "20"}, None),
        (200, {"x-ratelimit-remaining": "0"}, None),
        (200, {}, None),
        (429, {}, None),
        (429, {"x-ratelimit-remaining": "5", "x-ratelimit-reset": "20"}, 20.0),
        (429, {"x-ratelimit-limit": "100, 100;w=1, 1000;w=60"}, None),
        (429, {"retry-after": "nonsense", "x-ratelimit-reset": "20"}, 20.0),
        (503, {"retry-after": "20"}, 20.0),
    ],
)
def test_which_answers_close_the_gate(status: int, headers: dict[str, str], wait: float | None) -> None:
    clock = Clock()

    async def run() -> None:
        pacer = Pacer(limited(((9, 1.0),)), clock.timing)
        number = await pacer.acquire("org_write")
        assert pacer.learn("org_write", status, headers, number) == (None if status == 200 else wait)
        await pacer.acquire("org_write")

    asyncio.run(run())
    assert clock.moment == 1_000.0 + (wait or 0.0)


@pytest.mark.parametrize(
    ("patience", "wait", "words"),
    [(10.0, 60.0, "60 seconds"), (60.0, 3_600.0, "60 minutes"), (900.0, 86_400.0, "24 hours")],
)
def test_a_wait_beyond_patience_is_an_error_that_says_how_long(patience: float, wait: float, words: str) -> None:
    clock = Clock()

    async def run() -> None:
        pacer = Pacer(limited(((1, wait),)), clock.timing, patience)
        await pacer.acquire("org_write")
        with pytest.raises(QuotaSpent, match=f"org_write leaves no call for {words}") as caught:
            await pacer.acquire("org_write")
        assert caught.value.advice
        assert clock.slept == []
        clock.moment += wait - patience
        await pacer.acquire("org_write")

    asyncio.run(run())
    assert clock.slept == [patience], "a wait of exactly the patience is worth making"


def test_who_gives_up_or_is_interrupted_takes_no_place() -> None:
    clock = Clock()

    async def forever(seconds: float) -> None:
        await asyncio.Event().wait()

    async def run() -> None:
        pacer = Pacer(limited(((1, 60.0),)), Timing(clock.now, forever), patience=100)
        await pacer.acquire("org_write")
        waiting = [asyncio.create_task(pacer.acquire("org_write")) for _ in range(3)]
        await asyncio.sleep(0)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        clock.moment += 60
        await pacer.acquire("org_write")

    asyncio.run(run())


@settings(deadline=None)
@given(st.one_of(st.text(max_size=60), st.from_regex(r"[A-Z][a-z]{2}, \d+ [A-Z][a-z]{2} \d+ \d+:\d+:\d+ [-+]?\w+")))
def test_no_header_at_all_breaks_the_reading_of_it(text: str) -> None:
    seconds = retry_after({"retry-after": text})
    assert seconds is None or 0 <= seconds <= 86_400
    pacer = Pacer(limited(((1, 1.0),)), Clock().timing)
    for status in (200, 429):
        wait = pacer.learn("org_write", status, {"x-ratelimit-reset": text, "x-ratelimit-remaining": "0"})
        assert wait is None or 0 <= wait <= 86_400


def test_limits_in_words() -> None:
    limits = limits_for("trial", {"org_read": ((20, 3_600.0),), "org_analytics": ((5, 7.5),)})
    assert in_words("org_write", limits) == "300 a day"
    assert in_words("org_read", limits) == "20 an hour"
    assert in_words("org_analytics", limits) == "5 in 7.5 s"
    assert in_words("universal", limits_for("standard", {})) == "100 a second"
    assert in_words("org_read", limits_for("standard", {})) == "1,000 a minute"


@settings(deadline=None, max_examples=60)
@given(window=st.tuples(st.integers(1, 6), st.floats(1, 500)), waits=gaps, more=st.integers(1, 20))
def test_how_long_calls_will_take_is_how_long_they_take_and_what_is_waited_for_is_told(
    window: tuple[int, float], waits: list[float], more: int
) -> None:
    clock = Clock()
    told: list[tuple[str, float]] = []

    async def run() -> tuple[float, float]:
        pacer = Pacer(limited((window,)), clock.timing, patience=1e9)
        for gap in waits:
            clock.moment += gap
            await pacer.acquire("org_write")
        begin, expected = clock.moment, pacer.seconds_for({"org_write": more})
        clock.slept.clear()
        pacer.on_wait = lambda category, seconds: told.append((category, seconds))
        for _ in range(more):
            await pacer.acquire("org_write")
        return expected, clock.moment - begin

    expected, taken = asyncio.run(run())
    assert expected == pytest.approx(taken, abs=1e-6)
    assert told == [("org_write", seconds) for seconds in clock.slept if seconds >= 1]

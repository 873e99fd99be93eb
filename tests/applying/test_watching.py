"""Staying: what becomes due is published at its minute and once, whatever happens between."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from pinsync.applying.watching import Outlook, watch
from pinsync.content.loading import load_valid
from pinsync.errors import CredentialsRefused, NotDone, StateLocked
from pinsync.planning.agenda import agenda
from tests.world import BOARDS, World

SOUP = "board: soups\nsection: autumn\ntitle: {name}\npublish_at: {at}\n"


class Over(BaseException):
    """The test has seen enough."""


class Watching:
    """A world that is watched until a time."""

    def __init__(self, world: World, until: datetime) -> None:
        self.world = world
        self.until = until
        self.runs: list[datetime] = []
        self.told: list[str] = []
        self.failures: list[BaseException] = []

    def apply(self) -> int:
        self.runs.append(self.world.moment)
        if self.failures:
            raise self.failures.pop()
        outcomes = self.world.apply()
        return int(any(outcome.result.value != "done" for outcome in outcomes))

    def look(self) -> Outlook:
        content = load_valid(self.world.root)
        state = self.world.state()
        dates = agenda(content.resources, state, self.world.moment, state.slots)
        coming = [date.at for date in dates if date.status == "scheduled"]
        return Outlook(content.digest, sum(date.status == "due" for date in dates), min(coming, default=None))

    def sleep(self, seconds: float) -> None:
        assert seconds >= 1
        if self.world.moment >= self.until:
            raise Over
        self.world.wait(seconds)

    def run(self) -> None:
        with pytest.raises(Over):
            watch(self.apply, self.look, lambda: self.world.moment, self.sleep, self.told.append)


@pytest.fixture
def watching(tmp_path: Path) -> Watching:
    world = World(tmp_path).write({"boards.yaml": BOARDS})
    for name, minutes in (("a", 7), ("b", 7), ("c", 90)):
        at = (world.moment + timedelta(minutes=minutes)).isoformat()
        world.pin(name, SOUP.format(name=name, at=at), f"#{ord(name):02x}4080")
    return Watching(world, world.moment + timedelta(hours=2))


def test_each_pin_is_published_at_its_minute_and_once(watching: Watching) -> None:
    start = watching.world.moment
    watching.run()
    minutes = [round((run - start).total_seconds() / 60) for run in watching.runs]
    assert minutes == [0, 7, 90]
    assert sorted(pin["title"] for pin in watching.world.live("/pins")) == ["a", "b", "c"]


def test_a_restart_publishes_late_and_once(watching: Watching) -> None:
    watching.world.wait(3_600)
    watching.run()
    again = Watching(watching.world, watching.until + timedelta(hours=1))
    again.run()
    assert len(again.runs) == 1, "a run to see that all is well"
    assert len(watching.world.live("/pins")) == 3


def test_a_change_of_the_content_is_applied(watching: Watching) -> None:
    look, changed = watching.look, []

    def edit() -> Outlook:
        if len(watching.runs) == 2 and not changed:
            changed.append(watching.world.pin("now", "board: bakes\ntitle: now\n", "red"))
        return look()

    watching.look = edit  # type: ignore[method-assign]
    watching.run()
    assert len(watching.runs) == 4
    assert "now" in [pin["title"] for pin in watching.world.live("/pins")]


def test_passing_trouble_is_waited_out_and_told(watching: Watching) -> None:
    watching.failures = [NotDone("the network is gone", "Check it."), StateLocked("another run holds the lock")]
    watching.run()
    assert [text.partition(".")[0] for text in watching.told] == ["another run holds the lock", "the network is gone"]
    assert len(watching.world.live("/pins")) == 3


def test_what_fails_is_tried_every_few_minutes_and_not_without_end(watching: Watching) -> None:
    watching.world.restart("pins/create:400")
    watching.until = watching.world.moment + timedelta(minutes=30)
    watching.run()
    assert 5 <= len(watching.runs) <= 7
    assert watching.world.live("/pins") == []


def test_a_login_that_is_refused_ends_it(watching: Watching) -> None:
    watching.failures = [CredentialsRefused("the token was refused")]
    with pytest.raises(CredentialsRefused):
        watch(watching.apply, watching.look, lambda: watching.world.moment, watching.sleep, watching.told.append)

"""A world with pins that were published a while ago, and questions to it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from pinsync.analytics.answering import Question, answer
from pinsync.analytics.summing import Report
from pinsync.session import Session
from tests.videos import video
from tests.world import BOARDS, World

LINK = "link: https://example.com/{}?utm_source=pinterest&utm_campaign={}\n"


@dataclass(frozen=True)
class Asked:
    """A report, the requests that it took, and what was said beforehand."""

    report: Report
    requests: list[httpx.Request]
    said: list[str]

    @property
    def totals(self) -> dict[str, dict[str, float | None]]:
        """The numbers of each row by its key."""
        return {row.key: {metric.name: row.total(metric) for metric in self.report.metrics} for row in self.report.rows}

    @property
    def calls(self) -> list[str]:
        """The paths that were asked for."""
        return [request.url.path.removeprefix("/v5") for request in self.requests]

    @property
    def lacks(self) -> dict[str, tuple[str, str]]:
        """Kind and reason of each pin without numbers."""
        return {lack.address: (lack.kind, lack.reason) for lack in self.report.lacks}


def publish(folder: Path, pins: int = 3) -> World:
    """Pins on two boards, one in a section and one a video, and one that is not published, 40 days later."""
    world = World(folder).write({"boards.yaml": BOARDS})
    for number in range(pins):
        place = "board: soups\nsection: autumn\n" if number % 2 else "board: bakes\n"
        world.pin(f"p{number}", f"{place}title: Pin {number}\n{LINK.format(number, 'ab'[number % 2])}")
    world.write({"moving.yaml": "board: bakes\ntitle: Moving\nvideo: it.mp4\n", "it.mp4": video()})
    world.apply()
    world.wait(40 * 86_400)
    world.pin("later", "board: soups\ntitle: Later\npublish_at: 2999-01-01T09:00Z\n")
    return world


def ask(world: World, session: Session | None = None, **question: Any) -> Asked:
    """The answer to a question, asked as ``pinsync analytics`` does."""
    said: list[str] = []
    before = len(world.network.requests)
    report = asyncio.run(answer(session or world.session(), Question(**question), said.append))
    return Asked(report, world.network.requests[before:], said)


def forget(world: World) -> None:
    """Deletes what is remembered."""
    (world.root / ".pinsync" / "cache" / "analytics.json").unlink(missing_ok=True)


def counted(world: World, address: str, metric: str, start: str, end: str) -> float:
    """What Pinterest itself says of a pin over a period, in case it adds up in whole days."""
    pin = world.state().resources[address].id
    query = f"start_date={start}&end_date={end}&metric_types={metric}"
    return float(world.request("GET", f"/pins/{pin}/analytics?{query}")["all"]["summary_metrics"][metric])

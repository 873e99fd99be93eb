"""Applying with a state that is kept elsewhere: nothing leaves before its intent is there, and a machine may be lost."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from pinsync.applying import ledger
from pinsync.errors import StateError
from pinsync.model.policies import USUAL
from pinsync.session import Session
from pinsync.state.document import AHEAD, parse
from pinsync.state.lock import Lock
from pinsync.state.remote import RemoteBackend
from tests.state.places import Memory
from tests.world import BOARDS, Died, World, actions

ONE_BY_ONE = "environment: emulator\ntier: standard\nconcurrency: 1\n"


class Mortal:
    """A backend whose process is gone at the ``step``-th thing it is asked to do (from 0) once it is in a run."""

    def __init__(self, backend: RemoteBackend, step: int) -> None:
        self.remote = True
        self.steps = 0
        self._backend = backend
        self._last = step

    def __getattr__(self, name: str) -> Any:
        return getattr(self._backend, name)

    def _step(self) -> None:
        self.steps += 1
        if self.steps > self._last:
            raise Died

    def record(self, change: Any) -> None:
        self._step()
        self._backend.record(change)
        if self.steps == self._last:
            raise Died

    def checkpoint(self) -> None:
        self._step()
        self._backend.checkpoint()

    def fold(self) -> None:
        if self.steps < self._last:
            self._backend.fold()

    def release(self, lock: Lock) -> None:
        if self.steps < self._last:
            self._backend.release(lock)


@dataclass
class Elsewhere(World):
    """A world whose state is in ``store``. Each call that writes is compared with it, and takes ``seconds``."""

    store: Memory = field(default_factory=Memory)
    machine: int = 0
    step: int = 10**9
    seconds: float = 0.0
    mortal: Mortal | None = None

    def session(self, tell: Callable[[str], None] = lambda sentence: None) -> Session:
        self.mortal = Mortal(RemoteBackend(self.store, self.folder / str(self.machine) / "unstored.jsonl"), self.step)
        return replace(super().session(tell), backend=self.mortal)

    def restart(self, *faults: str) -> None:
        super().restart(*faults)
        send = self.network.handle_async_request

        async def checked(request: httpx.Request) -> httpx.Response:
            if request.method != "GET":
                self._check(request)
                self.wait(self.seconds)
            return await send(request)

        self.network.handle_async_request = checked  # type: ignore[method-assign]

    def _check(self, request: httpx.Request) -> None:
        """The intent of this call is stored, and not for long."""
        state = parse((self.store.data or b"").decode(), "")
        if request.method == "DELETE":
            wanted = request.url.path.rpartition("/")[2]
            if wanted in state.retired:
                return
            intents = [one for one in state.pending.values() if (one.action, one.id) == ("delete", wanted)]
        else:
            body = json.loads(request.content)
            name = body.get("title") or body.get("name")
            sent = {"POST": "create", "PATCH": "update"}[request.method]
            intents = [
                one
                for one in state.pending.values()
                if one.action == sent and name in (one.sent.get("title"), one.sent.get("name"))
            ]
        assert intents, f"{request.method} {request.url.path} left before its intent was stored"
        assert any(0 <= (self.moment - datetime.fromisoformat(one.at)).total_seconds() < AHEAD for one in intents)

    def lose_the_machine(self) -> None:
        """Another one goes on, once a person said that the first is gone."""
        self.machine += 1
        self.store.lock = None
        self.step = 10**9


@pytest.fixture
def world(tmp_path: Path) -> Elsewhere:
    return Elsewhere(tmp_path)


def content(world: World) -> None:
    world.write({"boards.yaml": BOARDS})
    world.pin("soup", "board: soups\nsection: autumn\ntitle: Soup\n").pin("tart", "board: bakes\ntitle: Tart\n")


def test_wherever_a_machine_is_lost_the_next_one_makes_nothing_twice(tmp_path: Path) -> None:
    for step in range(1, 100, 1 if os.environ.get("CHAOS") == "full" else 3):
        folder = tmp_path / str(step)
        folder.mkdir()
        world = Elsewhere(folder, step=step)
        content(world)
        try:
            world.apply()
        except BaseExceptionGroup as group:
            assert group.split(Died)[1] is None  # noqa: PT017
        except Died:
            pass
        else:
            assert world.mortal
            assert world.mortal.steps > 15
            break
        world.lose_the_machine()
        world.apply()
        assert [len(world.live(path)) for path in ("/pins", "/boards")] == [2, 2], step
        assert set(actions(world.plan()).values()) == {"no-op"}, step
        assert not world.state().pending
    else:
        pytest.fail("it never got to its end")


def test_a_run_stores_its_intents_together_and_its_outcomes_with_what_comes_next(world: Elsewhere) -> None:
    content(world)
    for number in range(40):
        world.pin(f"p{number}", f"board: bakes\ntitle: Number {number}\n")
    world.apply()
    assert (world.store.saves, len(world.live("/pins"))) == (4, 42), "boards, sections, pins, and the end"
    for number in range(40):
        world.pin(f"p{number}", f"board: bakes\ntitle: New number {number}\n")
    world.policies = replace(USUAL, force=True)
    world.apply()
    assert world.store.saves == 6
    assert world.store.lock is None


def test_a_large_plan_goes_in_batches(world: Elsewhere, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pinsync.applying.execute.BATCH", 4)
    content(world)
    for number in range(9):
        world.pin(f"p{number}", f"board: bakes\ntitle: Number {number}\n")
    world.apply()
    assert world.store.saves == 2 + 3 + 1
    assert ledger.BATCH > 4


def test_where_calls_take_long_the_intents_of_those_to_come_are_renewed(world: Elsewhere) -> None:
    world.write({"pinsync.yaml": ONE_BY_ONE})
    content(world)
    for number in range(12):
        world.pin(f"p{number}", f"board: bakes\ntitle: Number {number}\n")
    world.seconds = 50
    world.apply()
    assert len(world.live("/pins")) == 14
    assert world.store.saves > 6


def test_replacing_and_deleting_wait_for_the_state_too(world: Elsewhere) -> None:
    content(world)
    world.apply()
    world.pin("soup", "board: soups\nsection: autumn\ntitle: Soup\n", colour="blue")
    (world.root / "tart.yaml").unlink()
    world.policies = replace(USUAL, prune=True, force=True, on_media_change="replace")
    world.apply()
    assert [pin["title"] for pin in world.live("/pins")] == ["Soup"]
    assert (len(world.state().resources), dict(world.state().retired)) == (5, {})


def test_what_was_refused_or_not_tried_any_more_is_not_left_in_doubt(world: Elsewhere) -> None:
    world.write({"pinsync.yaml": ONE_BY_ONE})
    content(world)
    for number in range(3):
        world.pin(f"p{number}", f"board: bakes\ntitle: Number {number}\n")
    world.restart("pins/create:401:from=2")
    results = [outcome.result.value for outcome in world.apply() if outcome.change.kind == "pin"]
    assert sorted(results) == ["done", "failed", "skipped", "skipped", "skipped"]
    assert not world.state().pending


@pytest.mark.parametrize("good", [0, 1, 2, 3])
def test_a_store_that_fails_in_a_run_ends_it_and_this_machine_goes_on_without_a_doubt(
    good: int, world: Elsewhere
) -> None:
    content(world)
    world.store.fails = lambda: world.store.saves >= good
    with pytest.raises(StateError, match=r"the network is gone.*unstored\.jsonl"):
        world.apply()
    made = len(world.live("/pins"))
    assert made == (2 if good == 3 else 0)
    world.store.fails, world.store.lock = (lambda: False), None
    started = world.moment
    world.apply()
    assert len(world.live("/pins")) == 2
    assert set(actions(world.plan()).values()) == {"no-op"}
    assert world.moment == started, "what was made, and what was not, is known here, and not looked for"

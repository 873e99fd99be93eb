"""Any order of edits, applies, faults, crashes and other people's pins: nothing twice, nothing lost, and then nothing to do.

In process: the world of `tests.world`, whose clock moves as it is told and whose waits take no time.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from pinsync.errors import PinsyncError
from pinsync.state.backends import Backend
from pinsync.state.journal import Record
from tests.chaos.stage import LONG
from tests.emulator.client import source
from tests.world import BOARDS, World, actions, picture

_NAMES = st.sampled_from(["a", "b", "c", "d"])
_TITLES = st.sampled_from(["Soup", "Tart", "Stew", ""])
_COLOURS = st.sampled_from(["orange", "green"])
_PLACES = st.sampled_from(["board: soups\n", "board: soups\nsection: autumn\n", "board: bakes\n"])
_WAYS = (
    "drop-before",
    "drop-after",
    "500-before",
    "500-after",
    "502-after",
    "truncate",
    "html",
    "html-after",
    "hang-after",
)
_FAULTS = st.lists(
    st.builds(
        "{}:{}:{}".format,
        st.sampled_from(["pins/create", "pins/create", "boards/create", "board_sections/create", "pins/update", "*"]),
        st.sampled_from(_WAYS),
        st.sampled_from(["nth=1", "nth=2", "first=2", "every=3"]),
    ),
    max_size=2,
)
_STALE = st.sampled_from([(), ("boards/list_pins:stale=5",), ("*:stale=20",)])


class _Crash(BaseException):
    """The process is gone."""


class _Crashing:
    """A backend whose process dies just before or just after it wrote its Nth record."""

    def __init__(self, backend: Backend, left: int, *, written: bool) -> None:
        self._backend, self._left, self._written = backend, left, written
        self.gone = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._backend, name)

    def record(self, change: Record) -> None:
        if self.gone:
            raise _Crash  # of the calls that were under way nothing is written down any more
        self._left -= 1
        if self._left == 0:
            self.gone = True
            if self._written:
                self._backend.record(change)
            raise _Crash
        self._backend.record(change)


class Machine(RuleBasedStateMachine):
    """What people, pinsync and bad luck do to one content folder and one account."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        self.world = World(Path(self._folder.name))
        self.declared: dict[str, tuple[str, str, str]] = {}
        self.ever: Counter[str] = Counter()
        self.strangers: Counter[str] = Counter()
        self.moves = 0

    def teardown(self) -> None:
        try:
            self._converge()
        finally:
            self._folder.cleanup()

    @initialize()
    def begin(self) -> None:
        self.world.write({"boards.yaml": BOARDS})

    @rule(name=_NAMES, title=_TITLES, colour=_COLOURS, place=_PLACES)
    def declare(self, name: str, title: str, colour: str, place: str) -> None:
        """A pin more. What is declared is never taken away again, and its picture stays: pinsync would hold both."""
        if name in self.declared:
            _, colour, _ = self.declared[name]
        self.declared[name] = (title, colour, place)
        self.world.pin(name, f"{place}title: {title or 'null'}\n", colour)

    @rule(faults=_FAULTS, stale=_STALE)
    def apply(self, faults: list[str], stale: tuple[str, ...]) -> None:
        """An apply while Pinterest misbehaves."""
        self.world.restart(*faults, *stale)
        with suppress(PinsyncError):
            self.world.apply()
        self.world.restart()

    @rule(faults=_FAULTS, stale=_STALE, left=st.integers(1, 12), written=st.booleans())
    def crash(self, faults: list[str], stale: tuple[str, ...], left: int, written: bool) -> None:
        """An apply that dies at one of its records."""
        self.world.restart(*faults, *stale)
        session = self.world.session()
        dying = replace(session, backend=cast("Backend", _Crashing(session.backend, left, written=written)))
        self.world.session = lambda *_: dying  # type: ignore[method-assign]
        try:
            self.world.apply()
        except (PinsyncError, _Crash):
            pass
        except BaseExceptionGroup as group:
            _, rest = group.split((_Crash, PinsyncError))
            if rest:
                raise
        finally:
            del self.world.session  # type: ignore[method-assign]
            self.world.restart()

    @rule(seconds=st.sampled_from([1, 20, 400]))
    def wait(self, seconds: int) -> None:
        """Time passes."""
        self.world.wait(seconds)

    @rule()
    def plan(self) -> None:
        """Looking changes nothing."""
        before = self._live()
        self.world.plan()
        assert self._live() == before

    @invariant()
    def nothing_twice(self) -> None:
        """Never more live pins than were declared, whatever happened so far."""
        live = self.world.live("/pins")
        assert len(live) <= len(self.declared) + sum(self.strangers.values())
        ids = [entry.id for entry in self._known()]
        assert len(ids) == len(set(ids))

    def _known(self) -> list[Any]:
        return [entry for entry in self.world.state().resources.values() if entry.kind == "pin"]

    def _live(self) -> list[str]:
        return sorted(str(pin["id"]) for pin in self.world.live("/pins"))

    def _converge(self) -> None:
        if not (self.world.root / "boards.yaml").exists():
            return
        self.world.wait(3600)
        for _ in range(4):
            self.world.apply()
            plan = self.world.plan()
            if not plan.to_do:
                break
        left = {address: action for address, action in actions(plan).items() if action != "no-op"}
        strange = {change.address: change.reason for change in plan.changes if change.address in left}
        if self.strangers:
            # Only what looks like somebody else's pin may be left to a person.
            assert set(left.values()) <= {"held"}, strange
            return
        assert left == {}, strange
        assert len(self.world.live("/pins")) == len(self.declared)
        assert {entry.id for entry in self._known()} == set(self._live())
        wanted = Counter((title or None, _board(place)) for title, _, place in self.declared.values())
        names = {board["id"]: board["name"] for board in self.world.live("/boards")}
        assert Counter((pin["title"], names[pin["board_id"]]) for pin in self.world.live("/pins")) == wanted


class MachineWithStrangers(Machine):
    """The same where other people add pins that look just like ours."""

    @rule(title=_TITLES, colour=_COLOURS)
    def lookalike(self, title: str, colour: str) -> None:
        """Somebody pins something that looks like one of ours."""
        boards = {board["name"]: board["id"] for board in self.world.live("/boards")}
        if "Bakes" not in boards or sum(self.strangers.values()) > 2:
            return
        body = {"board_id": boards["Bakes"], "title": title or None, "media_source": source(picture(colour))}
        self.world.request("POST", "/pins", body)
        self.strangers[title] += 1


def _board(place: str) -> str:
    return "Weeknight soups" if "soups" in place else "Bakes"


_settings: Callable[..., Any] = settings
for _case, _examples in ((Machine, 13), (MachineWithStrangers, 8)):
    _case.TestCase.settings = _settings(
        max_examples=_examples * (30 if LONG else 1),
        stateful_step_count=12,
        phases=[Phase.explicit, Phase.reuse, Phase.generate, *([Phase.shrink] if LONG else [])],
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )

TestMachine = Machine.TestCase
TestMachineWithStrangers = MachineWithStrangers.TestCase

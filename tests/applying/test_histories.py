"""Any history of edits in the files and on Pinterest: plan, apply, plan is empty, and nothing goes without permission.

HISTORIES=full tries many more and shrinks what it finds.
"""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import yaml
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from pinsync.applying.outcome import Result
from pinsync.errors import PinsyncError, UsageError
from pinsync.planning.plan import Plan, without_calls
from pinsync.pulling.pull import Pull, carry_out, prepare
from pinsync.session import Session
from pinsync.state.backends import Backend
from pinsync.state.journal import Record
from tests.applying.promises import People, Run, Sight, keep, look
from tests.emulator.client import source
from tests.world import World, picture

LONG = os.environ.get("HISTORIES") == "full"

_PICTURES = {"red.jpg": picture("red"), "green.jpg": picture("green"), "blue.jpg": picture("blue", (30, 20))}
_NUMBER = st.integers(0, 7)
_PLACES = st.sampled_from(["a", "b", "c", "list#a", "list#b", "more#a"])
_BOARD_KEYS = st.sampled_from(["one", "two", "three"])
_BOARD_NAMES = st.sampled_from(["Soups", "Bakes", "soups", "Stews"])
_SECTION_KEYS = st.sampled_from(["x", "y"])
_SECTION_NAMES = st.sampled_from(["Autumn", "Winter", "AUTUMN"])
_WORDS = st.sampled_from([None, "Soup", "Tart", " Soup  &amp; tart "])
_MEDIA = st.one_of(
    st.sampled_from(list(_PICTURES)).map(lambda file: {"image": file}),
    st.lists(st.sampled_from(list(_PICTURES)), min_size=2, max_size=3).map(
        lambda files: {"carousel": [{"image": file} for file in files]}
    ),
)
_FIELDS = st.sampled_from(["title", "description", "alt_text", "link"])
_LIFECYCLE = st.fixed_dictionaries(
    {},
    optional={
        "protect": st.booleans(),
        "on_media_change": st.sampled_from(["hold", "replace"]),
        "on_drift": st.sampled_from(["revert", "report", "accept"]),
        "on_missing": st.sampled_from(["hold", "recreate", "forget"]),
    },
)
_POLICIES = st.fixed_dictionaries(
    {},
    optional={
        "prune": st.booleans(),
        "foreign_pins": st.sampled_from(["hold", "delete"]),
        "on_media_change": st.sampled_from(["hold", "replace"]),
        "on_drift": st.sampled_from(["revert", "report", "accept"]),
        "on_missing": st.sampled_from(["hold", "recreate", "forget"]),
        "on_existing": st.sampled_from(["adopt", "hold"]),
        "force": st.just(True),
    },
)
_PATTERNS = st.one_of(
    st.just(()),
    st.just(()),
    st.lists(
        st.sampled_from(["pin.*", "board.one", "section.*", "pin.pins/a", "pin.pins/list*", "*two*"]), max_size=2
    ).map(tuple),
)
_FAULTS = st.builds(
    "{}:{}:{}".format,
    st.sampled_from(
        ["pins/create", "pins/update", "pins/delete", "boards/create", "board_sections/create", "boards/update"]
    ),
    st.sampled_from(["drop-before", "drop-after", "500-after", "503-before", "truncate"]),
    st.sampled_from(["nth=1", "nth=2", "first=9"]),
)


class _Crash(BaseException):
    """The process is gone."""


class _Crashing:
    """A backend whose process dies just before or just after it wrote its Nth record."""

    def __init__(self, backend: Backend, left: int, *, written: bool) -> None:
        self._backend, self._left, self._written = backend, left, written

    def __getattr__(self, name: str) -> Any:
        return getattr(self._backend, name)

    def record(self, change: Record) -> None:
        self._left -= 1
        if self._left == 0 and self._written:
            self._backend.record(change)
        if self._left <= 0:
            raise _Crash
        self._backend.record(change)


@dataclass
class Files:
    """What the content says, as the values that are written to its files."""

    boards: dict[str, dict[str, Any]] = field(default_factory=dict)
    pins: dict[str, dict[str, Any]] = field(default_factory=dict)

    def sections(self, board: str) -> list[dict[str, Any]]:
        """The sections of a declared board."""
        return cast("list[dict[str, Any]]", self.boards[board].setdefault("sections", []))

    def pin(self, place: str) -> dict[str, Any]:
        """The pin declared there, else the first one, else an empty one."""
        return self.pins.get(place) or next(iter(self.pins.values()), {})

    def write(self, root: Path) -> None:
        """Writes all files anew. JSON is YAML."""
        for file in root.glob("pins/*.yaml"):
            file.unlink()
        lists: dict[str, list[dict[str, Any]]] = {}
        for name, pin in self.pins.items():
            file, _, entry = name.partition("#")
            if entry:
                lists.setdefault(file, []).append({"id": entry, **pin})
            else:
                (root / f"pins/{name}.yaml").write_text(json.dumps(pin), "utf-8")
        for file, entries in lists.items():
            (root / f"pins/{file}.yaml").write_text(json.dumps({"pins": entries}), "utf-8")
        (root / "boards.yaml").write_text(json.dumps({"boards": list(self.boards.values())}), "utf-8")

    @classmethod
    def read(cls, root: Path) -> Files:
        """What the files say."""
        files = cls(
            {board["key"]: board for board in yaml.safe_load((root / "boards.yaml").read_text("utf-8"))["boards"]}
        )
        for file in sorted(root.glob("pins/*.yaml")):
            value = yaml.safe_load(file.read_text("utf-8"))
            for entry in value.get("pins", ()):
                files.pins[f"{file.stem}#{entry.pop('id')}"] = entry
            if "pins" not in value:
                files.pins[file.stem] = value
        return files


class _Account(World):
    """A world in which each run has policies and patterns of its own."""

    more: dict[str, Any]

    def session(self, tell: Callable[[str], None] = lambda sentence: None) -> Session:
        """With what is in ``more``."""
        session, more = super().session(tell), dict(self.more)
        patterns = {name: more.pop(name) for name in ("targets", "excludes") if name in more}
        # One call after the other, so that a history comes out the same each time.
        return replace(session, policies=replace(session.policies, **more), concurrency=1, **patterns)


class Base(RuleBasedStateMachine):
    """The world, and how pinsync runs in it."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        _Account.more = {}
        self.world = _Account(Path(self._folder.name))
        self.world.write({f"pins/{name}": data for name, data in _PICTURES.items()})
        self.files = Files()
        self.people = People()
        self.seen: Sight = {}
        self.broken = False

    def teardown(self) -> None:
        try:
            if not self.broken:
                self._apply({})
        finally:
            self._folder.cleanup()

    @contextmanager
    def _editing(self) -> Iterator[Files]:
        """An edit of the files; one that makes no valid content is taken back."""
        before = json.dumps([self.files.boards, self.files.pins])
        yield self.files
        self.files.write(self.world.root)
        try:
            self.world.session()
        except PinsyncError:
            self.files = Files(*json.loads(before))
            self.files.write(self.world.root)

    def _somebody(self, method: str, path: str, body: Any = None) -> None:
        """What Pinterest refuses did not happen."""
        with suppress(Exception):
            self.world.request(method, path, body)
        after = look(self.world)
        self.people.changed(self.seen, after)
        self.seen = after

    def _live(self, kind: str, number: int) -> str | None:
        """The id of one of the live resources of a kind."""
        ids = sorted(one for name, one in self.seen if name == kind)
        return ids[number % len(ids)] if ids else None

    def _run(self, more: dict[str, Any], *, crash: tuple[int, bool] | None = None, calls: bool = True) -> Run | None:
        """An apply, or None where the plan forbids it."""
        self.world.more = more
        session = self.world.session()
        lock = session.backend.lock("apply")
        session.backend.fold()
        backend = cast("Backend", _Crashing(session.backend, crash[0], written=crash[1])) if crash else session.backend
        working = replace(session, backend=backend)

        async def go() -> Run | None:
            async with session.client() as client:
                state = session.read_state()
                plan = await session.plan(state, client)
                if not calls:
                    plan = without_calls(plan)
                if plan.errors:
                    return None
                planned = Counter(client.sent)
                outcomes = await working.apply(plan, state, client, lambda outcome: None)
                sent = client.sent - planned
                return Run(
                    plan, session.policies, session.content.resources, outcomes, sent, self.seen, {}, state, state
                )

        try:
            run = asyncio.run(go())
        finally:
            session.backend.fold()
            session.backend.release(lock)
            before, self.seen = self.seen, look(self.world)
        return run and replace(run, before=before, after=self.seen, remembered=session.backend.read())

    def _plan(self, more: dict[str, Any]) -> Plan | None:
        self.world.more = more
        try:
            return self.world.plan()
        except UsageError:
            return None  # a pattern fits nothing

    def _clean(self, more: dict[str, Any]) -> Run | None:
        """A run to its end that keeps all promises."""
        run = self._run(more)
        if run:
            failed = [outcome for outcome in run.outcomes if outcome.result is not Result.DONE]
            assert not failed, failed
            keep(run, self.people)
            self.people.ran(run)
        return run

    def _apply(self, more: dict[str, Any]) -> None:
        """Applies until nothing is left to do, which is at once but where something had to wait for it."""
        if self._plan(more) is None:
            return
        self.broken = True
        for _ in range(5):
            run = self._clean(more)
            after = self._plan(more)
            if run is None or not (after and after.to_do):
                self.broken = False
                return
            waited = {change.address for change in run.plan.changes if change.action in ("held", "scheduled")}
            waited |= {change.moved_from or change.address for change in run.plan.to_do if change.observed}
            waited |= {change.address for change in run.plan.to_do if change.observed}
            again = [change for change in after.to_do if change.address not in waited]
            assert not again, again
        raise AssertionError(after.to_do)

    def _badly(self, more: dict[str, Any], crash: tuple[int, bool] | None = None) -> None:
        """A run that may be cut short."""
        if self._plan(more) is None:
            return
        before = self.seen
        try:
            self._run(more, crash=crash)
        except (PinsyncError, _Crash):
            pass
        except BaseExceptionGroup as group:
            _, rest = group.split((_Crash, PinsyncError))
            if rest:
                raise
        finally:
            self.world.restart()
        self.people.ours |= {one for kind, one in self.seen.keys() - before.keys() if kind == "pin"}
        self.people.said.clear()  # of what was under way nobody can say whether it counts
        for key, found in before.items():
            if key[0] == "pin" and key[1] not in self.people.ours and not more.get("prune"):
                assert self.seen.get(key) == found


class Machine(Base):
    """What people and pinsync do."""

    @initialize()
    def begin(self) -> None:
        self.world.request("POST", "/boards", {"name": "Elsewhere"})
        self.seen = look(self.world)
        with self._editing() as files:
            files.boards = {
                "one": {"key": "one", "name": "Soups", "sections": [{"key": "x", "name": "Autumn"}]},
                "two": {
                    "key": "two",
                    "name": "Bakes",
                    "sections": [{"key": "x", "name": "Autumn"}, {"key": "y", "name": "Winter"}],
                },
            }
            files.pins = {
                "a": {"board": "one", "section": "x", "title": "Soup", "image": "red.jpg"},
                "b": {"board": "two", "title": "Tart", "image": "red.jpg"},
            }
        self._apply({})

    # In the files.

    @rule(place=_PLACES, board=_BOARD_KEYS, word=_WORDS, media=_MEDIA)
    def declare(self, place: str, board: str, word: str | None, media: dict[str, Any]) -> None:
        with self._editing() as files:
            files.pins[place] = {"board": board, "title": word, **media}

    @rule(place=_PLACES)
    def undeclare(self, place: str) -> None:
        with self._editing() as files:
            files.pins.pop(place, None)

    @rule(place=_PLACES, name=_FIELDS, word=_WORDS, absent=st.booleans())
    def write_text(self, place: str, name: str, word: str | None, absent: bool) -> None:
        with self._editing() as files:
            pin = files.pin(place)
            pin.pop(name, None)
            if not absent:
                pin[name] = f"https://example.com/{len(word)}" if name == "link" and word else word

    @rule(place=_PLACES, board=st.one_of(_BOARD_KEYS, st.just({"existing": "Elsewhere"})), section=_SECTION_KEYS,
          how=st.sampled_from(["no", "null", "yes"]))  # fmt: skip
    def put(self, place: str, board: Any, section: str, how: str) -> None:
        with self._editing() as files:
            if pin := files.pin(place):
                pin.pop("section", None)
                pin |= {"board": board} | ({} if how == "no" else {"section": section if how == "yes" else None})

    @rule(place=_PLACES, media=_MEDIA)
    def show(self, place: str, media: dict[str, Any]) -> None:
        with self._editing() as files:
            if pin := files.pin(place):
                pin.pop("image", None)
                pin.pop("carousel", None)
                pin.update(media)

    @rule(place=_PLACES, slot=_NUMBER, name=st.sampled_from(["title", "description"]), word=_WORDS)
    def write_slot(self, place: str, slot: int, name: str, word: str | None) -> None:
        with self._editing() as files:
            if slots := files.pin(place).get("carousel"):
                slots[slot % len(slots)][name] = word

    @rule(one=_PLACES, other=_PLACES, said=st.booleans())
    def move(self, one: str, other: str, said: bool) -> None:
        with self._editing() as files:
            if one in files.pins and one != other:
                pin = files.pins.pop(one)
                pin.pop("moved_from", None)
                files.pins[other] = {**pin, "moved_from": f"pin.pins/{one}"} if said else pin

    @rule(one=_PLACES, other=_PLACES)
    def swap(self, one: str, other: str) -> None:
        with self._editing() as files:
            if one in files.pins and other in files.pins:
                files.pins[one], files.pins[other] = files.pins[other], files.pins[one]

    @rule(place=_PLACES, lifecycle=_LIFECYCLE)
    def rule_pin(self, place: str, lifecycle: dict[str, Any]) -> None:
        with self._editing() as files:
            if pin := files.pin(place):
                pin["lifecycle"] = lifecycle

    @rule(key=_BOARD_KEYS, lifecycle=_LIFECYCLE)
    def rule_board(self, key: str, lifecycle: dict[str, Any]) -> None:
        with self._editing() as files:
            if key in files.boards:
                files.boards[key]["lifecycle"] = lifecycle

    @rule(place=_PLACES, hours=st.none() | st.integers(-1, 3))
    def schedule(self, place: str, hours: int | None) -> None:
        with self._editing() as files:
            if pin := files.pin(place):
                at = "now" if hours is None else (self.world.moment + timedelta(hours=hours)).isoformat()
                pin["publish_at"] = at

    @rule(
        spread=st.sampled_from(
            ["", "spread: {every: 30m, between: 00:00-23:59}", "spread: {every: 2h, between: 09:00-17:00}"]
        )
    )
    def spread(self, spread: str) -> None:
        self.world.write(
            {"pinsync.yaml": f"environment: emulator\ntier: standard\ntimezone: Europe/Berlin\n{spread}\n"}
        )

    @rule(key=_BOARD_KEYS, name=_BOARD_NAMES, description=_WORDS)
    def board(self, key: str, name: str, description: str | None) -> None:
        with self._editing() as files:
            files.boards[key] = {**files.boards.get(key, {"key": key}), "name": name, "description": description}

    @rule(one=_BOARD_KEYS, other=_BOARD_KEYS, name=_BOARD_NAMES, swap=st.booleans())
    def hand_on(self, one: str, other: str, name: str, swap: bool) -> None:
        with self._editing() as files:
            if one in files.boards and other in files.boards and one != other:
                mine, theirs = files.boards[one], files.boards[other]
                mine["name"], theirs["name"] = theirs["name"], mine["name"] if swap else name

    @rule(key=_BOARD_KEYS, to=st.one_of(st.none(), _BOARD_KEYS))
    def remove_board(self, key: str, to: str | None) -> None:
        with self._editing() as files:
            files.boards.pop(key, None)
            for place, pin in list(files.pins.items()):
                if pin["board"] == key and to:
                    pin["board"] = to
                    pin.pop("section", None)
                elif pin["board"] == key:
                    del files.pins[place]

    @rule(one=_BOARD_KEYS, other=_BOARD_KEYS, said=st.booleans())
    def rekey(self, one: str, other: str, said: bool) -> None:
        with self._editing() as files:
            if one in files.boards and other not in files.boards:
                board = files.boards.pop(one) | {"key": other}
                board.pop("moved_from", None)
                files.boards[other] = {**board, "moved_from": f"board.{one}"} if said else board
                for pin in files.pins.values():
                    pin["board"] = other if pin["board"] == one else pin["board"]

    @rule(board=_BOARD_KEYS, key=_SECTION_KEYS, name=_SECTION_NAMES)
    def section(self, board: str, key: str, name: str) -> None:
        with self._editing() as files:
            if board in files.boards:
                sections = {one["key"]: one for one in files.sections(board)}
                sections[key] = {**sections.get(key, {"key": key}), "name": name}
                files.boards[board]["sections"] = list(sections.values())

    @rule(board=_BOARD_KEYS, name=st.one_of(st.none(), _SECTION_NAMES))
    def turn_sections(self, board: str, name: str | None) -> None:
        """The first takes the name of the second, which takes that one or another."""
        with self._editing() as files:
            if board in files.boards and len(files.sections(board)) > 1:
                one, other = files.sections(board)
                one["name"], other["name"] = other["name"], name or one["name"]

    @rule(board=_BOARD_KEYS, key=_SECTION_KEYS)
    def remove_section(self, board: str, key: str) -> None:
        with self._editing() as files:
            if board in files.boards:
                files.boards[board]["sections"] = [one for one in files.sections(board) if one["key"] != key]
                for pin in files.pins.values():
                    if (pin["board"], pin.get("section")) == (board, key):
                        del pin["section"]

    # On Pinterest.

    @rule(number=_NUMBER, name=_FIELDS, word=_WORDS)
    def edit(self, number: int, name: str, word: str | None) -> None:
        value = f"https://example.org/{len(word)}" if name == "link" and word else word
        if pin := self._live("pin", number):
            self._somebody("PATCH", f"/pins/{pin}", {name: value})

    @rule(number=_NUMBER, board=_NUMBER, section=_NUMBER, whole=st.booleans())
    def carry(self, number: int, board: int, section: int, whole: bool) -> None:
        """Moves a pin to a board, or to a section and its board."""
        pin, there, inside = self._live("pin", number), self._live("board", board), self._live("section", section)
        if pin and inside and not whole:
            there = self.seen["section", inside].fields["board"]
        if pin:
            self._somebody("PATCH", f"/pins/{pin}", {"board_id": there, "board_section_id": None if whole else inside})

    @rule(number=_NUMBER, word=_WORDS)
    def edit_slot(self, number: int, word: str | None) -> None:
        pin = self._live("pin", number)
        if pin and (slots := self.seen["pin", pin].fields.get("slots")):
            self._somebody(
                "PATCH", f"/pins/{pin}", {"carousel_slots": [{"title": word or ""}, *[{} for _ in slots[1:]]]}
            )

    @rule(number=_NUMBER)
    def delete_pin(self, number: int) -> None:
        if pin := self._live("pin", number):
            self._somebody("DELETE", f"/pins/{pin}")

    @rule(number=_NUMBER)
    def delete_board(self, number: int) -> None:
        if board := self._live("board", number):
            self._somebody("DELETE", f"/boards/{board}")

    @rule(number=_NUMBER)
    def delete_section(self, number: int) -> None:
        if section := self._live("section", number):
            board = self.seen["section", section].fields["board"]
            self._somebody("DELETE", f"/boards/{board}/sections/{section}")

    @rule(number=_NUMBER, name=_BOARD_NAMES)
    def rename_board(self, number: int, name: str) -> None:
        if board := self._live("board", number):
            self._somebody("PATCH", f"/boards/{board}", {"name": name})

    @rule(number=_NUMBER, name=_SECTION_NAMES)
    def rename_section(self, number: int, name: str) -> None:
        if section := self._live("section", number):
            board = self.seen["section", section].fields["board"]
            self._somebody("PATCH", f"/boards/{board}/sections/{section}", {"name": name})

    @rule(name=_BOARD_NAMES)
    def foreign_board(self, name: str) -> None:
        self._somebody("POST", "/boards", {"name": name})

    @rule(number=_NUMBER, name=_SECTION_NAMES)
    def foreign_section(self, number: int, name: str) -> None:
        if board := self._live("board", number):
            self._somebody("POST", f"/boards/{board}/sections", {"name": name})

    @rule(number=_NUMBER, word=_WORDS, colour=st.sampled_from(list(_PICTURES)))
    def foreign_pin(self, number: int, word: str | None, colour: str) -> None:
        if board := self._live("board", number):
            body = {"board_id": board, "title": word, "media_source": source(_PICTURES[colour])}
            self._somebody("POST", "/pins", body)

    @rule(number=_NUMBER, colour=st.sampled_from(list(_PICTURES)))
    def lookalike(self, number: int, colour: str) -> None:
        if pin := self._live("pin", number):
            fields = self.seen["pin", pin].fields
            texts = {name: fields[name] for name in ("title", "description", "alt_text", "link") if fields[name]}
            place = {"board_id": fields["board"], "board_section_id": fields["section"]}
            self._somebody("POST", "/pins", {**texts, **place, "media_source": source(_PICTURES[colour])})

    # And pinsync.

    @rule()
    def apply_as_usual(self) -> None:
        self._apply({})

    @rule()
    def apply_and_prune(self) -> None:
        self._apply({"prune": True, "on_media_change": "replace", "on_drift": "revert", "on_missing": "recreate"})

    @rule(more=_POLICIES)
    def apply(self, more: dict[str, Any]) -> None:
        self._apply(more)

    @rule(more=_POLICIES, only=_PATTERNS, without=_PATTERNS)
    def apply_a_part(self, more: dict[str, Any], only: tuple[str, ...], without: tuple[str, ...]) -> None:
        self._apply({**more, "targets": only, "excludes": without})

    @rule(more=_POLICIES, fault=_FAULTS)
    def apply_on_a_bad_day(self, more: dict[str, Any], fault: str) -> None:
        self.world.restart(fault)
        self._badly(more)

    @rule(more=_POLICIES, left=st.integers(1, 6), written=st.booleans())
    def die(self, more: dict[str, Any], left: int, written: bool) -> None:
        self._badly(more, (left, written))

    @rule(more=_POLICIES)
    def refresh(self, more: dict[str, Any]) -> None:
        before = self.seen
        if self._plan(more) is not None and (run := self._run(more, calls=False)):
            assert self.seen == before
            assert not run.calls
            self.people.ran(run)

    @rule(more=_POLICIES, named=st.one_of(st.none(), _PLACES))
    def pull(self, more: dict[str, Any], named: str | None) -> None:
        self.world.more = more
        session = self.world.session()
        addresses = [f"pin.pins/{named}"] if named in self.files.pins else []

        async def look_at() -> Pull:
            async with session.client() as client:
                return await prepare(session, session.read_state(), client, addresses)

        pull = asyncio.run(look_at())
        carry_out(session, session.read_state(), pull)
        session.backend.fold()
        assert look(self.world) == self.seen
        self.files = Files.read(self.world.root)
        for one in pull.accepted:
            self.people.outside.get((one.found.kind, one.found.id), set()).difference_update(one.fields)

    @rule(hours=st.integers(1, 3))
    def wait(self, hours: int) -> None:
        self.world.wait(3600 * hours)


_settings: Callable[..., Any] = settings
Machine.TestCase.settings = _settings(
    max_examples=int(os.environ.get("HISTORIES_EXAMPLES", "2000")) if LONG else 8,
    stateful_step_count=20 if LONG else 12,
    derandomize=not LONG,
    phases=[Phase.explicit, Phase.generate, *([Phase.shrink] if LONG else [])],
    database=None,
    report_multiple_bugs=False,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)

TestHistories = Machine.TestCase

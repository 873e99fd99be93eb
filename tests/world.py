"""A content root and an emulator in a temporary folder: the small world that most tests live in."""

from __future__ import annotations

import asyncio
import io
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from PIL import Image

from pinsync.accounts.stores import FOLDER
from pinsync.applying.outcome import Outcome
from pinsync.emulator.app import create_app
from pinsync.emulator.faults import parse_fault
from pinsync.emulator.misbehaving import ConnectionDropped
from pinsync.emulator.settings import EmulatorSettings
from pinsync.model.policies import Policies
from pinsync.pinterest.credentials import URL
from pinsync.pinterest.pacing import Timing
from pinsync.planning.plan import Plan
from pinsync.session import Session, open_session
from pinsync.state.backends import Backend
from pinsync.state.document import State
from pinsync.state.journal import Record

BOARDS = """
boards:
  - key: soups
    name: Weeknight soups
    description: Quick ones.
    sections:
      - {key: autumn, name: Autumn}
      - {key: winter, name: Winter}
  - key: bakes
    name: Bakes
"""


@cache
def picture(colour: str = "orange", size: tuple[int, int] = (20, 30), form: str = "JPEG") -> bytes:
    """A small picture of one colour."""
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, form)
    return out.getvalue()


class _Network(httpx.AsyncBaseTransport):
    """The emulator in process. A connection that it drops is one that httpx sees dropped; requests are kept."""

    def __init__(self, app: Any) -> None:
        self._inner = httpx.ASGITransport(app)
        self.requests: list[httpx.Request] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        try:
            return await self._inner.handle_async_request(request)
        except ConnectionDropped as error:
            raise httpx.RemoteProtocolError("the connection was dropped", request=request) from error


class Died(BaseException):
    """The process is gone."""


class _Dying:
    """A backend whose process dies when a record of this verb, or the record of this number, is about to be written."""

    def __init__(self, backend: Backend, when: str | int) -> None:
        self._backend = backend
        self._when = when
        self._written = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._backend, name)

    def record(self, change: Record) -> None:
        if self._when in (change["do"], self._written):
            raise Died
        self._backend.record(change)
        self._written += 1


@dataclass
class World:
    """``folder`` holds the content root and the emulator's data. ``moment`` is the time of day, moved by hand. ``policies``
    replace those of pinsync.yaml."""

    folder: Path
    faults: tuple[str, ...] = ()
    tier: str = "standard"
    moment: datetime = datetime(2026, 11, 24, 12, tzinfo=UTC)
    calls: Counter[str] = field(default_factory=Counter)
    policies: Policies | None = None
    targets: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    max_writes: int | None = None
    media_processing: float = 1.0
    beta: bool = True

    def __post_init__(self) -> None:
        self.root = self.folder / "content"
        self.data = self.folder / "emulator"
        self.root.mkdir(exist_ok=True)
        self.data.mkdir(exist_ok=True)
        if not (self.root / "pinsync.yaml").exists():
            self.write({"pinsync.yaml": f"environment: emulator\ntier: {self.tier}\n"})
        self.restart(*self.faults)

    def restart(self, *faults: str) -> None:
        """The emulator again on the same data, with these faults and no others."""
        settings = EmulatorSettings(
            data=self.data,
            faults=tuple(parse_fault(fault) for fault in faults),
            clock=lambda: self.moment.timestamp(),
            limits={"universal": (), "org_read": (), "org_write": ()},
            media_processing=self.media_processing,
            beta=self.beta,
        )
        self.network = _Network(create_app(settings))

    def write(self, files: Mapping[str, str | bytes]) -> World:
        """Writes files below the content root."""
        for name, content in files.items():
            file = self.root / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return self

    def pin(self, name: str, text: str, colour: str = "orange") -> World:
        """A one-pin file with a picture beside it; ``text`` is the rest of the file."""
        image = f"{name}.jpg"
        return self.write({f"{name}.yaml": f"image: {image.rpartition('/')[2]}\n{text}", image: picture(colour)})

    def wait(self, seconds: float) -> None:
        """Lets time pass."""
        self.moment += timedelta(seconds=seconds)

    def session(self, tell: Callable[[str], None] = lambda sentence: None) -> Session:
        """A session of the content root whose network is the emulator and which waits for nothing."""

        async def sleep(seconds: float) -> None:
            self.wait(seconds)
            await asyncio.sleep(0)

        session = open_session(
            self.root,
            {URL: "http://127.0.0.1:1/v5", FOLDER: str(self.folder / "accounts")},
            targets=self.targets,
            excludes=self.excludes,
            tell=tell,
        )
        timing = Timing(lambda: self.moment.timestamp(), sleep)
        session = replace(session, policies=self.policies or session.policies, max_writes=self.max_writes)
        return replace(session, now=lambda: self.moment, timing=timing, transport=self.network)

    def plan(self, *, refresh: bool = True, tell: Callable[[str], None] = lambda sentence: None) -> Plan:
        """What ``pinsync plan`` would show, and save."""
        session = self.session(tell)

        async def make() -> Plan:
            async with session.client() as client:
                state = session.read_state()
                plan = await session.plan(state, client if refresh else None)
                self.calls = client.sent
                return session.sealed(plan, state)

        return asyncio.run(make())

    def apply(self, listener: Callable[[Outcome], None] = lambda outcome: None) -> list[Outcome]:
        """What ``pinsync apply --auto-approve`` does. ``calls`` are those after the plan was made."""
        session = self.session()
        lock = session.backend.lock("apply")
        session.backend.fold()

        async def run() -> list[Outcome]:
            async with session.client() as client:
                state = session.read_state()
                plan = await session.plan(state, client)
                planned = Counter(client.sent)
                outcomes = await session.apply(plan, state, client, listener)
                self.calls = client.sent - planned
                return outcomes

        try:
            return asyncio.run(run())
        finally:
            session.backend.fold()
            session.backend.release(lock)

    def apply_and_die(self, when: str | int) -> None:
        """An apply whose process dies when the first record of this verb, or the record of this number (from 0), is about to
        be written."""
        session = self.session()
        self.session = lambda: replace(session, backend=cast("Backend", _Dying(session.backend, when)))  # type: ignore[method-assign]
        try:
            with pytest.raises((BaseExceptionGroup, Died)) as caught:
                self.apply()
            assert caught.errisinstance(Died) or caught.group_contains(Died)
        finally:
            del self.session  # type: ignore[method-assign]

    def state(self) -> State:
        """What is remembered."""
        return self.session().backend.read()

    def live(self, path: str) -> list[dict[str, Any]]:
        """All items of a listing, read past pinsync, such as ``/boards`` or ``/pins``."""
        return list(self.request("GET", f"{path}?page_size=250")["items"])

    def request(self, method: str, path: str, body: Any = None) -> Any:
        """One request of somebody else to the emulator; its JSON answer."""

        async def send() -> Any:
            transport = httpx.ASGITransport(self.network._inner.app)
            headers = {"Authorization": "Bearer emulator"}
            async with httpx.AsyncClient(transport=transport, base_url="http://emulator/v5", headers=headers) as http:
                response = await http.request(method, path, json=body)
                response.raise_for_status()
                return response.json() if response.content else None

        return asyncio.run(send())


def actions(plan: Plan) -> dict[str, str]:
    """The action planned for each address."""
    return {change.address: change.action.value for change in plan.changes}


def drifted(plan: Plan) -> list[str]:
    """The addresses of what somebody changed on Pinterest."""
    return [change.address for change in plan.changes if change.drift]

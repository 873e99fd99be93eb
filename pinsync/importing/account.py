"""Boards of an account with their pins into files and state.

What it costs: one listing of boards, and for each board one of its sections and one of its pins, 250 a call. Where the
listing shows boards of several people, one more call says which of them we are.

The order keeps every moment safe: the journal says which pin gets which file, then the file is there as a whole, then
the state knows the pin. A state without the file would read as a pin that is declared no more.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from pinsync.content.locating import address_path
from pinsync.content.suggesting import nearest
from pinsync.errors import NotPermitted, PinsyncError, UsageError
from pinsync.importing.boards import Boards, Target
from pinsync.importing.checking import Checker
from pinsync.importing.fetching import Fetcher, pictures
from pinsync.importing.journal import Journal
from pinsync.importing.naming import slug
from pinsync.importing.pins import declared, describe, without
from pinsync.importing.placing import WORK, Places
from pinsync.importing.recording import Recorder, check_text
from pinsync.importing.result import LeftOut, Result
from pinsync.importing.spelling import spell
from pinsync.importing.writer import Writer
from pinsync.model import KINDS
from pinsync.model.address import board_address, existing_board_address, pin_address
from pinsync.model.equality import same_exactly, same_name
from pinsync.model.pin import same_proportions
from pinsync.model.resource import Desired, Found, Image
from pinsync.pinterest.answers import Board, Pin
from pinsync.pinterest.client import Client
from pinsync.pinterest.operations import get_account, list_board_pins, list_boards, list_sections
from pinsync.session import Session
from pinsync.state.document import State

JOURNAL = WORK / "journal.jsonl"

_Alike = tuple[tuple[Any, ...], str]  # the shape of a declared pin, and its address


class Listener(Protocol):
    """Hears how far an import is."""

    def board(self, name: str, pins: int) -> None:
        """A board with about so many pins is next."""

    def pin(self) -> None:
        """One more pin is done with, whatever became of it."""


class Importer:
    """One import into a content root, under the lock of its state. Raises UsageError where the state is not settled."""

    def __init__(
        self, session: Session, state: State, client: Client, fetcher: Fetcher | None, journal: Journal, folder: str
    ) -> None:
        """``fetcher`` downloads the pictures; without one, files refer to Pinterest's own addresses."""
        doubts = sum(pending.action == "create" for pending in state.pending.values())
        if doubts:
            raise UsageError(
                f"an interrupted run left {doubts} creation{'' if doubts == 1 else 's'} in doubt",
                "Run `pinsync apply` first: it finds out what became of them.",
            )
        content = session.content
        self._session = session
        self._client = client
        self._fetcher = fetcher
        self._journal = journal
        self._slots = asyncio.Semaphore(session.concurrency)
        self._read: set[str] = set()
        self.result = Result(folder)
        self.checker = Checker(content)
        self.recorder = Recorder(session.backend, state, session.access.environment, session.now)
        self.places = Places(content.root, {*content.resources, *self.recorder.addresses})
        ours = {_address(file) for file in journal.files.values()}
        self._unknown: dict[str, list[Desired]] = defaultdict(list)
        for address, desired in content.resources.items():
            if desired.kind == "pin" and address not in self.recorder.addresses and address not in ours:
                self._unknown[desired.fields["board"]].append(desired)
        self._writer = Writer(self.places, journal)
        self._boards = Boards(
            self.checker,
            self.places,
            self.recorder,
            journal,
            self.result,
            session.policies.on_existing == "adopt",
        )

    async def boards(self, names: Sequence[str], listener: Listener) -> Result:
        """Imports the boards with these names, or all. Raises UsageError where there is none of a name, and ApiError."""
        answers = [board async for page in self._client.pages(list_boards()) for board in page]
        me = await self._myself(answers)
        chosen = [_named(answers, name, me) for name in names] if names else self._all(answers, me)
        for answer in {board["id"]: board for board in chosen}.values():
            self._session.stop.check()
            listener.board(answer["name"], int(answer.get("pin_count") or 0))
            try:
                target = await self.target(answer, read_only=_is_foreign(answer, me))
            except LeftOut as why:
                self.result.leave(f'board "{answer["name"]}"', why)
                continue
            await self._pins(answer, target, me, listener)
            self._read.add(answer["id"])
        return self.finish()

    def finish(self) -> Result:
        """Removes what only an unfinished import needs, and says what was done."""
        unfinished = {
            of: file
            for of, file in self._journal.files.items()
            if self.places.exists(file)
            and ("pin", of.removeprefix("pin:")) not in self.recorder.ids
            and of.startswith("pin:")
        }
        for of, file in unfinished.items():
            written = self._session.content.resources.get(_address(file))
            if written and self.recorder.names.ids.get(written.fields["board"]) in self._read:
                why = f"an interrupted import wrote {file}, but its pin is not on Pinterest any more: delete the file"
                self.result.leave(f"pin {of.removeprefix('pin:')}", LeftOut(why))
        if not unfinished:
            self._journal.remove()
        self.places.clean()
        if self.recorder.differing:
            count = len(self.recorder.differing)
            self.result.notes.append(
                f"{count} imported {'resource gets' if count == 1 else 'resources get'} other values from the content's "
                "defaults or declarations than they have on Pinterest; the next plan shows them as updates"
            )
        return self.result

    async def target(self, answer: Board, *, read_only: bool) -> Target:
        """Where the pins of a live board go; ``read_only`` says that it is not to be declared. Raises LeftOut."""
        found = KINDS["board"].observe(answer, {})
        # The content says already that it only adds to this board.
        read_only |= any(same_name(found.fields["name"], one.name) for one in self._session.content.existing.values())
        context = {"board": found.id}
        sections = [
            KINDS["section"].observe(section, context)
            async for page in self._client.pages(list_sections(found.id))
            for section in page
        ]
        return (self._boards.read_only if read_only else self._boards.managed)(found, sections)

    async def pin(self, answer: Pin, target: Target, file: str = "") -> None:
        """Imports one pin, into exactly ``file`` where that is given. Raises LeftOut."""
        found = KINDS["pin"].observe(answer, {})
        check_text(found)
        begun = self._journal.files.get(f"pin:{found.id}", "")
        written = self._session.content.resources.get(_address(begun))
        if begun and written:
            if file and file != begun:
                raise LeftOut(f"an interrupted import wrote {begun} for it: import its board again to finish that")
            self._settle(written, found)
            return
        described = describe(answer)
        place, folder = target.place(found.fields["section"])
        async with self._slots:
            self._session.stop.check()
            async with pictures(self._fetcher, described.urls) as fetched:

                def readable(file: str, names: Sequence[str]) -> tuple[Desired, bytes]:
                    images = {name: one.image for name, one in zip(names, fetched, strict=True)}
                    defaults = self.checker.defaults(file.rpartition("/")[0]).values
                    return self._readable(file, declared(described, place, names or described.urls, defaults), images)

                wanted = slug(described.title, f"pin-{found.id}")
                self._settle(self._writer.write(f"pin:{found.id}", fetched, readable, folder, wanted, file), found)
                self.result.pictures += len(fetched)

    def check_free(self, file: str) -> None:
        """Raises UsageError where a file of this name cannot be written as that of a new pin."""
        address = _address(file)
        if address in self.recorder.addresses or address in self._session.content.resources:
            raise UsageError(
                f"{address} is another one already", "`pinsync state show` tells which. Choose another address."
            )
        for name in (file, f"{file.rpartition('.')[0]}.yml"):
            if self.places.exists(name):
                raise UsageError(f"{name} exists already", "Choose another address, or move the file aside.")

    async def _myself(self, answers: Sequence[Board]) -> str:
        """The name of our account, where it is needed to tell our boards from those of others."""
        if len({_owner(board) for board in answers}) < 2:
            return ""
        try:
            return str((await self._client.send(get_account())).get("username") or "")
        except NotPermitted as error:
            raise UsageError(
                "there are boards of several people, and the token may not say which of them we are",
                "Give the token the scope user_accounts:read.",
            ) from error

    def _all(self, answers: Sequence[Board], me: str) -> list[Board]:
        chosen: list[Board] = []
        for board in answers:
            reason = ""
            if _is_foreign(board, me):
                reason = f"it belongs to {_owner(board)}; `--board` with its name imports your pins on it"
            elif str(board.get("privacy")).upper() == "SECRET":
                reason = "it is secret, and files can be read by more people; `--board` with its name imports it"
            elif board.get("is_ads_only"):
                reason = "it is for ads only, which pinsync has no words for"
            if reason:
                self.result.leave(f'board "{board["name"]}"', LeftOut(reason, hopeless=True))
            else:
                chosen.append(board)
        return chosen

    async def _pins(self, board: Board, target: Target, me: str, listener: Listener) -> None:
        shared = _is_foreign(board, me) or bool(board.get("collaborator_count"))
        alike = self._declared_alike(target)
        async for page in self._client.pages(list_board_pins(board["id"])):
            try:
                async with asyncio.TaskGroup() as group:
                    for answer in page:
                        group.create_task(self._one(answer, target, alike, shared, listener))
            except* PinsyncError as failures:
                raise failures.exceptions[0] from None

    async def _one(
        self, answer: Pin, target: Target, alike: Mapping[Any, Sequence[_Alike]], shared: bool, listener: Listener
    ) -> None:
        try:
            if ("pin", answer["id"]) in self.recorder.ids:
                self.result.known += 1
                return
            if shared and answer.get("is_owner") is False:
                raise LeftOut("it is somebody else's", hopeless=True)
            found = KINDS["pin"].observe(answer, {})
            candidates = alike.get(_looks(found.fields, found.shape), ())
            same = next((address for shape, address in candidates if same_proportions(shape, found.shape)), "")
            if same and f"pin:{found.id}" not in self._journal.files:
                raise LeftOut(f"it looks like {same}, which is declared and not applied yet: run `pinsync apply` first")
            await self.pin(answer, target)
        except LeftOut as why:
            self.result.leave(f"pin {_called(answer)}", why)
        finally:
            listener.pin()

    def _declared_alike(self, target: Target) -> Mapping[Any, Sequence[_Alike]]:
        """What is declared on a board and not known, by its looks: it may be one of the live pins."""
        name = target.found.fields["name"]
        boards = {
            existing_board_address(one.name)
            for one in self._session.content.existing.values()
            if same_name(one.name, name)
        }
        alike: dict[Any, list[_Alike]] = defaultdict(list)
        for board in (board_address(str(target.board)), *boards):
            for desired in self._unknown[board]:
                shape = KINDS["pin"].shape(desired)
                alike[_looks(desired.fields, shape)].append((shape, desired.address))
        return alike

    def _settle(self, desired: Desired, found: Found) -> None:
        self.recorder.settle(desired, found)
        self.result.pins += 1

    def _readable(self, file: str, value: dict[str, Any], images: Mapping[str, Image]) -> tuple[Desired, bytes]:
        """What the file declares, and its content, without the texts that pinsync would not read. Raises LeftOut."""
        while True:
            data = spell(value)
            desired, mistakes = self.checker.pin(file, data, images)
            if desired and not mistakes:
                return desired, data
            before = value
            for mistake in mistakes:
                shorter = without(value, mistake.path)
                if shorter != value and shorter is not None:
                    name = ", ".join(map(str, mistake.path))
                    self.result.notes.append(f"{file}: without its {name}, because {mistake.problem.message}")
                    value = shorter
            if value == before:
                raise LeftOut("; ".join(mistake.problem.message for mistake in mistakes), hopeless=True)


def _looks(fields: Mapping[str, Any], shape: tuple[Any, ...]) -> Any:
    """What a pin would be recognised by, wherever on its board it is."""
    return KINDS["pin"].identity({**fields, "board": None, "section": None}, shape)


def _address(file: str) -> str:
    return pin_address(address_path(file))


def _owner(board: Board) -> str:
    return str((board.get("owner") or {}).get("username") or "")


def _is_foreign(board: Board, me: str) -> bool:
    return bool(me and _owner(board)) and _owner(board) != me


def _called(answer: Pin) -> str:
    title = answer.get("title")
    return f'{answer["id"]} "{title}"' if title else answer["id"]


def _named(answers: Sequence[Board], name: str, me: str) -> Board:
    for same in (same_exactly, same_name):
        found = [board for board in answers if same(board["name"], name)]
        if found:
            return min(found, key=lambda board: _is_foreign(board, me))
    guess = nearest(name, [board["name"] for board in answers])
    advice = f'Did you mean "{guess}"?' if guess else "Names are as Pinterest shows them."
    raise UsageError(f'there is no board "{name}" that this account can see', advice)

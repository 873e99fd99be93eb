"""``pinsync state``."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from pinsync.cli import Terminal
from pinsync.cli.arguments import content_path, lock_timeout_option

if TYPE_CHECKING:
    from pinsync.errors import PinsyncError
    from pinsync.report.screen import Screen

_formats = click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How to show it.",
)


@click.group("state", short_help="Look at what pinsync remembers, and mend it.")
def command() -> None:
    """What pinsync remembers of the content root: which address is which pin, and what was sent for it."""


@command.command("list")
@content_path
@_formats
@click.pass_obj
def list_(terminal: Terminal, path: Path, format_: str) -> None:
    """Lists all addresses with their ids; what is in doubt is marked."""
    from pinsync.state.backends import backend_at

    state = backend_at(path).read()
    rows = [(address, state.resources[address].id) for address in sorted(state.resources)]
    doubts = sorted(address for address in state.pending if address not in state.resources)
    if format_ == "json":
        click.echo(
            json.dumps([{"address": address, "id": found} for address, found in rows], indent=2, ensure_ascii=False)
        )
        return
    rows += [(address, "in doubt: begun, and its outcome is not known") for address in doubts]
    click.echo(_listed(("address", "id"), rows, terminal.screen), nl=False)


@command.command()
@click.argument("address")
@content_path
@_formats
@click.pass_obj
def show(terminal: Terminal, address: str, path: Path, format_: str) -> None:
    """Shows all that is remembered of ADDRESS, such as pin.autumn/pumpkin-soup."""
    from pinsync.report.escaping import terminal as escaped
    from pinsync.report.screen import Piece, row, text_of
    from pinsync.state.backends import backend_at
    from pinsync.state.document import plain

    state = backend_at(path).read()
    known, pending, slot = state.resources.get(address), state.pending.get(address), state.slots.get(address)
    if known is None and pending is None and slot is None:
        raise _unknown(address, [*state.resources, *state.slots])
    entry = {**(plain(known) if known else {}), **({"pending": plain(pending)} if pending else {})}
    entry |= {"slot": slot} if slot else {}
    if format_ == "json":
        click.echo(json.dumps({"address": address, **entry}, indent=2, ensure_ascii=False))
        return
    lines = [row(Piece(escaped(address), "bold"))]
    for name, value in entry.items():
        if isinstance(value, dict):
            lines.append(row(f"  {name}"))
            for key, content in value.items():
                text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
                lines.append(row(escaped(text), margin=f"    {key:<12} "))
        else:
            lines.append(row(escaped(str(value)), margin=f"  {name:<14} "))
    click.echo(text_of(lines, terminal.screen), nl=False)


@command.command()
@content_path
@_formats
@click.pass_obj
def media(terminal: Terminal, path: Path, format_: str) -> None:
    """Lists the uploaded videos that no pin uses yet, each with its file. The next pin of the same file takes one."""
    from pinsync.state.backends import backend_at
    from pinsync.state.document import plain

    found = sorted(backend_at(path).read().media.items(), key=lambda item: (item[1].at, item[0]))
    if format_ == "json":
        click.echo(json.dumps([{"id": media_id, **plain(upload)} for media_id, upload in found], indent=2))
        return
    rows = [(media_id, upload.source, f"{upload.status} {upload.at}") for media_id, upload in found]
    click.echo(_listed(("id", "file", "since"), rows, terminal.screen), nl=False)


@command.command()
@content_path
def pull(path: Path) -> None:
    """Prints the whole state document as JSON, recorded changes included."""
    from pinsync.state.backends import backend_at
    from pinsync.state.document import dump

    document = json.loads(dump(backend_at(path).read()))
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))


@command.command()
@click.argument("file", type=click.File(encoding="utf-8"))
@content_path
@lock_timeout_option
@click.option("--force", "reason", metavar="REASON", default="", help="Also if it is older or another state; say why.")
@click.pass_obj
def push(terminal: Terminal, file: TextIO, path: Path, lock_timeout: float, reason: str) -> None:
    """Puts the state document in FILE (- for standard input), as `pinsync state pull` prints it, in the place of the present
    one. It has to be of the same lineage, and made from the newest version."""
    from pinsync.errors import UsageError
    from pinsync.report.escaping import terminal as escaped
    from pinsync.state.backends import backend_at
    from pinsync.state.migrating import push
    from pinsync.state.writing import writing

    try:
        text = file.read()
    except UnicodeDecodeError as error:
        raise UsageError(f"{file.name} is not text", "Give a file as `pinsync state pull` prints it.") from error
    backend = backend_at(path)
    with writing(backend, "state push", lock_timeout, terminal.tell):
        state = push(backend, text, file.name, reason=reason)
    click.echo(
        f"The state is {escaped(file.name)} now, with serial {state.serial}." if state else "Nothing is different."
    )


@command.command()
@content_path
@lock_timeout_option
@click.option("--to", type=click.Choice(["local", "git", "s3"]), required=True, help="The backend to move to.")
@click.option(
    "--set", "options", multiple=True, metavar="KEY=VALUE", help="Such as bucket=our-pins; as under `state:`."
)
@click.pass_obj
def migrate(terminal: Terminal, path: Path, lock_timeout: float, to: str, options: tuple[str, ...]) -> None:
    """Moves the state to another backend, unchanged, and says what to write into pinsync.yaml. In its old place a marker
    stays, so that nobody goes on there."""
    from pinsync.content.locating import find_root
    from pinsync.content.settings import load_settings, state_settings
    from pinsync.errors import ContentError, UsageError
    from pinsync.report.escaping import terminal as escaped
    from pinsync.state.backends import backend_for
    from pinsync.state.migrating import migrate
    from pinsync.state.writing import locked

    root = find_root(path)
    settings, problems = load_settings(root)
    if problems:
        raise ContentError(problems, root)
    given = {"backend": to}
    for option in options:
        name, _, given[name] = option.partition("=")
    wanted, problems = state_settings(given, root)
    if problems:
        raise UsageError(f"the state cannot be there: {problems[0].message}", problems[0].advice)
    source, target = backend_for(settings), backend_for(wanted)
    written = json.dumps(given, ensure_ascii=False)
    with locked(source, "state migrate", lock_timeout, terminal.tell):
        source.fold()
        with locked(target, "state migrate", lock_timeout, terminal.tell):
            state, fingerprint = migrate(source, target, f"`state: {written}`")
    click.echo(f"Moved the state with serial {state.serial}, unchanged (sha256 {fingerprint}).")
    click.echo(f"Write into pinsync.yaml, and commit:\n\nstate: {escaped(written)}")


@command.command()
@click.argument("lock_id")
@content_path
def unlock(lock_id: str, path: Path) -> None:
    """Removes the lock with the id LOCK_ID, for when its run is gone for good."""
    from pinsync.report.escaping import terminal
    from pinsync.state.backends import backend_at

    holder = backend_at(path).unlock(lock_id)
    click.echo(f"Removed the lock of {terminal(str(holder))}.")


@command.command()
@click.argument("address")
@click.argument("resource_id", metavar="ID")
@content_path
@lock_timeout_option
@click.pass_obj
def adopt(terminal: Terminal, address: str, resource_id: str, path: Path, lock_timeout: float) -> None:
    """Says that ADDRESS is the board, section or pin on Pinterest with this ID, for when pinsync cannot tell.

    What differs from the declaration is shown as an update by the next plan; the media is taken to be the declared one.
    """
    import asyncio
    import os

    from pinsync.applying.adopting import adopt
    from pinsync.report.escaping import terminal as escaped
    from pinsync.session import open_session
    from pinsync.state import journal
    from pinsync.state.writing import writing

    session = open_session(path, os.environ, tell=terminal.tell)
    with writing(session.backend, "state adopt", lock_timeout, terminal.tell):
        state = session.read_state()

        async def take() -> None:
            async with session.client() as client:
                known = await adopt(client, session.content.resources, state, address, resource_id, session.now())
            if not state.environment:
                session.backend.record(journal.note_environment(session.access.environment))
            session.backend.record(journal.settle(address, known))

        asyncio.run(take())
    click.echo(f"{escaped(address)} is {escaped(resource_id)} from now on.")


@command.command()
@click.argument("address")
@content_path
@lock_timeout_option
@click.pass_obj
def forget(terminal: Terminal, address: str, path: Path, lock_timeout: float) -> None:
    """Forgets which resource ADDRESS is, or that its creation is in doubt. On Pinterest nothing changes."""
    from pinsync.report.escaping import terminal as escaped
    from pinsync.state import journal
    from pinsync.state.backends import backend_at
    from pinsync.state.writing import writing

    backend = backend_at(path)
    with writing(backend, "state forget", lock_timeout, terminal.tell):
        state = backend.read()
        known = state.resources.get(address)
        if known is None and address not in state.pending and address not in state.departed:
            raise _unknown(address, state.resources)
        backend.record(journal.forget(address))
    left = f"; {known.kind} {escaped(known.id)} stays on Pinterest" if known else ""
    click.echo(f"Forgot {escaped(address)}{left}.")


@command.command()
@click.argument("source")
@click.argument("target")
@content_path
@lock_timeout_option
@click.pass_obj
def mv(terminal: Terminal, source: str, target: str, path: Path, lock_timeout: float) -> None:
    """Calls TARGET from now on what is known as SOURCE, for a file or key that was renamed and changed at once.

    A board takes its sections along. On Pinterest nothing changes.
    """
    from pinsync.report.escaping import terminal as escaped
    from pinsync.state import journal
    from pinsync.state.backends import backend_at
    from pinsync.state.moving import renamed
    from pinsync.state.writing import writing

    backend = backend_at(path)
    with writing(backend, "state mv", lock_timeout, terminal.tell):
        state = backend.read()
        if source not in state.resources:
            raise _unknown(source, state.resources)
        moves = renamed(state, source, target)
        for old, new in moves.items():
            backend.record(journal.move(old, new))
    for old, new in moves.items():
        click.echo(f"{escaped(old)} is {escaped(new)} from now on.")


@command.command()
@content_path
@lock_timeout_option
@click.pass_obj
def recover(terminal: Terminal, path: Path, lock_timeout: float) -> None:
    """Mends a damaged state: keeps all that can be read of it, its journal and its backup, and says what cannot.

    The damaged files are kept beside it under other names. What is lost is looked for on Pinterest by the next plan.
    """
    from pinsync.report.escaping import terminal as escaped
    from pinsync.report.problems import counted
    from pinsync.state.backends import backend_at
    from pinsync.state.lock import take

    backend = backend_at(path)
    lock = take(backend, "state recover", lock_timeout, terminal.tell)
    try:
        salvaged = backend.recover()
    finally:
        backend.release(lock)
    if salvaged is None:
        click.echo("The state is sound; nothing was changed.")
        return
    for loss in salvaged.losses:
        click.echo(f"- {escaped(loss)}")
    known, doubtful = len(salvaged.state.resources), len(salvaged.state.pending)
    click.echo(f"Recovered {counted(known, 'resource')}{f' and {doubtful} in doubt' if doubtful else ''}.")
    click.echo("Run `pinsync plan`: it looks on Pinterest for what is missing here.")


def _listed(head: Sequence[str], rows: Sequence[Sequence[str]], screen: Screen | None) -> str:
    from pinsync.report.escaping import terminal
    from pinsync.report.screen import Piece

    safe = [[terminal(text) for text in row] for row in rows]
    if screen and safe:
        return screen.table(head, [[*map(Piece, row)] for row in safe])
    return "".join(f"{'  '.join(row)}\n" for row in safe)


def _unknown(address: str, known: Iterable[str]) -> PinsyncError:
    from pinsync.content.suggesting import nearest
    from pinsync.errors import UsageError

    guess = nearest(address, known)
    return UsageError(
        f"the state knows no {address}", f"Did you mean {guess}?" if guess else "`pinsync state list` shows all."
    )

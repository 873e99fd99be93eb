"""``pinsync state``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pinsync.cli.arguments import content_path

if TYPE_CHECKING:
    from pinsync.state.backends import Backend

_formats = click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True)


@click.group("state", short_help="Look at what pinsync remembers.")
def command() -> None:
    """What pinsync remembers of the content root: which address is which pin, and what was sent for it."""


@command.command("list")
@content_path
@_formats
def list_(path: Path, format_: str) -> None:
    """Lists all addresses with their ids; what is in doubt is marked."""
    from pinsync.report.escaping import terminal

    state = _backend(path).read()
    rows = [(address, state.resources[address].id) for address in sorted(state.resources)]
    doubts = sorted(address for address in state.pending if address not in state.resources)
    if format_ == "json":
        click.echo(
            json.dumps([{"address": address, "id": found} for address, found in rows], indent=2, ensure_ascii=False)
        )
        return
    for address, found in rows:
        click.echo(f"{terminal(address)}  {terminal(found)}")
    for address in doubts:
        click.echo(f"{terminal(address)}  in doubt: begun, and its outcome is not known")


@command.command()
@click.argument("address")
@content_path
@_formats
def show(address: str, path: Path, format_: str) -> None:
    """Shows all that is remembered of ADDRESS, such as pin.autumn/pumpkin-soup."""
    from dataclasses import asdict

    from pinsync.content.schema import nearest
    from pinsync.errors import UsageError
    from pinsync.report.escaping import terminal

    state = _backend(path).read()
    known, pending = state.resources.get(address), state.pending.get(address)
    if known is None and pending is None:
        guess = nearest(address, state.resources)
        advice = f"Did you mean {guess}?" if guess else "`pinsync state list` shows all."
        raise UsageError(f"the state knows no {address}", advice)
    entry = {**(asdict(known) if known else {}), **({"pending": asdict(pending)} if pending else {})}
    if format_ == "json":
        click.echo(json.dumps({"address": address, **entry}, indent=2, ensure_ascii=False))
        return
    click.echo(terminal(address))
    for name, value in entry.items():
        if isinstance(value, dict):
            click.echo(f"  {name}")
            for key, content in value.items():
                text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
                click.echo(f"    {key:<12} {terminal(text)}")
        else:
            click.echo(f"  {name:<14} {terminal(str(value))}")


@command.command()
@content_path
def pull(path: Path) -> None:
    """Prints the whole state document as JSON, recorded changes included."""
    from pinsync.state.document import dump

    click.echo(dump(_backend(path).read()), nl=False)


@command.command()
@click.argument("lock_id")
@content_path
def unlock(lock_id: str, path: Path) -> None:
    """Removes the lock with the id LOCK_ID, for when its run is gone for good."""
    from pinsync.report.escaping import terminal

    holder = _backend(path).unlock(lock_id)
    click.echo(f"Removed the lock of {terminal(str(holder))}.")


def _backend(path: Path) -> Backend:
    """The backend of the content root; the content itself is not read, so that a mistake in it is no obstacle."""
    from pinsync.content.locating import find_root
    from pinsync.content.settings import load_settings
    from pinsync.errors import ContentError
    from pinsync.state.backends import backend_for

    root = find_root(path)
    settings, problems = load_settings(root)
    if problems:
        raise ContentError(problems, root)
    return backend_for(settings)

"""``pinsync init``."""

from __future__ import annotations

from pathlib import Path

import click

from pinsync.cli import Terminal


@click.command("init", short_help="Write a starter content folder.")
@click.argument("path", type=click.Path(file_okay=False, path_type=Path), default=Path(), metavar="[PATH]")
@click.option(
    "--environment",
    type=click.Choice(["production", "sandbox", "emulator"]),
    default="production",
    show_default=True,
    help="Which Pinterest the content is for.",
)
@click.option("--bare", is_flag=True, help="Only the configuration: no board, no pin.")
@click.pass_obj
def command(terminal: Terminal, path: Path, environment: str, bare: bool) -> None:
    """Writes a small content folder to PATH: configuration, one board, defaults, and a first pin with its picture.

    Files that exist are left as they are.
    """
    from pinsync.content.starter import write_starter
    from pinsync.report.problems import path_shown

    for name, written in write_starter(path, environment, bare=bare):
        if not terminal.quiet:
            click.echo(f"{'wrote' if written else 'kept '} {path_shown(path.resolve(), name)}")
    where = "" if path == Path() else f" {path}"
    if terminal.quiet:
        return
    if bare:
        click.echo(f"\nNext: pinsync -C {path} import --all, or files of your own.")
    else:
        click.echo(f"\nNext: pinsync validate{where}, then pinsync plan{where}.")

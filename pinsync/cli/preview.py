"""``pinsync preview``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pinsync.cli import Terminal
from pinsync.cli.arguments import content_path

if TYPE_CHECKING:
    from pinsync.gallery.looking import Looking

_READ = "-"  # what `--plan` without a file stands for


@click.command("preview", short_help="Show boards and pins as Pinterest would.")
@content_path
@click.option(
    "--plan",
    "plan",
    is_flag=False,
    flag_value=_READ,
    metavar="[PLANFILE]",
    help="Take the badges from this saved plan; without PLANFILE, from a plan made after reading Pinterest. "
    "[default: from content and state alone, without network]",
)
@click.option("--open", "open_", is_flag=True, help="Open it in the browser.")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write it to this .html file. [default: .pinsync/preview.html in the content root]",
)
@click.option("--serve", is_flag=True, help="Show it on this machine, with videos, and again whenever a file is saved.")
@click.option("--port", type=click.IntRange(0, 65535), default=8322, show_default=True, help="For --serve; 0: any.")
@click.pass_obj
def command(
    terminal: Terminal, path: Path, plan: str | None, open_: bool, out: Path | None, serve: bool, port: int
) -> None:
    """Shows the boards, sections and pins of the content root at or above PATH as Pinterest would lay them out, with what
    the plan does to each: one HTML file that needs nothing beside it. Changes nothing on Pinterest.
    """
    from pinsync.errors import UsageError
    from pinsync.gallery.looking import Looking

    if plan not in (None, _READ) and not Path(str(plan)).is_file():
        raise UsageError(
            f"there is no saved plan {plan}", "Name a file of `pinsync plan --out`, and PATH before --plan."
        )
    saved = Path(str(plan)).resolve() if plan not in (None, _READ) else None
    looking = Looking(path, os.environ, saved, refresh=plan == _READ, tell=terminal.tell)
    if not serve:
        _write(looking, out, open_)
    elif out:
        raise UsageError("--out and --serve exclude each other", "Leave one of them away.")
    elif looking.refresh:
        raise UsageError(
            "--serve does not read Pinterest, which would take calls each time a file is saved",
            "Save a plan (`pinsync plan --out plan.json`) and name it: --plan plan.json; or leave --plan away.",
        )
    else:
        _serve(looking, port, open_)


def _write(looking: Looking, out: Path | None, open_: bool) -> None:
    from pinsync.content.locating import find_root
    from pinsync.gallery.saving import alone, save

    root = find_root(looking.start)
    file = out or root / ".pinsync" / "preview.html"
    save(alone(looking.strictly(), root), file)
    click.echo(f"Preview: {file}")
    if open_:
        click.launch(str(file.resolve()))


def _serve(looking: Looking, port: int, open_: bool) -> None:
    from pinsync.content.locating import find_root
    from pinsync.content.settings import load_settings
    from pinsync.errors import UsageError
    from pinsync.gallery.serving import Site, serve

    root = find_root(looking.start)
    state = load_settings(root)[0].state_path
    beside = [state, state.with_name(f"{state.name}.journal"), *([looking.saved] if looking.saved else [])]

    def announce(address: str) -> None:
        click.echo(f"Preview: {address} (stop it with Ctrl-C)")
        if open_:
            click.launch(address)

    try:
        serve(Site(root, looking.anyway, beside), port, announce)
    except OSError as error:
        raise UsageError(
            f"cannot listen on port {port}: {error.strerror or error}", "Choose another --port."
        ) from error

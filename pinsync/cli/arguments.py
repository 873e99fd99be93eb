"""Arguments and options that several commands share."""

from __future__ import annotations

from pathlib import Path

import click

content_path = click.argument("path", type=click.Path(path_type=Path), default=Path(), metavar="[PATH]")
"""A content root, or a place below one."""

refresh_option = click.option(
    "--refresh",
    type=bool,
    default=True,
    metavar="true|false",
    help="Whether to read the live boards first (default: true). Without it, nothing is known of what others did.",
)
lock_timeout_option = click.option(
    "--lock-timeout",
    type=click.FloatRange(0),
    default=0,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait for another run that holds the lock.",
)
concurrency_option = click.option(
    "--concurrency",
    type=click.IntRange(1, 32),
    help="How many calls may be under way at once (default: pinsync.yaml, 8).",
)
target_option = click.option(
    "--target",
    "targets",
    multiple=True,
    metavar="ADDRESS",
    help="Only this and the boards and sections that it needs; * stands for anything; may be repeated.",
)
exclude_option = click.option(
    "--exclude",
    "excludes",
    multiple=True,
    metavar="ADDRESS",
    help="All but this; * stands for anything; may be repeated.",
)
max_writes_option = click.option(
    "--max-writes",
    type=click.IntRange(0),
    metavar="N",
    help="Make at most so many writes in this run: what is due longest first, the rest in a later run.",
)
prune_option = click.option("--prune", is_flag=True, help="Delete on Pinterest what is declared no more.")
allow_replace_option = click.option(
    "--allow-replace",
    is_flag=True,
    help="Make a new pin where the media changed, and delete the old one with its saves and comments.",
)
force_option = click.option("--force", is_flag=True, help="Let a plan pass that exceeds the limits of pinsync.yaml.")

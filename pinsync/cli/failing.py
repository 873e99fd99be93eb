"""The one place that turns exceptions into messages."""

from __future__ import annotations

import logging
import os
import sys
import traceback

import click

from pinsync.cli.logs import are_json
from pinsync.errors import ContentError, PinsyncError
from pinsync.report.escaping import terminal
from pinsync.report.problems import as_text, path_shown
from pinsync.report.screen import Piece, Screen, row, screen_on, text_of

_log = logging.getLogger("pinsync")


def explain(error: Exception) -> int:
    """Prints what went wrong and what to do, and returns the exit code."""
    screen = screen_on(sys.stderr, os.environ)
    if isinstance(error, ContentError) and are_json():
        for one in error.problems:
            _log.error(
                "%s:%d:%d: %s",
                path_shown(error.root, one.file),
                one.line,
                one.column,
                one.message,
                extra={"advice": one.advice},
            )
    elif isinstance(error, ContentError):
        click.echo(as_text(error.problems, error.root, screen), err=True, nl=False)
    if isinstance(error, PinsyncError):
        end = "" if error.message.endswith((".", "!", "?")) else "."
        _say(f"{terminal(error.message)}{end}", terminal(error.advice), screen)
        return 1
    if _log.isEnabledFor(logging.DEBUG):
        traceback.print_exception(error)
    _say(
        f"pinsync failed in a way it should not have: {type(error).__name__}: {terminal(str(error))}",
        "Run it again with -vv and report what it prints; pinsync's state is as the last lines above say.",
        screen,
    )
    return 1


def _say(message: str, advice: str, screen: Screen | None) -> None:
    """Both are safe already."""
    if are_json():
        _log.error("%s", message, extra={"advice": advice})
        return
    lines = [row(Piece("Error:", "bold red"), f" {message}", hang=2), row(advice, margin="  ")]
    click.echo(text_of(lines, screen), err=True, nl=False, color=True)

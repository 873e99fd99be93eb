"""The one place that turns exceptions into messages."""

from __future__ import annotations

import logging
import traceback

import click

from pinsync.errors import ContentError, PinsyncError
from pinsync.report.escaping import terminal


def explain(error: Exception) -> int:
    """Prints what went wrong and what to do, and returns the exit code."""
    if isinstance(error, ContentError):
        from pinsync.report.problems import as_text

        click.echo(as_text(error.problems, error.root), err=True, nl=False)
    if isinstance(error, PinsyncError):
        end = "" if error.message.endswith(".") else "."
        click.echo(f"Error: {terminal(error.message)}{end}", err=True)
        if error.advice:
            click.echo(f"  {terminal(error.advice)}", err=True)
        return 1
    if logging.getLogger("pinsync").isEnabledFor(logging.DEBUG):
        traceback.print_exception(error)
    message = f"Error: pinsync failed in a way it should not have: {type(error).__name__}: {terminal(str(error))}"
    click.echo(message, err=True)
    click.echo(
        "  Run it again with -vv and report what it prints; pinsync's state is as the last lines above say.", err=True
    )
    return 1

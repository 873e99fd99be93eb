"""Writes the manual page ``man/pinsync.1`` from the commands: part of ``make docs``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from pinsync.cli import COMMANDS, root
from scripts.write_docs import commands

PAGE = Path(__file__).resolve().parent.parent / "man" / "pinsync.1"

_EXITS = {
    "0": "All is well.",
    "1": "An error; what to do about it is said.",
    "2": "Wrong usage; with plan --detailed-exitcode there is something to do, with drift there is any.",
    "3": "apply left something for a later run because of the quota.",
    "130, 143": "Stopped by Ctrl-C or SIGTERM.",
}
_VARIABLES = {
    "PINTEREST_APP_ID, PINTEREST_APP_SECRET": "The app to log in with.",
    "PINTEREST_ACCESS_TOKEN, PINTEREST_REFRESH_TOKEN": "Tokens to use instead of a stored login.",
    "PINTEREST_API_URL": "Another base address of the API, up to /v5; http only on this machine.",
    "PINSYNC_ENVIRONMENT, PINSYNC_TIER, PINSYNC_PROFILE": "Instead of what pinsync.yaml says.",
    "PINSYNC_ACCOUNTS": "The folder that logins are stored in, instead of the keyring or the usual folder.",
    "PINSYNC_STATE_TOKEN": "The token that a state on a git branch is fetched and pushed with.",
    "PINSYNC_COMMAND_OPTION": "A value for any option: PINSYNC_PLAN_PRUNE=true is pinsync plan --prune.",
    "NO_COLOR": "Plain text, as with --no-color.",
}
_FILES = {
    "pinsync.yaml": "The configuration; its folder is the content root.",
    "*.yaml, *.yml": "Pins and boards: every such file below the content root.",
    "_defaults.yaml": "Values for the pins of a folder and below.",
    ".pinsyncignore": "What is not read, in gitignore syntax.",
    ".pinsync/state.json": "What pinsync remembers, unless pinsync.yaml keeps it elsewhere.",
}


def man_page() -> str:
    """The page in roff's man macros. It names neither version nor day, so that it changes only with the commands."""
    name, *others = commands()
    return "\n".join(
        [
            '.TH PINSYNC 1 "" "pinsync" "User Commands"',
            ".SH NAME",
            "pinsync \\- plan and apply Pinterest boards, sections and pins from YAML files",
            ".SH SYNOPSIS",
            *_usage(*name),
            ".SH DESCRIPTION",
            *_paragraphs(root.help or ""),
            *_list(COMMANDS.items()),
            ".SH OPTIONS",
            *_options(root),
            ".SH COMMANDS",
            *(line for path, command in others for line in _section(path, command)),
            *(line for title, terms in _TABLES.items() for line in (f".SH {title}", *_list(terms.items()))),
            "",
        ]
    )


_TABLES = {"EXIT STATUS": _EXITS, "ENVIRONMENT": _VARIABLES, "FILES": _FILES}


def escaped(text: str) -> str:
    """Text that roff shows as it is: hyphens stay those that are typed, and no line is taken for a request."""
    text = " ".join(text.split()).replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{text}" if text[:1] in (".", "'") else text


def _section(path: tuple[str, ...], command: click.Command) -> Iterator[str]:
    yield f".SS {escaped(' '.join(path))}"
    yield from _usage(path, command)
    yield ".PP"
    yield from _paragraphs(command.help or "")
    yield from _options(command)


def _usage(path: tuple[str, ...], command: click.Command) -> Iterator[str]:
    yield f".B {escaped(' '.join(path))}"
    yield escaped(" ".join(command.collect_usage_pieces(_context(command))))


def _paragraphs(text: str) -> Iterator[str]:
    for number, paragraph in enumerate(text.strip().split("\n\n")):
        if number:
            yield ".PP"
        yield escaped(paragraph)


def _options(command: click.Command) -> Iterator[str]:
    context = _context(command)
    options = [param for param in command.get_params(context) if isinstance(param, click.Option)]
    return _list(
        record
        for option in options
        if (command is root or option is not command.get_help_option(context))
        and (record := option.get_help_record(context))
    )


def _context(command: click.Command) -> click.Context:
    return click.Context(command, help_option_names=root.context_settings["help_option_names"])


def _list(terms: Iterable[tuple[str, str]]) -> Iterator[str]:
    for term, meaning in terms:
        yield from (".TP", f".B {escaped(term)}", escaped(meaning))


if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(man_page(), encoding="utf-8")

"""The command line. Commands live in one file each and are imported when they are called."""

from __future__ import annotations

import gc
import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

import click

from pinsync import __version__

if TYPE_CHECKING:
    from pinsync.content.watching import Watch
    from pinsync.report.screen import Screen

COMMANDS: dict[str, str] = {
    "init": "Write a starter content folder.",
    "validate": "Check all content and pictures, offline.",
    "plan": "Show what apply would do.",
    "preview": "Show boards and pins as Pinterest would.",
    "apply": "Bring Pinterest to what the content declares.",
    "import": "Turn what is on Pinterest, or in a CSV file, into content.",
    "drift": "Show what somebody changed or deleted on Pinterest.",
    "schedule": "Show when pins are to appear.",
    "analytics": "Show what Pinterest counts of pins, boards and campaigns.",
    "pull": "Write what somebody changed on Pinterest into the files.",
    "refresh": "Write down what is found on Pinterest, changing nothing there.",
    "show": "Show a saved plan, or what pinsync remembers.",
    "state": "Look at what pinsync remembers, and mend it.",
    "auth": "Log in to Pinterest, and see who is logged in.",
    "workspaces": "List the content folders of a repository.",
    "github": "Tell GitHub what a plan or an apply came to.",
    "schema": "Print the JSON Schema of a kind of file.",
    "emulator": "Run a Pinterest of your own, for rehearsals and tests.",
    "demo": "See plan and apply work on examples, without an account.",
    "completion": "Print the completion script for a shell.",
}
"""Every command with its line in the overview; ``pinsync/cli/NAME.py`` holds it as ``command``."""

_MODULES = {"import": "importing"}
"""Files of commands whose name is a word of Python's own."""


def load(name: str) -> click.Command:
    """The command of that name."""
    command: click.Command = import_module(f"pinsync.cli.{_MODULES.get(name, name)}").command
    _name_variables(command, f"PINSYNC_{name}")
    return command


def _name_variables(command: click.Command, prefix: str) -> None:
    """Calls the variable of each option after what people type; in the code `--format` may have another name."""
    for option in command.params:
        if isinstance(option, click.Option):
            option.envvar = f"{prefix}_{max(option.opts, key=len).lstrip('-')}".replace("-", "_").upper()
    if isinstance(command, click.Group):
        for name, below in command.commands.items():
            _name_variables(below, f"{prefix}_{name}")


class Terminal(NamedTuple):
    """What the global options say about output."""

    verbose: int
    quiet: bool = False
    log_format: str = "text"

    @property
    def screen(self) -> Screen | None:
        """The terminal that the output is shown on."""
        from pinsync.report.screen import screen_on

        return screen_on(sys.stdout, os.environ)

    @property
    def watch(self) -> Watch:
        """Shows how reading a large file, or many, gets on."""
        from pinsync.report.reading import Ticker
        from pinsync.report.screen import screen_on

        return Ticker(sys.stderr, None if self.quiet else screen_on(sys.stderr, os.environ))

    def note(self, sentence: str) -> None:
        """Says something that is good to know, to who wants to know more than results and errors."""
        if not self.quiet:
            self.tell(sentence)

    def tell(self, sentence: str) -> None:
        """Says something beside the output proper."""
        if self.log_format == "json":
            import logging

            logging.getLogger("pinsync").info("%s", sentence)
            return
        from pinsync.report.escaping import terminal
        from pinsync.report.screen import row, screen_on, text_of

        # What is one word is an address to be copied, and stays in one piece.
        screen = screen_on(sys.stderr, os.environ) if " " in sentence else None
        click.echo(text_of([row(terminal(sentence))], screen), err=True, nl=False)


class _Commands(click.Group):
    """Lists commands without importing them: start-up time is what people feel first."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        return load(cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[click.shell_completion.CompletionItem]:
        if incomplete.startswith("-"):
            return super().shell_complete(ctx, incomplete)
        item = click.shell_completion.CompletionItem
        return [item(name, help=text) for name, text in COMMANDS.items() if name.startswith(incomplete)]


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog="Documentation: docs/ in the project. Start with `pinsync demo`, then `pinsync init`.",
)
@click.option("-C", "--chdir", type=click.Path(exists=True, file_okay=False), help="Work as if started in this folder.")
@click.option("--profile", metavar="NAME", help="Use this login (see `pinsync auth`) instead of that of pinsync.yaml.")
@click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    show_default=True,
    help="Colours and links: auto on a terminal that has them, and as NO_COLOR and FORCE_COLOR say.",
)
@click.option("--no-color", is_flag=True, help="The same as --color never.")
@click.option("-v", "--verbose", count=True, help="Say more: -v each retry, -vv each request (never a token).")
@click.option(
    "-q", "--quiet", is_flag=True, help="Say only results and errors: of a plan the sum, of an apply the result."
)
@click.option(
    "--log-format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How -v and -vv look; json logs each retry also without -v.",
)
@click.version_option(__version__, prog_name="pinsync")
@click.pass_context
def root(
    ctx: click.Context,
    chdir: str | None,
    profile: str | None,
    color: str,
    no_color: bool,
    verbose: int,
    quiet: bool,
    log_format: str,
) -> None:
    """Pinterest boards, sections and pins, declared in YAML beside their pictures: planned, reviewed, applied."""
    if chdir:
        os.chdir(chdir)
    if profile:
        os.environ["PINSYNC_PROFILE"] = profile  # where every command looks
    if no_color or color != os.environ.get("PINSYNC_COLOR", "auto"):
        os.environ["PINSYNC_COLOR"] = (
            "never" if no_color else color
        )  # where every command looks, and what explains errors
    ctx.color = True  # what is laid out for a terminal has what it can show and no more
    ctx.obj = Terminal(verbose, quiet, log_format)
    if verbose or log_format == "json":
        import logging

        from pinsync.cli.logs import start

        start(logging.DEBUG if verbose > 1 else logging.INFO, log_format)


def _misplaced(error: click.ClickException) -> click.UsageError | None:
    """What to say where an option of the program was given to a command."""
    if not isinstance(error, click.NoSuchOption) or error.ctx is None:
        return None
    if not any(error.option_name in param.opts for param in root.params):
        return None
    program, *command = error.ctx.command_path.split()
    place = " ".join([program, error.option_name, *command])
    return click.UsageError(f"{error.format_message()} It goes before the command: `{place}`.", error.ctx)


def main() -> None:
    """The program. Exits 0 on success, 1 on an error a person can act on, 2 on wrong usage, 130 when interrupted."""
    # What a run reads it keeps: looking through that again and again for what could be freed takes a quarter of its time.
    gc.set_threshold(100_000, 50, 100)
    try:
        # Without standalone mode click returns the code of an early exit, and else what the command returned. Where the reader
        # of our output leaves, as `| head` does, it ends quietly with 1: what the command found nobody knows then.
        sys.exit(root.main(prog_name="pinsync", auto_envvar_prefix="PINSYNC", standalone_mode=False))
    except click.Abort:
        click.echo("Stopped; nothing more was sent. Run it again for what is left.", err=True)
        sys.exit(130)
    except click.ClickException as error:
        (_misplaced(error) or error).show()
        sys.exit(error.exit_code)
    except Exception as error:  # noqa: BLE001
        from pinsync.cli.failing import explain

        sys.exit(explain(error))
    finally:
        # The interpreter looks through all of it once more before it ends.
        gc.freeze()

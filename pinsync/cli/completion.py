"""``pinsync completion``."""

from __future__ import annotations

import click


@click.command("completion", short_help="Print the completion script for a shell.")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Prints the script that teaches SHELL to complete pinsync's commands and options.

    For bash: eval "$(pinsync completion bash)", in ~/.bashrc to keep it.
    """
    from click.shell_completion import get_completion_class

    found = get_completion_class(shell)
    if found is None:  # the choice above lists only what click knows
        raise click.UsageError(f"no completion for {shell}", ctx)
    root = ctx.find_root()
    click.echo(found(root.command, {}, "pinsync", "_PINSYNC_COMPLETE").source())

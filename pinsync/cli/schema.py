"""``pinsync schema``."""

from __future__ import annotations

import click


@click.command("schema", short_help="Print the JSON Schema of a kind of file.")
@click.argument("name", type=click.Choice(["pin", "boards", "config", "defaults"]))
def command(name: str) -> None:
    """Prints the JSON Schema that validation uses: of one-pin files (pin), of files with `boards:` or `pins:` lists
    (boards), of pinsync.yaml (config), or of _defaults.yaml (defaults)."""
    from pinsync.content.schema import schema_text

    click.echo(schema_text(name), nl=False)

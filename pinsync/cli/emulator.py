"""``pinsync emulator``: the API on this machine, to rehearse against."""

from __future__ import annotations

import re
from pathlib import Path

import click


def _seconds(ctx: click.Context, param: click.Parameter, value: str) -> float:
    match = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)\s*(ms|s)?", value.strip())
    if match is None:
        raise click.BadParameter(f"{value!r} is not a duration; write 100ms, 0.2s or a number of seconds", ctx, param)
    return float(match[1]) / (1000 if match[2] == "ms" else 1)


@click.command("emulator", short_help="Run a Pinterest of your own, for rehearsals and tests.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8321, show_default=True, help="Port; 0 takes a free one."
)
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder that keeps boards, pins and pictures. [default: a temporary folder, gone at the end]",
)
@click.option(
    "--tier", type=click.Choice(["trial", "standard"]), default="standard", show_default=True, help="Whose rate limits."
)
@click.option(
    "--latency",
    metavar="DURATION",
    default="0s",
    show_default=True,
    callback=_seconds,
    help="Added to every call: 100ms, 0.2s or a number of seconds.",
)
@click.option(
    "--fault",
    multiple=True,
    metavar="OPERATION:EFFECT[:WHEN]",
    help="Misbehave, such as pins/create:500-after:nth=3 or '*:429:p=0.1'. May be given several times.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Decides ids and faults with a probability.")
def command(
    host: str, port: int, data: Path | None, tier: str, latency: float, fault: tuple[str, ...], seed: int
) -> None:
    """Plays Pinterest's API v5 on this machine.

    Boards, sections and pins are kept in SQLite, limits and refusals are Pinterest's, and a page shows the boards. No
    account is needed and nothing leaves the machine. Stop it with Ctrl-C.
    """
    import tempfile
    from contextlib import ExitStack

    from pinsync.emulator.faults import parse_fault
    from pinsync.emulator.server import serve
    from pinsync.emulator.settings import EmulatorSettings
    from pinsync.emulator.store import StoreError
    from pinsync.errors import UsageError

    try:
        parsed = tuple(parse_fault(text) for text in fault)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--fault") from None
    if not _is_loopback(host):
        click.echo(
            f"Warning: {host} can be reached from other machines, and the token 'emulator' is no secret.", err=True
        )
    with ExitStack() as stack:
        temporary = data is None
        folder = data or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pinsync-emulator-")))

        def announce(origin: str) -> None:
            click.echo(f"Boards:  {origin}/")
            click.echo(f"API:     {origin}/v5")
            click.echo(f"Data:    {folder}{' (temporary, gone at the end; keep it with --data)' if temporary else ''}")
            click.echo("Point pinsync at it with")
            click.echo(f"  PINTEREST_API_URL={origin}/v5 PINTEREST_ACCESS_TOKEN=emulator pinsync plan")

        settings = EmulatorSettings(folder, tier=tier, latency=latency, faults=parsed, seed=seed)
        try:
            serve(settings, host, port, announce)
        except StoreError as error:
            raise UsageError(str(error), "Choose another folder with --data.") from error
        except OSError as error:
            message = f"cannot listen on {host}:{port} with data in {folder}: {error.strerror or error}"
            raise UsageError(message, "Choose another --port, --host or --data.") from error


def _is_loopback(host: str) -> bool:
    import ipaddress

    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"

"""``pinsync emulator``: the API on this machine, to rehearse against."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

if TYPE_CHECKING:
    from pinsync.emulator.scenario import Scenario
    from pinsync.emulator.settings import EmulatorSettings


def _seconds(ctx: click.Context, param: click.Parameter, value: str) -> float:
    from pinsync.emulator.scenario import duration

    try:
        return duration(value)
    except ValueError as error:
        raise click.BadParameter(str(error), ctx, param) from None


def _rates(ctx: click.Context, param: click.Parameter, value: tuple[str, ...]) -> dict[str, Any]:
    from pinsync.emulator.scenario import rate

    try:
        return {category: rate(category, text) for category, _, text in (one.partition("=") for one in value)}
    except ValueError as error:
        raise click.BadParameter(str(error), ctx, param) from None


@click.command("emulator", short_help="Run a Pinterest of your own, for rehearsals and tests.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8321, show_default=True, help="Port; 0 takes a free one."
)
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder that keeps boards, pins, pictures and videos. [default: a temporary folder, gone at the end]",
)
@click.option(
    "--tier", type=click.Choice(["trial", "standard"]), default="standard", show_default=True, help="Whose rate limits."
)
@click.option(
    "--rate",
    "rates",
    multiple=True,
    metavar="CATEGORY=CALLS/DURATION",
    callback=_rates,
    help="Another rate limit, such as org_write=100/1s or universal=none. May be given several times.",
)
@click.option(
    "--latency",
    metavar="DURATION",
    default="0s",
    show_default=True,
    callback=_seconds,
    help="What every call takes at least: 100ms, 0.2s or a number of seconds.",
)
@click.option(
    "--token-lifetime",
    metavar="DURATION",
    default="30d",
    show_default=True,
    callback=_seconds,
    help="How long access tokens live that are given out here: 2s, 10m, 1h, 30d.",
)
@click.option(
    "--refresh-token-lifetime",
    metavar="DURATION",
    default="60d",
    show_default=True,
    callback=_seconds,
    help="The same for refresh tokens.",
)
@click.option(
    "--media-processing",
    metavar="DURATION",
    default="1s",
    show_default=True,
    callback=_seconds,
    help="How long it takes until an uploaded video can be used.",
)
@click.option(
    "--upload-lifetime",
    metavar="DURATION",
    default="1h",
    show_default=True,
    callback=_seconds,
    help="How long what is given out for an upload holds.",
)
@click.option(
    "--pin-age",
    metavar="DURATION",
    default="0s",
    show_default=True,
    callback=_seconds,
    help="How much older analytics take pins for than they are, so that there is something to see: 60d.",
)
@click.option(
    "--beta/--no-beta",
    default=True,
    show_default=True,
    help="Whether the app has what is beta: changing pins, bulk analytics.",
)
@click.option(
    "--fault",
    multiple=True,
    metavar="OPERATION:EFFECT[:WHEN]",
    help="Misbehave, such as pins/create:500-after:nth=3 or '*:429:p=0.1'. May be given several times.",
)
@click.option(
    "--scenario",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="YAML file with `faults:` and these options (`token_lifetime: 2s`). Options given here win; --fault adds to it.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Decides ids and faults with a probability.")
@click.pass_context
def command(
    ctx: click.Context,
    /,
    host: str,
    port: int,
    data: Path | None,
    fault: tuple[str, ...],
    scenario: Path | None,
    rates: dict[str, Any],
    **options: Any,
) -> None:
    """Plays Pinterest's API v5 on this machine.

    Boards, sections and pins are kept in SQLite, limits and refusals are Pinterest's, and a page shows the boards. No
    account is needed and nothing leaves the machine. Stop it with Ctrl-C; started again on the same --data it goes on.
    """
    import tempfile
    from contextlib import ExitStack

    from pinsync.emulator.faults import parse_fault
    from pinsync.emulator.scenario import Scenario

    try:
        parsed = tuple(parse_fault(text) for text in fault)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--fault") from None
    told = _read(scenario) if scenario else Scenario()
    faults = (*told.faults, *parsed)
    if data is None and any(fault.effect.startswith("die-") for fault in faults):
        raise click.UsageError(
            "a fault that ends the emulator needs --data FOLDER, to go on with when started again", ctx
        )
    if not _is_loopback(host):
        click.echo(
            f"Warning: {host} can be reached from other machines, and the token 'emulator' is no secret.", err=True
        )
    with ExitStack() as stack:
        from pinsync.emulator.settings import EmulatorSettings

        folder = data or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pinsync-emulator-")))
        for name in options:
            if (said := getattr(told, name)) is not None and not _given(ctx, name):
                options[name] = said
        limits = {**(told.rates or {}), **rates}
        settings = EmulatorSettings(folder, faults=faults, limits=limits, **options)
        _serve(settings, host, port, temporary=data is None)


def _serve(settings: EmulatorSettings, host: str, port: int, *, temporary: bool) -> None:
    from pinsync.emulator.registration import APP_ID, APP_SECRET
    from pinsync.emulator.server import serve
    from pinsync.emulator.store import StoreError
    from pinsync.errors import UsageError

    folder = settings.data

    def announce(origin: str) -> None:
        click.echo(f"Boards:  {origin}/")
        click.echo(f"API:     {origin}/v5")
        click.echo(f"App:     id {APP_ID}, secret {APP_SECRET}; people allow it at {origin}/oauth/")
        click.echo(f"Data:    {folder}{' (temporary, gone at the end; keep it with --data)' if temporary else ''}")
        click.echo("Point pinsync at it with")
        click.echo(f"  PINTEREST_API_URL={origin}/v5 PINTEREST_ACCESS_TOKEN=emulator pinsync plan")

    try:
        serve(settings, host, port, announce)
    except StoreError as error:
        raise UsageError(str(error), "Choose another folder with --data.") from error
    except OSError as error:
        message = f"cannot listen on {host}:{port} with data in {folder}: {error.strerror or error}"
        raise UsageError(message, "Choose another --port, --host or --data.") from error


def _read(file: Path) -> Scenario:
    from pinsync.emulator.scenario import load_scenario
    from pinsync.errors import UsageError
    from pinsync.report.problems import as_text, counted

    try:
        scenario, problems = load_scenario(file)
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror or error}", "Name another --scenario.") from error
    if problems:
        click.echo(as_text(problems, Path()), err=True, nl=False)
        raise UsageError(
            f"{counted(len(problems), 'problem')} in the scenario; the emulator was not started",
            "Correct what is named above.",
        )
    return scenario


def _given(ctx: click.Context, name: str) -> bool:
    """Whether an option was given, on the command line or in the environment."""
    return ctx.get_parameter_source(name) is not ParameterSource.DEFAULT


def _is_loopback(host: str) -> bool:
    import ipaddress

    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"

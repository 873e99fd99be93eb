"""What it costs to remember one outcome, and that it does not grow with what is remembered."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.measuring import Row, Scale
from pinsync.content.settings import Settings
from pinsync.state import journal
from pinsync.state.backends import Backend, backend_for
from pinsync.state.document import Known

FEW, MANY = 100, 5_000
SAMPLES = 300
BARE_GOAL = 2.0
GROWTH_GOAL = 1.3


def measure(folder: Path, scale: Scale) -> Iterator[Row]:
    """The median of single records, with a few and with many records there, beside an append and a sync of that size."""
    few, many = (_backend(folder / str(count), count) for count in (FEW, MANY))
    line = journal.line(_record(0))
    handle = os.open(folder / "bare", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def bare(number: int) -> None:
        os.write(handle, line)
        os.fsync(handle)

    sides: dict[str, Callable[[int], None]] = {
        "bare": bare,
        "few": lambda number: _keep(few, FEW + number),
        "many": lambda number: _keep(many, MANY + number),
    }
    taken: dict[str, list[float]] = {name: [] for name in sides}
    for number in range(SAMPLES):
        for name, once in sides.items():
            started = time.perf_counter()
            once(number)
            taken[name].append(1e6 * (time.perf_counter() - started))
    os.close(handle)
    cost = {name: statistics.median(seconds) for name, seconds in taken.items()}
    facts = {"bytes a record": len(line)}
    for name, count in (("few", FEW), ("many", MANY)):
        what = f"a record after {count:,}"
        yield Row(what, cost[name], cost["bare"], "µs", "append, fsync", cost[name] / cost["bare"], BARE_GOAL, facts)
    ratio = cost["many"] / cost["few"]
    yield Row("growth", cost["many"], cost["few"], "µs", f"after {FEW:,}", ratio, GROWTH_GOAL)


def _keep(backend: Backend, number: int) -> None:
    backend.record(_record(number))
    backend.checkpoint()


def _backend(folder: Path, records: int) -> Backend:
    backend = backend_for(Settings(folder, state_path=folder / "state.json"))
    backend.lock("a measurement")
    # Written past the backend, which would take longer.
    backend.record(_record(0))
    with (folder / "state.json.journal").open("ab") as file:
        file.writelines(journal.line(_record(number)) for number in range(1, records))
    return backend


def _record(number: int) -> journal.Record:
    return journal.settle(f"pin.autumn/pin-{number}", known_pin(number))


def known_pin(number: int) -> Known:
    """What is remembered of an ordinary pin."""
    return Known(
        kind="pin",
        id=str(813_744_226_400_000_000 + number),
        applied={
            "board": "813744226403813432",
            "title": f"Pin number {number}",
            "media": {"image": "sha256:" + "9" * 64},
        },
        observed={"board": "813744226403813432", "title": f"Pin number {number}", "section": None},
        created_at="2026-11-24T16:16:26+00:00",
        updated_at="2026-11-24T16:16:26+00:00",
    )

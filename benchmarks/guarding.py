"""What CI looks at: a small plan whose bounds only a gross regression breaks, on whatever machine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks.loading import programs, rows
from benchmarks.measuring import Row, Scale, in_turn

SIZE, ROUNDS = 1_000, 2
COLD, WARM = 14.0, 8.0  # more than twice what is usual at this size, where start-up counts


def measure(folder: Path, scale: Scale) -> Iterator[Row]:
    """1,000 pins, cold and warm."""
    yield from rows(f"plan of {SIZE:,} files", in_turn(programs(folder, SIZE), ROUNDS), SIZE, COLD, WARM)

"""Our plan with nothing to do beside that of octoDNS, which does the like for DNS."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.loading import programs
from benchmarks.measuring import BUILD, Row, Scale, Skipped, beside, in_turn, run

VERSION = "1.22.0"
SIZE, ROUNDS = 10_000, 3
GOAL = 1 / 4

_PROVIDER = (
    "{class: octodns.provider.yaml.YamlProvider, directory: ./config, split_extension: ., escaped_semicolons: false}"
)
_CONFIG = f"""\
providers:
  source: {_PROVIDER}
  target: {_PROVIDER}
zones:
  example.com.: {{sources: [source], targets: [target]}}
"""


def measure(folder: Path, scale: Scale) -> Iterator[Row]:
    """As many records in a file each, which its YAML provider reads as what is wanted, and again as what is there. Raises
    Skipped."""
    size, sync = scale.of(SIZE), _installed()
    _write_zone(folder, size)
    used = in_turn(
        {
            **programs(folder / "ours", size),
            "octodns": lambda: run([sync, "--config-file", "config.yaml"], folder),
        },
        ROUNDS,
    )
    for name in ("cold", "warm"):
        bare_is = f"octoDNS {VERSION}, records in files"
        yield beside(f"plan of {size:,} files, {name}", used[name], used["octodns"], bare_is, scale.goal(GOAL))
    yield beside("octoDNS", used["octodns"], used["parse"], "CSafeLoader on our files")


def _installed() -> Path:
    """octoDNS' program, from an environment of its own that is made once."""
    environment = BUILD / f"octodns-{VERSION}"
    program = environment / "bin" / "octodns-sync"
    if not program.exists():
        try:
            _quietly(sys.executable, "-m", "venv", environment)
            _quietly(environment / "bin" / "python", "-m", "pip", "install", "--quiet", f"octodns=={VERSION}")
        except subprocess.CalledProcessError as error:
            last = (error.stderr.strip().splitlines() or ["no reason given"])[-1]
            raise Skipped(f"octoDNS {VERSION} cannot be installed: {last}") from error
    return program


def _quietly(*command: str | Path) -> None:
    subprocess.run(command, check=True, capture_output=True, text=True)


def _write_zone(folder: Path, records: int) -> None:
    zone = folder / "config" / "example.com."
    zone.mkdir(parents=True)
    (folder / "config.yaml").write_text(_CONFIG, "utf-8")
    for number in range(records):
        address = f"10.{number // 65_536}.{number // 256 % 256}.{number % 256}"
        text = f"record-{number}:\n  ttl: 300\n  type: A\n  values:\n  - {address}\n"
        (zone / f"record-{number}.yaml").write_text(text, "utf-8")

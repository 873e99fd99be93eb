from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from pinsync.emulator.server import running
from pinsync.emulator.settings import EmulatorSettings
from tests.cli.machine import Machine


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    here = Path.cwd()
    logger = logging.getLogger("pinsync")
    level = logger.level
    for name in [name for name in os.environ if name.startswith(("PINSYNC_", "PINTEREST_"))]:
        monkeypatch.delenv(name)
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "pinsync.yaml").write_text("environment: emulator\ntier: trial\n")
    (tmp_path / "data").mkdir()
    with running(EmulatorSettings(data=tmp_path / "data", tier="trial")) as origin:
        machine = Machine(tmp_path, origin)
        monkeypatch.setattr("webbrowser.open", machine.browse)
        yield machine
    os.chdir(here)
    for handler in list(logger.handlers):
        logger.removeHandler(handler)
    logger.setLevel(level)

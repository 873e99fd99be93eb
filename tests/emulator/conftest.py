from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.emulator.client import Client, emulator


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    """A client of a fresh emulator in this process."""
    with emulator(tmp_path) as client:
        yield client

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.chaos.emulator import Emulator
from tests.chaos.stage import helpers
from tests.chaos.victim import Zygote


@pytest.fixture(scope="session")
def processes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Emulator, Zygote]]:
    """One emulator process and one helper for all tests of a worker; each test clears the emulator."""
    with helpers(tmp_path_factory.mktemp("emulator")) as both:
        yield both

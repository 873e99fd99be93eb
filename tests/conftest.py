"""What is the same for all tests: nobody cuts the power, nobody speaks TLS, and nothing is left with the user who runs them."""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterator
from functools import cache

import pytest
from hypothesis import settings

settings.register_profile("short", max_examples=40)
settings.register_profile("full", max_examples=500)  # what `make chaos` takes
settings.load_profile("short")


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are processors: tests wait for other processes, and for moments, about a quarter of the time."""
    return (os.cpu_count() or 1) + 1


@pytest.fixture(scope="session", autouse=True)
def quick(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Leaves out waiting for the disk, reads the certificates of this machine once rather than for every client, and keeps what
    is remembered of content where pytest cleans up."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda handle: None)
        patch.setattr(ssl, "create_default_context", cache(ssl.create_default_context))
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield

"""No test here may reach for the network, or wait for anything."""

from __future__ import annotations

import signal
import socket
from collections.abc import Iterator
from typing import Any, NoReturn

import pytest


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails a test that connects to anything."""

    def refuse(*arguments: Any, **named: Any) -> NoReturn:
        raise AssertionError("content was read by way of the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.fixture(autouse=True)
def in_time() -> Iterator[None]:
    """Fails a test that hangs, as one does that waits for the writer of a named pipe."""

    def give_up(*arguments: Any) -> NoReturn:
        raise AssertionError("reading content hangs")

    if not hasattr(signal, "SIGALRM"):
        yield
        return
    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(60)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)

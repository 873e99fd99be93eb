"""Stopping a run in good order: the first signal lets what is under way finish, the second ends it at once."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from pinsync.errors import Interrupted
from pinsync.pinterest.pacing import Timing


class Stop:
    """Whether the run was asked to stop. ``signal`` is the number of the signal that asked, 0 before."""

    def __init__(self) -> None:
        self.signal = 0
        self._asked = asyncio.Event()

    def ask(self, number: int) -> None:
        """Asks the run to stop: from now on nothing more is sent."""
        self.signal = self.signal or number
        self._asked.set()

    @property
    def asked(self) -> bool:
        """Whether somebody asked."""
        return self._asked.is_set()

    def check(self) -> None:
        """Raises Interrupted once somebody asked."""
        if self.asked:
            raise Interrupted("the run was stopped", "Run it again for what is left.")

    def timing(self, timing: Timing) -> Timing:
        """``timing`` whose waiting ends with Interrupted as soon as somebody asks."""

        async def sleep(seconds: float) -> None:
            self.check()
            sleeping = asyncio.ensure_future(timing.sleep(seconds))
            asking = asyncio.ensure_future(self._asked.wait())
            try:
                await asyncio.wait((sleeping, asking), return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in (sleeping, asking):
                    task.cancel()
            self.check()

        return Timing(timing.now, sleep)


@contextmanager
def on_signals(stop: Stop, tell: Callable[[str], None]) -> Iterator[None]:
    """Lets SIGINT and SIGTERM ask ``stop`` while the block runs; a second one ends the process at once.

    Needs a running event loop. Where the loop takes no signals (Windows), they stay what they were.
    """
    loop = asyncio.get_running_loop()

    def received(number: int) -> None:
        if stop.asked:
            os._exit(128 + number)
        tell("Stopping: what is under way is finished and recorded. Once more ends the run at once.")
        stop.ask(number)

    numbers = (signal.SIGINT, signal.SIGTERM)
    try:
        for number in numbers:
            loop.add_signal_handler(number, received, int(number))
    except (NotImplementedError, RuntimeError):
        yield
        return
    try:
        yield
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)

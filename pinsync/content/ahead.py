"""Reading many new files on all processors. What comes of it is remembered, for :func:`pinsync.content.opening.read` to find."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from pinsync.content.opening import read
from pinsync.content.remembering import Memory

FROM = 2_000
"""With fewer new files the processes would take longer to start than they save."""

_TOGETHER = 250


def read_ahead(root: Path, files: Sequence[str], memory: Memory, choose: Callable[[Any], str]) -> None:
    """Reads those of ``files`` (relative to ``root``) that ``memory`` does not know, where there are many; ``choose`` is as for
    ``read``, and a function of a module. A file with a mistake is left to whoever reads it next."""
    new = [file for file in files if memory.is_new(file)]
    processors = len(os.sched_getaffinity(0)) if sys.platform == "linux" else 1
    # A process with threads cannot be forked safely, and to start others afresh takes too long.
    if len(new) < FROM or processors < 2 or threading.active_count() > 1:
        return
    from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
    from multiprocessing import get_context

    parts = [new[start : start + _TOGETHER] for start in range(0, len(new), _TOGETHER)]
    try:
        with ProcessPoolExecutor(processors, get_context("fork")) as pool:
            for noted in pool.map(_read, [root] * len(parts), parts, [choose] * len(parts)):
                memory.take(noted)
    except (BrokenExecutor, ImportError, OSError):
        return  # processes, or what they talk through, cannot be had here


def _read(root: Path, files: Sequence[str], choose: Callable[[Any], str]) -> dict[str, list[Any]]:
    memory = Memory(root, Path(os.devnull))
    for file in files:
        read(root, file, memory, choose)
    return memory.noted

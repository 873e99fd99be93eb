"""Reading many new files, and looking at many new pictures, on all processors. What comes of it is remembered, for who reads
them one by one to find."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from pinsync.content.media import Media
from pinsync.content.opening import read
from pinsync.content.pins import Entry, pictures_of
from pinsync.content.problems import MediaProblem
from pinsync.content.remembering import Memory
from pinsync.content.watching import PICTURES, Watch

Thing = TypeVar("Thing")

FILES = 2_000
"""With fewer new files the processes would take longer to start than they save."""

SECONDS = 0.3
"""How long looking at pictures takes before others help. Pictures differ in size a thousandfold: their number says little."""

_FILES_TOGETHER = 250
_PICTURES_TOGETHER = 20


def read_ahead(root: Path, files: Sequence[str], memory: Memory, choose: Callable[[Any], str]) -> None:
    """Reads those of ``files`` (relative to ``root``) that ``memory`` does not know, where there are many; ``choose`` is as for
    ``read``. A file with a mistake is left to whoever reads it next."""
    new = [file for file in files if memory.is_new(file)]
    if len(new) >= FILES:
        for noted in _in_processes(partial(_read, root, choose), new, _FILES_TOGETHER):
            memory.take(noted)


def looking_ahead(entries: Sequence[Entry], media: Media, watch: Watch) -> Iterator[Entry]:
    """``entries`` one by one. Once looking at their pictures has taken long, others look at all that are left; one with a problem
    is left to whoever looks at it next. ``watch`` is told from then on how it gets on."""
    done, whole = 0, 0
    for number, entry in enumerate(entries):
        if not whole and media.spent > SECONDS:
            left = [(one.file.rpartition("/")[0], source) for one in entries[number:] for source in pictures_of(one)]
            whole = len(left) or 1
            for noted in _in_processes(partial(_look, media), left, _PICTURES_TOGETHER):
                media.take(noted)
                done = min(done + _PICTURES_TOGETHER, whole)
                watch("", done, whole, PICTURES)
        yield entry
        if done < whole:
            done += len([*pictures_of(entry)])
            watch("", done, whole, PICTURES)


def _read(root: Path, choose: Callable[[Any], str], files: Sequence[str]) -> dict[str, list[Any]]:
    memory = Memory(root, Path(os.devnull))
    for file in files:
        read(root, file, memory, choose)
    return memory.noted


def _look(media: Media, pictures: Sequence[tuple[str, str]]) -> dict[str, list[Any]]:
    for folder, source in pictures:
        with contextlib.suppress(MediaProblem):
            media.picture(folder, source)
    return media.noted()


def _in_processes(
    work: Callable[[Sequence[Thing]], dict[str, list[Any]]], things: Sequence[Thing], together: int
) -> Iterator[dict[str, list[Any]]]:
    """What ``work`` makes of ``things``, so many at a time; nothing, or not all of it, where processes are not to be had."""
    processors = len(os.sched_getaffinity(0)) if sys.platform == "linux" else 1
    # A process with threads cannot be forked safely, and to start others afresh takes too long.
    if len(things) <= together or processors < 2 or threading.active_count() > 1:
        return
    from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
    from multiprocessing import get_context

    parts = [things[start : start + together] for start in range(0, len(things), together)]
    try:
        # What a process starts with is not copied to it: it is forked with that.
        with ProcessPoolExecutor(min(processors, len(parts)), get_context("fork"), _begin, (work,)) as pool:
            # Ctrl-C reaches all processes at once. They never hear of it: the program then gives out no more work.
            heard = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
            try:
                found = pool.map(_do, parts)
            finally:
                signal.pthread_sigmask(signal.SIG_SETMASK, heard)
            yield from found
    except (BrokenExecutor, ImportError, NotImplementedError, OSError):
        return


_work: Callable[[Any], dict[str, list[Any]]]


def _begin(work: Callable[[Any], dict[str, list[Any]]]) -> None:
    """What a process does first. It ends with the one that it works for, and says nothing of it."""
    global _work
    _work = work
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    from multiprocessing import parent_process

    parent = parent_process()
    if parent:
        parent.join()
        os._exit(1)


def _do(part: Sequence[Any]) -> dict[str, list[Any]]:
    return _work(part)

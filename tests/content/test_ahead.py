"""Many new files are read, and many new pictures looked at, by several processes, and nobody can tell from what comes of it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from pinsync.content import ahead
from pinsync.content.loading import load
from pinsync.content.watching import PICTURES
from tests.world import picture

several = pytest.mark.skipif(sys.platform != "linux" or len(os.sched_getaffinity(0)) < 2, reason="needs two processors")

FEW = """\
import json, os, signal, sys
from pathlib import Path
from pinsync.content import ahead, caching
from pinsync.content.media_cache import MediaCache
from pinsync.content.remembering import Memory

ahead.FILES, ahead._FILES_TOGETHER, ahead._PICTURES_TOGETHER, ahead.SECONDS, caching._RACY = 4, 2, 2, 0, -(10**12)
"""

LOAD = f"""\
{FEW}
from pinsync.content.loading import load

taken = []
for kind in (Memory, MediaCache):
    def take(self, noted, take=kind.take):
        taken.extend(noted)
        take(self, noted)
    kind.take = take
told = []
content = load(Path(sys.argv[1]), lambda *how_far: told.append(how_far))
problems = [f"{{problem.file}}:{{problem.line}} {{problem.message}}" for problem in content.problems]
print(json.dumps([sorted(taken), content.digest, problems, told]))
"""

STOPPED = f"""\
{FEW}
from pinsync.cli import main

signal.signal(signal.SIGINT, signal.default_int_handler)  # which is not set where the tests run in the background
number, group = int(sys.argv.pop()), sys.argv.pop() == "all"
MediaCache.take = lambda cache, noted: os.kill(0 if group else os.getpid(), number)
main()
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Content with mistakes of all kinds."""
    root = tmp_path / "content"
    (root / "more").mkdir(parents=True)
    (root / "pinsync.yaml").write_text("environment: emulator\n")
    for name in ("soup", "stew", "more/soup"):
        (root / f"{name}.jpg").write_bytes(picture())
    (root / "torn.jpg").write_bytes(picture()[:300])
    texts = {f"p{number}": f"board: soups\ntitle: Number {number}\nimage: soup.jpg\n" for number in range(5)}
    texts |= {
        "boards": "boards:\n  - {key: soups, name: Soups}\n",
        "wrong": "board: soups\ntitel: Soup\nimage: soup.jpg\n",
        "broken": "board: [soups\n",
        "alias": "board: &board soups\ntitle: *board\nimage: soup.jpg\n",
        "pin-with-torn": "board: soups\ntitle: Torn\nimage: torn.jpg\n",
        "pin-with-none": "board: soups\ntitle: None\nimage: none.jpg\n",
        "pin-outside": "board: soups\ntitle: Outside\nimage: ../../soup.jpg\n",
        "slots": "board: soups\ncarousel: [{image: stew.jpg}, {image: more/soup.jpg}, {image: soup.jpg}]\n",
        "more/under": "board: soups\ntitle: Under\nimage: soup.jpg\n",
    }
    for name, text in texts.items():
        (root / f"{name}.yaml").write_text(text)
    return root


def run(program: str, root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Ends when all processes that the program started have ended, too: they write to the same place."""
    environ = {**os.environ, "XDG_CACHE_HOME": str(root.parent / "cache")}
    command = [sys.executable, "-c", program, *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=environ, timeout=60, start_new_session=True)


@several
def test_what_several_processes_found_is_what_one_finds(root: Path) -> None:
    taken, digest, problems, told = json.loads(run(LOAD, root, str(root)).stdout)
    assert json.loads(run(LOAD, root, str(root)).stdout) == [[], digest, problems, []], "all is remembered"
    content = load(root)
    right = [
        "more/under",
        *(f"p{number}" for number in range(5)),
        "pin-outside",
        "pin-with-none",
        "pin-with-torn",
        "slots",
    ]
    pictures = ["more/soup.jpg", "soup.jpg", "stew.jpg"]
    assert sorted({*taken}) == [
        *(f"Image {name}" for name in pictures),
        "boards.yaml",
        *(f"{name}.yaml" for name in right),
    ]
    assert told[-1] == ["", *[told[-1][2]] * 2, PICTURES]
    assert (digest, len(problems)) == (content.digest, 5)
    assert problems == [f"{problem.file}:{problem.line} {problem.message}" for problem in content.problems]


@several
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize("group", [False, True], ids=["the program", "all of it"])
def test_who_helps_ends_with_the_program_and_says_nothing(number: signal.Signals, group: bool, root: Path) -> None:
    ended = run(STOPPED, root, "validate", str(root), "all" if group else "one", str(int(number)))
    assert "Traceback" not in ended.stderr
    assert ended.returncode == (130 if number == signal.SIGINT else -number)


def test_who_looks_alone_tells_how_it_gets_on(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ahead, "SECONDS", 0)
    told: list[tuple[str, int, int, str]] = []
    monkeypatch.setattr(threading, "active_count", lambda: 2)
    load(root, lambda *how_far: told.append(how_far))
    assert [how_far[0] for how_far in told] == [""] * len(told)
    whole = told[0][2]
    assert told[-1] == ("", whole, whole, PICTURES)
    assert [done for _, done, _, _ in told] == sorted(done for _, done, _, _ in told)

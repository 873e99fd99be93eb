"""Many new files are read by several processes, and nobody can tell from what comes of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pinsync.content.loading import load
from tests.world import picture

PROGRAM = """\
import json, sys
from pathlib import Path
from pinsync.content import ahead, caching
from pinsync.content.loading import load
from pinsync.content.remembering import Memory

ahead.FROM, ahead._TOGETHER, caching._RACY = 4, 2, -(10**12)
taken, take = [], Memory.take
Memory.take = lambda memory, noted: (taken.extend(noted), take(memory, noted))
content = load(Path(sys.argv[1]))
problems = [f"{problem.file}:{problem.line} {problem.message}" for problem in content.problems]
print(json.dumps([sorted(taken), content.digest, problems]))
"""


@pytest.mark.skipif(sys.platform != "linux" or len(os.sched_getaffinity(0)) < 2, reason="needs two processors")
def test_what_several_processes_read_is_what_one_reads(tmp_path: Path) -> None:
    root = tmp_path / "content"
    root.mkdir()
    (root / "pinsync.yaml").write_text("environment: emulator\n")
    (root / "soup.jpg").write_bytes(picture())
    texts = {f"p{number}": f"board: soups\ntitle: Number {number}\nimage: soup.jpg\n" for number in range(5)}
    texts |= {
        "boards": "boards:\n  - {key: soups, name: Soups}\n",
        "wrong": "board: soups\ntitel: Soup\nimage: soup.jpg\n",
        "torn": "board: [soups\n",
        "alias": "board: &board soups\ntitle: *board\nimage: soup.jpg\n",
    }
    for name, text in texts.items():
        (root / f"{name}.yaml").write_text(text)
    environ = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache")}
    command = [sys.executable, "-c", PROGRAM, str(root)]
    told = subprocess.run(command, capture_output=True, text=True, check=True, env=environ)
    taken, digest, problems = json.loads(told.stdout)
    content = load(root)
    assert taken == ["boards.yaml", *(f"p{number}.yaml" for number in range(5))]
    assert (digest, len(problems)) == (content.digest, 2)
    assert problems == [f"{problem.file}:{problem.line} {problem.message}" for problem in content.problems]

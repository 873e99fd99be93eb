"""Profiles of the three main paths, as text beside what was learned from them."""

from __future__ import annotations

import io
import pstats
import re
import sys
import sysconfig
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.measuring import BUILD, ROOT, Scale, run
from benchmarks.stage import TINY, emulating, fill, home, write_content

FOLDER = Path(__file__).with_name("profiles")
LINES = 25
MARK = "## The profile\n"
"""In each file, all from this line on is written anew; what was learned stands before it."""

_ORDERS = {"Own time": "tottime", "Cumulative time": "cumtime"}
_PLACES = (f"{sysconfig.get_path('purelib')}/", f"{sysconfig.get_path('stdlib')}/", f"{ROOT}/")
_HEAD = re.compile(r" *ncalls .*", re.DOTALL)


def write(scale: Scale) -> list[Path]:
    """Makes the profiles anew and returns their files."""
    paths: dict[str, Callable[[Path, int, Path], None]] = {
        "loading": _offline,
        "refreshing": _refreshing,
        "applying": _applying,
    }
    files = []
    for (name, path), size in zip(paths.items(), map(scale.of, (10_000, 10_000, 1_000)), strict=True):
        with tempfile.TemporaryDirectory(dir=BUILD, prefix="profile-") as folder:
            out = Path(folder) / "out.prof"
            path(Path(folder), size, out)
            file = FOLDER / f"{name}.md"
            learned = file.read_text("utf-8").partition(MARK)[0] if file.exists() else f"# {name.capitalize()}\n\n"
            words = f"{size:,} pins, by cProfile, whose seconds are longer than real ones."
            file.write_text(f"{learned}{MARK}\n{words}\n{shown(out)}", "utf-8")
            files.append(file)
    return files


def shown(profile: Path) -> str:
    """The heaviest lines of a profile, in code blocks, without the paths of this machine."""
    parts = []
    for words, order in _ORDERS.items():
        out = io.StringIO()
        pstats.Stats(str(profile), stream=out).sort_stats(order).print_stats(LINES)
        found = _HEAD.search(out.getvalue())
        lines = [line.rstrip() for line in (found[0] if found else "").splitlines() if line.strip()]
        parts.append("\n".join(["", f"### {words}", "", "```text", *map(_anonymous, lines), "```", ""]))
    return "".join(parts)


def _anonymous(line: str) -> str:
    for place in _PLACES:
        line = line.replace(place, "")
    return line


def _command(out: Path, *arguments: str) -> list[str | Path]:
    return [sys.executable, "-m", "cProfile", "-o", out, "-m", "pinsync", *arguments]


def _offline(folder: Path, size: int, out: Path) -> None:
    root = folder / "content"
    write_content(root, size, TINY)
    fill(root)
    for _ in range(2):  # the first one finds nothing remembered
        run(_command(out, "plan", "--refresh=false"), root, home(root))


def _refreshing(folder: Path, size: int, out: Path) -> None:
    root, data = folder / "content", folder / "emulator"
    write_content(root, size, TINY)
    fill(root, data)
    with emulating(root, data) as place:
        for _ in range(2):
            place.run(_command(out, "plan"))


def _applying(folder: Path, size: int, out: Path) -> None:
    root = folder / "content"
    write_content(root, size)
    with emulating(root, folder / "emulator") as place:
        place.pinsync("plan")
        place.run(_command(out, "apply", "--auto-approve"))

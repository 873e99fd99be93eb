"""What looking at media costs: hashing, and for pictures decoding as well."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measuring import Row, Scale, Skipped, Used, beside, in_turn, inside, run
from benchmarks.previewing import DECODE
from benchmarks.stage import home, pinsync, write_content
from benchmarks.uploading import SIZE, write_video
from pinsync.content import pictures, videos

PICTURES = 1_000
ROUNDS = 3


def measure(folder: Path, scale: Scale) -> Iterator[Row]:
    """Pictures beside sha256sum alone, and with Pillow decoding them; a whole validation of them that knows none yet; a video."""
    summing = shutil.which("sha256sum")
    if summing is None:
        raise Skipped("there is no sha256sum")
    count, root, decode = scale.of(PICTURES), folder / "content", folder / "decode.py"
    write_content(root, count)
    decode.write_text(DECODE, "utf-8")
    files = sorted(root.rglob("*.jpg"))

    def sums() -> Used:
        return run([summing, *files], folder)

    def anew() -> Used:
        shutil.rmtree(root / ".pinsync", ignore_errors=True)
        return run(pinsync("validate"), root, home(root))

    used = in_turn(
        {
            "sums": sums,
            "decode": lambda: run([sys.executable, decode, root], folder),
            "ours": lambda: inside(lambda: [pictures.probe(file.name, file) for file in files]),
            "validate": anew,
        },
        ROUNDS,
    )
    one, other = used["sums"], used["decode"]
    both = Used(one.seconds + other.seconds, max(one.peak, other.peak), one.cpu + other.cpu)
    yield beside(f"{count:,} pictures", used["ours"], used["sums"], "sha256sum, not decoding")
    yield beside(f"{count:,} pictures", used["ours"], both, "sha256sum, Pillow")
    yield beside(f"validate of {count:,}, pictures new", used["validate"], both, "sha256sum, Pillow")
    film = folder / "long.mp4"
    write_video(film)
    used = in_turn(
        {
            "sums": lambda: run([summing, film], folder),
            "ours": lambda: inside(lambda: videos.probe(film.name, film)),
        },
        ROUNDS,
    )
    yield beside(f"a video of {SIZE / 1e6:.0f} MB", used["ours"], used["sums"], "sha256sum")

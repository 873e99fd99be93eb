"""What a page of all pins costs beyond decoding their pictures."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measuring import Row, Scale, beside, in_turn, run
from benchmarks.stage import home, pinsync, write_content

PINS = 5_000
ROUNDS = 2

DECODE = """\
import pathlib, sys
from PIL import Image
for file in pathlib.Path(sys.argv[1]).rglob("*.jpg"):
    with Image.open(file) as image:
        image.load()
"""
"""A program that decodes all pictures below a folder."""


def measure(folder: Path, scale: Scale) -> Iterator[Row]:
    """`preview --out`, which makes all its small pictures anew, with pictures looked at before, beside decoding them once."""
    pins, root, decode, page = scale.of(PINS), folder / "content", folder / "decode.py", folder / "preview.html"
    write_content(root, pins)
    decode.write_text(DECODE, "utf-8")
    used = in_turn(
        {
            "decode": lambda: run([sys.executable, decode, root], folder),
            "ours": lambda: run(pinsync("preview", "--out", page), root, home(root)),
        },
        ROUNDS,
        warm_up=False,
    )
    facts = {"page": f"{page.stat().st_size / 1e6:.1f} MB"}
    yield beside(f"preview of {pins:,}", used["ours"], used["decode"], "Pillow", None, facts)

"""What reading and writing the state document costs beyond JSON."""

from __future__ import annotations

import gc
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from benchmarks.journalling import known_pin
from benchmarks.measuring import Row, Scale, beside, in_turn, inside
from pinsync.state.document import dump, new_state, parse

SIZES, ROUNDS = (10_000, 50_000), 3


def measure(folder: Path, scale: Scale) -> Iterator[Row]:
    """The whole document with so many pins, from text and to text, beside the json module on the same text."""
    usual = gc.get_threshold()
    gc.set_threshold(100_000, 50, 100)  # as in a run of pinsync
    try:
        for size in scale.sizes(*SIZES):
            resources = {f"pin.autumn/pin-{number}": known_pin(number) for number in range(size)}
            state = replace(new_state(), resources=resources)
            text = dump(state)
            document = json.loads(text)
            used = in_turn(
                {
                    "loads": lambda text=text: inside(lambda: json.loads(text)),
                    "parse": lambda text=text: inside(lambda: parse(text, "state.json")),
                    "dumps": lambda value=document: inside(lambda: json.dumps(value, ensure_ascii=False, indent=1)),
                    "dump": lambda state=state: inside(lambda: dump(state)),
                },
                ROUNDS,
            )
            facts = {"document": f"{len(text) / 1e6:.1f} MB"}
            yield beside(f"reading a state of {size:,}", used["parse"], used["loads"], "json.loads", None, facts)
            yield beside(f"writing a state of {size:,}", used["dump"], used["dumps"], "json.dumps", None, facts)
    finally:
        gc.set_threshold(*usual)

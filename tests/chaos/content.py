"""Content folders by seed: boards, sections, and many pins of every kind, with what is to be live because of them."""

from __future__ import annotations

import hashlib
import io
import json
import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from PIL import Image

from tests.chaos.emulator import Pin

CONFIG = """environment: emulator
tier: standard
settling: {settling}
rates:
  org_read: {{calls: 100000, seconds: 1}}
  org_write: {{calls: 100000, seconds: 1}}
"""
_SECTIONS = {"autumn": "Autumn", "winter": "Winter"}
_PLACES: tuple[tuple[str, str | None], ...] = (
    ("soups", None),
    ("soups", "autumn"),
    ("soups", "winter"),
    ("bakes", None),
)
_BOARDS = {"soups": "Weeknight soups", "bakes": "Bakes"}


@cache
def picture(number: int) -> bytes:
    """A tiny picture that is no other's. The proportions of all are the same, so that they tell nothing."""
    image = Image.new("RGB", (20, 30), (number * 7 % 256, number * 31 % 256, number * 101 % 256))
    image.putpixel((0, 0), (number % 256, number // 256 % 256, 77))
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


@dataclass
class Declared:
    """A content folder and what it declares. ``pins`` holds each pin by its address with all that can be seen of it."""

    root: Path
    settling: str = "1s"
    files: dict[str, bytes] = field(default_factory=dict)
    pins: dict[str, Pin] = field(default_factory=dict)
    sections: Mapping[str, str] = field(default_factory=lambda: _SECTIONS)

    @property
    def wanted(self) -> Counter[Pin]:
        """What has to be live, equal pins counted."""
        return Counter(self.pins.values())

    def write(self) -> None:
        """Writes the files that are not there as they should be."""
        self.files["pinsync.yaml"] = CONFIG.format(settling=self.settling).encode()
        self.files["boards.yaml"] = json.dumps(
            {
                "boards": [
                    {
                        "key": "soups", "name": _BOARDS["soups"], "description": "Quick ones.",
                        "sections": [{"key": key, "name": name} for key, name in self.sections.items()],
                    },
                    {"key": "bakes", "name": _BOARDS["bakes"]},
                ]
            }
        ).encode()  # fmt: skip
        for name, data in self.files.items():
            file = self.root / name
            file.parent.mkdir(parents=True, exist_ok=True)
            if not file.exists() or file.read_bytes() != data:
                file.write_bytes(data)

    def untouched(self) -> bool:
        """Whether the folder holds just what was written, apart from the state."""
        there = {
            str(file.relative_to(self.root)): file.read_bytes()
            for file in self.root.rglob("*")
            if file.is_file() and ".pinsync" not in file.relative_to(self.root).parts
        }
        return there == self.files


def _texts(number: int, chance: random.Random) -> tuple[dict[str, Any], tuple[Any, ...]]:
    """Texts as declared, and as they are live: some are changed by the server on their way in."""
    declared: dict[str, Any] = {"title": f"Soup {number}"}
    live: list[Any] = [f"Soup {number}", None, None, None]
    if chance.random() < 0.3:
        declared["title"], live[0] = f"Salt &amp; soup  {number} ", f"Salt & soup {number}"
    if chance.random() < 0.5:
        declared["description"] = live[1] = f"Number {number}, one pot."
    if chance.random() < 0.5:
        declared["link"], live[2] = f"https://Example.com/{number}#top", f"https://example.com/{number}"
    if chance.random() < 0.3:
        declared["alt_text"] = live[3] = f"Bowl {number}"
    return declared, tuple(live)


def make(root: Path, seed: int, pins: int, settling: str = "1s", *, textless: int = 0) -> Declared:
    """A folder with two boards, two sections and ``pins`` pins: single files and lists, a few carousels, some pairs that
    are wanted equal, and ``textless`` pins that only their pictures tell apart."""
    chance = random.Random(f"content/{seed}")
    declared = Declared(root, settling)
    listed: dict[str, list[dict[str, Any]]] = {}
    number = 0
    while len(declared.pins) < pins:
        number += 1
        board, section = chance.choice(_PLACES)
        place: dict[str, Any] = {"board": board, **({"section": section} if section else {})}
        texts, live = _texts(number, chance)
        if number <= textless:
            texts, live = {}, (None, None, None, None)
        carousel = number % 17 == 3
        shown = [number] if not carousel else [number, 5000 + number, 6000 + number]
        names = [f"{one}.png" for one in shown]
        pairs: list[tuple[Any, ...]] = []
        for one in shown:
            sha = hashlib.sha256(picture(one)).hexdigest()
            pairs.append((sha, f"Slot {one}" if carousel else None, None, None))
        media: dict[str, Any] = (
            {
                "carousel": [
                    {"image": f"IMAGES/{name}", "title": f"Slot {one}"} for name, one in zip(names, shown, strict=True)
                ]
            }
            if carousel
            else {"image": f"IMAGES/{names[0]}"}
        )
        seen = (_BOARDS[board], _SECTIONS[section] if section else None, *live, tuple(pairs))
        declared.files.update({f"images/{name}": picture(one) for name, one in zip(names, shown, strict=True)})
        # Every ninth is wanted twice.
        for copy in range(2 if number % 9 == 4 and len(declared.pins) + 2 <= pins else 1):
            entry = {**place, **texts, **media}
            name = f"p{number}-{copy}"
            if chance.random() < 0.5:
                text = json.dumps(entry).replace("IMAGES/", "../images/")
                declared.files[f"single/{name}.yaml"] = text.encode()
                declared.pins[f"pin.single/{name}"] = seen
            else:
                group = f"list{chance.randrange(3)}"
                listed.setdefault(group, []).append({"id": name, **entry})
                declared.pins[f"pin.{group}#{name}"] = seen
    for group, entries in listed.items():
        declared.files[f"{group}.yaml"] = json.dumps({"pins": entries}).replace("IMAGES/", "images/").encode()
    declared.write()
    return declared

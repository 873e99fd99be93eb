"""A small world with an emulator and forked victims: what the crash point and damage tests play on."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from tests.chaos import checks
from tests.chaos.content import Declared, picture
from tests.chaos.emulator import Emulator, emulating
from tests.chaos.victim import Ran, Zygote, zygote

LONG = os.environ.get("CHAOS") == "full"
"""Whether everything is to be tried rather than a sample."""

_TITLES = {"single/a": "Soup a", "single/b": "Twin", "single/c": "Twin", "list#d": "Soup d"}


def small(root: Path, *, changed: bool = False, later: bool = False) -> Declared:
    """Two boards, a section and four pins, two of them wanted equal. ``changed``: with a pin and the section renamed;
    ``later``: besides that with a pin more and one at another address."""
    declared = Declared(root, "100ms", sections={"autumn": "Spring" if changed or later else "Autumn"})
    titles = dict(_TITLES)
    if changed or later:
        titles["single/a"] = "Soup A"
    if later:
        titles["single/e"] = "Soup e"
        titles["list#renamed"] = titles.pop("list#d")
    for name, title in titles.items():
        number = 2 if title == "Twin" else ord(title[-1].lower())
        file = f"images/{number}.png"
        declared.files[file] = picture(number)
        section = "autumn" if title == "Twin" else None
        slots = ((sha256(picture(number)).hexdigest(), None, None, None),)
        board = "Weeknight soups" if title in ("Twin", "Soup d") else "Bakes"
        place = {"board": "soups" if board != "Bakes" else "bakes", **({"section": section} if section else {})}
        declared.pins[f"pin.{name}"] = (
            board,
            declared.sections["autumn"] if section else None,
            title,
            None,
            None,
            None,
            slots,
        )
        entry = {**place, "title": title}
        if name.startswith("list"):
            entry |= {"id": name.partition("#")[2], "image": file}
            declared.files["list.yaml"] = json.dumps({"pins": [entry]}).encode()
        else:
            declared.files[f"{name}.yaml"] = json.dumps({**entry, "image": f"../{file}"}).encode()
    declared.write()
    return declared


@dataclass(frozen=True)
class Stage:
    """A content folder, its emulator, and processes of pinsync between the two."""

    declared: Declared
    emulator: Emulator
    helper: Zygote

    def pinsync(self, *arguments: str, at: int = 0, how: str = "", only: str = "") -> Ran:
        """Runs ``pinsync``; nothing in its output may be a blemish."""
        environ = {"PINTEREST_API_URL": f"{self.emulator.origin}/v5", "PINTEREST_ACCESS_TOKEN": "emulator"}
        ran = self.helper.run(*arguments, cwd=self.declared.root, environ=environ, at=at, how=how, only=only)
        assert checks.blemishes(ran.out) == [], ran.out
        return ran

    def apply(self, at: int = 0, how: str = "") -> Ran:
        """``pinsync apply``."""
        return self.pinsync("apply", "--auto-approve", at=at, how=how)

    def converge(self) -> None:
        """Applies until there is nothing to do, and checks everything."""
        said = ""
        for _ in range(4):
            applied = self.apply()
            planned = self.pinsync("plan", "--detailed-exitcode")
            said += applied.out + planned.out
            if (applied.code, planned.code) == (0, 0):
                break
        else:
            raise AssertionError(said)
        assert self.emulator.pins() == self.declared.wanted, said
        problems = checks.problems(self.declared, self.emulator)
        assert problems == [], f"{problems}\n{said}"

    def converge_loosely(self) -> None:
        """As `converge`, where files that were put aside may lie in the state's folder."""
        folder = self.declared.root / ".pinsync"
        for file in folder.glob("*.damaged-*"):
            file.unlink()
        self.converge()

    def unwritten(self) -> list[str]:
        """The titles of live pins of which nothing was written down: they were sent without an intent."""
        folder = self.declared.root / ".pinsync"
        written = "".join(file.read_text("utf-8", "replace") for file in folder.glob("state.json*"))
        return [str(pin[2]) for pin in self.emulator.pins() if f'"{pin[2]}"' not in written]


@contextmanager
def helpers(folder: Path) -> Iterator[tuple[Emulator, Zygote]]:
    """An emulator process and a helper that forks victims."""
    with emulating(folder) as emulator, zygote() as helper:
        yield emulator, helper

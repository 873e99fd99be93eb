"""What has to hold once a run that was tormented has come to its end."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from tests.chaos.content import Declared
from tests.chaos.emulator import Emulator
from tests.chaos.proxy import Passed

NOT_FINAL = (408, 409, 429)


def duplicates(declared: Declared, emulator: Emulator) -> int:
    """How many live pins there are too many."""
    return sum((emulator.pins() - declared.wanted).values())


def losses(declared: Declared, emulator: Emulator) -> int:
    """How many declared pins are not live."""
    return sum((declared.wanted - emulator.pins()).values())


def problems(declared: Declared, emulator: Emulator) -> list[str]:
    """Everything else that is not as it has to be at the end."""
    found: list[str] = []
    boards, sections = emulator.names()
    if boards != Counter(["Weeknight soups", "Bakes"]):
        found.append(f"the boards are {dict(boards)}")
    if sections != Counter(("Weeknight soups", name) for name in declared.sections.values()):
        found.append(f"the sections are {dict(sections)}")
    folder = declared.root / ".pinsync"
    if not (folder / "state.json").exists():
        return [*found, "there is no state"]
    state = json.loads((folder / "state.json").read_text("utf-8"))
    live = emulator.ids()
    for kind in live:
        known = Counter(entry["id"] for entry in state["resources"].values() if entry["kind"] == kind)
        if set(known) != live[kind]:
            dead, unknown = set(known) - live[kind], live[kind] - set(known)
            found.append(f"{kind}s in the state that are not live: {len(dead)}; live and not in it: {len(unknown)}")
        if any(count > 1 for count in known.values()):
            found.append(f"a {kind} is known under two addresses")
    if state["pending"]:
        found.append(f"still in doubt: {', '.join(state['pending'])}")
    found += [f"left behind: {name}" for name in leftovers(folder, state["serial"])]
    if not declared.untouched():
        found.append("the content was touched")
    return found


def leftovers(folder: Path, serial: int) -> list[str]:
    """Files in the state's folder that mean something and that no finished run may leave.

    Litter of a killed process is none of them: what was about to be its lock (``state.json.lock.ID``), and a journal that
    is part of the document already, as its serial tells.
    """
    kept = re.compile(r"state\.json(\.backup|\.lock\.[0-9a-f]+)?|\.gitignore")
    found = sorted(file.name for file in folder.iterdir() if file.is_file() and not kept.fullmatch(file.name))
    journal = folder / "state.json.journal"
    if journal.name in found and json.loads(journal.read_bytes().partition(b"\n")[0])["serial"] < serial:
        found.remove(journal.name)
    return found


def blemishes(out: str) -> list[str]:
    """What may never be in the output of pinsync."""
    return [
        word for word in ("Traceback", "failed in a way it should not have", "Task exception was never") if word in out
    ]


def repeats(passed: Iterable[Passed]) -> list[str]:
    """Writes that one process sent again although the answer to the same request was final."""
    refused: set[tuple[int, str, str, bytes]] = set()
    found: list[str] = []
    for one in passed:
        key = (one.epoch, one.method, one.path, one.body)
        if one.method != "GET" and key in refused:
            found.append(f"{one.method} {one.path} was sent again after a final answer")
        if 400 <= one.status < 500 and one.status not in NOT_FINAL:
            refused.add(key)
    return found

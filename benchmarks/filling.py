"""Makes content known and applied without any call: a state in which all is as declared, and an emulator that has all of it.

python -m benchmarks.filling ROOT [EMULATOR_DATA]
"""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from pinsync.content.loading import load_valid
from pinsync.emulator.normalising import folded
from pinsync.emulator.pictures import Picture, decode
from pinsync.emulator.store import Store
from pinsync.emulator.tokens import ACCOUNT
from pinsync.model.resource import Desired
from pinsync.state.document import Known, dump, new_state

_FIRST_ID = 10**17
_CREATED = datetime(2026, 1, 1, tzinfo=UTC)


def main(root: Path, data: Path | None) -> None:
    """Fills both. The content may hold boards and pins with one picture each."""
    resources = load_valid(root).resources
    ids = {address: str(_FIRST_ID + number) for number, address in enumerate(resources)}
    everything = {address: _known(desired, ids) for address, desired in resources.items()}
    state = replace(new_state(), environment="emulator", resources=everything)
    (root / ".pinsync").mkdir(exist_ok=True)
    (root / ".pinsync" / "state.json").write_text(dump(state), "utf-8")
    if data:
        store = Store(data)
        with store.writing() as db:
            for address, desired in resources.items():
                if desired.kind == "board":
                    _insert_board(db, everything[address])
                else:
                    _insert_pin(db, everything[address], decode((root / desired.images[0].source).read_bytes()))
        store.close()


def _known(desired: Desired, ids: Mapping[str, str]) -> Known:
    applied = {name: ids.get(str(value), value) for name, value in desired.fields.items()}
    observed = {name: value for name, value in applied.items() if name != "media"}
    return Known(desired.kind, ids[desired.address], applied, observed, _CREATED.isoformat())


def _insert_board(db: sqlite3.Connection, board: Known) -> None:
    name, moment = board.applied["name"], _CREATED.timestamp()
    db.execute(
        "INSERT INTO boards (id, account_id, username, name, folded, privacy, created_at, pins_modified_at)"
        " VALUES (?, ?, ?, ?, ?, 'PUBLIC', ?, ?)",
        (int(board.id), ACCOUNT.account_id, ACCOUNT.username, name, folded(name), moment, moment),
    )


def _insert_pin(db: sqlite3.Connection, pin: Known, picture: Picture) -> None:
    texts = [pin.applied.get(name) for name in ("title", "description", "link", "alt_text")]
    db.execute(
        "INSERT INTO pins (id, account_id, board_id, title, description, link, alt_text, dominant_color, media_type,"
        " creative_type, is_standard, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'image', 'REGULAR', 1, ?)",
        (
            int(pin.id), ACCOUNT.account_id, int(pin.applied["board"]), *texts, picture.dominant_color,
            _CREATED.timestamp(),
        ),
    )  # fmt: skip
    db.execute(
        "INSERT INTO pictures VALUES (?, ?, ?, ?, ?, ?)",
        (
            picture.sha256, picture.content_type, picture.width, picture.height, picture.dominant_color, picture.data,
        ),
    )  # fmt: skip
    db.execute("INSERT INTO slots (pin_id, place, sha256) VALUES (?, 0, ?)", (int(pin.id), picture.sha256))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None)

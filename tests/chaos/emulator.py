"""An emulator of its own process that can be killed and started again on the same data, and a look at what it holds.

What is live is read from the emulator's database rather than through its API: the check shares nothing with what is
checked.
"""

from __future__ import annotations

import http.client
import json
import os
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parents[2]
_PROGRAM = """
import sys
from pathlib import Path
from pinsync.emulator.server import serve
from pinsync.emulator.settings import EmulatorSettings
limits = dict.fromkeys(("universal", "org_read", "org_write", "org_analytics"), ())
settings = EmulatorSettings(Path(sys.argv[1]), limits=limits)
serve(settings, "127.0.0.1", int(sys.argv[2]), lambda origin: print(origin, flush=True))
"""

Pin = tuple[object, ...]
"""What can be seen of a pin: board, section, title, description, link, alternative text, and of each picture its
fingerprint and texts."""


@dataclass
class Emulator:
    """An emulator process without rate limits."""

    data: Path
    port: int = 0

    def start(self) -> None:
        """Starts it; a second time on the same port and data."""
        self._process = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM, str(self.data), str(self.port)],
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(HERE)},
        )
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline().rstrip().rpartition(b":")[2])

    def kill(self) -> None:
        """Kills it as a crash would."""
        self._process.kill()
        self._process.wait(20)
        if self._process.stdout:
            self._process.stdout.close()

    @property
    def origin(self) -> str:
        """How to reach it."""
        return f"http://127.0.0.1:{self.port}"

    def request(self, method: str, path: str, body: object = None) -> object:
        """One request of somebody else; its JSON answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        with closing(connection):
            headers = {"Authorization": "Bearer emulator", "Content-Type": "application/json"}
            connection.request(method, f"/v5{path}", None if body is None else json.dumps(body), headers)
            response = connection.getresponse()
            assert response.status < 300, response.read()
            return json.loads(response.read() or b"null")

    def clear(self) -> None:
        """Removes everything."""
        with closing(self._database()) as db:
            ids = [row[0] for row in db.execute("SELECT id FROM boards")]
        for board in ids:
            self.request("DELETE", f"/boards/{board}")

    def pins(self) -> Counter[Pin]:
        """Every live pin, equal ones counted."""
        with closing(self._database()) as db:
            slots: dict[int, list[tuple[object, ...]]] = {}
            for pin, *rest in db.execute(
                "SELECT pin_id, sha256, title, description, link FROM slots ORDER BY pin_id, place"
            ):
                slots.setdefault(pin, []).append(tuple(rest))
            rows = db.execute(
                "SELECT pins.id, boards.name, sections.name, title, pins.description, link, alt_text FROM pins"
                " JOIN boards ON boards.id = pins.board_id LEFT JOIN sections ON sections.id = pins.section_id"
            ).fetchall()
        return Counter((*row[1:], tuple(slots[row[0]])) for row in rows)

    def ids(self) -> dict[str, set[str]]:
        """The ids of all that is live, by kind."""
        with closing(self._database()) as db:
            return {
                kind: {str(row[0]) for row in db.execute(f"SELECT id FROM {kind}s")}  # noqa: S608 - one of three words
                for kind in ("board", "section", "pin")
            }

    def names(self) -> tuple[Counter[str], Counter[tuple[str, str]]]:
        """The names of all boards, and of all sections with that of their board."""
        with closing(self._database()) as db:
            boards = Counter(row[0] for row in db.execute("SELECT name FROM boards"))
            sections = Counter(
                (row[0], row[1])
                for row in db.execute(
                    "SELECT boards.name, sections.name FROM sections JOIN boards ON boards.id = sections.board_id"
                )
            )
        return boards, sections

    def _database(self) -> sqlite3.Connection:
        return sqlite3.connect(f"file:{self.data / 'emulator.sqlite3'}?mode=ro", uri=True, timeout=30)


@contextmanager
def emulating(data: Path) -> Iterator[Emulator]:
    """A running emulator on ``data``, killed at the end."""
    emulator = Emulator(data)
    emulator.start()
    try:
        yield emulator
    finally:
        emulator.kill()

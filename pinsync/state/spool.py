"""What was recorded on this machine and is not known to be stored elsewhere yet: one file of records.

It begins with the document that it continues, by serial and fingerprint. Before each attempt to store a new document a
line of the same form names that one, so that it can be told afterwards which of the records an attempt took along that
was never answered. A process may die at any moment; what a loss of power takes away is in doubt and looked for.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from pinsync.errors import StateError
from pinsync.state import journal
from pinsync.state.document import State
from pinsync.state.durable import MODE, close, replace_synced, told, unused, write_all
from pinsync.state.journal import Record


class Spool:
    """The records in ``file``. Only the holder of the state's lock may change them."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._open: int | None = None

    def append(self, base: Record, record: Record) -> None:
        """Writes one more record down; ``base`` is what a new file continues. Raises StateError."""
        with told(self.file, "written"):
            if self._open is None:
                self.file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                if not self.data():
                    replace_synced(self.file, journal.line(base).decode())
                self._open = os.open(self.file, os.O_WRONLY | os.O_APPEND, MODE)
            write_all(self._open, journal.line(record))

    def restart(self, base: Record, records: Iterable[Record]) -> None:
        """Keeps only these records, which continue ``base``; without any, no file. Raises StateError."""
        close(self._open)
        self._open = None
        lines = [journal.line(record) for record in records]
        with told(self.file, "written"):
            if lines:
                replace_synced(self.file, b"".join([journal.line(base), *lines]).decode())
            else:
                self.file.unlink(missing_ok=True)

    def since(self, state: State, fingerprint: str) -> list[Record] | None:
        """The records that ``state``, whose document has this fingerprint, does not hold yet; None where another machine
        went on without them: what they tell of was in doubt there, and settled.

        Raises StateError where the state is not one that they can belong to.
        """
        found = journal.records(self.data(), str(self.file))
        if not found:
            return []
        lineage, serial = journal.continued(found[0], str(self.file))
        if state.lineage and lineage != state.lineage:
            raise StateError(
                f"{self.file} belongs to another state ({lineage}, not {state.lineage})",
                "Look whether `state:` in pinsync.yaml is right. If it is, `pinsync state recover` goes on without the file.",
            )
        for number, record in reversed(list(enumerate(found))):
            if record["do"] == "continue" and record.get("fingerprint") == fingerprint:
                return [record for record in found[number:] if record["do"] != "continue"]
        if state.serial < serial:
            raise StateError(
                f"the state is of an older time (serial {state.serial}) than {self.file}, which continues serial {serial}",
                "Put the newer state back, or let `pinsync state recover` go on with both.",
            )
        return None

    def lineage(self) -> str:
        """That of the state which the records continue, or nothing where there are none."""
        found = journal.records(self.data(), str(self.file))
        return journal.continued(found[0], str(self.file))[0] if found else ""

    def set_aside(self) -> None:
        """Keeps the file under another name."""
        close(self._open)
        self._open = None
        if self.file.exists():
            with told(self.file, "moved"):
                self.file.rename(unused(self.file))

    def data(self) -> bytes:
        """What is in the file; nothing where there is none. Raises StateError."""
        try:
            return self.file.read_bytes()
        except FileNotFoundError:
            return b""
        except OSError as error:
            raise StateError(f"{self.file} cannot be read: {error.strerror}", "Make it readable.") from error

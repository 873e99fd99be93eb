"""What was imported into the state: exactly what the content now declares, and what Pinterest answered."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime

from pinsync.importing.result import LeftOut
from pinsync.model.resource import Desired, Found
from pinsync.planning.diffing import adoption, names_of
from pinsync.state import journal
from pinsync.state.backends import Backend
from pinsync.state.document import Known, State


class Recorder:
    """Writes to the state, and knows what is in it. ``ids`` maps kind and id of all that is ours to its address;
    ``differing`` are the addresses for which the content wants another value than the live one."""

    def __init__(self, backend: Backend, state: State, environment: str, now: Callable[[], datetime]) -> None:
        self._backend = backend
        self._now = now
        self._environment = "" if state.environment else environment
        self.names = names_of(state)
        self.ids = {(known.kind, known.id): address for address, known in state.resources.items()}
        self.ids |= {("pin", retired): address for retired, address in state.retired.items()}
        self.addresses = {*state.resources, *state.pending, *state.departed}
        self.differing: set[str] = set()

    def settle(self, desired: Desired, found: Found) -> None:
        """``desired`` is the live resource ``found`` from now on. What differs is left for the next plan to update."""
        check_text(found)
        differing = adoption(desired, found, self.names).fields
        fields = {name: value for name, value in self.names.resolved(desired).items() if name not in differing}
        moment = self._now().isoformat(timespec="seconds")
        protected = desired.lifecycle.protect
        known = Known(desired.kind, found.id, fields, found.fields, found.created_at or moment, moment, protected)
        self._record(journal.settle(desired.address, known))
        self.names.settle(desired.address, desired.kind, found.id)
        self.ids[desired.kind, found.id] = desired.address
        self.addresses.add(desired.address)
        if differing:
            self.differing.add(desired.address)

    def note_existing(self, address: str, found: Found) -> None:
        """The board or section that is only read, under this address."""
        self._record(journal.note_existing({address: found.id}))
        self.names.settle(address, found.kind, found.id)

    def _record(self, record: journal.Record) -> None:
        if self._environment:
            self._backend.record(journal.note_environment(self._environment))
            self._environment = ""
        self._backend.record(record)


def check_text(found: Found) -> None:
    """Raises LeftOut where the answer holds half characters, which no file can."""
    try:
        json.dumps(found.fields, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise LeftOut("its texts hold half a character, which cannot be written", hopeless=True) from None

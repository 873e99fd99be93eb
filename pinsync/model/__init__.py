"""What boards, sections and pins are. ``KINDS`` is the registry: a new kind is a new file and one entry here."""

from __future__ import annotations

from pinsync.model import board, pin, section
from pinsync.model.kind import Kind

KINDS: dict[str, Kind] = {kind.name: kind for kind in (board.KIND, section.KIND, pin.KIND)}
"""Every kind by name, parents before children: the order in which they are created."""

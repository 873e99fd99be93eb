"""What pinsync says of its own doings: for people, or as JSON for programs that gather logs."""

from __future__ import annotations

import json
import logging
import sys
import uuid
from datetime import UTC, datetime
from typing import TextIO

FORMATS = ("text", "json")


class _AsJson(logging.Formatter):
    """One object a line: time, level, who, what, and an id that all lines of one run have in common."""

    def __init__(self) -> None:
        super().__init__()
        self._run = uuid.uuid4().hex[:12]

    def format(self, record: logging.LogRecord) -> str:
        return json.dumps(
            {
                "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
                "level": record.levelname.lower(),
                "logger": record.name,
                "message": record.getMessage(),
                "run": self._run,
                **({"advice": record.advice} if hasattr(record, "advice") else {}),
            }
        )


class _Handler(logging.StreamHandler[TextIO]):
    """Writes to what is standard error at the time: a display on a terminal takes its place, and keeps lines above itself."""

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stderr
        super().emit(record)


def are_json() -> bool:
    """Whether programs read what is written to standard error, so that all of it has to be logged."""
    return any(isinstance(handler.formatter, _AsJson) for handler in logging.getLogger("pinsync").handlers)


def start(level: int, form: str) -> None:
    """Writes what pinsync logs from ``level`` on to standard error.

    Only pinsync's own logger: those of the HTTP libraries print headers, and with them the token.
    """
    handler = _Handler()
    handler.setFormatter(_AsJson() if form == "json" else logging.Formatter("%(name)s: %(message)s"))
    logger = logging.getLogger("pinsync")
    logger.addHandler(handler)
    logger.setLevel(level)

"""The nouns that flow through the pipeline: what is wanted and what was found."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Value = Any
"""A field's value: JSON data. References are addresses (desired) or ids (known and live)."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where in the content something stands. ``file`` is relative to the content root; line and column count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Image:
    """One picture of a pin. ``source`` is a path relative to the content root, or an https URL.

    For a local file ``sha256`` is that of the file as it lies on disk, ``width`` and ``height`` are in pixels as a
    viewer shows it (after EXIF rotation), ``format`` is its decoder's name, ``size`` is in bytes, and ``conversion``
    says in words what pinsync changes before sending it, or is empty. ``look`` is what it looks like: see
    :func:`pinsync.content.looks.look_of`.
    """

    source: str
    sha256: str | None = None
    width: int = 0
    height: int = 0
    format: str = ""
    size: int = 0
    conversion: str = ""
    look: str = ""

    @property
    def fingerprint(self) -> str:
        """What tells this picture from another: ``sha256:…`` of a file, else the URL."""
        return f"sha256:{self.sha256}" if self.sha256 else self.source


@dataclass(frozen=True, slots=True)
class Video:
    """The video of a pin, a local file. ``source`` is its path relative to the content root.

    ``sha256`` is that of the file, ``width`` and ``height`` are in pixels as a viewer shows it (after rotation),
    ``duration`` is in seconds, ``format`` is its container's name (MP4 or MOV), ``codec`` that of its pictures, ``size`` is
    in bytes. ``stamp`` tells whether the file was touched since it was looked at: see :func:`file_stamp`.
    """

    source: str
    sha256: str
    width: int
    height: int
    duration: float
    format: str
    codec: str
    size: int
    stamp: str = field(default="", compare=False)

    @property
    def fingerprint(self) -> str:
        """What tells this video from another."""
        return f"sha256:{self.sha256}"


def file_stamp(status: os.stat_result) -> str:
    """Size, times of change and inode of a file: as long as they stay, nobody wrote to it."""
    return f"{status.st_size} {status.st_mtime_ns} {status.st_ctime_ns} {status.st_ino}"


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """What may happen to a resource. The last three are as in :class:`pinsync.model.policies.Policies`, or None for what
    those say."""

    protect: bool = False
    on_media_change: str | None = None
    on_drift: str | None = None
    on_missing: str | None = None


@dataclass(frozen=True, slots=True)
class Desired:
    """One resource that the content declares.

    ``fields`` holds the declared fields only; None asks to clear one. ``images`` are a pin's pictures in order; those of a
    ``video`` are its cover, or none where a frame of it is the cover. ``publish_at`` has a time zone; ``at_once`` says that the
    pin waits for no slot. ``moved_from`` is the address it had before, where the content says so.
    """

    address: str
    kind: str
    fields: Mapping[str, Value]
    origin: Origin
    images: tuple[Image, ...] = ()
    video: Video | None = None
    lifecycle: Lifecycle = Lifecycle()
    publish_at: datetime | None = None
    moved_from: str | None = None
    at_once: bool = False


@dataclass(frozen=True, slots=True)
class ExistingBoard:
    """A board that content refers to by name and that pinsync only reads; ``sections`` are the names in use."""

    name: str
    sections: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Found:
    """A live resource as Pinterest answered it. ``fields`` are the readable ones, references as ids.

    ``shape`` describes a pin's media as far as it can be recognised: see :func:`pinsync.model.pin.shape_of`.
    ``created_at`` is the server's ISO 8601 text or empty. ``pin_count`` is a board's, else 0.
    """

    kind: str
    id: str
    fields: Mapping[str, Value]
    shape: tuple[Any, ...] = ()
    created_at: str = ""
    pin_count: int = 0

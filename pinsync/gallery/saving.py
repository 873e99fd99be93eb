"""The gallery in a file of its own, which needs nothing beside it."""

from __future__ import annotations

import os
from pathlib import Path

from pinsync.errors import UsageError
from pinsync.gallery.cards import Gallery
from pinsync.gallery.page import BEGINNING, Sources, document
from pinsync.gallery.thumbnails import embedded


def alone(gallery: Gallery, root: Path) -> str:
    """The page with small copies of the pictures in it, whose files are below ``root``."""
    pictures = embedded(root, [slot.image for card in gallery.cards for slot in card.slots])
    return document(gallery, Sources(lambda image: pictures.get(image.fingerprint, ""))).html


def save(html: str, file: Path) -> None:
    """Writes the page. Raises UsageError where the file cannot be written, or is something else than a preview already."""
    if not file.name.endswith((".html", ".htm")):
        raise UsageError(f"{file} is not called like a web page", "Give it the ending .html.")
    temporary = file.with_name(f"{file.name}.{os.getpid()}.tmp")
    try:
        if file.exists() and not _is_preview(file):
            raise UsageError(f"{file} exists and is no preview", "Choose another name; only previews are overwritten.")
        file.parent.mkdir(parents=True, exist_ok=True)
        try:
            temporary.write_text(html, "utf-8")
            temporary.replace(file)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror}", "Choose another --out.") from error


def _is_preview(file: Path) -> bool:
    with file.open("rb") as stream:
        return stream.read(len(BEGINNING)) == BEGINNING.encode()

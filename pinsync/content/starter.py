"""The content folder that ``pinsync init`` writes: enough to plan, small enough to understand at a glance."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path

from pinsync.content.schema import NAMES, schema_text
from pinsync.errors import UsageError

_CONFIG = """\
# yaml-language-server: $schema=.pinsync/schemas/config.json
# The root of your content. Every YAML file below it declares pins or boards.
environment: {environment}   # production, sandbox or emulator
tier: trial               # the access tier of your Pinterest app: trial or standard
# timezone: Europe/Berlin  # for `publish_at` times without an offset
# spread: {{every: 45m, between: 08:00-21:00}}  # slots for pins without `publish_at`; needs a timezone
# lints: {{missing-alt-text: error}}  # the rules of `pinsync validate`: off, warning or error
"""
_BOARDS = """\
# yaml-language-server: $schema=.pinsync/schemas/boards.json
boards:
  - key: first-board          # how pins refer to it; stays when the name changes
    name: My first board
    description: Made with pinsync.
    privacy: secret           # public, protected or secret
    sections:
      - key: ideas
        name: Ideas
"""
_DEFAULTS = """\
# yaml-language-server: $schema=.pinsync/schemas/defaults.json
# Values for every pin in this folder and below; a pin's own values win.
board: first-board
link_params:
  utm_source: pinterest
"""
_PIN = """\
# yaml-language-server: $schema=../.pinsync/schemas/pin.json
section: ideas
title: A first pin
description: Change this text, plan again, and see what pinsync would do.
link: https://example.com/
alt_text: A soft gradient from warm orange to deep blue
image: first-pin.jpg
"""
_IGNORE = """\
# gitignore syntax: what pinsync should not read
drafts/
"""
_EDITOR = """\
{
  "yaml.schemas": {
    ".pinsync/schemas/config.json": "/pinsync.yaml",
    ".pinsync/schemas/defaults.json": "**/_defaults.yaml",
    ".pinsync/schemas/boards.json": "/boards.yaml",
    ".pinsync/schemas/content.json": [
      "**/*.yaml",
      "**/*.yml",
      "!/pinsync.yaml",
      "!**/_defaults.yaml",
      "!/boards.yaml",
      "!**/.*/**"
    ]
  }
}
"""
_ANY_CONTENT = """\
{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "$comment": "For editors, which cannot tell a file of one pin from a file of lists by its name.",
  "if": {"anyOf": [{"required": ["boards"]}, {"required": ["pins"]}]},
  "then": {"$ref": "boards.json"},
  "else": {"$ref": "pin.json"}
}
"""
_EXTENSIONS = """\
{
  "recommendations": ["redhat.vscode-yaml"]
}
"""
_GIT_IGNORE = """\
.pinsync/cache/
.pinsync/import/
.pinsync/*.lock*
.pinsync/unstored.jsonl*
"""


def write_starter(root: Path, environment: str, *, bare: bool = False) -> Iterator[tuple[str, bool]]:
    """Writes the files, yielding each path relative to ``root`` and whether it was written (False: it existed). ``bare``
    leaves out what declares something.

    Raises UsageError when the folder cannot be written.
    """
    files: dict[str, Callable[[], bytes]] = {
        "pinsync.yaml": lambda: _CONFIG.format(environment=environment).encode(),
        ".gitignore": _GIT_IGNORE.encode,
        ".vscode/settings.json": _EDITOR.encode,
        ".vscode/extensions.json": _EXTENSIONS.encode,
        ".pinsync/schemas/content.json": _ANY_CONTENT.encode,
    }
    if not bare:
        files |= {
            "boards.yaml": _BOARDS.encode,
            "_defaults.yaml": _DEFAULTS.encode,
            "pins/first-pin.yaml": _PIN.encode,
            "pins/first-pin.jpg": _picture,
            ".pinsyncignore": _IGNORE.encode,
        }
    for name in NAMES:
        files[f".pinsync/schemas/{name}.json"] = lambda name=name: schema_text(name).encode()  # type: ignore[misc]
    for path, content in files.items():
        file = root / path
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            with file.open("xb") as stream:
                stream.write(content())
        except FileExistsError:
            yield path, False
        except OSError as error:
            raise UsageError(
                f"{file} cannot be written: {error.strerror}",
                "Choose a place that is yours to write, and see that there is space.",
            ) from error
        else:
            yield path, True


def _picture() -> bytes:
    from PIL import Image, ImageOps

    ramp = Image.linear_gradient("L").resize((1000, 1500), Image.Resampling.BICUBIC)
    out = io.BytesIO()
    ImageOps.colorize(ramp, "#f2a65a", "#1d3557", mid="#c8553d").save(out, "JPEG", quality=85)
    return out.getvalue()

"""Writing content files anew: each at once, and all back if the content then is not what it should be."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from pinsync.content.loading import Content, load_valid
from pinsync.content.locating import OUTSIDE, inside
from pinsync.content.problems import ERROR
from pinsync.errors import ContentError, NotEditable
from pinsync.model.resource import Value
from pinsync.pulling.accepting import Rewritten
from pinsync.state.durable import sync_folder, write_all

_AGAIN = "Pull again."

Expected = Mapping[str, Mapping[str, Callable[[Value], bool]]]
"""By address and field: whether a value is the one that was to come out."""


def rewrite(content: Content, files: Sequence[Rewritten], expected: Expected) -> Content:
    """Writes the files and returns the content as it is then.

    Raises NotEditable if it has mistakes then, or says anything else than before that was not ``expected``; the files are
    as they were in that case.
    """
    written: list[Rewritten] = []
    try:
        for file in files:
            _replace(content.root, file.file, file.before, file.after)
            written.append(file)
        after = _load(content.root)
        _check(content, after, expected)
    except (NotEditable, OSError) as error:
        for file in written:
            with suppress(NotEditable, OSError):  # whoever changed it since has the last word, and the others go back
                _replace(content.root, file.file, file.after, file.before)
        if isinstance(error, NotEditable):
            raise
        raise NotEditable(f"a file cannot be written: {error.strerror}: {error.filename}") from error
    return after


def _load(root: Path) -> Content:
    try:
        return load_valid(root)
    except ContentError as error:
        first = next(problem for problem in error.problems if problem.severity == ERROR)
        raise NotEditable(
            f"with the values from Pinterest {first.file}:{first.line} would be wrong, so no file was changed: {first.message}"
        ) from error


def _check(before: Content, after: Content, expected: Expected) -> None:
    changed = [
        address
        for address in sorted(before.resources.keys() | after.resources.keys())
        if not _as_expected(before, after, address, expected.get(address, {}))
    ]
    if changed:
        raise NotEditable(f"the content of {changed[0]} changed in the meantime, so no file was changed", _AGAIN)


def _as_expected(
    before: Content, after: Content, address: str, expected: Mapping[str, Callable[[Value], bool]]
) -> bool:
    if address not in before.resources or address not in after.resources:
        return False
    old, new = before.resources[address].fields, after.resources[address].fields
    return all(
        name in new and (expected[name](new[name]) if name in expected else name in old and old[name] == new[name])
        for name in old.keys() | new.keys()
    )


def _replace(root: Path, name: str, before: bytes, after: bytes) -> None:
    """Puts ``after`` in the place of ``before``: whoever looks finds one or the other. Raises OSError and NotEditable."""
    file = Path(os.path.realpath(root / name))  # a link stays one
    if not inside(root, file):
        raise NotEditable(f"{name}: {OUTSIDE}")
    if file.read_bytes() != before:
        raise NotEditable(f"{name} was changed in the meantime", _AGAIN)
    temporary = file.with_name(f".{file.name}.pinsync")
    temporary.unlink(missing_ok=True)
    mode = stat.S_IMODE(file.stat().st_mode)
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        try:
            write_all(handle, after)
            temporary.chmod(mode)
            os.fsync(handle)
        finally:
            os.close(handle)
        temporary.replace(file)
    finally:
        temporary.unlink(missing_ok=True)
    sync_folder(file.parent)

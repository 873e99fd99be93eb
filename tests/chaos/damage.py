"""Ways to damage what a killed run left: each is a function of the state's folder, by name."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

STATE, JOURNAL, LOCK, BACKUP = (f"state.json{ending}" for ending in ("", ".journal", ".lock", ".backup"))


@dataclass(frozen=True)
class Damage:
    """One way. ``by_hand`` says that no command need mend it: a message on what to do and leaving all alone is enough.
    ``foreign`` says that the journal is not this state's any more, so that nothing has to be taken from it."""

    name: str
    do: Callable[[Path], None]
    by_hand: bool = False
    foreign: bool = False


def _data(file: str, change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    def do(folder: Path) -> None:
        before = (folder / file).read_bytes()
        (folder / file).write_bytes(change(before))

    return do


def _document(change: Callable[[dict[str, Any]], object]) -> Callable[[Path], None]:
    def altered(data: bytes) -> bytes:
        document = json.loads(data)
        change(document)
        return json.dumps(document).encode()

    return _data(STATE, altered)


def _lines(change: Callable[[list[bytes]], list[bytes]]) -> Callable[[Path], None]:
    return _data(JOURNAL, lambda data: b"".join(change(data.splitlines(keepends=True))))


def _flipped(place: float, file: str) -> Callable[[Path], None]:
    """A bit changed in the nearest punctuation: in a text or a number nobody could notice."""

    def flip(data: bytes) -> bytes:
        at = next(at for at in range(int(place * (len(data) - 1)), len(data)) if data[at : at + 1] in b'{}":,[]')
        return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]

    return _data(file, flip)


def _remove(*names: str) -> Callable[[Path], None]:
    def do(folder: Path) -> None:
        for name in names:
            (folder / name).unlink()

    return do


def _instead(file: str, make: Callable[[Path], object]) -> Callable[[Path], None]:
    def do(folder: Path) -> None:
        (folder / file).unlink()
        make(folder / file)

    return do


def _swap(one: str, other: str) -> Callable[[Path], None]:
    def do(folder: Path) -> None:
        first, second = ((folder / name).read_bytes() for name in (one, other))
        (folder / one).write_bytes(second)
        (folder / other).write_bytes(first)

    return do


def _lock(**fields: Any) -> Callable[[Path], None]:
    return _data(LOCK, lambda data: json.dumps({**json.loads(data), **fields}).encode())


def _cut_line(data: bytes, line: int, share: float) -> bytes:
    lines = data.splitlines(keepends=True)
    return b"".join(lines[:line]) + lines[line][: int(len(lines[line]) * share)]


def _tail(data: bytes) -> bytes:
    return _cut_line(data, data.count(b"\n") - 1, 0.5)


_KEEP_LINEAGE = "11111111-2222-4333-8444-555555555555"
_FIFTEEN_MB = 15_000_000

DAMAGES: tuple[Damage, ...] = (
    # The journal, cut
    Damage("journal without its last byte", _data(JOURNAL, lambda data: data[:-1])),
    Damage("journal cut in its last line", _data(JOURNAL, _tail)),
    Damage("journal cut in its second line", _data(JOURNAL, lambda data: _cut_line(data, 1, 0.7))),
    Damage("journal cut in its header", _data(JOURNAL, lambda data: _cut_line(data, 0, 0.5))),
    Damage("journal of a header only", _data(JOURNAL, lambda data: _cut_line(data, 0, 1))),
    Damage("journal empty", _data(JOURNAL, lambda data: b"")),
    # The document, cut
    Damage("state without its last bytes", _data(STATE, lambda data: data[:-3])),
    Damage("state cut in the middle", _data(STATE, lambda data: data[: len(data) // 2])),
    Damage("state cut after ten bytes", _data(STATE, lambda data: data[:10])),
    Damage("state empty", _data(STATE, lambda data: b"")),
    # Bits
    Damage("bit in the state's first byte", _flipped(0, STATE)),
    Damage("bit in the middle of the state", _flipped(0.5, STATE)),
    Damage("bit in the state's end", _flipped(0.98, STATE)),
    Damage("bit in the journal's first line", _flipped(0, JOURNAL)),
    Damage("bit in the middle of the journal", _flipped(0.5, JOURNAL)),
    Damage("bit in the journal's last line", _flipped(0.97, JOURNAL)),
    # Gone
    Damage("state gone", _remove(STATE)),
    Damage("journal gone", _remove(JOURNAL)),
    Damage("lock gone", _remove(LOCK)),
    Damage("backup gone", _remove(BACKUP)),
    Damage("state and backup gone", _remove(STATE, BACKUP)),
    Damage("state and journal gone", _remove(STATE, JOURNAL)),
    Damage("state, journal and backup gone", _remove(STATE, JOURNAL, BACKUP)),
    Damage("folder gone", lambda folder: shutil.rmtree(folder)),
    # Mixed up
    Damage("state and backup swapped", _swap(STATE, BACKUP)),
    Damage("state and journal swapped", _swap(STATE, JOURNAL), foreign=True),
    Damage("state is its backup", lambda folder: void(shutil.copy(folder / BACKUP, folder / STATE))),
    Damage("every line of the journal twice", _lines(lambda lines: [line for line in lines for _ in "12"])),
    Damage("last line of the journal twice", _lines(lambda lines: [*lines, lines[-1]])),
    Damage("whole journal twice", _data(JOURNAL, lambda data: data * 2)),
    Damage("foreign lineage in the state", _document(lambda document: document.update(lineage=_KEEP_LINEAGE)), foreign=True),
    Damage(
        "foreign lineage in the journal",
        _lines(lambda lines: [json.dumps({**json.loads(lines[0]), "lineage": _KEEP_LINEAGE}).encode() + b"\n", *lines[1:]]),
        foreign=True,
    ),
    Damage("serial ahead in the journal", _lines(lambda lines: [lines[0].replace(b'"serial":', b'"serial":9'), *lines[1:]])),
    # Newer
    Damage("newer format", _document(lambda document: document.update(format_version=99)), by_hand=True),
    Damage("unknown verb in the journal", _lines(lambda lines: [*lines, b'{"do":"dance","address":"pin.x"}\n'])),
    # Something else in its place
    *(
        Damage(f"{what} in the place of {file}", _instead(file, make), by_hand=True)
        for file in (STATE, JOURNAL, LOCK, BACKUP)
        for what, make in {
            "a folder": lambda place: place.mkdir(),
            "a dangling link": lambda place: place.symlink_to("nowhere/at-all"),
            "a loop of links": lambda place: place.symlink_to(place.name),
        }.items()
    ),
    # Bytes
    Damage("state of NUL", _data(STATE, lambda data: bytes(len(data)))),
    Damage("NUL at the journal's end", _data(JOURNAL, lambda data: data + bytes(4096))),
    Damage("last line of the journal NUL", _lines(lambda lines: [*lines[:-1], bytes(len(lines[-1]))])),
    Damage("journal of NUL", _data(JOURNAL, lambda data: bytes(len(data)))),
    Damage("half a character at the state's end", _data(STATE, lambda data: data + b"\xc3")),
    Damage("half a character in the state", _data(STATE, lambda data: data.replace(b"Soup", b"So\xc3up", 1))),
    Damage("half a character at the journal's end", _data(JOURNAL, lambda data: data + b"\xc3")),
    Damage("half a character in the journal", _data(JOURNAL, lambda data: data.replace(b"Soup", b"So\xc3up", 1))),
    Damage("huge state", _data(STATE, lambda data: b"x" * _FIFTEEN_MB)),
    Damage("huge end of the journal", _data(JOURNAL, lambda data: data + b"x" * _FIFTEEN_MB)),
    Damage("Windows line ends", lambda folder: [
        _data(file, lambda data: data.replace(b"\n", b"\r\n"))(folder) for file in (STATE, JOURNAL)
    ] and None),
    Damage("byte order mark", _data(STATE, lambda data: b"\xef\xbb\xbf" + data)),
    Damage("merge conflict", _data(STATE, lambda data: b"<<<<<<< HEAD\n" + data + b"=======\n" + data + b">>>>>>> other\n")),
    # JSON, but no state
    Damage("state is a list", _data(STATE, lambda data: b"[]")),
    Damage("state is null", _data(STATE, lambda data: b"null")),
    Damage("state nests deeply", _data(STATE, lambda data: b"[" * 100_000)),
    Damage("state without resources", _document(lambda document: document.pop("resources"))),
    Damage("resources is a list", _document(lambda document: document.update(resources=[]))),
    Damage("a resource is a number", _document(lambda document: document["resources"].update({"pin.single/a": 1}))),
    Damage("a resource without id", _document(lambda document: document["resources"]["pin.single/a"].pop("id"))),
    Damage("no format version", _document(lambda document: document.update(format_version=True))),
    Damage("negative serial", _document(lambda document: document.update(serial=-1))),
    # The lock
    Damage("lock empty", _data(LOCK, lambda data: b""), by_hand=True),
    Damage("lock of NUL", _data(LOCK, lambda data: bytes(len(data))), by_hand=True),
    Damage("lock cut", _data(LOCK, lambda data: data[:20]), by_hand=True),
    Damage("lock is a list", _data(LOCK, lambda data: b"[1]"), by_hand=True),
    Damage("lock of another host", _lock(host="elsewhere")),
    Damage("lock of an impossible process", _lock(pid=2**70, guarded=False)),
    Damage("lock with a field more", _lock(colour="red"), by_hand=True),
)  # fmt: skip


def void(_: object) -> None:
    """Nothing."""


def held(folder: Path) -> set[str]:
    """The ids that the readable lines of the journal hold."""
    ids: set[str] = set()
    try:
        lines = (folder / JOURNAL).read_bytes().split(b"\n")
    except OSError:
        return ids
    for line in lines:
        try:
            record = json.loads(line)
            if record["do"] == "settle":
                ids.add(record["known"]["id"])
        except (ValueError, KeyError, TypeError, RecursionError):
            continue
    return ids

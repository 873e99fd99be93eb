"""Small videos for tests: files that every reader of MP4 takes for one, though nothing in them can be played."""

from __future__ import annotations

import struct

_SCALE = 1_000  # units a second
_TURNS = {0: (1, 0, 0, 1), 90: (0, 1, -1, 0), 180: (-1, 0, 0, -1), 270: (0, -1, 1, 0)}


def video(
    seconds: float = 5.0,
    size: tuple[int, int] = (240, 320),
    *,
    brand: bytes = b"isom",
    codec: bytes = b"avc1",
    turned: int = 0,
    sound_only: bool = False,
    index_last: bool = False,
    salt: bytes = b"",
    padding: int = 0,
) -> bytes:
    """An MP4 of this length in seconds and size in pixels, ``turned`` clockwise when shown.

    ``brand`` ``qt  `` makes it a MOV. ``index_last`` puts the index (moov) after the frames. ``salt`` is part of the frames, so
    that files differ; ``padding`` is how many bytes longer they are.
    """
    frames = b"\0\0\0\x05\x65" + salt.ljust(4, b"\0") + bytes(padding)
    head = _box(b"ftyp", brand + struct.pack(">I", 512) + brand + (b"" if brand == b"qt  " else b"mp42"))
    data = _box(b"mdat", frames)
    index = _index(seconds, size, codec, turned, sound_only, len(frames), 0)
    offset = len(head) + 8 + (0 if index_last else len(index))
    index = _index(seconds, size, codec, turned, sound_only, len(frames), offset)
    return head + (data + index if index_last else index + data)


def _box(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(content), name) + content


def _full(name: bytes, content: bytes, flags: int = 0) -> bytes:
    return _box(name, struct.pack(">I", flags) + content)


def _index(
    seconds: float, size: tuple[int, int], codec: bytes, turned: int, sound_only: bool, length: int, offset: int
) -> bytes:
    duration = round(seconds * _SCALE)
    a, b, c, d = (turn * 65_536 for turn in _TURNS[turned])
    matrix = struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 0x40000000)
    straight = struct.pack(">9i", 65_536, 0, 0, 0, 65_536, 0, 0, 0, 0x40000000)
    width, height = (0, 0) if sound_only else size
    movie = (
        struct.pack(">4IIHHQ", 0, 0, _SCALE, duration, 65_536, 256, 0, 0) + straight + bytes(24) + struct.pack(">I", 2)
    )
    track = (
        struct.pack(">5IQ4H", 0, 0, 1, 0, duration, 0, 0, 0, 256 if sound_only else 0, 0)
        + matrix
        + struct.pack(">2I", width << 16, height << 16)
    )
    handler = b"soun" if sound_only else b"vide"
    media = (
        _full(b"mdhd", struct.pack(">4I2H", 0, 0, _SCALE, duration, 0x55C4, 0))
        + _full(b"hdlr", struct.pack(">I4s12x", 0, handler) + b"\0")
        + _box(b"minf", _samples(duration, size, codec, sound_only, length, offset))
    )
    return _box(
        b"moov",
        _full(b"mvhd", movie) + _box(b"trak", _full(b"tkhd", track, flags=3) + _box(b"mdia", media)),
    )


def _samples(duration: int, size: tuple[int, int], codec: bytes, sound_only: bool, length: int, offset: int) -> bytes:
    if sound_only:
        entry = _box(b"mp4a", struct.pack(">6xH8x2HI I".replace(" ", ""), 1, 1, 16, 0, 44_100 << 16))
        header = _full(b"smhd", bytes(4))
    else:
        entry = _box(
            codec, struct.pack(">6xH16x2H2II H32xHh".replace(" ", ""), 1, *size, 72 << 16, 72 << 16, 0, 1, 24, -1)
        )
        header = _full(b"vmhd", bytes(8), flags=1)
    table = (
        _full(b"stsd", struct.pack(">I", 1) + entry)
        + _full(b"stts", struct.pack(">3I", 1, 1, duration))
        + _full(b"stsc", struct.pack(">4I", 1, 1, 1, 1))
        + _full(b"stsz", struct.pack(">2I", length, 1))
        + _full(b"stco", struct.pack(">2I", 1, offset))
    )
    source = _box(b"dinf", _full(b"dref", struct.pack(">I", 1) + _full(b"url ", b"", flags=1)))
    return header + source + _box(b"stbl", table)

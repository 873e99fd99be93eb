"""Rules about videos and their covers.

Source: Pinterest's advice to businesses (help.business.pinterest.com, Pin specifications), as it is quoted in 2025 and 2026: H.264
or H.265, and square or upright.
"""

from __future__ import annotations

from collections.abc import Iterator

from pinsync.content.linting.pictures import ROUNDING
from pinsync.content.linting.rule import Finding, Rule, each
from pinsync.model.resource import Desired

_ENCODINGS = ("AVC", "HEVC")  # as MediaInfo calls H.264 and H.265


def _shape(pin: Desired) -> Iterator[Finding]:
    video = pin.video
    if video and video.width > video.height * (1 + ROUNDING):
        yield Finding(pin.address, f"the video is {video.width}×{video.height}, wider than it is high: it is small beside other "
                      "pins", "Crop it to a square, 2:3 or 9:16.", ("video",))  # fmt: skip


def _encoding(pin: Desired) -> Iterator[Finding]:
    if pin.video and pin.video.codec not in _ENCODINGS:
        yield Finding(pin.address, f"the pictures of the video are encoded as {pin.video.codec or 'nobody knows what'}, which "
                      "Pinterest may fail to process", "Export it with H.264.", ("video",))  # fmt: skip


def _cover(pin: Desired) -> Iterator[Finding]:
    video = pin.video
    for cover in pin.images if video else ():
        if not video or not cover.sha256:
            continue
        one, other = video.width * cover.height, cover.width * video.height
        if abs(one - other) > ROUNDING * max(one, other):
            sizes = f"the cover is {cover.width}×{cover.height}, and the video {video.width}×{video.height}"
            yield Finding(pin.address, f"{sizes}: the pin changes its shape when it plays",
                          "Give both the same proportions.", ("cover",))  # fmt: skip


VIDEO_SHAPE = Rule("video-shape", "a video wider than it is high", each(_shape))
VIDEO_ENCODING = Rule("video-encoding", "a video that is neither H.264 nor H.265", each(_encoding))
COVER_SHAPE = Rule("cover-shape", "a video whose cover has other proportions", each(_cover))

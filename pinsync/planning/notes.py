"""What a plan says of the media that it sends."""

from __future__ import annotations

from pinsync.model.resource import Desired, Image, Video


def notes_of(desired: Desired) -> tuple[str, ...]:
    """A sentence on each picture and on the video of a new pin."""
    notes = [_video(desired.video)] if desired.video else []
    if desired.video and not desired.images:
        notes.append(f"cover: the picture at {desired.fields['media']['cover']}; `cover:` names another, or a file")
    before = "cover: " if desired.video else ""
    return (*notes, *(before + _picture(image) for image in desired.images))


def size_shown(count: int) -> str:
    """So many bytes in the unit that suits: 3 kB, 1.4 MB or 2.0 GB."""
    if count >= 1_000_000_000:
        return f"{count / 1e9:.1f} GB"
    return f"{count / 1e6:.1f} MB" if count >= 1_000_000 else f"{max(1, round(count / 1e3))} kB"


def _video(video: Video) -> str:
    minutes, seconds = divmod(round(video.duration), 60)
    length = f"{minutes}:{seconds:02} long"
    return f"{video.source}: {video.width}×{video.height} {video.format}, {length}, {size_shown(video.size)}"


def _picture(image: Image) -> str:
    if image.sha256 is None:
        return f"Pinterest fetches {image.source}"
    change = f", sent as: {image.conversion}" if image.conversion else ""
    return f"{image.source}: {image.width}×{image.height} {image.format}, {size_shown(image.size)}{change}"

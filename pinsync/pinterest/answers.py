"""The shapes of what Pinterest answers, as far as pinsync reads them.

Source: the official API description, version 5.23.0 (pinterest/api-description), schemas Account, Board, BoardSection,
Pin, PinMedia, PinMediaWithVideo, MediaUpload, Media and PinAnalyticsMetricsResponse. Every key may be missing unless the
description requires it.
"""

from __future__ import annotations

from typing import Generic, NotRequired, TypedDict, TypeVar

Item = TypeVar("Item")
_LONGEST_ID = 40


class Page(TypedDict, Generic[Item]):
    """One page of a listing; ``bookmark`` is absent or null on the last one."""

    items: list[Item]
    bookmark: NotRequired[str | None]


class Account(TypedDict, total=False):
    """The account that the token acts for."""

    id: str
    username: str
    account_type: str


class Owner(TypedDict, total=False):
    """Whose a board is."""

    username: str


class Board(TypedDict):
    """A board. ``pin_count`` is the number of pins on it, sections included."""

    id: str
    name: str
    description: NotRequired[str | None]
    privacy: NotRequired[str]
    owner: NotRequired[Owner]
    pin_count: NotRequired[int]
    created_at: NotRequired[str]


class Section(TypedDict):
    """A board section."""

    id: str
    name: str


class ImageDetails(TypedDict):
    """One rendition of a picture, in pixels."""

    url: str
    width: int | None
    height: int | None


class MediaItem(TypedDict, total=False):
    """One carousel slot as the API answers it."""

    item_type: str
    title: str | None
    description: str | None
    link: str | None
    images: dict[str, ImageDetails]


class Media(TypedDict):
    """What a pin shows. ``media_type`` is image, video, multiple_images, multiple_videos or multiple_mixed."""

    media_type: str
    images: NotRequired[dict[str, ImageDetails]]
    items: NotRequired[list[MediaItem]]
    width: NotRequired[int | None]
    height: NotRequired[int | None]


class Pin(TypedDict):
    """A pin."""

    id: str
    title: NotRequired[str | None]
    description: NotRequired[str | None]
    link: NotRequired[str | None]
    alt_text: NotRequired[str | None]
    board_id: NotRequired[str]
    board_section_id: NotRequired[str | None]
    parent_pin_id: NotRequired[str | None]
    created_at: NotRequired[str]
    media: NotRequired[Media | None]


class Registration(TypedDict):
    """Where a video is to be uploaded to, and what has to go with it: every parameter as a field, then the file."""

    media_id: str
    upload_url: str
    upload_parameters: NotRequired[dict[str, str] | None]


class MediaStatus(TypedDict):
    """How far an upload is: registered, processing, succeeded or failed."""

    media_id: str
    status: str


class Day(TypedDict, total=False):
    """What was counted on a day (UTC). ``data_status`` is READY, ESTIMATE, PROCESSING or says why there is nothing."""

    date: str
    data_status: str
    metrics: dict[str, float]


class Analytics(TypedDict, total=False):
    """What was counted of a pin: each day, and since it was made."""

    daily_metrics: list[Day]
    lifetime_metrics: dict[str, float]


def is_id(text: str) -> bool:
    """Whether this is an id: digits alone, as the description has it, so that it can stand in a path."""
    return text.isascii() and text.isdigit() and len(text) <= _LONGEST_ID

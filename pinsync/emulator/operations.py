"""The operations of the API as data: path, rate category and scopes.

Source: the official API description, version 5.23.0 (``operationId``, ``x-ratelimit-category``, ``security``). The order
matters: literal paths come before those with a parameter in the same place.
"""

from __future__ import annotations

from dataclasses import dataclass

READ = "org_read"
WRITE = "org_write"
ANALYTICS = "org_analytics"

_BOARDS_READ = ("boards:read",)
_BOARDS_WRITE = ("boards:read", "boards:write")
_PINS_READ = ("boards:read", "pins:read")
_PINS_WRITE = ("boards:read", "boards:write", "pins:read", "pins:write")
_MEDIA_WRITE = ("pins:read", "pins:write")
_ACCOUNT = ("user_accounts:read",)


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation. ``path`` is relative to the base URL; ``scopes`` are those a token needs, all of them. ``for_app``
    says whether a token is enough that the app got by itself (client_credentials), without a person; ``is_beta`` whether
    only some apps have it."""

    id: str
    method: str
    path: str
    category: str
    scopes: tuple[str, ...]
    for_app: bool = True
    is_beta: bool = False


OPERATIONS: tuple[Operation, ...] = (
    Operation("user_account/get", "GET", "/user_account", READ, _ACCOUNT),
    Operation("user_account/analytics", "GET", "/user_account/analytics", ANALYTICS, _ACCOUNT, False),
    Operation(
        "user_account/analytics/top_pins",
        "GET",
        "/user_account/analytics/top_pins",
        ANALYTICS,
        ("pins:read", "user_accounts:read"),
    ),
    Operation("boards/list", "GET", "/boards", READ, _BOARDS_READ),
    Operation("boards/create", "POST", "/boards", WRITE, _BOARDS_WRITE),
    Operation("boards/get", "GET", "/boards/{board_id}", READ, _BOARDS_READ),
    Operation("boards/update", "PATCH", "/boards/{board_id}", WRITE, _BOARDS_WRITE),
    Operation("boards/delete", "DELETE", "/boards/{board_id}", WRITE, _BOARDS_WRITE, False),
    Operation("boards/list_pins", "GET", "/boards/{board_id}/pins", READ, _PINS_READ),
    Operation("board_sections/list", "GET", "/boards/{board_id}/sections", READ, _BOARDS_READ),
    Operation("board_sections/create", "POST", "/boards/{board_id}/sections", WRITE, _BOARDS_WRITE, False),
    Operation(
        "board_sections/update", "PATCH", "/boards/{board_id}/sections/{section_id}", WRITE, _BOARDS_WRITE, False
    ),
    Operation(
        "board_sections/delete", "DELETE", "/boards/{board_id}/sections/{section_id}", WRITE, _BOARDS_WRITE, False
    ),
    Operation("board_sections/list_pins", "GET", "/boards/{board_id}/sections/{section_id}/pins", READ, _PINS_READ),
    Operation("pins/list", "GET", "/pins", READ, _PINS_READ),
    Operation("pins/create", "POST", "/pins", WRITE, _PINS_WRITE),
    Operation("multi_pins/analytics", "GET", "/pins/analytics", ANALYTICS, _PINS_READ, is_beta=True),
    Operation("pins/get", "GET", "/pins/{pin_id}", READ, _PINS_READ),
    Operation("pins/update", "PATCH", "/pins/{pin_id}", WRITE, _PINS_WRITE, is_beta=True),
    Operation("pins/delete", "DELETE", "/pins/{pin_id}", WRITE, _PINS_WRITE),
    Operation("pins/save", "POST", "/pins/{pin_id}/save", WRITE, _PINS_WRITE, False),
    Operation("pins/analytics", "GET", "/pins/{pin_id}/analytics", ANALYTICS, _PINS_READ),
    Operation("media/list", "GET", "/media", READ, ("pins:read",), False),
    Operation("media/create", "POST", "/media", WRITE, _MEDIA_WRITE, False),
    Operation("media/get", "GET", "/media/{media_id}", READ, ("pins:read",), False),
    Operation("oauth/token", "POST", "/oauth/token", READ, ()),
    Operation("token/revoke", "POST", "/oauth/token/revoke", WRITE, ()),
)

OPERATION_IDS = frozenset(operation.id for operation in OPERATIONS)

UPLOAD = "storage/upload"
"""What faults call the upload of a video, which is no operation of the API."""

PROCESSING = "media/processing"
"""What faults call the processing of an uploaded video, which nobody asks for."""

FAULTABLE = OPERATION_IDS | {UPLOAD, PROCESSING}

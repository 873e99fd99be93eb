"""How the API says no.

Codes and wording of Pinterest's own are from the official description (examples in it) and public bug reports; where
none is known, code 1 with a plain sentence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

INVALID = 1
NOT_FOUND = 2
RATE_LIMITED = 8
OUR_FAULT = 12
NOT_PERMITTED = 29

RATE_MESSAGE = (
    "This request exceeded a rate limit. This can happen if the client exceeds one of the published rate limits or if "
    "multiple write operations are applied to an object within a short time window."
)


class Refusal(Exception):
    """An answer other than success: an HTTP status with Pinterest's own ``code`` and ``message``."""

    def __init__(self, status: int, code: int, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = dict(headers or {})


def invalid(message: str) -> Refusal:
    """400: what was sent cannot be understood."""
    return Refusal(400, INVALID, f"Invalid request: {message}")


def unauthenticated(scheme: str = "Bearer") -> Refusal:
    """401: no token, or none that is known; for Basic, the same of an app's id and secret."""
    return Refusal(401, 2, "Authentication failed.", {"www-authenticate": scheme})


def grant_invalid() -> Refusal:
    """400 for a code or refresh token that is unknown, expired or used, or that was not given for this."""
    return Refusal(400, 283, "The authorization grant is invalid")


def not_permitted(message: str = "You are not permitted to access that resource.") -> Refusal:
    """403: understood, but this app or token may not."""
    return Refusal(403, NOT_PERMITTED, message)


def lacking(scopes: Sequence[str]) -> Refusal:
    """403 for a token that lacks ``scopes``."""
    return not_permitted(f"Your token lacks the scope {' and '.join(scopes)}.")


def board_not_found() -> Refusal:
    """404 for a board that is not there or not visible."""
    return Refusal(404, 40, "Board not found.")


def section_not_found() -> Refusal:
    """404 for a section that is not there or on another board."""
    return Refusal(404, 2031, "Sorry! We couldn't find this board section.")


def pin_not_found() -> Refusal:
    """404 for a pin that is not there."""
    return Refusal(404, 50, "Pin not found.")


def image_not_fetched() -> Refusal:
    """400 for a picture that Pinterest could not read from its address."""
    return Refusal(400, INVALID, "Sorry we could not fetch the image.")

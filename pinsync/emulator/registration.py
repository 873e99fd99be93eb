"""The one app that is registered here: its id and secret, and where it may send people back to."""

from __future__ import annotations

import base64
import binascii
import re
import secrets

APP_ID = "1500000"
APP_SECRET = "emulator-secret"  # noqa: S105 - public by design: it opens nothing but an emulator
APP_NAME = "pinsync"

# What ends up in a Location header: one line of ASCII, and no host but this machine, however it is read.
_REDIRECT = re.compile(r"https?://(localhost|127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?([/?][!\"$-\[\]-~]*)?")


def is_redirect(address: str) -> bool:
    """Whether ``address`` may be a redirect_uri: any port and path of this machine, without a fragment."""
    return _REDIRECT.fullmatch(address) is not None


def is_app(authorization: str | None) -> bool:
    """Whether an Authorization header holds the app's id and secret, as HTTP Basic."""
    scheme, _, encoded = (authorization or "").partition(" ")
    try:
        given = base64.b64decode(encoded.strip(), validate=True)
    except (binascii.Error, ValueError):
        return False
    known = f"{APP_ID}:{APP_SECRET}".encode()
    return scheme.lower() == "basic" and secrets.compare_digest(given, known)

"""Whose a token is, remembered, so that only the first run with it has to ask.

Tokens of the environment come without the account that they act for. What is kept is a hash of the token, which cannot be turned
back into it, and the account's id. It may be deleted.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from pathlib import Path

from pinsync.pinterest.credentials import Secret

_MOST = 50
_FILE = "tokens.json"


class Whose:
    """The accounts of tokens, in a file of the user in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / _FILE

    def find(self, token: Secret) -> str:
        """The id of the account, or nothing."""
        return self._known().get(_hashed(token), "")

    def note(self, token: Secret, account: str) -> None:
        """The token acts for this account. Where it cannot be kept, the next run asks again."""
        known = {**self._known(), _hashed(token): account}
        kept = dict(list(known.items())[-_MOST:])
        temporary = self._file.with_name(f"{_FILE}.{os.getpid()}.tmp")
        with contextlib.suppress(OSError):
            self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
                json.dump(kept, stream)
            temporary.replace(self._file)

    def _known(self) -> dict[str, str]:
        try:
            known = json.loads(self._file.read_text("utf-8"))
        except (OSError, ValueError, RecursionError):
            return {}
        return {key: value for key, value in known.items() if isinstance(value, str)} if isinstance(known, dict) else {}


def _hashed(token: Secret) -> str:
    return hashlib.sha256(token.reveal().encode()).hexdigest()

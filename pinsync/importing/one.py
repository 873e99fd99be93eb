"""A single pin into the file that a person chose for it."""

from __future__ import annotations

import re

from pinsync.content.locating import address_path
from pinsync.errors import Refused, UsageError
from pinsync.importing.account import Importer
from pinsync.importing.naming import folded
from pinsync.importing.result import LeftOut, Result
from pinsync.model.address import key_of, kind_of, pin_address
from pinsync.pinterest.answers import is_id
from pinsync.pinterest.client import Client
from pinsync.pinterest.operations import get_board, get_pin

_ID = re.compile(r"(?:https://[a-z.]*pinterest\.[a-z.]+/pin/)?([0-9]+)/?")
_ADVICE = "Write it as pin.autumn/soup for the file autumn/soup.yaml."


async def import_one(importer: Importer, client: Client, pin: str, address: str) -> Result:
    """The pin with this id (or web address) becomes ``address``. Raises UsageError where that cannot be, and ApiError."""
    file = _file_of(address)
    found = _ID.fullmatch(pin.strip())
    if not found or not is_id(found[1]):
        raise UsageError(
            f"{pin!r} is no pin", "Give its id or its address, such as https://www.pinterest.com/pin/1234/."
        )
    known = importer.recorder.ids.get(("pin", found[1]))
    if known:
        raise UsageError(f"the pin {found[1]} is {known} already", "`pinsync state show` tells what is known of it.")
    importer.check_free(file)
    try:
        answer = await client.send(get_pin(found[1]))
        board = await client.send(get_board(str(answer.get("board_id"))))
    except Refused as error:
        if error.status == 404:
            raise UsageError(
                f"there is no pin {found[1]} on a board that this account can see",
                "Check the id, and with `pinsync auth status` who is logged in.",
            ) from None
        raise
    try:
        target = await importer.target(board, read_only=("board", board["id"]) not in importer.recorder.ids)
        await importer.pin(answer, target, file)
    except LeftOut as why:
        raise UsageError(
            f"the pin {found[1]} cannot be imported: {why.reason}", "Leave it as it is on Pinterest, or import another."
        ) from why
    return importer.finish()


def _file_of(address: str) -> str:
    path = key_of(address)
    parts = path.split("/")
    if kind_of(address) != "pin" or "#" in path or "\\" in path or not path.isprintable():
        raise UsageError(f"{address} is no address that a file of one pin has", _ADVICE)
    if any(not part or part.strip() != part or part.startswith(".") for part in parts):
        raise UsageError(f"{address} leads to no file that pinsync would read", _ADVICE)
    if folded(parts[-1]) in ("_defaults", "pinsync"):
        raise UsageError(f"{parts[-1]}.yaml is no file of a pin", _ADVICE)
    file = f"{path}.yaml"
    if pin_address(address_path(file)) != address:
        raise UsageError(f"{address} is not in composed Unicode", f"Write {pin_address(address_path(file))}.")
    return file

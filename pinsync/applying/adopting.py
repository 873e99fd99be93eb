"""Taking over one live resource by a person's word: for when pinsync itself cannot tell which one is meant."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pinsync.errors import Refused, UsageError
from pinsync.model import KINDS
from pinsync.model.address import kind_of
from pinsync.model.resource import Desired, Found
from pinsync.pinterest.answers import is_id
from pinsync.pinterest.client import Client
from pinsync.pinterest.operations import Call, get_board, get_pin, list_sections
from pinsync.planning.diffing import adoption, names_of
from pinsync.state.document import Known, State

_ADVICE = "Its id is in its address on Pinterest, such as 1234 in https://www.pinterest.com/pin/1234/."


async def adopt(
    client: Client, desired: Mapping[str, Desired], state: State, address: str, resource_id: str, now: datetime
) -> Known:
    """What the state has to remember so that ``address`` is the live resource ``resource_id`` from now on.

    What differs from the declaration is left out of what counts as sent, so that the next plan updates it. Raises
    UsageError where it is not there to be taken, or not free, and ApiError.
    """
    wanted, pending = desired.get(address), state.pending.get(address)
    kind = kind_of(address)
    if kind not in KINDS or (wanted is None and pending is None):
        raise UsageError(f"{address} is neither declared nor in doubt", "`pinsync plan` shows the addresses.")
    if address in state.resources:
        raise UsageError(
            f"{address} is {state.resources[address].id} already",
            f"To take another one, say `pinsync state forget {address}` first.",
        )
    for other, known in state.resources.items():
        if (known.kind, known.id) == (kind, resource_id):
            raise UsageError(f"{resource_id} is {other} already", f"Say `pinsync state forget {other}` first.")
    names = names_of(state)
    fields = dict(pending.sent) if pending else names.resolved(wanted) if wanted else {}
    found = await _find(client, kind, resource_id, fields)
    shape = pending.shape if pending else KINDS[kind].shape(wanted) if wanted else ()
    if shape and shape[0] and found.shape[0] and shape[0] != found.shape[0]:
        raise UsageError(f"{resource_id} shows another kind of media ({found.shape[0]}, not {shape[0]})", _ADVICE)
    if wanted and not pending:
        fields = {name: value for name, value in fields.items() if name not in adoption(wanted, found, names).fields}
    moment = now.isoformat(timespec="seconds")
    return Known(kind, found.id, fields, found.fields, found.created_at or moment, moment)


async def _find(client: Client, kind: str, resource_id: str, fields: Mapping[str, Any]) -> Found:
    missing = UsageError(f"there is no {kind} {resource_id} on Pinterest that this account can see", _ADVICE)
    if not is_id(resource_id):
        raise UsageError(f"{resource_id!r} is not an id: ids are digits", _ADVICE)
    observe = KINDS[kind].observe
    try:
        if kind == "section":
            async for page in client.pages(list_sections(str(fields.get("board") or "0"))):
                for section in page:
                    if section["id"] == resource_id:
                        return observe(section, fields)
            raise missing
        call: Call[Any] = get_board(resource_id) if kind == "board" else get_pin(resource_id)
        return observe(await client.send(call), fields)
    except Refused as error:
        if error.status == 404:
            raise missing from None
        raise

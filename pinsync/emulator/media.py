"""Uploads as the API knows them: registered, looked at, listed. The files themselves go to `storage`."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import sqlite3
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

from pinsync.emulator import bodies, listings
from pinsync.emulator.calls import Answer, Call, Handler, World
from pinsync.emulator.errors import Refusal, invalid
from pinsync.emulator.settings import EmulatorSettings
from pinsync.emulator.store import row_id

LARGEST = 2 * 1024**3
"""Bytes."""

PATH = "/uploads/"
_REGION = "emulator/s3/aws4_request"

Process = Callable[[], str]
"""Tells what a fault makes of the processing that begins now: ``failed``, ``stuck``, or nothing."""


def handlers(settings: EmulatorSettings) -> Mapping[str, Handler]:
    """The operations on uploads."""
    return {
        "media/create": partial(_create, settings),
        "media/get": partial(_get, settings),
        "media/list": partial(_list, settings),
    }


def status(row: sqlite3.Row, settings: EmulatorSettings, now: float) -> str:
    """How far an upload is."""
    if row["uploaded_at"] is None:
        return "registered"
    if row["problem"] == STUCK or now < row["uploaded_at"] + settings.media_processing:
        return "processing"
    return "failed" if row["problem"] else "succeeded"


STUCK = "stuck"


def signature(db: sqlite3.Connection, policy: str) -> str:
    """What only this emulator can put under a policy."""
    secret: str = db.execute("SELECT secret FROM storage").fetchone()[0]
    return hmac.new(secret.encode(), policy.encode(), hashlib.sha256).hexdigest()


def usable(settings: EmulatorSettings, world: World, account_id: str, media_id: Any) -> sqlite3.Row:
    """The upload that a new pin wants to show; refused where it cannot. One upload makes one pin: whether Pinterest takes
    it for a second is not documented, so that the harder case is played."""
    if not isinstance(media_id, str) or not media_id.isascii() or not media_id.isdigit():
        raise invalid("'media_source.media_id' has to be the id of an upload.")
    with world.store.reading() as db:
        row = db.execute(
            "SELECT * FROM media WHERE id = ? AND account_id = ?", (row_id(media_id), account_id)
        ).fetchone()
    if row is None:
        raise invalid(f"media {media_id} was not found.")
    state = status(row, settings, world.clock())
    if state != "succeeded":
        raise invalid(f"media {media_id} cannot be used: it is {state}.")
    if row["used"]:
        raise invalid(f"media {media_id} is used by a pin already.")
    found: sqlite3.Row = row
    return found


def _create(settings: EmulatorSettings, world: World, call: Call) -> Answer:
    """``POST /media``."""
    body = bodies.mapping(call.body, ("media_type",))
    bodies.choice(body, "media_type", ("video",), "")
    now = world.clock()
    with world.store.writing() as db:
        number = world.store.new_id(db)
        key = f"uploads/{number % 100:02}/{call.identity.account_id}:video:{number}"
        db.execute(
            "INSERT INTO media (id, account_id, key, registered_at) VALUES (?, ?, ?, ?)",
            (number, call.identity.account_id, key, now),
        )
        moment = datetime.fromtimestamp(now, UTC)
        expires = datetime.fromtimestamp(now + settings.upload_lifetime, UTC)
        fields = {
            "Content-Type": "multipart/form-data",
            "key": key,
            "x-amz-algorithm": "AWS4-HMAC-SHA256",
            "x-amz-credential": f"EMULATOR/{moment:%Y%m%d}/{_REGION}",
            "x-amz-date": f"{moment:%Y%m%dT%H%M%SZ}",
            "x-amz-security-token": base64.b64encode(f"{call.identity.account_id}/{number}".encode()).decode(),
        }
        conditions = [["content-length-range", 1, LARGEST], *({name: value} for name, value in fields.items())]
        told = {
            "expiration": f"{expires:%Y-%m-%dT%H:%M:%S}.{expires.microsecond // 1000:03}Z",
            "conditions": conditions,
        }
        policy = base64.b64encode(json.dumps(told).encode()).decode()
        parameters = {**fields, "policy": policy, "x-amz-signature": signature(db, policy)}
    return Answer(
        201,
        {
            "media_id": str(number),
            "media_type": "video",
            "upload_url": f"{call.origin}{PATH}",
            "upload_parameters": parameters,
        },
    )


def _get(settings: EmulatorSettings, world: World, call: Call) -> Answer:
    """``GET /media/{media_id}``."""
    with world.store.reading() as db:
        row = db.execute(
            "SELECT * FROM media WHERE id = ? AND account_id = ?",
            (row_id(call.path["media_id"]), call.identity.account_id),
        ).fetchone()
    if row is None:
        raise Refusal(404, 2, "Media upload not found.")
    return Answer(200, _shown(settings, world, row))


def _list(settings: EmulatorSettings, world: World, call: Call) -> Answer:
    """``GET /media``, the newest first."""
    with world.store.reading() as db:
        rows = db.execute(
            "SELECT * FROM media WHERE account_id = ? AND id < ? ORDER BY id DESC LIMIT ?",
            (call.identity.account_id, listings.before(call), listings.page_size(call) + 1),
        ).fetchall()
    return listings.page(call, rows, lambda row: _shown(settings, world, row))


def _shown(settings: EmulatorSettings, world: World, row: sqlite3.Row) -> dict[str, Any]:
    return {"media_id": str(row["id"]), "media_type": "video", "status": status(row, settings, world.clock())}

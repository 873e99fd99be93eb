"""The account that a token acts for."""

from __future__ import annotations

from collections.abc import Mapping

from pinsync.emulator.calls import Answer, Call, Handler, World


def get(world: World, call: Call) -> Answer:
    """``GET /user_account``."""
    with world.store.reading() as db:
        boards, pins = (
            db.execute(f"SELECT count(*) FROM {table} WHERE account_id = ?", (call.identity.account_id,)).fetchone()[0]  # noqa: S608 - one of two literals
            for table in ("boards", "pins")
        )
    return Answer(
        200,
        {
            "id": call.identity.account_id,
            "username": call.identity.username,
            "account_type": "BUSINESS",
            "business_name": "The pinsync emulator",
            "about": "An account that exists on this machine only.",
            "profile_image": f"{call.origin}/media/profile.jpg",
            "website_url": "",
            "board_count": boards,
            "pin_count": pins,
            "follower_count": 0,
            "following_count": 0,
            "monthly_views": 0,
        },
    )


HANDLERS: Mapping[str, Handler] = {"user_account/get": get}

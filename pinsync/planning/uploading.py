"""Which videos of a plan are to be uploaded, and which lie at Pinterest already."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from pinsync.model.resource import Desired
from pinsync.pinterest.operations import READ, WRITE
from pinsync.planning.plan import Action, Change, Diagnostic
from pinsync.state.document import REGISTERED, State

KEPT = timedelta(days=30)
"""How long an upload that no pin uses is remembered. Pinterest does not say how long it keeps one; each is looked at before
it is used, so that one remembered for too long costs a read."""

LOOKS = 4
"""How often Pinterest is asked about a video until it is processed, about: that takes it from seconds to minutes."""

_SHOWN = 5


def unused(state: State, now: datetime, doubtful: Iterable[str] = ()) -> dict[str, list[str]]:
    """The uploads that a pin may use, by fingerprint, the best first. ``doubtful`` are addresses whose creation may have used
    its own already."""
    taken = {state.pending[address].media for address in doubtful if address in state.pending}
    found: dict[str, list[str]] = defaultdict(list)
    for media_id, upload in sorted(state.media.items(), key=lambda item: (item[1].status == REGISTERED, item[1].at)):
        if media_id not in taken and not _is_expired(upload.at, now):
            found[upload.fingerprint].append(media_id)
    return found


def expired(state: State, now: datetime) -> list[str]:
    """The ids of uploads that are not worth remembering any more."""
    return [media_id for media_id, upload in state.media.items() if _is_expired(upload.at, now)]


def with_uploads(
    changes: Iterable[Change], desired: Mapping[str, Desired], state: State, now: datetime
) -> tuple[list[Change], list[Diagnostic]]:
    """The changes with what their videos cost and how they get to Pinterest, and what lies there without use."""
    changes = list(changes)
    doubtful = [change.moved_from or change.address for change in changes if not _makes(change)]
    left = unused(state, now, doubtful)
    told = [_with_upload(change, desired, state, left) for change in changes]
    wanted = {one.video.fingerprint for one in desired.values() if one.video}
    sources = sorted({upload.source for upload in state.media.values() if upload.fingerprint not in wanted})
    return told, [_abandoned(sources)] if sources else []


def _with_upload(change: Change, desired: Mapping[str, Desired], state: State, left: dict[str, list[str]]) -> Change:
    video = desired[change.address].video if change.address in desired and _makes(change) else None
    if video is None:
        return change
    found = left[video.fingerprint].pop(0) if left.get(video.fingerprint) else ""
    if not found or state.media[found].status == REGISTERED:
        # Of one that was only registered, a look tells whether its upload had ended.
        return replace(change, media_calls={WRITE: 1, READ: LOOKS + bool(found)})
    note = f"{video.source} was uploaded before, and that is used"
    return replace(change, media_calls={READ: 1}, notes=(*change.notes, note))


def _makes(change: Change) -> bool:
    return change.action is Action.CREATE or (change.action is Action.REPLACE and not change.observed)


def _is_expired(at: str, now: datetime) -> bool:
    try:
        return now - datetime.fromisoformat(at) > KEPT
    except (ValueError, TypeError):
        return True  # written by nobody that we know


def _abandoned(sources: list[str]) -> Diagnostic:
    names = ", ".join(sources[:_SHOWN]) + (f" and {len(sources) - _SHOWN} more" if len(sources) > _SHOWN else "")
    return Diagnostic(
        "info", "unused-media", f"uploaded and used by no pin: {names}",
        f"`pinsync state media` lists them; they are forgotten {KEPT.days} days after their upload.",
    )  # fmt: skip

"""Documents that come from elsewhere: a state that moves to another backend, or one that a person puts in place."""

from __future__ import annotations

from dataclasses import replace

from pinsync.errors import StateError
from pinsync.state import document
from pinsync.state.backends import Backend
from pinsync.state.document import State


def migrate(source: Backend, target: Backend, target_name: str) -> tuple[State, str]:
    """Moves the document, as it is to the last byte, and leaves a marker that refuses use in its old place. Returns the state
    and the document's fingerprint.

    The locks of both are held, and the source is folded. Where an earlier attempt ended in between, it goes on from there.
    Raises StateError where there is nothing to move, or another state in the way.
    """
    text = source.current()
    if text is None:
        raise StateError("there is no state to move yet", "Set `state:` in pinsync.yaml and begin there.")
    state = document.parse(text, "the state")
    there = target.current()
    if there != text:
        if there is not None and not _made_way(there, state):
            raise StateError(
                f"there is another state already: {target_name}", "Choose another place, or move that one away first."
            )
        target.put(text, "moved here")
    if target.current() != text:
        raise StateError(f"what {target_name} holds is not what was written there", "The old state was left as it is.")
    source.put(document.dump_moved(state, target_name), f"moved to {target_name}")
    return state, document.fingerprint(text.encode())


def push(backend: Backend, text: str, where: str, *, reason: str = "") -> State | None:
    """Puts the document ``text``, which comes from ``where``, in the place of the present one; its serial becomes the next.
    None where nothing is different. The lock is held, and the backend is folded.

    Raises StateError where the present one is of another lineage or newer, and no ``reason`` to put it there all the same is
    given, or where ``text`` is no document.
    """
    given = document.parse(text, where)
    now = backend.current()
    if now is not None:
        present = document.parse(now, "the state")
        if replace(given, serial=present.serial) == present:
            return None
        if not reason:
            _check(given, present, where)
        given = replace(given, serial=max(given.serial, present.serial) + 1)
    backend.put(document.dump(given), f"pushed by a person{f', {reason}' if reason else ''}")
    return given


def _check(given: State, present: State, where: str) -> None:
    advice = "Give --force and a reason if it is to replace what is there all the same."
    if given.lineage != present.lineage:
        raise StateError(f"{where} is another state ({given.lineage}, not {present.lineage})", advice)
    if given.serial < present.serial:
        raise StateError(
            f"{where} is of an older time (serial {given.serial}) than the state (serial {present.serial})",
            f"Pull again and make the change there. {advice}",
        )


def _made_way(text: str, state: State) -> bool:
    """Whether this is the marker that the state, or an older version of it, left when it was moved away from here."""
    left = document.moved_from_here(text)
    return left is not None and left[0] == state.lineage and left[1] <= state.serial

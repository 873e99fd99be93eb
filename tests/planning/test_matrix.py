"""Every case in the life of a field: what is declared × what is known × what is live, for each field of each kind.

A cell that makes no sense is left out by a rule that says why; each other cell is met by exactly one row of the table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import pytest

from pinsync.model import KINDS
from pinsync.model.policies import USUAL, Policies
from pinsync.model.resource import Desired, Found, Lifecycle
from pinsync.planning.live import NOT_READ, Live
from pinsync.planning.plan import Change, Plan
from pinsync.planning.planner import Options, make_plan
from pinsync.state.document import Known, State
from tests.planning.builders import NOW, PICTURE, board, pin, section

OTHER = replace(PICTURE, sha256="b" * 64)
SLOTS = {name: [{"title": f"{name} 1"}, {"title": f"{name} 2"}] for name in "ABCO"}
IDS = {"board.soups": "1", "section.soups/autumn": "2", "board.bakes": "4", "section.soups/winter": "5"}


@dataclass(frozen=True)
class Values:
    """A field's values: two to declare, what somebody made of it, what the server gave it unasked, A as it was normalised."""

    a: Any
    b: Any
    theirs: Any
    unasked: Any
    normalised: Any = None


def text(name: str) -> Values:
    return Values(f"{name} A", f"{name} B", f"{name} of theirs", f"{name} unasked", f"{name}  A ")


LINK = Values(
    "https://a.example/x", "https://b.example/x", "https://c.example/x", "https://o.example", "https://a.example/x/"
)
VALUES: Mapping[str, Mapping[str, Values]] = {
    "board": {
        "name": text("Soups"),
        "description": text("Hot"),
        "privacy": Values("public", "secret", "protected", "protected"),
    },
    "section": {"board": Values("board.soups", None, None, None), "name": text("Autumn")},
    "pin": {
        "board": Values("board.soups", "board.bakes", "9", None),
        "section": Values("section.soups/autumn", "section.soups/winter", "8", "7"),
        "title": text("Soup"),
        "description": text("One"),
        "link": LINK,
        "alt_text": text("A bowl"),
        "media": Values({"image": PICTURE.fingerprint}, {"image": OTHER.fingerprint}, None, None),
    },
    "carousel": {
        "slots": Values(SLOTS["A"], SLOTS["B"], SLOTS["C"], SLOTS["O"]),
        "title": text("Soup"),
        "media": Values({"carousel": [PICTURE.fingerprint] * 2}, {"carousel": [OTHER.fingerprint] * 2}, None, None),
    },
}
KNOWN = "never sent normalised"
DECLARED = "silent A B null"
AXES = {
    "desired": ("gone", *DECLARED.split()),
    "known": ("unknown", *KNOWN.split()),
    "live": ("unread", "absent", "unseen", "recorded", "theirs", "wanted", "nothing", "alike"),
}
# desired, known, live, action, what is sent and what is shown as drift of the field
ROWS = [
    ("gone", KNOWN, "absent", "forget", ""),
    ("gone", KNOWN, "unread unseen recorded theirs", "held", ""),
    (DECLARED, "unknown", "unread nothing", "create", "as declared"),
    (DECLARED, "unknown", "alike", "adopt", ""),
    (DECLARED, KNOWN, "absent", "held", "missing"),
    (DECLARED, KNOWN, "unseen", "held", ""),
    ("silent", KNOWN, "unread recorded theirs", "no-op", ""),
    ("A", "sent normalised", "unread recorded wanted", "no-op", ""),
    ("A", "sent normalised", "theirs", "no-op", "drift"),
    ("A", "never", "unread recorded", "update", "sent"),
    ("A", "never", "theirs", "update", "sent drift"),
    ("B null", KNOWN, "unread recorded", "update", "sent"),
    ("B null", KNOWN, "theirs", "update", "sent drift"),
    ("A", "never", "wanted", "no-op", ""),
    ("B null", KNOWN, "wanted", "no-op", ""),
]


def nonsense(kind: str, field: str, desired: str, known: str, live: str) -> str:
    """Why there is no such case, or nothing."""
    values, about = VALUES[kind][field], KINDS["pin" if kind == "carousel" else kind].fields[field]
    nullable = field == "section" or (about.schema is not None and "null" in about.schema.get("type", ()))
    needed = field in ("name", "board", "media", "slots")
    rules = {
        "what is neither declared nor known is nothing": desired == "gone" and known == "unknown",
        "this field has no null": desired == "null" and not nullable,
        "this field is always declared": desired == "silent" and needed,
        "this field is always sent": known == "never" and needed,
        "this value is not normalised": known == "normalised" and values.normalised is None,
        "a section's board is in its address": (kind, field) == ("section", "board") and desired == "B",
        "what is not known is not looked for": known == "unknown" and live not in ("unread", "nothing", "alike"),
        "what is known is looked for": known != "unknown" and live in ("nothing", "alike"),
        "only single pins are not looked for": live == "unseen" and kind in ("board", "section"),
        "nothing is wanted": live == "wanted" and desired in ("gone", "silent"),
        "what was so before is no drift": (known, live) == ("never", "theirs") and values.theirs == values.unasked,
        "nobody can change it, or see that": live in ("theirs", "wanted") and values.theirs is None,
    }
    return next((reason for reason, holds in rules.items() if holds), "")


def cells(kind: str) -> Iterator[tuple[str, str, str, str]]:
    """Every combination that makes sense, as field, desired, known and live."""
    for field, desired, known, live in product(VALUES[kind], *AXES.values()):
        if not nonsense(kind, field, desired, known, live):
            yield field, desired, known, live


def test_every_field_of_every_kind_is_in_the_matrix() -> None:
    assert set(VALUES) == {*KINDS, "carousel"}
    for name, kind in KINDS.items():
        assert set(kind.fields) == set(VALUES[name]) | (set(VALUES["carousel"]) if name == "pin" else set())


def rows_for(field: str, desired: str, known: str, live: str) -> list[tuple[str, str]]:
    found = [
        (action, shown)
        for wanted, had, seen, action, shown in ROWS
        if desired in wanted.split() and known in had.split() and live in seen.split()
    ]
    if field == "media":  # Pinterest cannot change it: see the policies below
        return [("held", shown) if action == "update" else (action, shown) for action, shown in found]
    return found


_FREE = Lifecycle()


@dataclass
class Case:
    """One cell with all around it: two boards, two sections, and the resource in question."""

    kind: str
    field: str
    desired: str
    known: str
    live: str
    lifecycle: Lifecycle = _FREE

    def __post_init__(self) -> None:
        self.values = VALUES[self.kind][self.field]
        self.address = {"board": "board.soups", "section": "section.soups/autumn"}.get(self.kind, "pin.soup")
        self.name = "pin" if self.kind == "carousel" else self.kind
        self.id = IDS.get(self.address, "3")

    def _declared(self) -> Any:
        return {"A": self.values.a, "B": self.values.b, "null": None}[self.desired]

    def wanted(self) -> Desired:
        images = (PICTURE, PICTURE) if self.kind == "carousel" else (PICTURE,)
        base = {
            "board": lambda: board("soups", name="Soups A"),
            "section": lambda: section("autumn", name="Autumn A"),
            "pin": lambda: pin("soup", title="Soup A", alt_text="A bowl A"),
            "carousel": lambda: pin("soup", images=images, title="Soup A", alt_text="A bowl A", slots=SLOTS["A"],
                                    media=VALUES["carousel"]["media"].a),
        }[self.kind]()  # fmt: skip
        fields = {name: value for name, value in base.fields.items() if name != self.field}
        if self.desired != "silent":
            fields[self.field] = self._declared()
        ordered = {name: fields[name] for name in KINDS[self.name].fields if name in fields}
        return replace(base, fields=ordered, lifecycle=self.lifecycle)

    def world(self) -> tuple[dict[str, Desired], State, Live]:
        around = {one.address: one for one in (board("soups", name="Soups A"), board("bakes"), section("autumn", name="Autumn A"),
                                               section("winter"))}  # fmt: skip
        desired = around | ({self.address: self.wanted()} if self.desired != "gone" else {})
        if self.desired == "gone":
            desired.pop(self.address, None)
            if self.kind == "board":
                desired = {name: one for name, one in desired.items() if one.kind != "section"}
        known = {name: Known(one.kind, IDS[name], _plain(one), _plain(one)) for name, one in around.items()}
        if self.desired == "gone" and self.kind == "board":
            known = {name: one for name, one in known.items() if one.kind != "section"}
        found = {(one.kind, one.id): Found(one.kind, one.id, one.observed) for one in known.values()}
        known.pop(self.address, None)
        found.pop((self.name, self.id), None)
        if self.kind in ("board", "section") and self.known == "unknown":
            below = [name for name, one in known.items() if one.applied.get("board") == self.id]
            for name in below:
                desired.pop(name), found.pop((known[name].kind, known[name].id)), known.pop(name)
        base = replace(self, desired="A").wanted()
        if self.known != "unknown":
            known[self.address] = self._known(base)
        mine = self._found(base, known.get(self.address))
        if mine:
            found[self.name, self.id] = mine
        key = frozenset({(self.name, self.id)})
        live = NOT_READ if self.live == "unread" else Live(
            found, key if self.live == "absent" else frozenset(), unseen=key if self.live == "unseen" else frozenset(),
            listed=frozenset("1"),
        )  # fmt: skip
        return desired, State("lineage", 1, "emulator", known), live

    def _known(self, base: Desired) -> Known:
        applied = {**_plain(base)}
        applied.pop(self.field, None)
        observed = dict(applied)
        a = IDS.get(self.values.a, self.values.a) if isinstance(self.values.a, str) else self.values.a
        if self.known == "never":
            observed[self.field] = self.values.unasked
        else:
            applied[self.field] = a
            observed[self.field] = self.values.normalised if self.known == "normalised" else a
        return Known(self.name, self.id, applied, observed)

    def _found(self, base: Desired, known: Known | None) -> Found | None:
        if self.live in ("unread", "absent", "unseen", "nothing"):
            return None
        fields = dict(known.observed) if known else _plain(self.wanted())
        if self.live == "theirs":
            fields[self.field] = self.values.theirs
        elif self.live == "wanted":
            value = self._declared()
            fields[self.field] = IDS.get(value, value) if isinstance(value, str) else value
        fields = {name: value for name, value in fields.items() if name != "media"}
        shape = KINDS[self.name].shape(base) if self.name == "pin" else ()
        return Found(self.name, self.id, fields, shape)

    def plan(self, policies: Policies = USUAL) -> tuple[Plan, Change]:
        made = make_plan(*self.world(), Options(NOW, "emulator", "digest", policies))
        (change,) = [change for change in made.changes if change.address == self.address]
        return made, change


def _plain(one: Desired) -> dict[str, Any]:
    table = KINDS[one.kind].fields
    return {name: IDS.get(value, value) if table[name].reference else value for name, value in one.fields.items()}


@pytest.mark.parametrize("kind", VALUES)
def test_each_cell_has_one_expected_action(kind: str) -> None:
    wrong: list[str] = []
    for field, desired, known, live in cells(kind):
        expected = rows_for(field, desired, known, live)
        case = f"{kind}.{field}: {desired}, {known}, {live}"
        if len(expected) != 1:
            wrong.append(f"{case}: {len(expected)} rows")
            continue
        ((action, shown),) = expected
        made, change = Case(kind, field, desired, known, live).plan()
        got = (
            change.action.value,
            field in change.fields if change.action.value != "create" else "sent" in shown,
            field in change.drift,
            bool(change.missing),
        )
        if got != (action, "sent" in shown, "drift" in shown, "missing" in shown):
            wrong.append(f"{case}: {got} instead of {action} {shown} ({change.reason})")
        if made.cost.get("org_write", 0) != sum(one.action.value in ("create", "update") for one in made.changes):
            wrong.append(f"{case}: it costs {made.cost}")
        if "delete" in made.summary:
            wrong.append(f"{case}: something is deleted")
    assert not wrong, "\n" + "\n".join(wrong)


def test_no_row_is_for_nothing() -> None:
    used = {
        number
        for kind in VALUES
        for _, desired, known, live in cells(kind)
        for number, row in enumerate(ROWS)
        if desired in row[0].split() and known in row[1].split() and live in row[2].split()
    }
    assert used == set(range(len(ROWS)))


# what allows it, the case, and what comes of it for each value of the policy
POLICIES = [
    ("on_drift", "A", "sent", "theirs", {"report": "no-op", "accept": "no-op", "revert": "update"}),
    ("on_drift", "B", "sent", "theirs", {"report": "update", "accept": "update", "revert": "update"}),
    ("on_missing", "A", "sent", "absent", {"hold": "held", "recreate": "create", "forget": "forget"}),
    ("on_missing", "gone", "sent", "absent", {"hold": "forget", "recreate": "forget", "forget": "forget"}),
    ("prune", "gone", "sent", "recorded", {False: "held", True: "delete"}),
    ("prune", "gone", "sent", "theirs", {False: "held", True: "delete"}),
    ("prune", "A", "sent", "recorded", {False: "no-op", True: "no-op"}),
    ("on_existing", "A", "unknown", "alike", {"adopt": "adopt", "hold": "held"}),
    ("on_existing", "A", "sent", "recorded", {"adopt": "no-op", "hold": "no-op"}),
]


@pytest.mark.parametrize(("name", "desired", "known", "live", "expected"), POLICIES)
@pytest.mark.parametrize("kind", VALUES)
def test_what_a_policy_makes_of_it(
    kind: str, name: str, desired: str, known: str, live: str, expected: Mapping[Any, str]
) -> None:
    for field in VALUES[kind]:
        if nonsense(kind, field, desired, known, live):
            continue
        for value, action in expected.items():
            _, change = Case(kind, field, desired, known, live).plan(Policies(**{name: value}))
            what = f"{field}: {change.reason}"
            assert change.action.value == action, what
            if name == "on_drift":
                assert (field in change.fields) == (action == "update"), what
            if name in ("on_drift", "on_missing") and desired != "gone":
                for other in expected:
                    own = Case(kind, field, desired, known, live, Lifecycle(**{name: value}))
                    _, change = own.plan(Policies(**{name: other}))
                    assert change.action.value == action, "its own lifecycle goes before"


@pytest.mark.parametrize("kind", ["pin", "carousel"])
@pytest.mark.parametrize("live", ["unread", "recorded"])
def test_what_becomes_of_another_picture(kind: str, live: str) -> None:
    for policy, own, protect, action in (
        ("hold", None, False, "held"),
        ("replace", None, False, "replace"),
        ("replace", "hold", False, "held"),
        ("hold", "replace", False, "replace"),
        ("replace", "replace", True, "held"),
    ):
        case = Case(kind, "media", "B", "sent", live, Lifecycle(protect, own))
        _, change = case.plan(Policies(on_media_change=policy))
        assert change.action.value == action
        assert set(change.fields) == {"media"}

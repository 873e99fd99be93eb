"""Names that only one board of an account, or section of a board, can have at a time."""

from __future__ import annotations

from pinsync.planning.plan import Plan
from tests.planning.builders import board, known_board, known_section, live_board, live_section, plan, section, state


def renamed(*names: str, live: bool = True) -> Plan:
    """The plan for boards a, b, c … that are called A, B, C … and are to be called ``names``."""
    keys = [chr(97 + number) for number in range(len(names))]
    known = {f"board__{key}": known_board(str(number), name=key.upper()) for number, key in enumerate(keys, 1)}
    found = [live_board(str(number), name=key.upper()) for number, key in enumerate(keys, 1)]
    wanted = [board(key, name=name) for key, name in zip(keys, names, strict=True)]
    return plan(wanted, state(**known), found if live else None)


def in_order(made: Plan) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(change.address[6:], change.action.value, change.after) for change in made.changes]


def test_what_takes_a_name_waits_for_what_gives_it_up() -> None:
    expected = [("c", "update", ()), ("b", "update", ("board.c",)), ("a", "update", ("board.b",))]
    assert in_order(renamed("B", "C", "D")) == expected
    assert in_order(renamed("B", "C", "D", live=False)) == expected


def test_two_that_swap_names_are_held_and_so_is_what_waits_for_them() -> None:
    assert in_order(renamed("B", "A")) == [("a", "held", ()), ("b", "held", ())]
    assert in_order(renamed("B", "C", "B")) == [("a", "held", ()), ("b", "held", ()), ("c", "held", ())]


def test_a_name_is_taken_also_where_only_its_letters_differ_in_size() -> None:
    assert in_order(renamed("b", "C")) == [("b", "update", ()), ("a", "update", ("board.b",))]
    assert in_order(renamed("b", "b "))[0] == ("a", "held", ()), "what Pinterest calls the same name is not given up"
    assert in_order(renamed("a")) == [("a", "update", ())], "nobody waits for himself"


def test_a_name_of_somebody_who_keeps_it_is_not_taken() -> None:
    stranger = live_board("9", name="Soups")
    made = plan(
        [board("a", name="Soups")], state(board__a=known_board("1", name="A")), [live_board("1", name="A"), stranger]
    )
    (change,) = made.changes
    assert change.action.value == "held"
    assert "the board 9" in change.reason


def test_a_new_board_waits_for_its_name_too() -> None:
    known = state(board__a=known_board("1", name="A"))
    made = plan([board("a", name="B"), board("new", name="A", description="New.")], known, [live_board("1", name="A")])
    assert in_order(made) == [("a", "update", ()), ("new", "create", ("board.a",))]


def test_sections_wait_within_their_board_only() -> None:
    known = {f"section__{board}_in_{key}": known_section(f"{number}{key}", number, key.upper())
             for board, number in (("p", "1"), ("q", "2")) for key in "ab"}  # fmt: skip
    boards = {"board__p": known_board("1", name="P"), "board__q": known_board("2", name="Q")}
    live = [live_board("1", name="P"), live_board("2", name="Q")]
    live += [live_section(entry.id, entry.applied["board"], entry.applied["name"]) for entry in known.values()]
    wanted = [
        board("p"), board("q"),
        section("a", "p", name="B"), section("b", "p", name="C"), section("a", "q", name="C"), section("b", "q", name="B"),
    ]  # fmt: skip
    made = plan(wanted, state(**boards, **known), live)
    assert [(change.address, change.action.value, change.after) for change in made.changes[2:]] == [
        ("section.p/b", "update", ()),
        ("section.q/a", "update", ()),
        ("section.q/b", "no-op", ()),
        ("section.p/a", "update", ("section.p/b",)),
    ]

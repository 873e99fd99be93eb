"""Many mistakes take no longer than many files: nothing is read, listed or compared once for each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pinsync.content.loading import load
from tests.content.corpus import Files, root

COUNT = 500


def pins(text: Callable[[int], str], count: int) -> str:
    return "pins:\n" + "".join(f"- {{id: p{number}, {text(number)}}}\n" for number in range(count))


BOARDS_MANY = "boards:\n" + "".join(f"- {{key: board-{number:04}, name: B{number}}}\n" for number in range(COUNT))
# With one look at everything for each mistake, each of these would take minutes, and the clock of conftest.py runs.
CASES: dict[str, tuple[Files, int]] = {
    "a mistake in each of many files": (
        {f"p{number}.yaml": "board: soups\nimage: soup.jpg\ntitel: A\n" for number in range(COUNT)}, COUNT,
    ),
    "a picture missing for each of many files among many pictures": (
        {f"p{number}.yaml": f"board: soups\nimage: dish-of-{number:04}.jpg\n" for number in range(COUNT)}
        | {f"dish-for-{number:04}.jpg": b"" for number in range(COUNT)}, COUNT,
    ),
    "an unknown board in each of many files among many boards": (
        {f"p{number}.yaml": f"board: bord-{number:04}\nimage: soup.jpg\n" for number in range(COUNT)}
        | {"many.yaml": BOARDS_MANY}, COUNT,
    ),
    "mistakes of a long list and of its defaults by turns": (
        {"l.yaml": pins(lambda number: f"image: soup.jpg, {'link: x' if number % 2 else 'title: A'}", 1_200),
         "_defaults.yaml": "board: soups\nlink: y\n" + "# long\n" * 20_000}, 601,
    ),
    "a mistake in each entry of one long line": (
        {"l.yaml": f"pins: [{'a, ' * 4_000}]\n"}, 4_000,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_many_mistakes(name: str, tmp_path: Path) -> None:
    files, count = CASES[name]
    assert len(load(root(tmp_path, files)).problems) == count


def test_near_names_are_found_among_many(tmp_path: Path) -> None:
    problems = load(root(tmp_path, CASES["a picture missing for each of many files among many pictures"][0])).problems
    assert problems[123].advice.startswith("Did you mean dish-for-0")
    problems = load(root(tmp_path, CASES["an unknown board in each of many files among many boards"][0])).problems
    assert all("Did you mean" in problem.advice for problem in problems)

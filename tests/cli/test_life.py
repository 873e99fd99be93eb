"""drift, refresh, show, state mv and --target, over HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from pinsync.emulator.server import running
from pinsync.emulator.settings import EmulatorSettings
from tests.cli.running import Ran, pinsync
from tests.world import BOARDS, World, picture

Run = Callable[..., Ran]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Run, httpx.Client]]:
    """A content folder that was applied, a way to run pinsync in it, and somebody else's way to Pinterest."""
    content, data = (tmp_path_factory.mktemp(name) for name in ("content", "data"))
    (content / "pinsync.yaml").write_text("environment: emulator\ntier: standard\n")
    (content / "boards.yaml").write_text(BOARDS)
    for name, colour in {"soup": "orange", "stew": "brown"}.items():
        (content / f"{name}.jpg").write_bytes(picture(colour))
        (content / f"{name}.yaml").write_text(f"board: soups\ntitle: {name.title()} | \u202e`x`\nimage: {name}.jpg\n")
    with running(EmulatorSettings(data=data)) as origin:

        def run(*arguments: str) -> Ran:
            return pinsync(*arguments, cwd=content, environ={"PINTEREST_API_URL": f"{origin}/v5"})

        assert run("apply", "--auto-approve").code == 0
        with httpx.Client(base_url=f"{origin}/v5", headers={"Authorization": "Bearer emulator"}) as http:
            yield content, run, http


def ids(run: Run) -> dict[str, str]:
    return {row["address"]: row["id"] for row in json.loads(run("state", "list", "--format", "json").out)}


def test_the_way_of_a_pin(place: tuple[Path, Run, httpx.Client]) -> None:
    content, run, http = place
    assert run("drift").out == "No drift: Pinterest is as pinsync left it.\n"
    pins = ids(run)

    http.patch(f"/pins/{pins['pin.soup']}", json={"title": "Theirs"})
    http.delete(f"/pins/{pins['pin.stew']}")
    found = run("drift", "--format", "json")
    assert found.code == 2
    drift = {one["address"]: one for one in json.loads(found.out)["drift"]}
    assert {address: one["what"] for address, one in drift.items()} == {"pin.soup": "changed", "pin.stew": "missing"}
    assert drift["pin.soup"]["fields"]["title"]["live"] == "Theirs"
    for form in ("text", "markdown"):
        shown = run("drift", "--format", form)
        assert shown.code == 2
        assert "1 resource changed and 1 resource deleted on Pinterest" in shown.out
        assert "\u202e" not in shown.out
    assert run("drift", "--target", "pin.stew").out.count("pin.") == 1

    (content / "pinsync.yaml").write_text(
        "environment: emulator\ntier: standard\npolicies: {on_drift: accept, on_missing: forget}\n"
    )
    accepted = run("drift")
    assert accepted.code == 0
    assert accepted.out.endswith("No drift: Pinterest is as pinsync left it. 2 more by your leave.\n")

    refreshed = run("refresh")
    assert refreshed.code == 0
    assert refreshed.out.startswith("forgotten pin.stew")
    assert run("refresh").out == "The state is up to date.\n"
    shown = run("show")
    assert "pin.stew  deleted on Pinterest, and given up" in shown.out
    assert json.loads(run("show", "--format", "json").out)["departed"].keys() == {"pin.stew"}
    assert run("show", "--format", "html").code == 1


def test_a_plan_is_shown_as_it_was_saved(place: tuple[Path, Run, httpx.Client], tmp_path: Path) -> None:
    content, run, _ = place
    (content / "soup.yaml").write_text("board: soups\ntitle: Other\nimage: soup.jpg\n")
    file = str(tmp_path / "plan.json")
    assert run("plan", "--target", "pin.soup", "--out", file).code == 0
    for form in ("text", "markdown", "html"):
        assert "Other" in run("show", file, "--format", form).out
    assert json.loads(run("show", file, "--format", "json").out)["summary"]["update"] == 1
    assert run("apply", file, "--auto-approve", "--target", "pin.soup").code == 0


def test_addresses_are_changed_by_hand(place: tuple[Path, Run, httpx.Client]) -> None:
    _, run, _ = place
    before = ids(run)
    assert run("state", "mv", "board.soups", "board.suppen").out == (
        "board.soups is board.suppen from now on.\n"
        "section.soups/autumn is section.suppen/autumn from now on.\n"
        "section.soups/winter is section.suppen/winter from now on.\n"
    )
    assert ids(run)["section.suppen/winter"] == before["section.soups/winter"]
    for source, target, message in (
        ("board.nope", "board.a", "the state knows no board.nope"),
        ("board.suppen", "board.bakes", "board.bakes is taken"),
        ("board.suppen", "pin.soup", "is no address of a board"),
        ("board.suppen", "board.", "is no address of a board"),
    ):
        refused = run("state", "mv", source, target)
        assert refused.code == 1
        assert message in refused.err
    assert run("state", "mv", "board.suppen", "board.soups").code == 0
    assert ids(run) == before


def test_a_run_makes_no_more_writes_than_it_may(place: tuple[Path, Run, httpx.Client]) -> None:
    content, run, http = place
    for number in range(3):
        text = f"board: soups\ntitle: New {number}\nimage: soup.jpg\n"
        (content / f"new-{number}.yaml").write_text(text)
    for made, code in ((1, 3), (2, 3), (3, 0)):
        assert run("apply", "--auto-approve", "--max-writes", "1", "--target", "pin.new-*").code == code
        titles = [pin["title"] for pin in http.get("/pins").json()["items"]]
        assert sum(title.startswith("New") for title in titles) == made


def test_a_slot_is_in_the_calendar_before_and_after_it_is_recorded(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    time = f"{now + timedelta(hours=12):%H:%M}"
    spread = f"environment: emulator\ntimezone: UTC\nspread: {{every: 24h, between: {time}-{time}}}\n"
    world = (
        World(tmp_path, moment=now).write({"pinsync.yaml": spread, "boards.yaml": BOARDS}).pin("a", "board: soups\n")
    )

    def run(*arguments: str) -> Ran:
        return pinsync(*arguments, cwd=world.root)

    assert f"  @ {time}  scheduled  pin.a  (slot from the next apply on)\n" in run("schedule").out
    assert "1 pin scheduled for later (1 with a new slot)" in run("plan", "--refresh=false").out
    world.apply()
    assert f"  @ {time}  scheduled  pin.a  (slot)\n" in run("schedule").out
    assert run("plan", "--refresh=false", "--detailed-exitcode").code == 0
    assert run("state", "show", "pin.a").out == f"pin.a\n  slot           {world.state().slots['pin.a']}\n"

"""Videos: one upload and one pin each, whatever happens on the way."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from pinsync.applying.outcome import Outcome
from tests.videos import video
from tests.world import BOARDS, Died, World, actions, picture

SOUP = "board: soups\nsection: autumn\ntitle: Pumpkin soup\n"


def moving(world: World, *names: str, text: str = "") -> World:
    """Video pins with these names, each of a file of its own."""
    for name in names:
        pin = f"board: soups\ntitle: {name}\nvideo: {name}.mp4\n{text}"
        world.write({f"{name}.yaml": pin, f"{name}.mp4": video(salt=name[:4].encode())})
    return world


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Boards that are live, and nothing on them."""
    world = World(tmp_path).write({"boards.yaml": BOARDS})
    world.apply()
    return world


def uploads(world: World) -> int:
    """How many files were sent to storage, as far as this emulator knows."""
    return sum(request.url.path == "/uploads/" for request in world.network.requests)


def results(outcomes: list[Outcome]) -> dict[str, str]:
    return {outcome.change.address: outcome.result.value for outcome in outcomes}


def assert_one_pin_each(world: World, *names: str) -> None:
    pins = world.live("/pins")
    assert sorted(pin["title"] for pin in pins) == sorted(names)
    assert all(pin["media"]["media_type"] == "video" for pin in pins)
    assert set(actions(world.plan()).values()) == {"no-op"}
    assert world.state().pending == {}
    assert world.state().media == {}


@pytest.mark.parametrize("cover", ["", "cover: 3s\n", "cover: c.png\n", "cover: https://example.com/c.jpg\n"])
def test_a_video_is_uploaded_processed_and_pinned(world: World, cover: str) -> None:
    moving(world, "soup", text=cover).write({"c.png": picture("red", (24, 32), "PNG")})
    plan = world.plan()
    (change,) = plan.to_do
    assert (change.action, plan.cost) == ("create", {"org_write": 2, "org_read": 4})
    assert "soup.mp4: 240×320 MP4, 0:05 long, 1 kB" in change.notes
    assert any(
        word in " ".join(change.notes)
        for word in (
            {"": "picture at 1s", "cover: 3s\n": "picture at 3s"}.get(cover, cover.removeprefix("cover: ").strip()),
        )
    )
    assert results(world.apply()) == {"pin.soup": "done"}
    assert uploads(world) == 1
    (pin,) = world.live("/pins")
    assert (pin["media"]["width"], pin["media"]["height"], pin["media"]["duration"]) == (240, 320, 5000)
    assert "authorization" not in next(one for one in world.network.requests if one.url.path == "/uploads/").headers
    assert_one_pin_each(world, "soup")


def test_a_video_holds_back_no_other_pin(world: World) -> None:
    moving(world, "a", "b", "c", "d", "e").pin("zucchini", SOUP)
    order: list[str] = []
    world.apply(lambda outcome: order.append(outcome.change.address))
    assert order[0] == "pin.zucchini"
    assert len(order) == 6
    assert uploads(world) == 5


def test_the_same_file_in_two_pins_is_uploaded_for_each(world: World) -> None:
    moving(world, "a").write({"b.yaml": "board: soups\ntitle: b\nvideo: a.mp4\n"})
    world.apply()
    assert uploads(world) == 2
    assert_one_pin_each(world, "a", "b")


@pytest.mark.parametrize("verb", ["media", "begin", "settle"])
def test_a_run_that_dies_is_gone_on_with(world: World, verb: str) -> None:
    moving(world, "soup").apply_and_die(verb)
    sent = uploads(world)
    assert sent == (0 if verb == "media" else 1)
    world.wait(120)
    world.apply()
    assert uploads(world) == 1
    assert_one_pin_each(world, "soup")


@pytest.mark.parametrize(
    ("fault", "sent"),
    [
        ("media/create:500-after:nth=1", 1),
        ("media/create:drop-before:nth=1", 1),
        ("media/get:500-before:first=2", 1),
        ("storage/upload:503-before:first=2", 3),
        ("storage/upload:expired:first=2", 3),
        ("storage/upload:drop-before:nth=1", 2),
        ("storage/upload:drop-after:nth=1", 1),
        ("storage/upload:500-after:nth=1", 2),
        ("pins/create:drop-after:nth=1", 1),
        ("pins/create:drop-before:nth=1", 1),
        ("pins/create:500-after:nth=1", 1),
    ],
)
def test_a_fault_on_the_way_costs_no_second_pin(world: World, fault: str, sent: int) -> None:
    world.restart(fault)
    assert set(results(moving(world, "soup").apply()).values()) == {"done"}
    assert uploads(world) == sent
    assert_one_pin_each(world, "soup")


def failing(world: World) -> dict[str, str]:
    """What failed in an apply, and why."""
    return {
        outcome.change.address: f"{outcome.message} {outcome.advice}"
        for outcome in world.apply()
        if outcome.result.value == "failed"
    }


def test_of_ten_videos_three_fail_and_only_they_are_tried_again(world: World) -> None:
    names = [f"n{number}" for number in range(10)]
    world.restart("media/processing:failed:nth=2", "storage/upload:400:nth=5", "pins/create:400:nth=4")
    told = sorted(failing(moving(world, *names)).values())
    assert [
        words in text
        for words, text in zip(("Invalid request", "could not process", "refused the upload"), told, strict=True)
    ]
    assert len(world.live("/pins")) == 7
    world.restart()
    plan = world.plan()
    assert plan.summary == {"create": 3, "no-op": 11}
    assert plan.cost == {"org_write": 3 + 2, "org_read": 2 * 4 + 1}
    assert failing(world) == {}
    assert uploads(world) == 2, "the one whose pin was refused lies there already"
    assert_one_pin_each(world, *names)


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("media/processing:failed", "Pinterest could not process soup.mp4"),
        ("storage/upload:503-before", "soup.mp4 could not be uploaded: storage refused the upload"),
        ("media/create:500-before", "Something went wrong on our end"),
    ],
)
def test_what_fails_is_told_and_uploaded_anew_by_the_next_run(world: World, fault: str, told: str) -> None:
    world.restart(fault)
    moving(world, "soup").pin("other", SOUP)
    assert told in failing(world)["pin.soup"]
    assert [pin["title"] for pin in world.live("/pins")] == ["Pumpkin soup"]
    assert world.state().media == {}
    world.restart()
    assert failing(world) == {}
    assert uploads(world) == 1


def test_long_processing_is_gone_on_with_by_the_next_run(world: World) -> None:
    world.media_processing = 1_500
    world.restart()
    moving(world, "soup").pin("other", SOUP)
    assert "still processing soup.mp4" in failing(world)["pin.soup"]
    ((media_id, upload),) = world.state().media.items()
    assert (upload.status, upload.source) == ("uploaded", "soup.mp4")
    plan = world.plan()
    assert plan.cost == {"org_write": 1, "org_read": 1}
    assert "soup.mp4 was uploaded before, and that is used" in plan.to_do[0].notes
    world.wait(1_500)
    assert failing(world) == {}
    assert uploads(world) == 1
    assert media_id not in world.state().media


def test_an_upload_outlives_a_pin_that_is_refused_once_and_not_twice(world: World) -> None:
    moving(world, "soup")
    for status in ("refused", ""):
        world.restart("pins/create:400")
        assert failing(world).keys() == {"pin.soup"}
        assert [upload.status for upload in world.state().media.values()] == [status] * bool(status)
    world.restart()
    world.apply()
    assert uploads(world) == 1


def test_a_file_that_changes_after_the_plan_makes_no_pin(world: World) -> None:
    moving(world, "soup")
    session = world.session()
    world.write({"soup.mp4": video(salt=b"no")})
    world.session = lambda: session  # type: ignore[method-assign]
    assert "soup.mp4 changed after the plan was made" in failing(world)["pin.soup"]
    assert world.live("/pins") == []


def test_a_video_whose_board_fails_is_not_uploaded(tmp_path: Path) -> None:
    world = World(tmp_path, faults=("boards/create:400",)).write({"boards.yaml": BOARDS})
    assert results(moving(world, "soup").apply())["pin.soup"] == "skipped"
    assert uploads(world) == 0


def test_what_no_pin_uses_is_listed_and_forgotten_in_time(world: World) -> None:
    moving(world, "soup").apply_and_die("begin")
    (world.root / "soup.yaml").unlink()
    world.pin("other", SOUP)
    world.wait(120)
    found = {one.code: one.message for one in world.plan().diagnostics}
    assert found == {"unused-media": "uploaded and used by no pin: soup.mp4"}
    world.wait(31 * 86_400)
    world.apply()
    assert world.state().media == {}


def test_a_changed_cover_is_a_replacement(world: World) -> None:
    moving(world, "soup").apply()
    moving(world, "soup", text="cover: 2s\nlifecycle: {on_media_change: replace}\n")
    plan = world.plan()
    assert (actions(plan)["pin.soup"], plan.cost) == ("replace", {"org_write": 3, "org_read": 4})
    world.apply()
    assert_one_pin_each(world, "soup")


class Dying(httpx.AsyncBaseTransport):
    """A network on which the process dies with its call of this number, before the call leaves or once it is answered."""

    def __init__(self, world: World, number: int, *, answered: bool) -> None:
        self._inner = world.network
        self._left = number
        self._answered = answered

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self._left -= 1
        if self._left < 0 or (not self._left and not self._answered):
            raise Died
        response = await self._inner.handle_async_request(request)
        if not self._left:
            await response.aread()
            raise Died
        return response


@pytest.mark.parametrize("answered", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("number", range(2, 8))
def test_killed_at_any_call_there_is_one_pin_in_the_end(world: World, number: int, answered: bool) -> None:
    moving(world, "soup")
    session = replace(world.session(), transport=Dying(world, number, answered=answered))
    world.session = lambda: session  # type: ignore[method-assign]
    with pytest.raises((BaseExceptionGroup, Died)):
        world.apply()
    del world.session  # type: ignore[method-assign]
    world.wait(120)
    world.apply()
    assert uploads(world) == 1
    assert_one_pin_each(world, "soup")

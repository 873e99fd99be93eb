"""The page in a real browser, where playwright and Chromium are installed. AXE in the environment names axe-core's script."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pinsync.emulator.server import in_background
from pinsync.gallery.looking import Looking
from pinsync.gallery.saving import alone
from pinsync.gallery.serving import Site, create_app
from tests.world import BOARDS, World, picture

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
playwright = pytest.importorskip("playwright.sync_api")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
             "--disable-component-update", "--disable-sync"]  # fmt: skip
PIN = "board: soups\nsection: autumn\ntitle: {}\ndescription: {}\n"
EVIL = '\'</script><script>document.title = "taken"</script><img src=x onerror="document.title = 1">\''


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path).write({"boards.yaml": BOARDS, "1.jpg": picture("red"), "2.jpg": picture("blue")})
    world.pin("old", PIN.format("Pumpkin soup", "Orange and warm"))
    world.apply()
    world.pin("old", PIN.format("Pumpkin soup", "Orange, and very warm")).pin("evil", PIN.format(EVIL, EVIL))
    return world.write({"many.yaml": "board: bakes\ntitle: Many\ncarousel:\n- {image: 1.jpg}\n- {image: 2.jpg}\n"})


@pytest.fixture
def file(world: World, tmp_path: Path) -> Path:
    """A preview; made before a browser runs, which has its loop in this thread."""
    file = tmp_path / "preview.html"
    file.write_text(alone(Looking(world.root, {}).strictly(), world.root), "utf-8")
    return file


@pytest.fixture
def page() -> Iterator[Any]:
    """A page of a browser, in which nothing may go wrong."""
    wrong: list[str] = []
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page(viewport={"width": 1200, "height": 900})
        page.on("console", lambda message: wrong.append(message.text))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("requestfailed", lambda request: wrong.append(request.url))
        yield page
        browser.close()
    assert wrong == []


def shown(page: Any) -> set[str]:
    return {card.get_attribute("data-address") for card in page.locator(".card:visible").all()}


def judge(page: Any) -> None:
    """Lets axe look at the page, in both sets of colours; without it, checks that all that can be operated has a name."""
    if "AXE" in os.environ:
        page.context.new_cdp_session(page).send("Runtime.evaluate", {"expression": Path(os.environ["AXE"]).read_text()})
        for theme in ("light", "dark"):
            page.select_option("#theme", theme)
            assert (
                page.evaluate("async () => (await axe.run()).violations.map((one) => [one.id, one.nodes[0].html])")
                == []
            )
    for control in page.locator("button, input, select, article, section, a").all():
        assert control.evaluate(
            "e => (e.ariaLabel || e.textContent || document.getElementById(e.getAttribute('aria-labelledby'))?.textContent)"
        ).strip()


def test_a_page_from_disk(file: Path, page: Any) -> None:
    page.goto(file.as_uri())
    assert page.title() == "Preview of content"  # hostile text is text
    judge(page)
    assert page.locator(".changes ins").all_inner_texts() == ["added:\n,", "added:\nvery "]

    pager = page.locator(".pager")
    pager.get_by_label("Next picture").click()
    playwright.expect(pager.locator("span")).to_have_text("2 of 2")
    playwright.expect(pager.get_by_label("Next picture")).to_be_disabled()
    page.locator(".carousel ol").press("ArrowLeft")
    playwright.expect(pager.locator("span")).to_have_text("1 of 2")

    page.keyboard.press("/")
    page.keyboard.type("WARM pumpkin")
    assert shown(page) == {"pin.old"}
    playwright.expect(page.get_by_role("status")).to_have_text("1 pin shown")
    page.keyboard.type(" nothing")
    page.get_by_role("button", name="Show all").click()
    page.get_by_role("button", name="New").press("Enter")
    assert shown(page) == {"pin.evil", "pin.many"}
    page.select_option("#board", label="Bakes (1)")
    assert shown(page) == {"pin.many"}

    page.set_viewport_size({"width": 360, "height": 700})
    page.select_option("#board", "")
    page.wait_for_function("document.documentElement.scrollWidth <= 360")
    boxes = [card.bounding_box() for card in page.locator(".card:visible").all()]
    assert all(box["x"] >= 0 and box["x"] + box["width"] <= 360 for box in boxes)


def test_a_page_that_follows_the_files(world: World, page: Any) -> None:
    site = Site(world.root, Looking(world.root, {}).anyway)
    with in_background(create_app(site, asyncio.Event())) as origin:
        page.goto(origin)
        page.get_by_role("button", name="Changed").click()
        page.fill("#search", "pumpkin")
        world.pin("old", PIN.format("Pumpkin stew", "Hot"))
        playwright.expect(page.locator(".card:visible .title")).to_have_text("Pumpkin stew")
        assert page.input_value("#search") == "pumpkin"
        assert page.get_by_role("button", name="Changed").get_attribute("aria-pressed") == "true"
        world.write({"old.yaml": "board: soups\ntitel: Pumpkin\nimage: old.jpg\n"})
        playwright.expect(page.locator(".problems code").first).to_have_text("old.yaml:2:1")
        playwright.expect(page.locator(".card .say.error")).to_have_count(1)
        page.close()

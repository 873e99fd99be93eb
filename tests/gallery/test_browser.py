"""The pages in a real browser, where Chromium is installed."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar

import pytest

from pinsync.emulator.server import in_background
from pinsync.gallery.cards import Board, Card, Gallery, Slot
from pinsync.gallery.looking import Looking
from pinsync.gallery.page import Sources, document
from pinsync.gallery.saving import alone
from pinsync.gallery.serving import Site, create_app
from pinsync.model.resource import Image
from scripts.browser import chromium, installed
from tests.videos import video
from tests.world import BOARDS, World, picture

pytestmark = pytest.mark.skipif(not installed(), reason="there is no Chromium on this machine (Debian: chromium)")
expect = pytest.importorskip("playwright.sync_api").expect
expect.set_options(timeout=60_000)

AXE = resources.files(pytest.importorskip("axe_playwright_python")).joinpath("axe.min.js")
WIDTHS = (1280, 768, 360)
PIN = "board: soups\nsection: autumn\ntitle: {}\ndescription: {}\n"
EVIL = '\'</script><script>document.title = "taken"</script><img src=x onerror="document.title = 1">\''
MANY = (
    "board: bakes\ntitle: Many\ncarousel:\n- {image: 1.jpg, title: One}\n- {image: 2.jpg, link: https://example.org/}\n"
)
PICTURES = {"1.jpg": picture("red"), "2.jpg": picture("blue", (40, 40))}

# What Lighthouse asks for beside axe: headings in order, pictures with their size, and nothing that jumps.
SOUND = """() => {
  const levels = [...document.querySelectorAll("h1, h2, h3, h4")].map((one) => Number(one.tagName[1]));
  const skipped = levels.filter((level, at) => level > (levels[at - 1] ?? 0) + 1);
  const unsized = [...document.images].filter((one) => !one.hasAttribute("width") || !one.hasAttribute("height"));
  const shifts = [];
  new PerformanceObserver((list) => shifts.push(...list.getEntries())).observe({ type: "layout-shift", buffered: true });
  return new Promise((tell) => {
    requestAnimationFrame(() => setTimeout(() => tell({
      lang: document.documentElement.lang,
      viewport: document.querySelector("meta[name=viewport]").content,
      first: levels.filter((level) => level === 1).length,
      skipped: skipped.length,
      unsized: unsized.length,
      shifted: shifts.reduce((sum, one) => sum + one.value, 0) > 0.02, // Lighthouse: good below 0.1
    })));
  });
}"""
AS_IT_SHOULD_BE = {
    "lang": "en",
    "viewport": "width=device-width, initial-scale=1",
    "first": 1,
    "skipped": 0,
    "unsized": 0,
    "shifted": False,
}

Made = TypeVar("Made")


def aside(make: Callable[[], Made]) -> Made:
    """Does what needs an event loop of its own: a browser has one in this thread."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(make).result()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A page of a browser in which nothing may go wrong, and which asks nobody but this machine."""
    wrong: list[str] = []
    page = browser.new_page(viewport={"width": WIDTHS[0], "height": 900}, reduced_motion="reduce")
    page.on("console", lambda message: wrong.append(message.text))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("requestfailed", lambda request: wrong.append(request.url))
    page.on("request", lambda request: None if is_here(request.url) else wrong.append(request.url))
    page.set_default_timeout(60_000)
    yield page
    page.close()
    assert wrong == []


def is_here(address: str) -> bool:
    return address.startswith(("file:///", "data:", "http://127.0.0.1:"))


def judge(page: Any, *themes: str) -> None:
    """What axe, and some of what Lighthouse would say of the page in these colours."""
    assert page.evaluate(SOUND) == AS_IT_SHOULD_BE
    # The page's policy lets nobody add a script to it; the debugger is not asked.
    page.context.new_cdp_session(page).send("Runtime.evaluate", {"expression": AXE.read_text("utf-8")})
    for theme in themes:
        page.emulate_media(color_scheme=theme)
        found = page.evaluate(
            "async () => (await axe.run({rules: {'target-size': {enabled: true}}})).violations"
            ".map((one) => [one.id, ...one.nodes.map((node) => node.html)])"
        )
        assert found == [], theme


def settle(page: Any) -> None:
    """Lets the page draw what it has heard of: its size, then what its script makes of that."""
    page.evaluate(
        "async () => { for (let n = 0; n < 4; n += 1) await new Promise((drawn) => requestAnimationFrame(drawn)); }"
    )


def fits(page: Any) -> None:
    """Nothing sticks out at any width."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        settle(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        boxes = [card.bounding_box() for card in page.locator(".card:visible").all()]
        assert boxes
        assert all(box["x"] >= 0 and box["x"] + box["width"] <= width for box in boxes)


def shown(page: Any) -> set[str]:
    return {card.get_attribute("data-address") for card in page.locator(".card:visible").all()}


@pytest.fixture
def world(tmp_path: Path) -> World:
    """One pin changes, one replaced picture is held, two pins are new."""
    world = World(tmp_path).write({"boards.yaml": BOARDS, **PICTURES})
    world.pin("old", PIN.format("Pumpkin soup", "Orange and warm")).pin("held", PIN.format("Held", ""))
    aside(world.apply)
    world.pin("old", PIN.format("Pumpkin soup", "Orange, and very warm")).pin("evil", PIN.format(EVIL, EVIL))
    return world.pin("held", PIN.format("Held", ""), "blue").write({"many.yaml": MANY})


def test_a_page_from_disk(world: World, page: Any) -> None:
    file = world.folder / "preview.html"
    file.write_text(aside(lambda: alone(Looking(world.root, {}).strictly(), world.root)), "utf-8")
    page.goto(file.as_uri())
    assert page.title() == "Preview of content"  # hostile text is text
    judge(page, "light", "dark")
    assert page.locator("[data-address='pin.old'] ins").all_inner_texts() == ["added:\n,", "added:\n very"]
    expect(page.locator("[data-address='pin.held'] .say").first).to_contain_text("--allow-replace")

    pager = page.locator(".pager")
    pager.get_by_label("Next picture").click()
    expect(pager.locator("span")).to_have_text("2 of 2")
    expect(pager.get_by_label("Next picture")).to_be_disabled()
    page.locator(".carousel ol").press("ArrowLeft")
    expect(pager.locator("span")).to_have_text("1 of 2")

    page.keyboard.press("/")
    page.keyboard.type("WARM pumpkin")
    assert shown(page) == {"pin.old"}
    expect(page.get_by_role("status")).to_have_text("1 pin shown")
    page.keyboard.type(" nothing")
    page.get_by_role("button", name="Show all").click()
    page.get_by_role("button", name="New").press("Enter")
    assert shown(page) == {"pin.evil", "pin.many"}
    page.select_option("#board", label="Bakes (1)")
    assert shown(page) == {"pin.many"}
    page.select_option("#board", "")
    fits(page)


def test_a_page_that_follows_the_files(world: World, page: Any) -> None:
    world.write({"v.mp4": video(), "v.yaml": "board: bakes\ntitle: Film\nvideo: v.mp4\ncover: 1.jpg\n"})
    site = Site(world.root, Looking(world.root, {}).anyway)
    with in_background(create_app(site, asyncio.Event())) as origin:
        page.goto(origin)
        judge(page, "dark")
        page.get_by_role("button", name="Changed").click()
        page.fill("#search", "pumpkin")
        world.pin("old", PIN.format("Pumpkin stew", "Hot"))
        expect(page.locator(".card:visible .title")).to_have_text("Pumpkin stew")
        assert page.input_value("#search") == "pumpkin"
        assert page.get_by_role("button", name="Changed").get_attribute("aria-pressed") == "true"
        world.write({"old.yaml": "board: soups\ntitel: Pumpkin\nimage: old.jpg\n"})
        expect(page.locator(".problems code").first).to_have_text("old.yaml:2:1")
        expect(page.locator(".card .say.error")).to_have_count(1)
        page.fill("#search", "")
        assert page.locator("video").evaluate("one => [one.controls, new URL(one.poster).pathname.split('/')[1]]") == [
            True,
            "pictures",
        ]
        page.close()


def test_a_thousand_pins_are_read_and_drawn_as_they_come_near(page: Any, tmp_path: Path) -> None:
    cards = tuple(
        Card(f"pin.{number}", f"Pin {number}", slots=(Slot(Image(str(number), "0", 400, 600)),))
        for number in range(1000)
    )
    data = b64encode(picture("red", (400, 600))).decode()
    sources = Sources(
        lambda image: f"data:image/jpeg;number={image.source};base64,{data}"
    )  # each another to the browser
    html = document(Gallery("Many", "", (Board("A", cards),), title="Many"), sources).html
    (tmp_path / "a.html").write_text(html, "utf-8")
    page.goto((tmp_path / "a.html").as_uri())
    drawn = (
        "() => [...document.querySelectorAll('.card')].filter((one) =>"
        " one.querySelector('img').checkVisibility({contentVisibilityAuto: true})).map((one) => one.dataset.address)"
    )
    settle(page)
    first = page.evaluate(drawn)
    assert "pin.0" in first
    assert len(first) < 100
    assert page.evaluate("[...document.images].filter((one) => one.complete).length") < 100
    page.keyboard.press("End")
    expect(page.locator(".card img").last).to_have_js_property("complete", True)
    settle(page)
    last = page.evaluate(drawn)
    assert "pin.999" in last
    assert len(last) < 100
    assert page.evaluate("scrollY + innerHeight") > page.evaluate("document.body.scrollHeight") - 2


def test_the_emulators_page(page: Any, tmp_path: Path) -> None:
    world = World(tmp_path).write({"boards.yaml": BOARDS, **PICTURES, "many.yaml": MANY, "v.mp4": video()})
    world.write({"film.yaml": "board: bakes\ntitle: Film\nvideo: v.mp4\ncover: 1.jpg\n"})
    for number in range(12):
        world.pin(f"p{number}", PIN.format(f"Soup {number}", EVIL))
    aside(world.apply)
    oldest = next(pin["id"] for pin in aside(lambda: world.live("/pins")) if pin["title"] == "Soup 0")
    with in_background(world.network._inner.app) as origin:
        page.goto(f"{origin}/#pin-{oldest}")
        expect(page.locator(f"#pin-{oldest}")).to_be_in_viewport()
        judge(page, "light")
        page.get_by_label("Next picture").click()
        expect(page.locator(".pager span")).to_have_text("2 of 2")
        assert page.locator("video").evaluate("one => one.controls && one.poster.length > 0")
        page.fill("#search", "film")
        expect(page.locator(".card:visible")).to_have_count(1)
        page.get_by_role("link", name="Bakes").click()
        page.get_by_role("link", name="All boards").click()
        fits(page)
        page.goto(
            f"{origin}/oauth/?client_id=1500000&redirect_uri=http://localhost:1/&response_type=code&scope=pins:read"
        )
        judge(page, "dark")
        page.close()

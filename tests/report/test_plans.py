"""Plans as text, JSON, Markdown and HTML."""

from __future__ import annotations

import json
import re
import unicodedata
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from pinsync.planning.plan import Action, Change, Diagnostic, FieldChange, Plan, to_json
from pinsync.report.escaping import terminal
from pinsync.report.plans import FORMATS, View, render
from tests.report.plans import HOSTILE, SOUP, VIEW, create, everywhere, fields, plan_of

MIXED = plan_of(
    Change("board.soups", "board", Action.CREATE, "Soups", fields=fields(name="Soups", privacy="secret"), origin=SOUP),
    create(title="Pumpkin soup", board="board.soups", description="One pot.", media={"image": "sha256:" + "a" * 64}),
    Change(
        "pin.tart", "pin", Action.UPDATE, "Tart", fields={"title": FieldChange("Tarte", "Tart"), "link": FieldChange("x", None)},
        id="7", notes=("tart.webp: 20×30 WEBP, 1 kB; sent as JPEG",),
    ),
    Change("pin.new", "pin", Action.MOVE, "Old", id="8", moved_from="pin.old"),
    Change("pin.gone", "pin", Action.HELD, "Gone", "it is not declared any more", id="9"),
    Change("pin.same", "pin", Action.NO_OP, "Same", id="10"),
    diagnostics=(Diagnostic("warning", "drift", "the title differs", "Edit one of them.", "pin.tart", SOUP),),
    cost={"org_write": 3},
)  # fmt: skip

TEXT = """\
content (sandbox)

+ create    board.soups  "Soups"  autumn/soup.yaml:1
    name     "Soups"
    privacy  secret

+ create    pin.autumn/soup  "Pumpkin soup"  autumn/soup.yaml:1
    board        board.soups
    description  "One pot."
    media        image: sha256:aaaaaaaaaaaa

~ update    pin.tart  "Tart"
    title  "Tarte"
           -> "Tart"
    link   "x"
           -> none
    tart.webp: 20×30 WEBP, 1 kB; sent as JPEG

> move      pin.new  "Old"
    was pin.old

! held      pin.gone  "Gone"
    it is not declared any more

autumn/soup.yaml:1:1: warning: the title differs
    Edit one of them.

Plan: 1 board and 1 pin to create; 1 pin to update; 1 pin renamed, without a call; 1 pin held back; 1 unchanged.
Cost: 3 calls, 3 of your 300 writes a day.
"""


def test_text() -> None:
    assert render(MIXED, VIEW, "text") == TEXT


def test_markdown() -> None:
    rows = render(MIXED, VIEW, "markdown").splitlines()
    assert rows[0] == r"### pinsync: content (sandbox)"
    assert rows[2].startswith(r"**Plan\: 1 board and 1 pin to create;")
    assert rows[4] == r"Cost\: 3 calls, 3 of your 300 writes a day\."
    assert r"- **warning**: the title differs Edit one of them\." in rows
    assert r"| create | board\.soups | Soups | name: \"Soups\"<br>privacy: secret |" in rows
    assert r"| move | pin\.new | Old | was pin\.old |" in rows
    assert r"| held | pin\.gone | Gone | it is not declared any more |" in rows
    tart = next(row for row in rows if "tart" in row)
    assert r"title: \"Tarte\" → \"Tart\"<br>link: \"x\" → none<br>tart\.webp\: 20×30 WEBP" in tart
    assert not any("same" in row for row in rows)


def test_json_is_the_documented_object() -> None:
    document = json.loads(render(MIXED, VIEW, "json"))
    assert document == json.loads(json.dumps(to_json(MIXED)))
    assert {"format_version", "changes", "summary", "cost", "diagnostics"} <= set(document)
    assert document["format_version"] == 1
    assert document["summary"] == {"create": 2, "update": 1, "move": 1, "held": 1, "no-op": 1}
    assert document["cost"] == {"org_write": 3}
    change = document["changes"][2]
    assert {"address", "kind", "action", "reason", "fields"} <= set(change)
    assert change["fields"] == {"title": {"before": "Tarte", "after": "Tart"}, "link": {"before": "x", "after": None}}


def test_html() -> None:
    page = render(MIXED, VIEW, "html")
    assert page.startswith("<!doctype html>")
    assert "<title>pinsync: content (sandbox)</title>" in page
    assert '<article class="create"><h2>create board.soups “Soups” <small>autumn/soup.yaml:1</small></h2>' in page
    assert "<dt>title</dt><dd><del>&quot;Tarte&quot;</del> → <ins>&quot;Tart&quot;</ins></dd>" in page
    assert "<p>was pin.old</p>" in page
    assert "<li><strong>warning</strong>: the title differs Edit one of them.</li>" in page
    assert "pin.same" not in page


@pytest.mark.parametrize("name", FORMATS)
def test_nothing_to_do_is_said_in_every_format_that_people_read(name: str) -> None:
    unchanged = plan_of(Change("pin.a", "pin", Action.NO_OP), Change("pin.b", "pin", Action.NO_OP))
    shown = render(unchanged, VIEW, name)
    if name != "json":
        assert "Nothing to do" in shown
        assert "2 resources as declared" in shown
        assert "Nothing is declared" in render(plan_of(), VIEW, name)
        assert "Cost" not in shown
    assert shown.endswith("\n")
    assert not shown.endswith("\n\n")


def test_the_text_of_an_empty_plan_is_one_line() -> None:
    assert render(plan_of(), VIEW, "text") == "Nothing is declared.\n"


def test_held_alone_is_nothing_to_do() -> None:
    held = plan_of(Change("pin.a", "pin", Action.HELD, reason="it is protected"))
    assert "Nothing to do: 1 pin held back." in render(held, VIEW, "text")


@pytest.mark.parametrize("action", Action)
def test_every_action_has_its_words_in_every_format(action: Action) -> None:
    plan = plan_of(Change("pin.a", "pin", action, "A", "because", {"title": FieldChange("a", "b")}, "1"))
    for name in FORMATS:
        shown = render(plan, VIEW, name)
        assert ("pin.a" in shown.replace("\\", "")) is (action is not Action.NO_OP or name == "json")


def test_a_very_long_text_is_shown_whole_because_all_of_it_is_sent() -> None:
    plan = plan_of(create(description="x" * 100_000))
    for name in FORMATS:
        assert "x" * 100_000 in render(plan, VIEW, name)
    for name in FORMATS:
        render(everywhere("y | <b>" * 15_000), VIEW, name)


UNSAFE = {"Cc", "Zl", "Zp", "Cs"}
DIRECTIONS = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")

texts = st.one_of(st.sampled_from(sorted(HOSTILE.values())), st.text(max_size=30))


def assert_inert(shown: str) -> None:
    """Nothing that a terminal or a browser would obey, but for the line feeds of the renderer."""
    for character in shown.replace("\n", ""):
        assert unicodedata.category(character) not in UNSAFE, f"U+{ord(character):04X}"
        assert character not in DIRECTIONS, f"U+{ord(character):04X}"


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_no_text_acts_on_what_shows_it(text: str, name: str) -> None:
    shown = render(everywhere(text), View(text, text, VIEW.limits), name)
    assert_inert(shown)
    assert shown.count("\n") == render(everywhere("harmless"), View("harmless", "x", VIEW.limits), name).count("\n")


@pytest.mark.parametrize("name", FORMATS)
@settings(deadline=None, max_examples=40)
@given(text=texts.filter(lambda text: text.strip() != ""))
def test_no_text_at_all_acts_on_what_shows_it(name: str, text: str) -> None:
    shown = render(everywhere(text), View(text, text, VIEW.limits), name)
    assert_inert(shown)
    assert shown.count("\n") == render(everywhere("harmless"), View("harmless", "x", VIEW.limits), name).count("\n")


@settings(deadline=None, max_examples=60)
@given(texts)
def test_json_keeps_every_text_exactly(text: str) -> None:
    plan = everywhere(text)
    assert json.loads(render(plan, VIEW, "json")) == json.loads(json.dumps(to_json(plan)))


class Page(HTMLParser):
    """The elements, attributes and words of a page, with everything else that it should not have."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.attributes: set[str] = set()
        self.words: list[str] = []
        self.others: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def handle_comment(self, data: str) -> None:
        self.others.append(data)

    def unknown_decl(self, data: str) -> None:
        self.others.append(data)

    def handle_pi(self, data: str) -> None:
        self.others.append(data)


@settings(deadline=None, max_examples=60)
@given(texts.filter(bool))
def test_no_text_becomes_an_element_of_the_page(text: str) -> None:
    harmless = Page(render(everywhere("harmless"), View("harmless", "harmless", VIEW.limits), "html"))
    page = Page(render(everywhere(text), View(text, text, VIEW.limits), "html"))
    assert page.elements == harmless.elements
    assert page.attributes <= {"lang", "charset", "name", "content", "http-equiv", "class"}
    assert page.others == []
    assert terminal(text) in "".join(page.words)


def test_the_page_loads_and_runs_nothing() -> None:
    page = render(MIXED, VIEW, "html")
    assert "default-src 'none'" in page
    assert not {"script", "link", "img", "a", "iframe", "form", "base"} & set(Page(page).elements)


markdown = MarkdownIt("commonmark").enable(["table", "strikethrough"])
FROM_THE_RENDERER = {
    "heading_open", "heading_close", "paragraph_open", "paragraph_close", "strong_open", "strong_close", "text",
    "bullet_list_open", "bullet_list_close", "list_item_open", "list_item_close", "inline", "table_open", "table_close",
    "thead_open", "thead_close", "tbody_open", "tbody_close", "tr_open", "tr_close", "th_open", "th_close", "td_open",
    "td_close", "html_inline",
}  # fmt: skip


def flat(tokens: list[Token]) -> list[Token]:
    return [inner for token in tokens for inner in (token, *flat(token.children or []))]


def cells(tokens: list[Token]) -> list[str]:
    """The words of each cell of the body, as a reader sees them."""
    return [
        "".join("\n" if part.type == "html_inline" else part.content for part in token.children or [])
        for before, token in pairwise(tokens)
        if before.type == "td_open"
    ]


def assert_plain(plan: Plan, view: View) -> list[Token]:
    tokens = markdown.parse(render(plan, view, "markdown"))
    every = flat(tokens)
    assert {token.type for token in every} <= FROM_THE_RENDERER
    assert {token.content for token in every if token.type == "html_inline"} <= {"<br>"}
    return tokens


@settings(deadline=None)
@given(texts.filter(lambda text: text.strip() != ""))
def test_no_text_becomes_markup_in_markdown(text: str) -> None:
    harmless = assert_plain(everywhere("harmless"), View("harmless", "x", VIEW.limits))
    tokens = assert_plain(everywhere(text), View(text, text, VIEW.limits))
    assert [token.type for token in tokens] == [token.type for token in harmless]


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_reader_of_the_markdown_sees_the_text_itself(text: str) -> None:
    plan = plan_of(create(title=text, description=text))
    _, _, title, details = cells(assert_plain(plan, VIEW))
    assert title.replace("\u200b", "") == terminal(text).strip()
    assert details.replace("\u200b", "") == f'description: "{terminal(text)}"'


@pytest.mark.parametrize(
    "text",
    [
        "@octocat and @org/team",
        "see #1 and owner/repo#2",
        "https://evil.example",
        "www.evil.example",
        "me@evil.example",
    ],
)
def test_github_makes_no_mention_or_link_of_a_text(text: str) -> None:
    plan = plan_of(create(title=text))
    _, _, title, *_ = cells(assert_plain(plan, VIEW))
    assert not re.search(r"(?i)@\w|#\d|[a-z]://|\bwww\.", title)
    assert title.replace("\u200b", "") == text


COMMANDS = ["::error::x", " ::add-mask::x", "##[error]x", "x ##[add-matcher]y", "::stop-commands::x"]


@pytest.mark.parametrize("text", COMMANDS)
def test_no_line_of_the_text_is_a_command_to_a_workflow_runner(text: str) -> None:
    for line in render(everywhere(text), View(text, "x", VIEW.limits), "text").splitlines():
        assert not line.lstrip().startswith("::")
        assert "##[" not in line

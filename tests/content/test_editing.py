"""Single values of a file change, and nothing else of it does."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from itertools import chain
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from pinsync.content.documents import parse
from pinsync.content.editing import edit
from pinsync.content.wrong import Place
from pinsync.errors import NotEditable

ORDER = ("id", "board", "section", "title", "description", "link", "alt_text", "image", "carousel")


def edited(text: str, changes: dict[Place, Any]) -> str:
    return edit("pin.yaml", text.encode(), changes, lambda place: ORDER).decode()


@dataclass(frozen=True)
class Case:
    name: str
    before: str
    place: str
    value: Any
    after: str

    def __str__(self) -> str:
        return self.name


CASES = [
    Case("plain", "title: old  # why\nimage: a.jpg\n", "title", "new", "title: new  # why\nimage: a.jpg\n"),
    Case("plain that needs quotes", "title: old # why", "title", "a: b", 'title: "a: b" # why'),
    Case("words and times stay text", "title: old\n", "title", "12:30", "title: 12:30\n"),
    Case("null as text", "title: old\n", "title", "null", 'title: "null"\n'),
    Case("number as text", "title: old\n", "title", "2026", 'title: "2026"\n'),
    Case("cleared", "title: 'old' # why\n", "title", None, "title: null # why\n"),
    Case("single quotes", "title: 'old'\n", "title", "it's: new", "title: 'it''s: new'\n"),
    Case("double quotes", 'title: "old" # "\n', "title", 'a "b" \\', 'title: "a \\"b\\" \\\\" # "\n'),
    Case("double quotes and a break", 'title: "old"\n', "title", "a\nb", 'title: "a\\nb"\n'),
    Case("single quotes and a break", "title: 'old' # why\n", "title", "a\nb", "title: |- # why\n  a\n  b\n"),
    Case("comment below that is further in", "title: old\n  # why\n", "title", "a\nb", 'title: "a\\nb"\n  # why\n'),
    Case("no value", "title:   # why\nimage: a\n", "title", "new", "title: new   # why\nimage: a\n"),
    Case("no value at the end", "image: a\ntitle:", "title", "new", "image: a\ntitle: new"),
    Case("value below its key", "title:\n  # why\n  old\nimage: a\n", "title", "new", "title:\n  # why\n  new\nimage: a\n"),
    Case("plain on several lines", "title: one\n  two three # why\n", "title", "four", "title: four # why\n"),
    Case("quotes on several lines",
         f"title: '{'word ' * 9}\n      {'word ' * 9}end'\n", "title", "it's " * 12 + "over",
         "title: 'it''s it''s it''s it''s it''s it''s it''s it''s\n      it''s it''s it''s it''s over'\n"),
    Case("literal", "title: |\n    one\n    two\n\n# why\nimage: a\n", "title", "three\n",
         "title: |\n    three\n\n# why\nimage: a\n"),
    Case("literal without its last break", "title: |  # why\n  one\n", "title", "two\n\n  three",
         "title: |-  # why\n  two\n\n    three\n"),
    Case("literal that begins with a blank", "title: |\n   one\n", "title", " x\ny\n", "title: |3\n    x\n   y\n"),
    Case("literal with its breaks kept", "title: |+\n  a\n\n\nimage: a\n", "title", "b\n\n\n", "title: |+\n  b\n\n\nimage: a\n"),
    Case("literal with an indicator", "title: |2-\n    a\nimage: b\n", "title", "c", "title: |-\n    c\nimage: b\n"),
    Case("literal that is cleared", "title: | # why\n  a\n  b\nimage: b\n", "title", None, "title: null # why\nimage: b\n"),
    Case("literal that becomes empty", "title: |-\n  a\nimage: b\n", "title", "", 'title: ""\nimage: b\n'),
    Case("folded", f"title: >-\n  {'word ' * 8}end\n  end\n", "title", "term " * 10 + "end\nand end",
         f"title: >-\n  {' '.join(['term'] * 8)}\n  term term end\n\n  and end\n"),
    Case("folded, with lines that are indented", "title: >\n  a\n  b\n", "title", "c\n  d\n", "title: |\n  c\n    d\n"),
    Case("anchor that nobody uses", "title: &t old\n", "title", "new", "title: &t new\n"),
    Case("anchor and no value", "title: &t # why\n", "title", "new", "title: &t new # why\n"),
    Case("alias", "title: &t one\nalt_text: *t # why\n", "alt_text", "two", "title: &t one\nalt_text: two # why\n"),
    Case("tag", "title: !!str 12\n", "title", "13", 'title: !!str "13"\n'),
    Case("tag that is cleared", "title: !!str 12\n", "title", None, "title: null\n"),
    Case("Windows", "title: old\r\nimage: a\r\n", "title", "a\nb", "title: |-\r\n  a\r\n  b\r\nimage: a\r\n"),
    Case("old Macs", "title: old\rimage: a\r", "alt_text", "new", "title: old\ralt_text: new\rimage: a\r"),
    Case("byte order mark", "\ufefftitle: old\n", "title", "néw 🥣", "\ufefftitle: néw 🥣\n"),
    Case("document marks", "%YAML 1.2\n---\ntitle: old\n...\n", "image", "b", "%YAML 1.2\n---\ntitle: old\nimage: b\n...\n"),
    Case("tabs", "title:\told\t# why\n", "title", "new", "title:\tnew\t# why\n"),
    Case("quoted key", "\"title\": old\n'image': a\n", "title", "new", "\"title\": new\n'image': a\n"),
    Case("key of its own line", "? title\n: old # why\n", "title", "new", "? title\n: new # why\n"),
    Case("invisible characters", "title: old\n", "title", "a\u2028b\ufeff", 'title: "a\\u2028b\\ufeff"\n'),
    Case("added", "board: soups # why\nimage: a\n", "title", "new", "board: soups # why\ntitle: new\nimage: a\n"),
    Case("added without a last break", "board: soups", "title", "a\nb", "board: soups\ntitle: |-\n  a\n  b"),
    Case("added before all", "# head\nimage: a\n", "title", "new", "# head\ntitle: new\nimage: a\n"),
    Case("added below a text", "title: |\n  a\n\nimage: a\n", "link", "new", "title: |\n  a\nlink: new\n\nimage: a\n"),
    Case("added below what is commented out", "board:\n  existing: A\n  # existing: B\n# next\nimage: a\n", "title", "new",
         "board:\n  existing: A\n  # existing: B\ntitle: new\n# next\nimage: a\n"),
    Case("added to an entry", "pins:\n- id: a\n  image: b\n- id: c\n", "pins.0.title", "new",
         "pins:\n- id: a\n  title: new\n  image: b\n- id: c\n"),
    Case("added before all of an entry", "carousel:\n  -   image: b\n", "carousel.0.title", "new",
         "carousel:\n  -   title: new\n      image: b\n"),
    Case("added in braces", "a: [{id: x,}] # why\n", "a.0.title", "b, c", 'a: [{id: x, title: "b, c",}] # why\n'),
    Case("added in empty braces", "a: [{}]\n", "a.0.title", "b", "a: [{title: b}]\n"),
    Case("added first in braces", "{image: a}", "title", "b", "{title: b, image: a}"),
    Case("added in braces on lines", "{\n  id: x, # why\n  image: a\n}\n", "title", "b",
         "{\n  id: x, # why\n  title: b,\n  image: a\n}\n"),
    Case("added last in braces on lines", "{\n  id: x # why\n}\n", "title", "b", "{\n  id: x, # why\n  title: b\n}\n"),
    Case("added with a comma after it", "{\n  id: x,\n}\n", "title", "b", "{\n  id: x,\n  title: b,\n}\n"),
    Case("added to JSON", '{"board":"a","image":"b"}', "title", "c", '{"board":"a", "title": "c","image":"b"}'),
    Case("in braces", "{a: {title: b , link: c}}", "a.title", "d, e", '{a: {title: "d, e" , link: c}}'),
    Case("in braces without a value", "{title: , link: c}", "title", "d", "{title: d, link: c}"),
    Case("text to an existing board", "board: soups # why\n", "board", {"existing": "No: 1"}, 'board: {existing: "No: 1"} # why\n'),
    Case("another existing board", "board:\n  existing: A # why\n", "board", {"existing": "B"}, "board:\n  existing: B # why\n"),
    Case("existing board to text", "board:\n    existing: A # why\n", "board", "soups", "board: soups # why\n"),
    Case("existing board in braces to text", "board: {existing: A} # why\n", "board", "soups", "board: soups # why\n"),
]  # fmt: skip


def place_of(words: str) -> Place:
    return tuple(int(word) if word.isdigit() else word for word in words.split("."))


@pytest.mark.parametrize("case", CASES, ids=str)
def test_one_value(case: Case) -> None:
    assert edited(case.before, {place_of(case.place): case.value}) == case.after


def test_several_values_at_once() -> None:
    before = "# head\nboard: soups # b\ntitle: one # t\nimage: a.jpg # i\n"
    changes: dict[Place, Any] = {("alt_text",): "A", ("description",): "D\nE", ("title",): "T\nU", ("image",): "b.jpg"}
    assert edited(before, changes) == (
        "# head\nboard: soups # b\ntitle: |- # t\n  T\n  U\ndescription: |-\n  D\n  E\nalt_text: A\nimage: b.jpg # i\n"
    )


REFUSED = [
    ("title: &t one\nalt_text: *t\n", "title", "line 2"),
    ("a: &a {title: x}\nb: *a\n", "a.title", "line 2"),
    ("a: &a {title: x}\nb: *a\n", "b.title", "alias"),
    ("a: {title: &a x}\nb: *a\n", "a", "line 2"),
    ("{title, b: c}", "title", "no colon"),
    ("? image\n: a\n", "title", "without touching more"),
    ("a: [b]\n", "a.1", "new key"),
    ("a: b\n", "c.title", "there is no c"),
    ("a: 1\na: 2\n", "a", "already given"),
]


@pytest.mark.parametrize(("text", "place", "words"), REFUSED)
def test_what_cannot_be_done_is_refused_with_its_line(text: str, place: str, words: str) -> None:
    with pytest.raises(NotEditable, match=words) as caught:
        edited(text, {place_of(place): "new"})
    assert re.match(r"pin.yaml:\d+: ", caught.value.message)
    assert "by hand" in caught.value.advice


@pytest.mark.parametrize("value", ["bell\x07", "\ud800"])
def test_characters_that_no_yaml_holds(value: str) -> None:
    with pytest.raises(NotEditable, match="character"):
        edited("title: a\n", {("title",): value})


words = st.sampled_from(["soup", "Kürbis", "it's", "a:b", "100%", "x#y", "🥣"])
sentences = st.lists(words, min_size=1, max_size=9).map(" ".join)
paragraphs = st.lists(sentences | st.just(""), min_size=1, max_size=3).map("\n".join).map(str.strip).filter(bool)
wild = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]) | st.sampled_from(" \n:#-'\"{}[],&*!|>%\t"))
news = paragraphs | wild | st.none() | sentences.map(lambda text: {"existing": text})


@dataclass
class Written:
    """A document in the making: ``chunks`` are the lines of each pair of the outermost mapping, comments within."""

    draw: Any
    comments: int = 0

    def comment(self) -> str:
        self.comments += 1
        return f"# note {self.comments}."

    def aside(self, indent: int) -> list[str]:
        """Lines between others."""
        kind = self.draw(st.sampled_from(["", "", "", "blank", "comment", "left", "right"]))
        if not kind:
            return []
        depth = {"blank": 0, "comment": indent, "left": 0, "right": indent + 3}[kind]
        return [""] if kind == "blank" else [" " * depth + self.comment()]

    def scalar(self, value: Any, indent: int, flow: bool) -> list[str]:
        """The lines of a value: the first goes beside its key."""
        end = self.draw(st.sampled_from(["", "", f"  {self.comment()}"])) if not flow else ""
        if value is None:
            return [self.draw(st.sampled_from(["null", "~"])) + end]
        styles = ["'", '"'] if "\n" not in value else ['"']
        plain_fits = re.fullmatch(r"[\w 🥣]+", value)
        styles += ["", ""] if plain_fits else []
        styles += ["|", ">"] * (not flow)
        style = self.draw(st.sampled_from(styles))
        pad = " " * (indent + self.draw(st.integers(1, 4)))
        if style == "|":
            return [f"|-{end}", *[f"{pad}{line}" if line else "" for line in value.split("\n")]]
        if style == ">":
            lines = re.sub("\n+", lambda breaks: breaks[0] + "\n", value).split("\n")
            folds = [
                part for line in lines for part in line.replace(" ", "\n", self.draw(st.integers(0, 2))).split("\n")
            ]
            return [f">-{end}", *[f"{pad}{line}" if line else "" for line in folds]]
        text = {"": value, "'": "'" + value.replace("'", "''") + "'", '"': json.dumps(value, ensure_ascii=False)}[style]
        first, *rest = text.split(" ", self.draw(st.integers(0, 2)))
        lines = [first, *[f"{pad}{part}" for part in rest if part]] if not flow else [text]
        lines[-1] += end
        return lines

    def flow(self, value: dict[str, Any], indent: int) -> list[str]:
        parts = [f"{key}: {self.scalar(one, 0, True)[0]}" for key, one in value.items()]
        comma = self.draw(st.sampled_from(["", ","])) if parts else ""
        end = self.draw(st.sampled_from(["", " " + self.comment()]))
        if self.draw(st.booleans()):
            return [f"{{{', '.join(parts)}{comma}}}{end}"]
        pad = " " * (indent + self.draw(st.integers(1, 3)))
        lines = [f"{pad}{part}," for part in parts]
        if lines:
            lines[-1] = lines[-1][:-1] + comma
        noted = [line + self.draw(st.sampled_from(["", f" {self.comment()}"])) for line in lines]
        return ["{", *noted, f"{pad}}}{end}"]

    def block(self, value: dict[str, Any], indent: int) -> list[list[str]]:
        return [self.aside(indent) + self.pair(key, one, indent) for key, one in value.items()]

    def pair(self, key: str, value: Any, indent: int) -> list[str]:
        lead = " " * indent + key + ":"
        if isinstance(value, dict):
            if not value or self.draw(st.booleans()):
                first, *rest = self.flow(value, indent)
                return [f"{lead} {first}", *rest]
            return [lead, *chain(*self.block(value, indent + self.draw(st.integers(1, 4))))]
        if isinstance(value, list):
            lines = [lead]
            dash = indent + self.draw(st.integers(0, 3))
            for entry in value:
                lines += self.aside(dash)
                if not entry or self.draw(st.booleans()):
                    first, *rest = self.flow(entry, dash)
                else:
                    inner = [self.pair(one, part, dash + 2) for one, part in entry.items()]
                    first, *rest = chain(*inner)
                lines += [" " * dash + "- " + first.lstrip(), *rest]
            return lines
        first, *rest = self.scalar(value, indent, False)
        return [f"{lead} {first}", *rest]


KEYS = st.sampled_from([*ORDER[:-1], "other"])
leaves = paragraphs | st.none()
entries = st.dictionaries(KEYS, leaves, max_size=4)
documents = st.dictionaries(KEYS, leaves | entries | st.lists(entries, min_size=1, max_size=3), min_size=1, max_size=6)


def mappings_of(value: Any, place: Place = ()) -> list[Place]:
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    below = [found for key, part in parts for found in mappings_of(part, (*place, key))]
    return [place, *below] if isinstance(value, dict) else below


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_any_document_in_any_style(data: st.DataObject) -> None:
    value = data.draw(documents)
    written = Written(data.draw)
    chunks = written.block(value, 0)
    newline = data.draw(st.sampled_from(["\n", "\n", "\r\n", "\r"]))
    before = newline.join(chain(*chunks)) + data.draw(st.sampled_from([newline, "", newline * 2]))
    assume(parse("", before.encode()).value == value)  # a note far to the right may belong to the text above
    changes: dict[Place, Any] = {}
    for mapping in data.draw(st.lists(st.sampled_from(mappings_of(value)), min_size=1, max_size=4)):
        place = (*mapping, data.draw(KEYS))
        if not any(place[: len(other)] == other or other[: len(place)] == place for other in changes):
            changes[place] = data.draw(news)

    after = edited(before, changes)

    expected = parse("", before.encode()).value
    replaced = set()
    for place, new in changes.items():
        holder = expected
        for part in place[:-1]:
            holder = holder[part]
        if isinstance(holder.get(place[-1]), (dict, list)):
            replaced.add(place[0])
        holder[place[-1]] = new
    assert parse("", after.encode()).value == expected
    lines = iter(re.split(r"\r\n|\r|\n", after))
    for key, chunk in zip(value, chunks, strict=True):
        if not any(place[0] == key for place in changes):
            assert all(line in lines for line in chunk), "lines of other values are gone, changed or in another order"
        if key not in replaced:
            assert all(after.count(note) == 1 for note in re.findall(r"# note \d+\.", "\n".join(chunk)))

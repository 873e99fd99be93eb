"""Small literal plans, and texts that would rather be something else than text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pinsync.applying.outcome import Outcome, Result
from pinsync.model.resource import Origin
from pinsync.planning.plan import Action, Change, Diagnostic, FieldChange, Inputs, Plan
from pinsync.report.plans import View

INPUTS = Inputs("sha256:c0ffee", "lineage", 3, "sandbox")
VIEW = View("content", "sandbox", {"org_write": "300 a day", "org_read": "1,000 a day"})
SOUP = Origin("autumn/soup.yaml", 1, 1)

HOSTILE = {
    "colour": "\x1b[31mred\x1b[0m",
    "title of the window": "\x1b]0;pwned\x07",
    "link of the terminal": "\x1b]8;;https://evil.example\x07click\x1b]8;;\x07",
    "control of eight bits": "\x9b31m \x85 \x90",
    "erasing": "safe\r\x1b[2Kevil\x08\x08\x7f",
    "right to left": "abc\u202egpj.exe\u2066x\u2069\u200f",
    "lines": "one\ntwo\r\nthree\u2028four\u2029five\x0bsix\x0cseven",
    "nothing": "\x00",
    "script": "<script>alert(1)</script>",
    "picture": "<img src=x onerror=alert(1)>",
    "end of the page": "</title></style></body></html><h1>x</h1>",
    "comment": "<!-- x --><![CDATA[y]]><?php z ?>",
    "entities": "&lt;script&gt; &amp; &#60;b&#62; &copy;",
    "attribute": '"\' onload=alert(1) x="',
    "link": "[click](https://evil.example 'title')",
    "picture in Markdown": "![x](https://evil.example/x.png)",
    "reference": "[x][y]\n\n[y]: https://evil.example",
    "automatic link": "<https://evil.example> <me@evil.example>",
    "pipes": "a | b || c \\| d \\\\| e |",
    "backslashes": "\\ \\\\ \\* \\",
    "fence": "```\nrm -rf /\n```",
    "code": "`code` ``code``",
    "emphasis": "*a* **b** _c_ __d__ ~~e~~ ***f***",
    "heading": "# x",
    "rule": "---",
    "list": "- [ ] task",
    "numbers": "1. one",
    "quote": "> quote",
    "table": "|a|b|\n|---|---|\n|c|d|",
    "formula": "$x^2$ $$y$$",
    "markup of the terminal library": "[red]x[/red] [link=https://evil.example]y[/link] :smile:",
    "emoji": "🥣 👩‍👩‍👧 é e\u0301 日本語",
}


def plan_of(*changes: Change, diagnostics: tuple[Diagnostic, ...] = (), cost: Mapping[str, int] | None = None) -> Plan:
    return Plan(changes, diagnostics, cost or {}, INPUTS)


def fields(**values: Any) -> dict[str, FieldChange]:
    return {name: FieldChange(None, value) for name, value in values.items()}


def create(address: str = "pin.autumn/soup", title: str = "Soup", **values: Any) -> Change:
    return Change(address, "pin", Action.CREATE, title, fields=fields(**values), origin=SOUP)


def everywhere(text: str) -> Plan:
    """A plan with the text in every place where text of other people can stand."""
    origin = Origin(text, 1, 1)
    new = fields(board=f"board.{text}", title=text, description=text, alt_text=text, link=text, section=text)
    old = {name: FieldChange(text, text) for name in ("board", "title", "description", "link")}
    slots = FieldChange([{"title": text, "description": None, "link": text}], [{"title": text}])
    media = FieldChange({"image": text}, {"carousel": [text, text]})
    return plan_of(
        Change(f"pin.{text}", "pin", Action.CREATE, text, text, new, origin=origin, notes=(text, text)),
        Change(f"pin.{text}", "pin", Action.UPDATE, text, text, {**old, "slots": slots}, "1", origin=origin),
        Change(text, "pin", Action.HELD, text, text, {"media": media}, text, moved_from=text, origin=origin),
        Change(text, "pin", Action.MOVE, text, "", {}, text, moved_from=text, origin=origin),
        diagnostics=(
            Diagnostic("error", "x", text, text, text, origin),
            Diagnostic("warning", "x", text, "", text),
        ),
        cost={"org_write": 2},
    )


def outcome(result: Result = Result.DONE, action: Action = Action.CREATE, **more: Any) -> Outcome:
    change = Change("pin.autumn/soup", "pin", action, "Soup", origin=SOUP)
    return Outcome(change, result, **more)

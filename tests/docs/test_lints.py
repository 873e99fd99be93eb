"""The documentation lists the rules as they are."""

from __future__ import annotations

import re

from pinsync.content.linting.rules import MEANINGS
from tests.docs.pages import ROOT


def test_the_table_of_rules_is_up_to_date() -> None:
    text = (ROOT / "docs" / "content.md").read_text("utf-8")
    table = text.partition("| rule | finds |\n|---|---|\n")[2].partition("\n\n")[0]
    assert dict(re.findall(r"^\| `([a-z-]+)` \| (.*) \|$", table, re.MULTILINE)) == MEANINGS

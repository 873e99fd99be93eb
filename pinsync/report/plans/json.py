"""A plan as the documented JSON object."""

from __future__ import annotations

import json

from pinsync.planning.plan import Plan, to_json
from pinsync.report.escaping import terminal
from pinsync.report.plans import View


def render(plan: Plan, view: View) -> str:
    """The JSON object, the same whoever looks."""
    text = json.dumps(to_json(plan), ensure_ascii=False, indent=2)
    # What terminal() makes of a character inside a JSON string is JSON's own escape of it.
    return "".join(f"{terminal(line)}\n" for line in text.split("\n"))

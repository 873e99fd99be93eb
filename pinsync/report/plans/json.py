"""A plan as the documented JSON object."""

from __future__ import annotations

import json

from pinsync.planning.plan import Plan, to_json
from pinsync.report.plans import View


def render(plan: Plan, view: View) -> str:
    """The JSON object, the same whoever looks."""
    return json.dumps(to_json(plan), ensure_ascii=False, indent=2) + "\n"

"""What a plan has to say, as annotations at the lines of the YAML files."""

from __future__ import annotations

from pinsync.content.problems import Problem
from pinsync.planning.plan import Plan

_SEVERITIES = {"error": "error", "warning": "warning", "info": "notice"}


def of_plan(plan: Plan) -> list[Problem]:
    """The diagnostics that have a place."""
    return [
        Problem(
            one.origin.file,
            one.origin.line,
            one.origin.column,
            one.code,
            one.message,
            one.advice,
            severity=_SEVERITIES[one.severity],
        )
        for one in plan.diagnostics
        if one.origin
    ]

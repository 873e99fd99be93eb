"""Plans in files: written by ``plan --out``, applied later, and refused when what they were made from has changed."""

from __future__ import annotations

import json
import os
from pathlib import Path

from pinsync import __version__
from pinsync.errors import PlanRefused, UsageError
from pinsync.planning.plan import Inputs, Plan, from_json, to_json


def save(plan: Plan, root: Path, file: Path) -> None:
    """Writes the plan, readable by its owner only. Raises UsageError when the file cannot be written."""
    document = {**to_json(plan), "pinsync_version": __version__, "root": str(root)}
    temporary = file.with_name(f"{file.name}.{os.getpid()}.tmp")
    try:
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            json.dump(document, stream, ensure_ascii=False, indent=1)
        temporary.replace(file)
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror}") from error


def is_plan_file(path: Path) -> bool:
    """Whether the argument of ``apply`` names a saved plan rather than content."""
    return path.is_file() and path.suffix not in (".yaml", ".yml")


def load(file: Path) -> tuple[Plan, Path]:
    """The plan in a file, and the content root it was made for.

    Raises PlanRefused when the file is no plan of this pinsync.
    """
    try:
        document = json.loads(file.read_text("utf-8"))
        plan = from_json(document)
        root = Path(document["root"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise PlanRefused(
            f"{file} is not a plan that this pinsync can read", "Make it with `pinsync plan --out`."
        ) from error
    return plan, root


def check_fresh(planned: Inputs, present: Inputs) -> None:
    """Raises PlanRefused unless the plan was made from exactly what is there now."""
    changed = []
    if planned.content != present.content:
        changed.append("the content or a picture changed")
    if planned.lineage != present.lineage:
        changed.append("it belongs to another state")
    elif planned.serial != present.serial:
        changed.append("something was applied")
    if planned.environment != present.environment:
        changed.append(f"it was made for {planned.environment}, not {present.environment}")
    if changed:
        raise PlanRefused(f"the saved plan is out of date: since it was made, {' and '.join(changed)}", "Plan again.")

"""A content root as a gallery: its content, and the plan that the badges come from."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pinsync.applying.saved import load as load_plan
from pinsync.content.linting.running import lint
from pinsync.content.loading import Content, load
from pinsync.content.problems import ERROR, ordered
from pinsync.errors import ContentError, PinsyncError
from pinsync.gallery.arranging import gallery_of
from pinsync.gallery.cards import Gallery
from pinsync.planning.plan import Plan
from pinsync.session import open_session

_NO_PLAN = "There is no plan as long as the content has errors, so nothing says here what would happen"


@dataclass(frozen=True, slots=True)
class Looking:
    """How to look at the content root at or above ``start``. The plan is the one in the file ``saved``, or one made now:
    after reading Pinterest with ``refresh``, else from content and state alone."""

    start: Path
    environ: Mapping[str, str]
    saved: Path | None = None
    refresh: bool = False
    tell: Callable[[str], None] = lambda sentence: None

    def strictly(self) -> Gallery:
        """The gallery of content without errors. Raises PinsyncError."""
        content = load(self.start)
        problems = ordered([*content.problems, *lint(content, only_errors=True)])
        if any(problem.severity == ERROR for problem in problems):
            raise ContentError(problems, content.root)
        plan, notices = self._plan(content)
        return gallery_of(content, plan, notices=notices)

    def anyway(self) -> Gallery:
        """The gallery as far as there is one; what is wrong is in it. Raises UsageError where there is no content root."""
        content = load(self.start)
        problems = ordered([*content.problems, *lint(content, only_errors=True)])
        wrong = any(problem.severity == ERROR for problem in problems)
        if wrong and not self.saved:
            return gallery_of(content, None, problems, [_NO_PLAN])
        try:
            plan, notices = self._plan(content)
        except PinsyncError as error:
            return gallery_of(content, None, problems, [f"There is no plan: {error.message}. {error.advice}".strip()])
        return gallery_of(content, plan, problems, notices)

    def _plan(self, content: Content) -> tuple[Plan, list[str]]:
        if self.saved:
            plan, _ = load_plan(self.saved)
            stale = plan.inputs.content != content.digest
            told = f"The plan in {self.saved.name} is of other content than what is shown here. Plan again"
            return plan, [told] if stale else []
        session = open_session(self.start, self.environ, need_token=self.refresh, tell=self.tell, content=content)
        state = session.read_state()

        async def make() -> Plan:
            if not self.refresh:
                return await session.plan(state, None)
            async with session.client() as client:
                return await session.plan(state, client)

        return asyncio.run(make()), []

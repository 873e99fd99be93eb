"""Runs the rules over loaded content."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pinsync.content.linting.rule import OFF, Finding
from pinsync.content.linting.rules import RULES
from pinsync.content.opening import opened
from pinsync.content.problems import ERROR, WARNING, Problem
from pinsync.content.reporting import Reports
from pinsync.model.resource import Desired

if TYPE_CHECKING:
    from pinsync.content.loading import Content


def lint(content: Content, *, only_errors: bool = False) -> list[Problem]:
    """What the rules find, in the severity that each is set to. Pins with mistakes in them are left for later.

    With ``only_errors``, rules that are an error for no pin do not run.
    """
    findings = Findings(content, only_errors=only_errors)
    for rule in RULES:
        if rule.find and findings.wanted(rule.code):
            for finding in rule.find(findings.pins(rule.code)):
                findings.add(rule.code, finding)
    return findings.problems()


class Findings:
    """What is found in a content root, as far as the configuration and the pins themselves want to know of it."""

    def __init__(self, content: Content, *, only_errors: bool = False) -> None:
        self._content = content
        self._shown = {ERROR} if only_errors else {ERROR, WARNING}
        self._own = [written.lints for written in content.written.values() if written.lints]
        self._reports = Reports()

    def wanted(self, code: str) -> bool:
        """Whether any pin is to be looked at for this rule."""
        base = self._content.settings.lints.get(code, WARNING)
        return base in self._shown or any(lints.get(code) in self._shown for lints in self._own)

    def pins(self, code: str) -> list[Desired]:
        """The pins that a rule is on for, by address."""
        resources = self._content.resources
        return [resources[address] for address in self._content.written if self.level(code, address) != OFF]

    def add(self, code: str, finding: Finding) -> None:
        """Notes a finding; one at the same place with the same words a second time is none."""
        severity = self.level(code, finding.address)
        if severity in self._shown:
            place = self._content.written[finding.address].place(finding.below)
            self._reports.add(*place, code, finding.message, finding.advice, severity)

    def problems(self) -> list[Problem]:
        """All findings with their places. Files with findings are read once more."""
        return self._reports.placed(lambda file: opened(self._content.root, file))

    def level(self, code: str, address: str) -> str:
        """What a rule is set to for a pin."""
        own = self._content.written[address].lints.get(code)
        return own or self._content.settings.lints.get(code, WARNING)

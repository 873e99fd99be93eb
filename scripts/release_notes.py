"""Prints what CHANGELOG.md says of a release, once tag, version and changelog agree: ``python -m scripts.release_notes v1.2.3``."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from pinsync import __version__

CHANGELOG = Path(__file__).resolve().parent.parent / "CHANGELOG.md"

_TAG = re.compile(r"v(\d+\.\d+\.\d+(?:(?:a|b|rc)\d+)?)")
_DATED = re.compile(r"(\S+) \(\d{4}-\d{2}-\d{2}\)")


def notes(tag: str, version: str, changelog: str) -> tuple[str, list[str]]:
    """The section of the release that ``tag`` names, without its heading, and all that stands in the way of releasing it:
    the tag's form, a ``version`` of the package that is another, a section that is missing, undated or empty."""
    found = _TAG.fullmatch(tag)
    if not found:
        return "", [f"{tag} is not the tag of a release. Tag it as v{version}: v, the version, nothing else."]
    wanted = found[1]
    problems = []
    if version != wanted:
        advice = f"Set it to {wanted} in a commit of its own, or tag v{version}."
        problems.append(f"pinsync/__init__.py: the version is {version}, the tag says {wanted}. {advice}")
    sections = _sections(changelog)
    heading = next((heading for heading in sections if heading.split(" ")[0] == wanted), None)
    if heading is None:
        advice = f"Rename `## Unreleased` to `## {wanted} (YYYY-MM-DD)`."
        problems.append(f"CHANGELOG.md: no section for {wanted}; there are {', '.join(sections) or 'none'}. {advice}")
        return "", problems
    line, text = sections[heading]
    if not _DATED.fullmatch(heading):
        problems.append(f"CHANGELOG.md:{line}: `## {heading}` has no date. Write `## {wanted} (YYYY-MM-DD)`.")
    if not text:
        problems.append(f"CHANGELOG.md:{line}: the section is empty. Say what changes for the people who upgrade.")
    return text, problems


def _sections(changelog: str) -> dict[str, tuple[int, str]]:
    """By heading, its line and the text below it."""
    parts = re.split(r"^## (.+)$", changelog, flags=re.MULTILINE)
    sections = {}
    line = parts[0].count("\n") + 1
    for heading, text in zip(parts[1::2], parts[2::2], strict=True):
        sections[heading.strip()] = (line, text.strip())
        line += text.count("\n")
    return sections


def main(arguments: list[str]) -> int:
    """The program; exits 1 where something stands in the way."""
    if len(arguments) != 1:
        print("Name the tag: python -m scripts.release_notes v1.2.3", file=sys.stderr)
        return 2
    text, problems = notes(arguments[0], __version__, CHANGELOG.read_text("utf-8"))
    print(*problems or [text], sep="\n", file=sys.stderr if problems else sys.stdout)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

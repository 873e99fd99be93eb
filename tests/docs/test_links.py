"""Every link within the repository leads somewhere."""

from __future__ import annotations

import pytest

from tests.docs.pages import DOCS, EMULATOR, OTHERS, README, Page


@pytest.mark.parametrize("page", [README, *DOCS, *OTHERS], ids=lambda page: page.name)
def test_links_lead_somewhere(page: Page) -> None:
    assert {link: wrong for link in page.links if (wrong := page.broken(link))} == {}


@pytest.mark.parametrize(
    ("link", "wrong"),
    [
        ("#faults", ""),
        ("#pinsync-emulator", "emulator.md has no such heading"),
        ("commands.md#pinsync-emulator", ""),
        ("commands.md#pinsync-emulate", "commands.md has no such heading"),
        ("no-such-page.md", "there is no such file"),
        ("../../elsewhere.md", "leads out of the repository"),
        ("https://www.pinterest.com/", ""),
    ],
)
def test_broken_links_are_noticed(link: str, wrong: str) -> None:
    found = EMULATOR.broken(link)
    assert found.startswith(wrong) if wrong else not found

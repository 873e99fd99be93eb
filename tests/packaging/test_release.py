"""What a release is called and says."""

from __future__ import annotations

import pytest

from scripts.release_notes import main, notes

CHANGELOG = """\
# Changelog

About versions.

## Unreleased

## 1.1.0rc1 (2026-12-01)

- A candidate.

## 1.0.1

- Undated.

## 1.0.0 (2026-11-30)

- First,
  in two lines.

### Fixed
- Second.
"""


def test_the_notes_are_the_section_of_the_version() -> None:
    assert notes("v1.0.0", "1.0.0", CHANGELOG) == ("- First,\n  in two lines.\n\n### Fixed\n- Second.", [])
    assert notes("v1.1.0rc1", "1.1.0rc1", CHANGELOG) == ("- A candidate.", [])


@pytest.mark.parametrize(
    ("tag", "version", "problems"),
    [
        ("1.0.0", "1.0.0", ["1.0.0 is not the tag of a release. Tag it as v1.0.0"]),
        ("v1.0", "1.0.0", ["v1.0 is not the tag of a release. Tag it as v1.0.0"]),
        ("v1.0.0", "0.9.0", ["pinsync/__init__.py: the version is 0.9.0, the tag says 1.0.0. Set it to 1.0.0"]),
        ("v1.0.1", "1.0.1", ["CHANGELOG.md:11: `## 1.0.1` has no date. Write `## 1.0.1 (YYYY-MM-DD)`."]),
        (
            "v2.0.0",
            "1.0.0",
            [
                "pinsync/__init__.py: the version is 1.0.0, the tag says 2.0.0.",
                "CHANGELOG.md: no section for 2.0.0; there are Unreleased, 1.1.0rc1 (2026-12-01), 1.0.1,",
            ],
        ),
    ],
)
def test_what_stands_in_the_way_is_said_all_at_once(tag: str, version: str, problems: list[str]) -> None:
    found = notes(tag, version, CHANGELOG)[1]
    assert len(found) == len(problems)
    for said, expected in zip(found, problems, strict=True):
        assert said.startswith(expected)


def test_an_empty_section_is_no_release() -> None:
    found = notes("v1.0.0", "1.0.0", "# Changelog\n\n## 1.0.0 (2026-11-30)\n\n## 0.9.0 (2026-01-01)\n- Old.\n")[1]
    assert found == ["CHANGELOG.md:3: the section is empty. Say what changes for the people who upgrade."]


def test_the_program_says_how_it_went(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["v99.0.0"]) == 1
    assert main([]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "the tag says 99.0.0" in err

"""What is remembered of YAML files: it saves reading them and changes nothing else."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from pinsync.content import opening, remembering
from pinsync.content.documents import Document
from pinsync.content.loading import load
from pinsync.content.remembering import Memory
from tests.content.corpus import PIN, root

FILES: Mapping[str, str] = {
    "boards.yaml": "boards:\n- {key: soups, name: Soups, sections: [{key: a, name: A}]}\n- {key: b, name: B}\n",
    "_defaults.yaml": "link_params: {utm_source: p}\n",
    "p.yaml": f"{PIN}title: Ähre\nlink: https://example.com/a\nlifecycle: {{protect: true}}\n",
    "l.yaml": "pins:\n- {id: x, board: soups, section: a, image: soup.jpg}\n- id: y\n  board: {existing: Z}\n  image: soup.jpg\n",
}
Parsed = list[str]


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Parsed:
    """The files that were parsed, of content that counts as written long ago."""
    files: Parsed = []
    parse = opening.parse
    monkeypatch.setattr(opening, "parse", lambda file, data: (files.append(file), parse(file, data))[1])
    monkeypatch.setattr("pinsync.content.caching._RACY", -(10**12))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return files


@pytest.fixture
def content(tmp_path: Path, parsed: Parsed) -> Path:
    """A content root that was read once."""
    (tmp_path / "content").mkdir()
    folder = root(tmp_path / "content", FILES)
    assert load(folder).problems == ()
    parsed.clear()
    return folder


def read(content: Path) -> dict[str, Any]:
    """What the content comes to."""
    found = load(content)
    return {
        name: getattr(found, name) for name in ("resources", "existing", "problems", "places", "written", "settings")
    }


def memory(content: Path) -> Path:
    (file,) = (content.parent / "cache/pinsync/content").iterdir()
    return file


def without_memory(content: Path) -> dict[str, Any]:
    memory(content).unlink()
    return read(content)


def test_files_that_did_not_change_are_not_read_again(content: Path, parsed: Parsed) -> None:
    again = read(content)
    assert parsed == []
    assert again == without_memory(content)
    assert sorted(parsed) == sorted(["pinsync.yaml", *FILES])


def test_a_file_that_changes_while_it_is_read_is_not_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, now = tmp_path / "p.yaml", [1]
    file.write_text(f"{PIN}title: Soup\n")
    stamp, parse = file.stat(), opening.parse

    def slow(name: str, data: bytes) -> Document:
        file.write_text(f"{PIN}title: Stew\n")
        os.utime(file, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
        now[0] += 60
        return parse(name, data)

    monkeypatch.setattr(remembering, "stamp_of", lambda status: [status.st_size, status.st_mtime_ns, 0, status.st_ino])
    titles = []
    for reader in (slow, parse):
        monkeypatch.setattr(opening, "parse", reader)
        memory = Memory(tmp_path, tmp_path / "memory.json", lambda: stamp.st_mtime_ns + now[0] * 10**9)
        titles.append(opening.read(tmp_path, "p.yaml", memory, lambda value: "pin").value["title"])
        memory.save()
    assert titles == ["Soup", "Stew"]


def same_size_and_time(file: Path) -> None:
    before = file.stat()
    file.write_bytes(file.read_bytes().replace("Ähre".encode(), "Öhre".encode()))
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


def another_file(file: Path) -> None:
    other = file.with_name("other")
    other.write_text(f"{PIN}title: Other\n")
    other.replace(file)


@pytest.mark.parametrize("change", [same_size_and_time, another_file])
def test_a_change_is_seen(change: Callable[[Path], None], content: Path, parsed: Parsed) -> None:
    before = load(content)
    change(content / "p.yaml")
    assert load(content).resources["pin.p"].fields["title"] != before.resources["pin.p"].fields["title"]
    assert parsed == ["p.yaml"]


def test_a_file_that_may_change_within_the_same_moment_is_not_remembered(
    content: Path, parsed: Parsed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    monkeypatch.setenv("XDG_CACHE_HOME", str(content.parent / "cache"))
    (content / "p.yaml").write_text(f"{PIN}title: One\n")
    load(content)
    assert b"One" not in memory(content).read_bytes()


def test_what_is_wrong_elsewhere_is_said_at_its_place_in_a_remembered_file(content: Path, parsed: Parsed) -> None:
    (content / "boards.yaml").write_text("boards:\n- {key: soups, name: Soups}\n")
    (content / "other.yaml").write_text(
        "boards:\n- {key: x, name: Soups}\npins:\n- {id: x, board: nix, image: soup.jpg}\n"
    )
    for _ in range(2):
        problems = load(content).problems
        assert [(one.file, one.line, one.code) for one in problems] == [
            ("l.yaml", 2, "unknown-section"), ("other.yaml", 2, "duplicate-address"), ("other.yaml", 4, "unknown-board"),
        ]  # fmt: skip
    assert problems == without_memory(content)["problems"]


def test_mistakes_and_aliases_are_read_again(content: Path, parsed: Parsed) -> None:
    (content / "p.yaml").write_text(f"{PIN}titel: x\n")
    (content / "l.yaml").write_text(
        "pins:\n- {id: x, board: &b soups, image: soup.jpg}\n- {id: y, board: *b, image: soup.jpg}\n"
    )
    first = read(content)
    parsed.clear()
    assert read(content) == first
    assert parsed.count("l.yaml") == 1
    assert parsed.count("p.yaml") >= 1


def changed(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    return lambda data: data.replace(old, new, 1)


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda data: b"",
    "cut off": lambda data: data[:-9],
    "another text in it": changed(b"Soups", b"Soaps"),
    "of another format": lambda data: b"0" + data[1:],
    "of another version": changed(b" 0.", b" 9."),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_foreign_or_damaged_memory_is_ignored(
    damage: Callable[[bytes], bytes], content: Path, parsed: Parsed
) -> None:
    before, file = read(content), memory(content)
    written = file.read_bytes()
    file.write_bytes(damage(written))
    assert file.read_bytes() != written
    assert read(content) == before
    assert len(parsed) == 1 + len(FILES)
    assert file.read_bytes() == written


def test_a_memory_in_the_way_is_no_error(content: Path, parsed: Parsed) -> None:
    before, file = read(content), memory(content)
    file.unlink()
    (file / "in the way").mkdir(parents=True)
    assert read(content) == before


def test_the_memory_of_roots_that_are_gone_is_deleted(content: Path, parsed: Parsed) -> None:
    old = memory(content).with_name("old.json")
    old.touch()
    os.utime(old, (1, 1))
    (content / "p.yaml").unlink()
    load(content)
    assert memory(content) != old

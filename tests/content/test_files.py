"""What lies in a folder: links, pipes, devices, strange names, what is ignored and what cannot be read."""

from __future__ import annotations

import json
import os
import unicodedata
from pathlib import Path

import pytest

from pinsync.content.loading import load
from pinsync.errors import UsageError
from pinsync.report.problems import FORMATS
from tests.cli.running import pinsync
from tests.content.corpus import PIN, root, write
from tests.content.test_wrong import assert_said
from tests.world import picture

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")
as_user = pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="nothing is forbidden to root")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A content root with a file outside of it that nothing may reach."""
    write(tmp_path / "outside", {"p.yaml": PIN, "secret.jpg": picture(), "_defaults.yaml": "board: soups\n"})
    return root(tmp_path / "content", {})


def said(folder: Path, *expected: tuple[str, str, str]) -> None:
    assert_said(load(folder).problems, expected)


def declared(folder: Path) -> list[str]:
    content = load(folder)
    assert content.problems == ()
    return [address for address in content.resources if address.startswith("pin.")]


@posix
@pytest.mark.parametrize("name", ["p.yaml", "_defaults.yaml", "p.yml"])
def test_a_pipe_in_place_of_a_file_is_not_waited_for(name: str, folder: Path) -> None:
    os.mkfifo(folder / name)
    said(folder, (f"{name}:1:1", "cannot be read: it is a device, a pipe or a socket", ".pinsyncignore"))


@posix
def test_a_pipe_in_place_of_a_picture_is_not_waited_for(folder: Path) -> None:
    os.mkfifo(folder / "it.jpg")
    write(folder, {"p.yaml": "board: soups\nimage: it.jpg\n"})
    said(folder, ("p.yaml:2:8", '"it.jpg" is a device, a pipe or a socket', "Name a picture"))


@posix
def test_a_pipe_in_place_of_the_rules_of_what_is_ignored_is_not_waited_for(folder: Path) -> None:
    os.mkfifo(folder / ".pinsyncignore")
    said(folder, (".pinsyncignore:1:1", "cannot be read: it is a device", "Correct"))


@posix
@pytest.mark.parametrize("name", ["p.yaml", "_defaults.yaml"])
@pytest.mark.parametrize("target", ["../outside/{}", "/etc/passwd", "/dev/zero", "../outside/nowhere"])
def test_a_link_to_a_file_outside_is_not_followed(name: str, target: str, folder: Path) -> None:
    (folder / name).symlink_to(target.format(name))
    said(folder, (f"{name}:1:1", "leads out of the content folder", "Put the file itself here"))


@posix
def test_a_link_to_a_configuration_outside_is_not_followed(folder: Path) -> None:
    (folder / "pinsync.yaml").unlink()
    write(folder.parent / "outside", {"pinsync.yaml": "secret: 1\n"})
    (folder / "pinsync.yaml").symlink_to("../outside/pinsync.yaml")
    said(folder, ("pinsync.yaml:1:1", "leads out of the content folder", "move it aside"))


@posix
@pytest.mark.parametrize("source", ["link.jpg", "links/secret.jpg", "links/../outside/secret.jpg"])
def test_a_picture_outside_is_not_reached_by_a_link(source: str, folder: Path) -> None:
    (folder / "link.jpg").symlink_to("../outside/secret.jpg")
    (folder / "links").symlink_to("../outside")
    write(folder, {"p.yaml": f"board: soups\nimage: {source}\n"})
    said(folder, ("p.yaml:2:8", f'"{source}" leads out of the content folder', "Keep pictures below"))


@posix
def test_links_inside_are_followed(folder: Path) -> None:
    write(folder / "a", {"p.yaml": PIN})
    (folder / "q.yaml").symlink_to("a/p.yaml")
    (folder / "pictures").symlink_to("a")
    write(folder, {"r.yaml": "board: soups\nimage: pictures/soup.jpg\n"})
    assert declared(folder) == ["pin.a/p", "pin.q", "pin.r"]
    assert load(folder).resources["pin.r"].images[0].source == "a/soup.jpg"


@posix
def test_links_to_folders_are_not_searched(folder: Path) -> None:
    (folder / "more").symlink_to("../outside")
    (folder / "loop").symlink_to(".")
    assert declared(folder) == []


@posix
def test_a_link_that_leads_nowhere_or_to_itself_is_named(folder: Path) -> None:
    (folder / "a.yaml").symlink_to("nowhere.yaml")
    (folder / "b.yaml").symlink_to("b.yaml")
    (folder / "c.yaml").symlink_to("d.yaml")
    (folder / "d.yaml").symlink_to("c.yaml")
    (folder / "e.jpg").symlink_to("e.jpg")
    (folder / "f.jpg").symlink_to("nowhere.jpg")
    write(folder, {"e.yaml": "board: soups\nimage: e.jpg\n", "f.yaml": "board: soups\nimage: f.jpg\n"})
    said(
        folder,
        ("a.yaml:1:1", "cannot be read: No such file", "move it aside"),
        ("b.yaml:1:1", "cannot be read: Too many levels", "move it aside"),
        ("c.yaml:1:1", "cannot be read: Too many levels", "move it aside"),
        ("d.yaml:1:1", "cannot be read: Too many levels", "move it aside"),
        ("e.yaml:2:8", '"e.jpg" is a link that leads nowhere', "Put the picture itself there"),
        ("f.yaml:2:8", '"f.jpg" is a link that leads nowhere', "Put the picture itself there"),
    )


@posix
def test_a_link_to_a_folder_with_the_name_of_a_file_is_named(folder: Path) -> None:
    (folder / "a").mkdir()
    (folder / "a.yaml").symlink_to("a")
    said(folder, ("a.yaml:1:1", "cannot be read: it is a folder", "move it aside"))


def test_a_folder_may_have_the_name_of_a_file(folder: Path) -> None:
    write(folder / "soups.yaml", {"p.yaml": PIN})
    assert declared(folder) == ["pin.soups.yaml/p"]


def test_a_folder_as_picture_is_named(folder: Path) -> None:
    (folder / "it.jpg").mkdir()
    write(folder, {"p.yaml": "board: soups\nimage: it.jpg\n"})
    said(folder, ("p.yaml:2:8", '"it.jpg" is a folder', "Name a picture in it"))


@as_user
def test_what_may_not_be_read_is_named(folder: Path) -> None:
    write(folder, {"a.yaml": PIN, "b.yaml": "board: soups\nimage: b.jpg\n", "b.jpg": picture(), "c/p.yaml": PIN})
    for name in ("a.yaml", "b.jpg", "c"):
        (folder / name).chmod(0)
    said(
        folder,
        ("a.yaml:1:1", "cannot be read: Permission denied", "permissions"),
        ("b.yaml:2:8", '"b.jpg" cannot be read: Permission denied', "permissions"),
        ("c/:1:1", "the folder cannot be read: Permission denied", "permissions"),
    )
    (folder / "c").chmod(0o700)


def test_a_picture_too_big_to_be_read_is_not_read(folder: Path) -> None:
    with (folder / "it.jpg").open("wb") as stream:
        stream.truncate(300_000_000)
    write(folder, {"p.yaml": "board: soups\nimage: it.jpg\n"})
    said(folder, ("p.yaml:2:8", '"it.jpg" has 300 MB; pinsync reads at most 200 MB', "1000×1500"))


def test_a_file_too_big_to_be_read_is_not_read(folder: Path) -> None:
    with (folder / "p.yaml").open("wb") as stream:
        stream.truncate(300_000_000)
    said(folder, ("p.yaml:1:1", "more than 1,048,576 bytes", "Split it"))


def test_folders_may_nest_as_deep_as_the_system_allows(folder: Path) -> None:
    deep = folder
    here = os.open(folder, os.O_RDONLY)
    try:
        for _ in range(300):
            os.mkdir("d", dir_fd=here)
            below = os.open("d", os.O_RDONLY, dir_fd=here)
            os.close(here)
            here, deep = below, deep / "d"
    finally:
        os.close(here)
    if len(str(deep)) < 4_000:
        write(deep, {"p.yaml": PIN})
        assert len(declared(folder)) == 1


def test_paths_longer_than_the_system_allows_are_named(folder: Path) -> None:
    here = os.open(folder, os.O_RDONLY)
    try:
        for _ in range(25):
            os.mkdir("d" * 200, dir_fd=here)
            below = os.open("d" * 200, os.O_RDONLY, dir_fd=here)
            os.close(here)
            here = below
    finally:
        os.close(here)
    (problem,) = load(folder).problems
    assert "the folder cannot be read: File name too long" in problem.message


NAMES = {
    "a line break": "a\nb",
    "a carriage return": "a\rb",
    "a colour code": "a\x1b[31mb",
    "a direction mark": "a\u202eb",
    "a forged command": "a\n::error::b",
    "a command": "::set-output name=a::b",
    "another command": "##[error]b",
    "what separates properties": "a,b:c%0Ad",
    "a quote": 'a"b',
    "a line separator": "a\u2028b",
}


@posix
@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES.keys())
def test_a_strange_file_name_acts_on_nothing(name: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    write(folder, {f"{name}.yaml": "titel: A\n", f"{name}/{name}.yaml": f"board: soups\nimage: {json.dumps(name)}\n"})
    content = load(folder)
    assert len(content.problems) >= 3
    for form in FORMATS:
        out = FORMATS[form](content.problems, content.root)
        assert not any(
            unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp") for character in out if character != "\n"
        )
        assert "##[" not in out
        lines = out.splitlines()
        if form == "github":
            assert all(line.startswith("::error file=") for line in lines)
            assert len(lines) == len(content.problems)
            assert all(
                "," not in part and ":" not in part
                for line in lines
                for part in (line[2:].split("::")[0].split("file=")[1].split(",line=")[0],)
            )
        elif form == "json":
            files = [problem["file"] for problem in json.loads(out)["problems"]]
            assert sorted(files) == sorted(problem.file for problem in content.problems)
        else:
            assert not any(line.lstrip().startswith("::") for line in lines)


@posix
def test_a_file_name_that_is_no_text_is_named(folder: Path) -> None:
    try:
        (folder / os.fsdecode(b"caf\xe9.yaml")).write_text(PIN)
        (folder / os.fsdecode(b"caf\xe9.jpg")).write_bytes(picture())
    except OSError:
        pytest.skip("this system has no such names")
    write(folder, {"p.yaml": "board: soups\nimage: café.jpg\n"})
    for form in FORMATS:
        ran = pinsync("validate", "--format", form, cwd=folder)
        assert (ran.code, ran.err) == (1, "")
        assert "is not UTF-8" in ran.out
    said(folder, (os.fsdecode(b"caf\xe9.yaml:1:1"), "the name of the file or of a folder", "Rename it"),
         ("p.yaml:2:8", "does not exist", "beside this file"))  # fmt: skip


def test_a_picture_is_found_however_its_accents_are_composed(folder: Path) -> None:
    write(folder, {
        "one.yaml": "board: soups\nimage: caf\u00e9.jpg\n", "cafe\u0301.jpg": picture("red"),
        "two.yaml": "board: soups\nimage: u\u0308ber.jpg\n", "\u00fcber.jpg": picture("blue"),
    })  # fmt: skip
    assert declared(folder) == ["pin.one", "pin.two"]


def test_an_address_is_the_same_however_the_name_of_its_file_is_composed(folder: Path) -> None:
    write(folder, {"cafe\u0301/cre\u0300me.yaml": "board: soups\nimage: ../soup.jpg\n"})
    assert declared(folder) == ["pin.caf\u00e9/cr\u00e8me"]


def test_hidden_files_and_folders_are_left_out(folder: Path) -> None:
    write(folder, {".p.yaml": "titel: A", ".drafts/p.yaml": "titel: A", "a/.b/c/p.yaml": "titel: A", "p.yaml": PIN})
    assert declared(folder) == ["pin.p"]


def test_other_content_roots_are_left_out(folder: Path) -> None:
    write(folder, {"other/pinsync.yaml": "nonsense", "other/p.yaml": "titel: A", "other/b/p.yaml": "titel: A"})
    assert declared(folder) == []


@pytest.mark.parametrize(
    ("rules", "left"),
    [
        ("", ["a/b/p", "a/p", "b/p", "p"]),
        ("# p.yaml\n\n", ["a/b/p", "a/p", "b/p", "p"]),
        ("p.yaml", []),
        ("/p.yaml", ["a/b/p", "a/p", "b/p"]),
        ("a/", ["b/p", "p"]),
        ("a", ["b/p", "p"]),
        ("/b/", ["a/b/p", "a/p", "p"]),
        ("b/", ["a/p", "p"]),
        ("a/**/p.yaml", ["b/p", "p"]),
        ("*.yaml\n!boards.yaml\n!/p.yaml", ["p"]),
        ("a/\n!a/p.yaml", ["b/p", "p"]),
        ("a/*\n!a/p.yaml", ["a/p", "b/p", "p"]),
        ("\ufeffa/", ["b/p", "p"]),
        ("a/ \r\nb/\r\n", ["p"]),
    ],
)
def test_what_is_named_in_the_rules_is_left_out(rules: str, left: list[str], folder: Path) -> None:
    for name in ("p.yaml", "a/p.yaml", "a/b/p.yaml", "b/p.yaml"):
        write((folder / name).parent, {"p.yaml": PIN})
    write(folder, {".pinsyncignore": rules})
    assert declared(folder) == [f"pin.{name}" for name in left]


def test_what_is_left_out_is_not_opened(folder: Path) -> None:
    write(folder, {".pinsyncignore": "*.yml\ndrafts/\n", "a.yml": "\0", "drafts/b.yaml": "\0", "_defaults.yml": "a"})
    assert declared(folder) == []


@pytest.mark.parametrize("start", ["nowhere", "x" * 300, "a" * 5_000])
def test_a_start_that_does_not_exist_is_wrong_usage(start: str, folder: Path) -> None:
    with pytest.raises(UsageError, match="does not exist"):
        load(folder / start)


def test_the_root_is_found_from_a_file_and_from_below(folder: Path) -> None:
    write(folder / "a" / "b", {"p.yaml": PIN})
    for start in (folder, folder / "a", folder / "a" / "b" / "p.yaml"):
        assert load(start).root == folder

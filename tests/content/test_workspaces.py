"""Several content roots in one repository."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from pinsync.model.policies import USUAL
from tests.cli.running import Ran, pinsync


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Two accounts, one with another in it, in a repository with one commit on main and a branch."""
    folder = tmp_path / "repository"
    files = {
        "en/pinsync.yaml": "environment: sandbox\n",
        "en/kids/pinsync.yaml": "state: {path: states/kids.json}\n",
        "de/pinsync.yaml": "tier: standard\nprofile: german\nmax_writes: 50\nlimits: {delete: 3}\n"
        "rates: {org_write: {calls: 20, seconds: 60}}\n",
        "node_modules/x/pinsync.yaml": "",
        ".hidden/pinsync.yaml": "",
        "README.md": "",
        "en/a.yaml": "title: A\n",
    }
    for name, text in files.items():
        write(folder, name, text)
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "Begin")
    git(folder, "checkout", "--quiet", "-b", "work")
    return folder


def git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True)


def write(folder: Path, name: str, text: str) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)


def paths(ran: Ran) -> list[str]:
    assert ran.code == 0, ran.err
    return [row["path"] for row in json.loads(ran.out)]


def test_each_has_settings_of_its_own(repository: Path) -> None:
    rows = json.loads(pinsync("workspaces", "--json", cwd=repository).out)
    rates, limits, most = zip(
        *((row.pop("rates"), row.pop("limits"), row.pop("max_writes")) for row in rows), strict=True
    )
    assert most == (50, None, None)
    assert [limit["delete"] for limit in limits] == [3, USUAL.limits["delete"], USUAL.limits["delete"]]
    writes = [rate["org_write"] for rate in rates]
    assert writes == [[{"calls": 20, "seconds": 60}], *[[{"calls": 300, "seconds": 86_400}]] * 2]
    assert rows == [
        {
            "path": "de",
            "environment": "production",
            "tier": "standard",
            "profile": "german",
            "state_backend": "local",
            "state": ".pinsync/state.json",
        },
        {
            "path": "en",
            "environment": "sandbox",
            "tier": "trial",
            "profile": "",
            "state_backend": "local",
            "state": ".pinsync/state.json",
        },
        {
            "path": "en/kids",
            "environment": "production",
            "tier": "trial",
            "profile": "",
            "state_backend": "local",
            "state": "states/kids.json",
        },
    ]
    assert paths(pinsync("workspaces", "en", "--json", cwd=repository)) == [".", "kids"]
    assert pinsync("workspaces", cwd=repository).out.splitlines()[0] == "de  production, standard, profile german"


def test_those_that_the_branch_changed(repository: Path) -> None:
    def changed(*arguments: str) -> list[str]:
        return paths(pinsync("workspaces", *arguments, "--changed-since", "main", "--json", cwd=repository))

    assert changed() == []
    write(repository, "README.md", "more\n")
    assert changed() == []
    write(repository, "en/kids/new.yaml", "title: New\n")
    assert changed() == ["en/kids"], "not committed yet, and of the inner one only"
    git(repository, "mv", "en/a.yaml", "de/a.yaml")
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message", "Move")
    assert changed() == ["de", "en", "en/kids"], "a moved file changes both"
    assert changed("en") == [".", "kids"]
    git(repository, "checkout", "--quiet", "main")
    write(repository, "de/later.yaml", "title: Later\n")
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message", "Later on main")
    git(repository, "checkout", "--quiet", "work")
    assert changed("en/kids") == ["."], "what happens on main is not this branch's"


def test_mistakes_are_told_for_all_and_end_the_job(repository: Path, tmp_path: Path) -> None:
    for name in ("en", "de"):
        write(repository, f"{name}/pinsync.yaml", "tier: gold\n")
    ran = pinsync("workspaces", "--json", cwd=repository)
    assert ran.code == 1
    assert ran.err.count("gold") >= 2
    for revision in ("nope", "--output=x", "main:README.md"):
        refused = pinsync("workspaces", "--changed-since", revision, cwd=repository)
        assert refused.code == 1
        assert "git cannot tell what changed" in refused.err
    assert pinsync("workspaces", "nowhere", cwd=repository).code == 1
    (tmp_path / "plain").mkdir()
    assert pinsync("workspaces", "--changed-since", "main", cwd=tmp_path / "plain").code == 1
    assert not (repository / "x").exists()

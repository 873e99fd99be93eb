"""The action in a pull request and after it: comment, annotations, summary, outputs, deployment."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from pinsync.emulator.server import running
from pinsync.emulator.settings import EmulatorSettings
from tests.github.action import Ran, definition, run_action
from tests.github.fake import REPOSITORY, TOKEN, FakeGitHub, github
from tests.world import BOARDS, picture

SHA, MERGED = "a" * 40, "b" * 40
SOUP = "board: soups\ntitle: Pumpkin soup\nimage: soup.jpg\n"
HOSTILE = "@everyone </details> ::set-output name=x::y ``` ![x](http://evil.example/a.png) \u202eevil\u202c <script>"


class Repository:
    """A checkout with content, beside an emulator of Pinterest and a GitHub."""

    def __init__(self, folder: Path, pinterest: str, fake: FakeGitHub) -> None:
        self.root = folder / "repo"
        (self.root / "content").mkdir(parents=True)
        self.fake = fake
        self.pinterest = pinterest
        self.event: dict[str, object] = {}
        self.write("pinsync.yaml", "environment: emulator\ntier: standard\n")
        self.write("boards.yaml", BOARDS)
        self.write("soup.yaml", SOUP)
        (self.root / "content" / "soup.jpg").write_bytes(picture())

    def write(self, name: str, text: str) -> None:
        (self.root / "content" / name).write_text(text, "utf-8")

    def pull_request(self, number: int, *, fork: bool = False) -> None:
        """From now on, runs are those of this pull request."""
        name = "somebody/pins" if fork else REPOSITORY
        self.event = {"pull_request": {"number": number, "head": {"sha": SHA, "repo": {"full_name": name}}}}

    def run(self, command: str, *, token: bool = True, sha: str = SHA, for_real: bool = False, **inputs: str) -> Ran:
        """The action, once, its steps in a shell as GitHub runs them, or faster. What it says of secrets is looked at."""
        event = self.root.parent / "event.json"
        event.write_text(json.dumps(self.event))
        environ = {
            "GITHUB_API_URL": self.fake.origin, "GITHUB_REPOSITORY": REPOSITORY, "GITHUB_SHA": sha, "GITHUB_RUN_ID": "7",
            "GITHUB_EVENT_PATH": str(event), "GITHUB_TOKEN": TOKEN, "PINTEREST_API_URL": f"{self.pinterest}/v5",
            **({"PINTEREST_ACCESS_TOKEN": "emulator"} if token else {}),
        }  # fmt: skip
        ran = run_action(self.root, {"command": command, "path": "content", **inputs}, environ, for_real=for_real)
        assert TOKEN not in ran.log + ran.summary + "".join(self.fake.ours(5))
        return ran


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[Repository]:
    (tmp_path / "data").mkdir()
    with running(EmulatorSettings(data=tmp_path / "data")) as pinterest, github() as fake:
        yield Repository(tmp_path, pinterest, fake)


def test_the_story_of_a_pull_request(repository: Repository) -> None:
    fake = repository.fake
    for number in range(5):
        fake.say(5, "somebody", f"Nice {number}")
    repository.pull_request(5)
    ran = repository.run("plan", for_real=True)
    assert (ran.code, ran.outputs["has-changes"], ran.outputs["create"]) == (0, "true", "5"), ran.log
    (comment,) = fake.ours(5)
    assert "1 pin" in comment
    assert "5 of your" in comment, "what it costs"
    assert f"https://github.com/{REPOSITORY}/raw/{SHA}/content/soup.jpg" in comment
    assert ran.outputs["comment-url"].startswith("https://github.com/")
    assert "Pumpkin soup" in ran.summary
    assert Path(ran.outputs["plan-file"]).exists()
    assert "Pumpkin soup" in Path(ran.outputs["preview-file"]).read_text("utf-8")

    repository.write("soup.yaml", SOUP.replace("Pumpkin", "Carrot"))
    repository.fake.busy = 2
    assert repository.run("plan").code == 0
    (comment,) = fake.ours(5)
    assert "Carrot soup" in comment
    assert "Pumpkin" not in comment

    repository.event = {}
    fake.merged[MERGED] = 5
    ran = repository.run("apply", sha=MERGED, for_real=True, deployment="true")
    assert (ran.code, ran.outputs["done"], ran.outputs["has-changes"]) == (0, "5", "true"), ran.log
    applied = fake.ours(5)[1]
    assert "5 done" in applied
    assert [(one["ref"], one["status"]["state"]) for one in fake.deployments] == [(MERGED, "success")]

    ran = repository.run("apply", sha=MERGED)
    assert (ran.code, ran.outputs["has-changes"]) == (0, "false")
    assert len(fake.ours(5)) == 2
    assert repository.run("drift").outputs["has-changes"] == "false"


def test_mistakes_are_annotated_at_their_lines_and_named_in_the_comment(repository: Repository) -> None:
    repository.pull_request(5)
    repository.write("soup.yaml", SOUP.replace("title", "titel"))
    ran = repository.run("plan")
    assert ran.code == 1
    assert "::error file=content/soup.yaml,line=2,col=1,title=pinsync unknown-key::" in ran.log
    (comment,) = repository.fake.ours(5)
    assert "1 problem in the content" in comment
    assert "Did you mean" in comment
    repository.write("soup.yaml", SOUP)
    assert repository.run("plan").code == 0
    assert "problem" not in repository.fake.ours(5)[0]


def test_a_fork_gets_its_content_checked_and_no_secret(repository: Repository) -> None:
    repository.pull_request(5, fork=True)
    repository.fake.permitted = False
    ran = repository.run("plan", token=False)
    assert ran.code == 0, ran.log
    assert "no secrets" in ran.summary
    assert "may not be commented" in ran.log
    assert repository.fake.ours(5) == []
    repository.write("soup.yaml", "board: nowhere\nimage: soup.jpg\n")
    assert repository.run("plan", token=False).code == 1


def test_somebody_elses_comment_with_our_mark_is_left_alone(repository: Repository) -> None:
    repository.pull_request(5)
    repository.run("plan")
    mark = repository.fake.ours(5)[0].splitlines()[0]
    repository.fake.comments[5] = []
    repository.fake.say(5, "somebody", f"{mark}\nmine")
    repository.run("plan")
    assert repository.fake.comments[5][0]["body"].endswith("mine")
    assert len(repository.fake.ours(5)) == 1


def test_hostile_texts_leave_comment_summary_and_log_intact(repository: Repository) -> None:
    repository.pull_request(5)
    repository.write("soup.yaml", f"board: soups\ntitle: {json.dumps(HOSTILE[:100])}\nimage: soup.jpg\n")
    pins = "".join(
        f"  - {{id: p{number}, board: soups, image: soup.jpg, title: 'N{number}', description: {json.dumps(HOSTILE * 6)}}}\n"
        for number in range(150)
    )
    repository.write("many.yaml", f"pins:\n{pins}")
    ran = repository.run("plan", flags="--force")
    assert ran.code == 0, ran.log
    (comment,) = repository.fake.ours(5)
    assert len(comment) <= 65_536
    assert "more did not fit here" in comment
    assert f"[run](https://github.com/{REPOSITORY}/actions/runs/7)" in comment
    for text in (comment, ran.summary):
        assert text.count("</details>") == 1
        assert "@everyone" not in text
        assert "<script" not in text
        assert "\u202e" not in text
        assert not re.search(r"(?<!\\)`", text)
        assert "![x]" not in text
    assert not re.search(r"^::set-output|^\s*::(?!error|warning|notice)", ran.log, re.MULTILINE)


def test_what_is_held_can_fail_the_step(repository: Repository) -> None:
    repository.run("apply")
    (repository.root / "content" / "soup.yaml").unlink()
    repository.pull_request(5)
    assert repository.run("plan").code == 0
    ran = repository.run("plan", **{"fail-on": "held"})
    assert (ran.code, ran.outputs["held"]) == (1, "1")
    pruned = repository.run("plan", prune="true")
    assert pruned.outputs["delete"] == "1"


def test_every_output_is_one_that_the_action_has_and_every_action_is_pinned() -> None:
    action = definition()
    assert all(f"steps.run.outputs.{name}" in entry["value"] for name, entry in action["outputs"].items())
    used = [step["uses"] for step in action["runs"]["steps"] if "uses" in step]
    assert used
    assert all(re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", one) for one in used)

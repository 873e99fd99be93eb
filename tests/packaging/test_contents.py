"""What is built has everything: the wheel to run, the sdist to build, test and check from."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from hatchling.builders.plugin.interface import BuilderInterface
from hatchling.builders.sdist import SdistBuilder
from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).parents[2]


def tracked(*folders: str) -> set[str]:
    if not shutil.which("git") or not (ROOT / ".git").exists():
        pytest.skip("only a clone knows which files belong to it")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--", *folders], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return {name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()}


def built(builder: BuilderInterface) -> Iterator[str]:  # type: ignore[type-arg]
    return (Path(file.distribution_path).as_posix() for file in builder.recurse_included_files())


def test_the_sdist_has_every_file_of_the_repository() -> None:
    assert tracked() - set(built(SdistBuilder(str(ROOT)))) == set()


def test_the_wheel_has_the_package_with_schemas_and_examples_and_nothing_else() -> None:
    builder = WheelBuilder(str(ROOT))
    beside = {f"pinsync/{name}" for name in tracked("schemas", "examples/content")}
    forced = {
        Path(file.distribution_path).as_posix() for file in builder.recurse_forced_files(builder.config.force_include)
    }
    # What a plan of the examples leaves there is on no machine that builds a release.
    found = {file for file in (*built(builder), *forced) if "/.pinsync/" not in file}
    assert found == tracked("pinsync") | beside
    assert "pinsync/py.typed" in tracked("pinsync")
    assert list(builder.config.shared_data.values()) == ["share/man/man1/pinsync.1"]


def test_links_of_the_description_lead_to_the_files_of_the_version() -> None:
    metadata = WheelBuilder(str(ROOT)).metadata
    text = metadata.core.readme
    assert f"](https://github.com/pinsync/pinsync/blob/v{metadata.version}/docs/content.md)" in text
    assert "](docs/" not in text
    assert text.count("\n") == (ROOT / "README.md").read_text("utf-8").count("\n")

"""``pinsync demo``."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from importlib import resources
from pathlib import Path

import click

from pinsync.errors import PinsyncError


@click.command("demo", short_help="See plan and apply work on examples, without an account.")
@click.option("--serve", is_flag=True, help="Keep the emulator running at the end, to look at the boards in a browser.")
def command(serve: bool) -> None:
    """Plays the whole story in a temporary folder: the example content is checked, planned and applied to an embedded
    emulator, a second plan is empty, and a changed title becomes one update."""
    from pinsync.emulator.server import running
    from pinsync.emulator.settings import EmulatorSettings

    folder = Path(tempfile.mkdtemp(prefix="pinsync-demo-"))
    content, data = folder / "content", folder / "emulator"
    shutil.copytree(_examples(), content, ignore=shutil.ignore_patterns(".pinsync"))
    data.mkdir()
    with running(EmulatorSettings(data=data)) as origin:
        click.echo(f"An emulator of Pinterest runs at {origin}; the example content is in {content}.")
        story = _Story(content, origin)
        story.tell("Is the content in order? (offline, no account needed)", "validate")
        story.tell("What would be done?", "plan")
        story.tell("Do it:", "apply", "--auto-approve")
        story.tell("Is anything left to do?", "plan", "--detailed-exitcode")
        changed = story.change_a_title()
        story.tell(f"An editor changed a title in {changed}. What now?", "plan")
        story.tell("One call, with just that field:", "apply", "--auto-approve")
        story.tell("And it is settled again:", "plan", "--detailed-exitcode")
        click.echo("\nWhere to look:")
        click.echo(f"  the content   {content}")
        click.echo(f"  the state     {content / '.pinsync' / 'state.json'}")
        if serve:
            click.echo(f"  the boards    {origin}/   (Ctrl-C ends the emulator)")
            try:
                sys.stdin.read() if not sys.stdin.isatty() else click.pause("")
            except KeyboardInterrupt:
                click.echo()
            return
    click.echo(f"  the boards    pinsync emulator --data {data}   and then http://127.0.0.1:8321/ in a browser")
    click.echo("\nYour own content: pinsync init my-pins")


class _Story:
    """Runs commands as a user would, showing each before its output."""

    def __init__(self, content: Path, origin: str) -> None:
        self._content = content
        self._environ = {**os.environ, "PINTEREST_API_URL": f"{origin}/v5", "PINTEREST_ACCESS_TOKEN": "emulator"}

    def tell(self, sentence: str, *arguments: str) -> None:
        """Says what comes, runs ``pinsync`` with the arguments, and ends the demo if that fails."""
        click.echo(f"\n{sentence}\n$ pinsync {' '.join(arguments)}")
        sys.stdout.flush()
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-m", "pinsync", *arguments], cwd=self._content, env=self._environ, check=False
        )
        if done.returncode:
            raise PinsyncError(f"that ended with exit code {done.returncode}", "What is said above tells why.")

    def change_a_title(self) -> str:
        """Edits the first one-pin file that has a title, and returns its path."""
        for file in sorted(self._content.rglob("*.yaml")):
            lines = file.read_text("utf-8").splitlines(keepends=True)
            for number, line in enumerate(lines):
                if line.startswith("title: ") and file.name != "_defaults.yaml":
                    lines[number] = "title: A better title, chosen by the editor\n"
                    file.write_text("".join(lines), "utf-8")
                    return file.relative_to(self._content).as_posix()
        raise PinsyncError("the example content has no title to change", "Install pinsync anew.")


def _examples() -> Path:
    packaged = resources.files("pinsync") / "examples" / "content"
    # A checkout keeps the examples beside the package; the wheel carries them inside.
    return Path(str(packaged)) if packaged.is_dir() else Path(__file__).parents[2] / "examples" / "content"

"""Takes the pictures of docs/images/ in the system's Chromium: ``make screenshots``.

They show examples/content after somebody edited it: the gallery at three widths, light and dark, and what a pull request with the
same edits is told, as GitHub would show it.
"""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt
from PIL import Image, ImageOps

from pinsync.emulator.server import running
from pinsync.emulator.settings import EmulatorSettings
from scripts.browser import chromium, installed

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "images"
SIZES = {1280: (1500, 0.7), 768: (1300, 0.7), 390: (1000, 0.9)}
"""By the width of the page its height, in pixels, and how many pixels of the picture each of these is."""

_MOST = 190_000  # bytes of a file
_SCALES = (1.0, 0.85, 0.75, 0.65)
_RAW = "https://github.com/example/kitchen/raw/"
_GITHUB = {
    "GITHUB_REPOSITORY": "example/kitchen",
    "GITHUB_SHA": "3f9c1d7a52e0b48c6d1f2a9e7b5c4d3e2f1a0b9c",
    "GITHUB_SERVER_URL": "https://github.com",
    "GITHUB_RUN_ID": "1048576",
}
_ALL_DRAWN = """() => Promise.all([...document.images]
  .filter((one) => one.checkVisibility({contentVisibilityAuto: true}))
  .map((one) => { one.loading = "eager"; return one.decode(); }))"""
_COMMENT = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Comment</title><style>
  body {{ margin: 0; padding: 24px; background: #fff; color: #1f2328; font: 14px/1.5 "Liberation Sans", Arial, sans-serif; }}
  .comment {{ border: 1px solid #d1d9e0; border-radius: 6px; }}
  .by {{ padding: 8px 16px; border-bottom: 1px solid #d1d9e0; border-radius: 6px 6px 0 0; background: #f6f8fa; color: #59636e; }}
  .by b {{ color: #1f2328; }}
  .by span {{ margin-left: 4px; padding: 0 6px; border: 1px solid #d1d9e0; border-radius: 99px; font-size: 12px; }}
  .body {{ padding: 16px; }}
  h3 {{ margin: 0 0 16px; font-size: 17.5px; }}
  table {{ width: 100%; margin: 16px 0; border-collapse: collapse; }}
  th, td {{ padding: 6px 13px; border: 1px solid #d1d9e0; text-align: left; vertical-align: top; }}
  tr:nth-child(2n) {{ background: #f6f8fa; }}
  code {{ padding: 2px 5px; border-radius: 6px; background: #818b981f; font: 12px "DejaVu Sans Mono", monospace; }}
  a {{ color: #0969da; }} img {{ max-width: 100%; border-radius: 2px; }}
</style></head><body><div class="comment"><div class="by"><b>github-actions</b> <span>bot</span> commented</div>
<div class="body">{}</div></div></body></html>"""


def take(folder: Path) -> None:
    """Writes all pictures into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        workspace = Path(temporary)
        content = workspace / "pins"
        shutil.copytree(ROOT / "examples" / "content", content, ignore=shutil.ignore_patterns(".pinsync"))
        data = workspace / "emulator"
        data.mkdir()
        with running(EmulatorSettings(data)) as origin:
            environ = {**os.environ, **_GITHUB, "GITHUB_WORKSPACE": temporary, "PINTEREST_ACCESS_TOKEN": "emulator",
                       "PINTEREST_API_URL": f"{origin}/v5", "NO_COLOR": "1"}  # fmt: skip
            new = _set_aside(content, workspace)
            _pinsync(environ, "apply", str(content), "--auto-approve")
            _edit(content, new)
            plan = workspace / "plan.json"
            _pinsync(environ, "plan", str(content), "--out", str(plan))
            _pinsync(environ, "preview", str(content), "--plan", str(plan), "--out", str(workspace / "preview.html"))
            told = _pinsync(environ, "github", "summary", str(plan), str(content))
        with chromium() as browser:
            for scheme in ("light", "dark"):
                for width, (height, scale) in SIZES.items():
                    viewport = {"width": width, "height": height}
                    page = browser.new_page(viewport=viewport, device_scale_factor=scale, color_scheme=scheme)
                    page.goto((workspace / "preview.html").as_uri())
                    page.evaluate(_ALL_DRAWN)
                    _keep(page.screenshot(), folder / f"gallery-{width}-{scheme}.png")
                    page.close()
            _keep(_comment(browser, told, workspace), folder / "pull-request.png")


def _pinsync(environ: dict[str, str], *arguments: str) -> str:
    command = [sys.executable, "-m", "pinsync", *arguments]
    return subprocess.run(command, env=environ, check=True, capture_output=True, text=True).stdout  # noqa: S603


def _set_aside(content: Path, folder: Path) -> list[Path]:
    """Takes away a pin that will be new."""
    return [Path(shutil.move(file, folder)) for file in sorted((content / "baking").glob("cinnamon-buns.*"))]


def _edit(content: Path, new: list[Path]) -> None:
    """What an editor did since the last apply: a pin is new, one has other words, one another picture, one is gone."""
    for file in new:
        shutil.move(file, content / "baking")
    focaccia = content / "baking" / "focaccia.yaml"
    text = focaccia.read_text("utf-8").replace("No-knead focaccia", "Overnight focaccia")
    focaccia.write_text(text, "utf-8")
    picture = content / "baking" / "baking-apples.jpg"
    with Image.open(picture) as before:
        ImageOps.mirror(before).save(picture, quality=90)
    for file in (content / "soups").glob("beetroot-soup.*"):
        file.unlink()


def _comment(browser: Any, markdown: str, workspace: Path) -> bytes:
    html = MarkdownIt("commonmark", {"html": True}).enable("table").render(markdown)
    page = browser.new_page(viewport={"width": 900, "height": 400})

    def serve(route: Any) -> None:
        # As GitHub does for the files of a commit.
        route.fulfill(path=workspace / route.request.url.removeprefix(_RAW).partition("/")[2])

    page.route(f"{_RAW}**", serve)
    page.set_content(_COMMENT.format(html), wait_until="networkidle")
    return page.screenshot(full_page=True)


def _keep(data: bytes, file: Path) -> None:
    """Writes a picture with few colours, and smaller where that is not enough."""
    with Image.open(io.BytesIO(data)) as taken:
        for scale in _SCALES:
            size = (round(taken.width * scale), round(taken.height * scale))
            picture = taken.convert("RGB").resize(size, Image.Resampling.LANCZOS)
            out = io.BytesIO()
            picture.quantize(palette=_palette(picture), dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
            if out.tell() <= _MOST:
                break
        file.write_bytes(out.getvalue())
        print(f"{file.relative_to(ROOT)}: {out.tell():,} bytes")


def _palette(picture: Image.Image) -> Image.Image:
    """256 colours: the commonest, which are those of the page, as they are, and for the rest what stands for many."""
    found = picture.getcolors(picture.width * picture.height) or []
    common = [colour for _, colour in sorted(found, reverse=True)[:48] if isinstance(colour, tuple)]
    rest = picture.quantize(256 - len(common)).getpalette() or []
    palette = Image.new("P", (1, 1))
    palette.putpalette([part for colour in common for part in colour] + rest)
    return palette


if __name__ == "__main__":
    if not installed():
        sys.exit("Chromium is not installed")
    take(FOLDER)

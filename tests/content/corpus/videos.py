"""Videos that are not there, that are none, or that Pinterest does not take; and their covers."""

from __future__ import annotations

from tests.content.corpus import Wrong, wrong
from tests.videos import video
from tests.world import picture


def named(name: str, source: str, message: str, advice: str, **files: bytes) -> Wrong:
    """A pin of the video ``source`` beside other files: ``a__mp4`` stands for ``a.mp4``."""
    beside = {key.replace("__", "."): content for key, content in files.items()}
    return wrong(f"a video: {name}", {"p.yaml": f"board: soups\nvideo: {source}\n", **beside},
                 ("p.yaml:2:8", message, advice))  # fmt: skip


def content(name: str, data: bytes, message: str, advice: str) -> Wrong:
    """A pin of a file with this content."""
    return named(f"{name} named .mp4", "it.mp4", f'"it.mp4" {message}', advice, it__mp4=data)


def cover(value: str, message: str, advice: str, **files: bytes) -> Wrong:
    """A pin of a video of five seconds with this cover."""
    beside = {key.replace("__", "."): data for key, data in files.items()}
    text = f"board: soups\nvideo: soup.mp4\ncover: {value}\n"
    return wrong(f"a cover: {value}", {"p.yaml": text, "soup.mp4": video(), **beside}, ("p.yaml:3:8", message, advice))


CASES = [
    named("missing", "dinner.mp4", "does not exist", "Put the video beside this file"),
    named("misspelt", "sopu.mp4", "does not exist", "Did you mean soup.mp4?", soup__mp4=video()),
    named("a folder", ".", "is a folder, not a video", "Name a video in it"),
    named("above the root", "../../soup.mp4", "leads out of the content folder", "Keep videos below"),
    named("on the web", "https://example.com/soup.mp4", "Pinterest takes videos as files only", "Download it"),
    content("an empty file", b"", "is empty", "again"),
    content("a film of a telephone", video(brand=b"3gp4"), "is a 3GP video; Pinterest takes MP4, M4V and MOV", "H.264"),
    content("a text", b"Pour the soup into bowls.\n" * 40, "is not a video that can be read", "MP4 with H.264"),
    content("a web page", b"<!DOCTYPE html><html><body>404</body></html>", "is a web page, not a video", "itself"),
    content("a Git LFS pointer", b"version https://git-lfs.github.com/spec/v1\nsize 1\n", "is a Git LFS pointer", "git lfs"),
    content("a picture", picture(), "is a JPEG picture, not a video", "`image:`"),
    content("a GIF", picture(form="GIF"), "is a GIF, not a video", "MP4 and MOV"),
    content("a video cut off in its frames", video(padding=900)[:-300], "is cut off: the end of it is missing", "again"),
    content("a video cut off before its index", video(index_last=True)[:200], "is cut off: the index (moov)", "again"),
    content("sound without pictures", video(sound_only=True), "has sound but no pictures", "with its pictures"),
    content("a video too short", video(3.9), "is 3.9 seconds long; Pinterest takes videos from 4 seconds on", "longer"),
    content("a video too long", video(901), "is 15.0 minutes long; Pinterest takes at most 15", "two pins"),
    content("a video too narrow", video(size=(480, 1000)), "is 480×1000 pixels, more than twice as high as wide", "9:16"),
    content("a video too wide", video(size=(1000, 500)), "is 1000×500 pixels, more than 1.91 times", "square"),
    content("a video too wide when shown", video(size=(500, 1000), turned=90), "is 1000×500 pixels", "square"),
    cover("5s", 'the cover "5s" is after the end of the video, which is 5.0 seconds long', "at most 4s"),
    cover("1.5s", 'the cover "1.5s" is not a time in whole seconds', "3s"),
    cover("1m30s", "is not a time in whole seconds", "3s"),
    cover("500ms", "is not a time in whole seconds", "3s"),
    cover("3 seconds", "is not a time in whole seconds", "3s"),
    cover("3", "must be text, not the number 3", "whole seconds such as 3s"),
    cover("0:03", 'cannot be the text "0:03"', "whole seconds such as 3s"),
    cover("cover.jpg", '"cover.jpg" does not exist', "beside this file"),
    cover("cover.png", '"cover.png" is not a picture', "JPEG or PNG", cover__png=b"no picture"),
    cover("http://example.com/a.jpg", "the address", "https"),
    wrong("a pin of a product", {"p.yaml": "board: soups\npin_url: https://example.com/pot\n"},
          ("p.yaml:1:1", "nothing says what the pin shows", "`image:"),
          ("p.yaml:2:1", "unknown key `pin_url`", "Product pins need a beta")),
]  # fmt: skip

"""Pictures that are not there, or are none."""

from __future__ import annotations

import struct
import zlib

from tests.content.corpus import PIN, Wrong, wrong
from tests.world import picture


def image(name: str, source: str, message: str, advice: str, **files: bytes) -> Wrong:
    """A pin of ``source`` beside other files: ``a__jpg`` stands for ``a.jpg``."""
    beside = {key.replace("__", "."): content for key, content in files.items()}
    return wrong(f"an image: {name}", {"p.yaml": f"board: soups\nimage: {source}\n", **beside},
                 ("p.yaml:2:8", message, advice))  # fmt: skip


def content(name: str, data: bytes, message: str, advice: str) -> Wrong:
    """A pin of a file with this content."""
    return image(f"{name} named .jpg", "it.jpg", f'"it.jpg" {message}', advice, it__jpg=data)


def png_header(width: int, height: int) -> bytes:
    """The beginning of a PNG that claims to be of that size."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 99)) + chunk(b"IEND", b"")


LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"

CASES = [
    image("missing", "dinner.png", "does not exist", "beside this file"),
    image("misspelt", "sopu.jpg", "does not exist", "Did you mean soup.jpg?"),
    image("with another ending", "soup.jpeg", "does not exist", "Did you mean soup.jpg?"),
    image("without ending", "soup", "does not exist", "Did you mean soup.jpg?"),
    image("in the wrong case", "Soup.JPG", "does not exist", "Did you mean soup.jpg? Upper and lower case count"),
    image("with a blank after it", "'soup.jpg '", "does not exist", "Did you mean soup.jpg?"),
    image("in a folder that is not there", "pictures/soup.jpg", "neither does its folder", "relative to this file"),
    image("a folder", ".", "is a folder", "Name a picture in it"),
    image("of a very long name", "a" * 5000, "does not exist", "beside this file"),
    image("a data address", f"'data:image/png;base64,{'A' * 5000}'", "does not exist", "relative to this file"),
    image("absolute", "/etc/passwd", '"/etc/passwd" leads out of the content folder', "relative to this file"),
    image("above the root", "../" * 50 + "etc/passwd", "leads out of the content folder", "Keep pictures below"),
    image("with backslashes", "pictures\\soup.jpg", "has a backslash", "a/b.jpg"),
    image("on a drive", "'C:\\soup.jpg'", "has a backslash", "a/b.jpg"),
    image("the file itself", "p.yaml", '"p.yaml" is not a picture', "JPEG or PNG"),
    content("an empty file", b"", "is empty", "again"),
    content("a web page", b"<!DOCTYPE html><html><body>404</body></html>", "is a web page", "not the page that shows it"),
    content("a web page with blanks before it", b"\xef\xbb\xbf\n\n <html lang=en>", "is a web page", "not the page"),
    content("a Git LFS pointer", LFS, "is a Git LFS pointer", "git lfs pull"),
    content("an SVG", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "is an SVG drawing", "PNG"),
    content("an SVG with its head", b"<?xml version='1.0'?><svg/>", "is an XML or SVG file", "PNG"),
    content("a PDF", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "is a PDF", "JPEG or PNG"),
    content("PostScript", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\nshowpage\n",
            "is a PostScript drawing", "PNG"),
    content("a Photoshop file", b"8BPS\0\1" + bytes(20), "is a Photoshop file", "JPEG or PNG"),
    content("a video", b"\0\0\0\x20ftypisom\0\0\2\0isomiso2mp41" + bytes(40), "is a video", "a frame of it"),
    content("a photograph of a telephone", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(40),
            "is a HEIC photograph", "pinsync[heic]"),
    content("nonsense", b"\0\1\2\3" * 100, "is not a picture", "JPEG or PNG"),
    content("an icon", b"\0\0\1\0\1\0\x10\x10\0\0\1\0\x20\0\x68\4\0\0\x16\0\0\0" + bytes(1200), "is not a picture", "JPEG or PNG"),
    content("a text", b"P3 1 1 255 0 0 0\n", "is not a picture", "JPEG or PNG"),
    content("half a JPEG", picture(size=(200, 300))[:900], "is damaged", "again"),
    content("the beginning of a JPEG", picture()[:30], "is damaged", "again"),
    content("half a PNG", picture(form="PNG", size=(200, 300))[:-300], "is damaged", "again"),
    content("a PNG with a wrong sum", picture(form="PNG").replace(b"IDAT", b"IDAt", 1), "is not a picture", "JPEG or PNG"),
    content("half a GIF", picture(form="GIF", size=(200, 300))[:-200], "is damaged", "again"),
    content("half a WebP", picture(form="WEBP", size=(200, 300))[:60], "is ", ""),
    content("half a TIFF", picture(form="TIFF")[:60], "is ", ""),
    content("a bomb of pixels", png_header(60_000, 60_000), "has too many pixels", "1000×1500"),
    content("somewhat too many pixels", png_header(13_000, 13_000),
            "has 13000×13000 pixels; pinsync decodes at most 150 million", "1000×1500"),
    content("a PNG of no pixels", png_header(0, 10), "is ", ""),
    wrong("one picture missing for several pins, said for each", {"a.yaml": f"{PIN}", "list.yaml":
          "pins:\n- {id: a, board: soups, image: sou.jpg}\n- {id: b, board: soups, image: sou.jpg}\n"},
          ("list.yaml:2:32", "does not exist", "soup.jpg"), ("list.yaml:3:32", "does not exist", "soup.jpg")),
    wrong("all pictures of a carousel", {"p.yaml": "board: soups\ncarousel:\n- image: a.jpg\n- image: /b.jpg\n- image: p.yaml\n"},
          ("p.yaml:3:10", "does not exist", "beside this file"), ("p.yaml:4:10", "leads out", "Keep pictures"),
          ("p.yaml:5:10", "is not a picture", "JPEG")),
    wrong("a picture below a hidden name is only missing", {"p.yaml": "board: soups\nimage: .soup.jpg\n"},
          ("p.yaml:2:8", "does not exist", "soup.jpg")),
]  # fmt: skip

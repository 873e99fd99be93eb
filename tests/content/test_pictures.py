"""Local pictures: what is sent of them, and what is said about it beforehand."""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image as pillow
from PIL import ImageCms, features

from pinsync.content import pictures
from pinsync.content.looks import FARTHEST
from pinsync.content.pictures import payload, probe
from pinsync.content.problems import MediaProblem
from pinsync.errors import PinsyncError

SIZE = (40, 60)
ORIENTATION = 0x0112
# Where the red corner is stored, by the orientation that brings it to the upper left.
CORNERS = {1: (0, 0), 2: (1, 0), 3: (1, 1), 4: (0, 1), 5: (0, 0), 6: (0, 1), 7: (1, 1), 8: (1, 0)}


def drawn(mode: str = "RGB", size: tuple[int, int] = SIZE, corner: tuple[int, int] = (0, 0)) -> pillow.Image:
    """A blue picture with a red corner."""
    picture = pillow.new("RGB", size, "blue")
    half = (size[0] // 2, size[1] // 2)
    picture.paste(
        "red", (corner[0] * half[0], corner[1] * half[1], half[0] * (corner[0] + 1), half[1] * (corner[1] + 1))
    )
    return picture if mode == "RGB" else picture.convert(mode)


def saved(picture: pillow.Image, form: str, **options: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, form, **options)
    return out.getvalue()


def transparent(form: str, **options: Any) -> bytes:
    picture = drawn("RGBA")
    picture.putpixel((39, 59), (0, 0, 0, 0))
    return saved(picture, form, **options)


def palette_with_transparency() -> bytes:
    return saved(drawn("P"), "PNG", transparency=0)


def turned(orientation: int, form: str = "JPEG") -> bytes:
    exif = pillow.Exif()
    exif[ORIENTATION] = orientation
    size = SIZE if orientation < 5 else SIZE[::-1]
    return saved(drawn(size=size, corner=CORNERS[orientation]), form, exif=exif)


def deep(form: str) -> bytes:
    picture = pillow.new("I;16", SIZE, 0x2000)
    for place in product(range(20), range(30)):
        picture.putpixel(place, 0xC000)
    return saved(picture, form)


def moving(form: str) -> bytes:
    return saved(drawn(), form, save_all=True, append_images=[pillow.new("RGB", SIZE, "green")], duration=50)


@dataclass(frozen=True)
class Sent:
    name: str
    data: Callable[[], bytes]
    conversion: str
    content_type: str = "image/jpeg"


CASES = [
    Sent("a JPEG", lambda: saved(drawn(), "JPEG"), ""),
    Sent("a grey JPEG", lambda: saved(drawn("L"), "JPEG"), ""),
    Sent("a progressive JPEG", lambda: saved(drawn(), "JPEG", progressive=True), ""),
    Sent("a JPEG of several pictures", lambda: saved(drawn(), "MPO", save_all=True, append_images=[drawn()]), ""),
    Sent("a CMYK JPEG", lambda: saved(drawn("CMYK"), "JPEG"), "CMYK colours to RGB"),
    Sent("a PNG", lambda: saved(drawn(), "PNG"), "", "image/png"),
    Sent("a transparent PNG", lambda: transparent("PNG"), "", "image/png"),
    Sent("a PNG with a palette", lambda: saved(drawn("P"), "PNG"), "", "image/png"),
    Sent("a transparent PNG with a palette", palette_with_transparency, "", "image/png"),
    Sent("a black and white PNG", lambda: saved(drawn("1"), "PNG"), "", "image/png"),
    Sent("a PNG of 16 bits", lambda: deep("PNG"), "", "image/png"),
    Sent("a moving PNG", lambda: moving("PNG"), "", "image/png"),
    Sent("a WebP", lambda: saved(drawn(), "WEBP"), "WEBP to JPEG"),
    Sent("a transparent WebP", lambda: transparent("WEBP", lossless=True), "WEBP to PNG", "image/png"),
    Sent("a moving WebP", lambda: moving("WEBP"), "WEBP to JPEG, first frame only"),
    Sent("a GIF", lambda: saved(drawn(), "GIF"), "GIF to JPEG"),
    Sent("a transparent GIF", lambda: transparent("GIF"), "GIF to PNG", "image/png"),
    Sent("a moving GIF", lambda: moving("GIF"), "GIF to JPEG, first frame only"),
    Sent("a TIFF", lambda: saved(drawn(), "TIFF"), "TIFF to JPEG"),
    Sent("a compressed TIFF", lambda: saved(drawn(), "TIFF", compression="tiff_lzw"), "TIFF to JPEG"),
    Sent("a CMYK TIFF", lambda: saved(drawn("CMYK"), "TIFF"), "TIFF to JPEG"),
    Sent("a transparent TIFF", lambda: transparent("TIFF"), "TIFF to PNG", "image/png"),
    Sent("a TIFF of 16 bits", lambda: deep("TIFF"), "TIFF to JPEG"),
    Sent("a TIFF of several pages", lambda: moving("TIFF"), "TIFF to JPEG, first frame only"),
    Sent("a BMP", lambda: saved(drawn(), "BMP"), "BMP to JPEG"),
    *[Sent(f"a JPEG turned by EXIF {number}", lambda number=number: turned(number), "turned upright") for number in range(2, 9)],
    Sent("a JPEG with EXIF that turns nothing", lambda: turned(1), ""),
    Sent("a PNG turned by EXIF", lambda: turned(6, "PNG"), "turned upright", "image/png"),
    Sent("a WebP turned by EXIF", lambda: turned(8, "WEBP"), "WEBP to JPEG, turned upright"),
]  # fmt: skip
if features.check("avif"):
    CASES += [
        Sent("an AVIF", lambda: saved(drawn(), "AVIF"), "AVIF to JPEG"),
        Sent("a transparent AVIF", lambda: transparent("AVIF"), "AVIF to PNG", "image/png"),
    ]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_is_sent_is_a_picture_upright_and_as_it_was_said(case: Sent, tmp_path: Path) -> None:
    file = tmp_path / "it"
    file.write_bytes(case.data())
    image = probe("it", file)
    assert (image.conversion, image.width, image.height) == (case.conversion, *SIZE)
    sent = payload(image, file)
    assert sent.content_type == case.content_type
    assert (sent.data == case.data()) == (case.conversion == "")
    shown = pillow.open(io.BytesIO(sent.data))
    assert f"image/{'jpeg' if shown.format == 'MPO' else str(shown.format).lower()}" == sent.content_type
    assert shown.size == SIZE
    assert shown.getexif().get(ORIENTATION, 1) == 1
    if not case.conversion:
        return
    assert shown.mode in ("RGB", "RGBA")
    assert ("A" in shown.mode) == ("transparent" in case.name)
    upper, lower = (shown.convert("RGB").getpixel(place) for place in ((5, 5), (30, 50)))
    assert isinstance(upper, tuple)
    assert isinstance(lower, tuple)
    if "16 bits" in case.name:
        assert (round(upper[0], -1), round(lower[0], -1)) == (190, 30)
    else:
        assert upper[0] > 150 > 90 > upper[2]
        assert lower[2] > 150 > 90 > lower[0]


@pytest.mark.parametrize("case", [case for case in CASES if case.conversion], ids=lambda case: case.name)
def test_the_same_picture_is_converted_to_the_same_bytes(case: Sent, tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.write_bytes(case.data())
    other.write_bytes(case.data())
    assert payload(probe("it", one), one) == payload(probe("it", other), other)


def test_the_colour_profile_is_kept_where_it_still_fits(tmp_path: Path) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for mode, kept in (("RGB", True), ("CMYK", False), ("L", False)):
        file = tmp_path / mode
        file.write_bytes(saved(drawn(mode), "TIFF", icc_profile=profile))
        sent = pillow.open(io.BytesIO(payload(probe(mode, file), file).data))
        assert (sent.info.get("icc_profile") == profile) is kept


NOISE = random.Random(1).randbytes(300 * 300 * 3)
LIMIT = 1_000_000


@pytest.fixture
def small_limit(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Pictures of 20 MB take too long to make; the limit is lowered instead."""
    return lambda limit: monkeypatch.setattr(pictures, "MAX_SENT", limit)


@pytest.mark.parametrize(
    ("form", "mode", "limit", "content_type", "conversion"),
    [
        ("JPEG", "RGB", 100_000, "image/jpeg", "compressed to have at most"),
        ("JPEG", "RGB", 30_000, "image/jpeg", "made smaller to have at most"),
        ("PNG", "RGB", 150_000, "image/jpeg", "PNG to JPEG, compressed to have at most"),
        ("PNG", "RGBA", 150_000, "image/jpeg", "PNG to JPEG, compressed to have at most"),
        ("PNG", "RGB", 20_000, "image/jpeg", "PNG to JPEG, made smaller to have at most"),
        ("WEBP", "RGBA", 150_000, "image/jpeg", "WEBP to JPEG, compressed to have at most"),
        ("BMP", "RGB", 150_000, "image/jpeg", "BMP to JPEG, compressed to have at most"),
    ],
)
def test_a_picture_too_large_is_made_to_fit(
    form: str, mode: str, limit: int, content_type: str, conversion: str,
    small_limit: Callable[[int], None], tmp_path: Path,
) -> None:  # fmt: skip
    small_limit(limit)
    picture = pillow.frombytes("RGB", (300, 300), NOISE).convert(mode)
    if mode == "RGBA":
        picture.putalpha(128)
    file = tmp_path / "it"
    file.write_bytes(saved(picture, form, **({"quality": 100} if form == "JPEG" else {"lossless": True})))
    assert file.stat().st_size > limit
    image = probe("it", file)
    assert image.conversion.startswith(conversion)
    sent = payload(image, file)
    assert (sent.content_type, len(sent.data) <= limit) == (content_type, True)
    shown = pillow.open(io.BytesIO(sent.data))
    assert (shown.size == (300, 300)) == ("smaller" not in conversion)
    assert payload(probe("it", file), file) == sent


def test_a_transparent_picture_too_large_as_png_gets_a_white_ground(
    small_limit: Callable[[int], None], tmp_path: Path
) -> None:
    small_limit(100_000)
    picture = pillow.frombytes("RGB", (300, 300), NOISE).convert("RGBA")
    picture.paste((0, 0, 0, 0), (0, 0, 100, 100))
    file = tmp_path / "it"
    file.write_bytes(saved(picture, "PNG"))
    shown = pillow.open(io.BytesIO(payload(probe("it", file), file).data))
    pixel = shown.getpixel((20, 20))
    assert isinstance(pixel, tuple)
    assert min(pixel) > 240


@pytest.mark.parametrize("mode", ["I", "F"])
def test_a_picture_that_nobody_can_show_is_refused(mode: str, tmp_path: Path) -> None:
    file = tmp_path / "it"
    file.write_bytes(saved(pillow.new(mode, SIZE), "TIFF"))
    with pytest.raises(MediaProblem, match="32 bits") as caught:
        probe("it", file)
    assert "8 bits" in caught.value.advice


def test_a_picture_wider_than_a_jpeg_can_be_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "it"
    file.write_bytes(saved(pillow.new("1", (70_000, 1)), "TIFF"))
    with pytest.raises(MediaProblem, match="is 70000×1 pixels, and a JPEG has at most 65,500 a side"):
        probe("it", file)


def test_a_picture_that_changed_since_is_not_sent(tmp_path: Path) -> None:
    file = tmp_path / "it"
    for form in ("JPEG", "WEBP"):
        file.write_bytes(saved(drawn(), form))
        image = probe("it", file)
        file.write_bytes(saved(drawn("L"), form))
        with pytest.raises(PinsyncError, match="it changed after the plan was made"):
            payload(image, file)
    file.unlink()
    with pytest.raises(PinsyncError, match="it cannot be read: No such file"):
        payload(image, file)


@pytest.mark.parametrize("progressive", [False, True])
def test_a_large_photograph_is_looked_at_in_full(progressive: bool, tmp_path: Path) -> None:
    noise = random.Random(1).randbytes(40 * 60)
    photograph = pillow.frombytes("L", (40, 60), noise).resize((1_600, 2_400)).convert("RGB")
    file = tmp_path / "it"
    data = saved(photograph, "JPEG", progressive=progressive)
    file.write_bytes(data)
    large = probe("it", file)
    assert (large.width, large.height, large.conversion) == (1_600, 2_400, "")
    file.write_bytes(saved(photograph.resize((400, 600)), "PNG"))
    small = probe("it", file)
    assert (int(large.look[:64], 16) ^ int(small.look[:64], 16)).bit_count() <= FARTHEST
    for length in (len(data) // 3, len(data) - 2_000):
        file.write_bytes(data[:length])
        with pytest.raises(MediaProblem, match="is damaged and cannot be decoded"):
            probe("it", file)


HEALTHY = {case.name: case.data() for case in CASES if case.name in ("a JPEG", "a PNG", "a WebP", "a moving GIF", "a TIFF",
                                                                   "a BMP", "an AVIF", "a JPEG turned by EXIF 6",
                                                                   "a JPEG of several pictures", "a moving PNG")}  # fmt: skip


@settings(deadline=None, max_examples=80)
@given(
    st.sampled_from(sorted(HEALTHY)),
    st.lists(st.tuples(st.integers(0, 9_999), st.integers(0, 255)), max_size=9),
    st.integers(0, 9_999),
)
def test_damage_of_any_kind_is_a_problem_or_none(
    tmp_path_factory: pytest.TempPathFactory, name: str, changes: list[tuple[int, int]], cut: int
) -> None:
    data = bytearray(HEALTHY[name])
    for place, value in changes:
        data[place % len(data)] = value
    file = tmp_path_factory.getbasetemp() / "damaged"
    file.write_bytes(data[: cut % (2 * len(data))])
    try:
        image = probe("it", file)
    except MediaProblem:
        pass  # said in words, which is all that is asked of it
    else:
        assert payload(image, file).data

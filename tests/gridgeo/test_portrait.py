"""Photos are checked, made small, and keep nothing but their pixels."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from gridgeo.portrait import LONGEST_PX, PhotoError, read_photo


def picture(path: Path, size: tuple[int, int] = (300, 400), **how) -> Path:
    image = Image.new("RGB", size, "teal")
    image.paste("orange", (0, 0, size[0], size[1] // 4))
    image.save(path, **how)
    return path


def test_what_a_camera_notes_stays_behind_and_the_picture_stands_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif[0x010F] = "SecretCamera"
    exif.get_ifd(0x8825)[1] = "N"
    path = picture(tmp_path / "a.jpg", exif=exif, comment=b"flat 302")
    assert b"SecretCamera" in path.read_bytes()
    made = read_photo(path)
    for note in (b"SecretCamera", b"302", b"Exif"):
        assert note not in made
    with Image.open(io.BytesIO(made)) as upright:
        assert upright.size == (400, 300)
        assert not upright.getexif()


def test_text_in_a_png_stays_behind_and_clear_parts_become_white(tmp_path: Path) -> None:
    from PIL.PngImagePlugin import PngInfo

    note = PngInfo()
    note.add_text("Comment", "home of the worker")
    Image.new("RGBA", (50, 50), (0, 0, 0, 0)).save(tmp_path / "a.png", pnginfo=note)
    made = read_photo(tmp_path / "a.png")
    assert b"home of" not in made
    with Image.open(io.BytesIO(made)) as flat:
        assert flat.getpixel((25, 25)) == (255, 255, 255)


def test_a_large_photo_is_made_small_and_the_same_each_time(tmp_path: Path) -> None:
    path = picture(tmp_path / "a.png", (3000, 2000))
    with Image.open(io.BytesIO(read_photo(path))) as small:
        assert max(small.size) == LONGEST_PX
    assert read_photo(path) == read_photo(path)


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda p: None, "is not there"),
        (lambda p: p.write_text("<svg onload='x'/>"), "neither PNG nor JPEG"),
        (lambda p: picture(p, format="GIF"), "neither PNG nor JPEG"),
        (lambda p: picture(p, (9000, 9000), format="PNG"), "more than 60 million pixels"),
        (lambda p: p.write_bytes(b"\xff\xd8\xff" + bytes(20_000_001)), "larger than 20 MB"),
        (lambda p: p.mkdir(), "cannot be read"),
    ],
)
def test_what_is_no_photo_is_refused_with_the_reason(tmp_path: Path, make, why: str) -> None:
    path = tmp_path / "photo.png"
    make(path)
    with pytest.raises(PhotoError, match=why):
        read_photo(path)


@pytest.mark.parametrize("kept", [20, 100, 900])
def test_a_photo_cut_short_is_refused(tmp_path: Path, kept: int) -> None:
    path = picture(tmp_path / "a.jpg", (900, 900))
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(PhotoError):
        read_photo(path)

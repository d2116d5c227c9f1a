"""A portrait is upright, cropped, small, and tells no more than the face."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

from maps.photo import PhotoError, portrait


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def opened(photo: bytes) -> Image.Image:
    return Image.open(BytesIO(portrait(photo)))


@pytest.mark.parametrize("size", [(4000, 500), (30, 900), (1, 1), (400, 500)])
@pytest.mark.parametrize("mode", ["RGB", "L", "P", "RGBA", "CMYK"])
def test_every_photo_becomes_four_by_five(size, mode):
    kind = "JPEG" if mode == "CMYK" else "PNG"
    shown = opened(saved(Image.new(mode, size), kind))
    assert (shown.size, shown.mode, shown.format) == ((320, 400), "RGB", "JPEG")


def test_a_photo_taken_sideways_is_turned_upright_and_loses_its_metadata():
    sideways = Image.new("RGB", (200, 100), "white")
    sideways.paste("red", (0, 0, 40, 100))
    exif = Image.Exif()
    exif[0x0112] = 6  # its left is up
    exif[0x010F] = "Camera"
    shown = opened(saved(sideways, "JPEG", exif=exif, quality=95))
    assert not shown.getexif()
    top, bottom = (shown.getpixel((160, y)) for y in (2, 397))
    assert top[1] < 90
    assert bottom[1] > 200


def test_what_is_see_through_turns_white():
    assert (
        min(opened(saved(Image.new("RGBA", (40, 50), (0, 0, 0, 0)), "PNG")).getpixel((9, 9))) > 250
    )


def test_same_photo_same_bytes():
    photo = saved(Image.effect_noise((300, 300), 80), "PNG")
    first = portrait(photo)
    portrait.cache_clear()
    assert portrait(photo) == first


GIF = saved(Image.new("L", (9, 9)), "GIF")
WHOLE = saved(Image.effect_noise((300, 300), 80), "JPEG")


@pytest.mark.parametrize(
    "photo",
    [b"", b"GIF89a", b"<svg/>", WHOLE[: len(WHOLE) // 2], saved(Image.new("L", (9, 9)), "GIF")],
)
def test_what_is_no_photo_is_told(photo):
    with pytest.raises(PhotoError, match="no whole PNG or JPEG"):
        portrait(photo)


def test_a_photo_of_eighty_million_pixels_is_not_opened():
    giant = saved(Image.new("1", (8_000, 10_000)), "PNG")
    with pytest.raises(PhotoError, match="8000 x 10000 pixels"):
        portrait(giant)

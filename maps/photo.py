"""A worker's photo made ready for print: upright, cropped, small, and without its metadata."""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO

from PIL import Image, ImageOps

# 20 mm wide on a card at 400 dots an inch.
_WIDTH_PX = 320
# Larger files are no portraits; Pillow would take hundreds of megabytes to open them.
_MOST_PX = 50_000_000


class PhotoError(ValueError):
    """A photo that cannot be shown; the message says why."""


@lru_cache(maxsize=256)
def portrait(photo: bytes, *, width_px: int = _WIDTH_PX) -> bytes:
    """Return a PNG or JPEG as an upright JPEG portrait, 4 wide and 5 high.

    Where a camera took it and when (EXIF) is left out. Faces sit above the middle of a photo, so
    more is cut off below than above.

    Raises:
        PhotoError: the bytes are no whole PNG or JPEG, or of more than 50 million pixels.
    """
    try:
        with Image.open(BytesIO(photo), formats=("PNG", "JPEG")) as opened:
            if opened.width * opened.height > _MOST_PX:
                size = f"{opened.width} x {opened.height}"
                raise PhotoError(f"the photo has {size} pixels; make it smaller")
            # On white, where it is see-through.
            upright = ImageOps.exif_transpose(opened).convert("RGBA")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PhotoError("the photo has too many pixels; make it smaller") from error
    except (OSError, SyntaxError) as error:
        raise PhotoError("the photo is no whole PNG or JPEG file") from error
    sheet = Image.new("RGBA", upright.size, "white")
    flat = Image.alpha_composite(sheet, upright).convert("RGB")
    fitted = ImageOps.fit(flat, (width_px, width_px * 5 // 4), centering=(0.5, 0.3))
    out = BytesIO()
    fitted.save(out, "JPEG", quality=88)
    return out.getvalue()

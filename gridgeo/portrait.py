"""A worker's photo as it may leave the house: checked, small, and without what a camera notes."""

from __future__ import annotations

import io
import warnings
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

# A photo of 60 million pixels is no portrait; nor is a file of 20 MB.
MOST_BYTES = 20_000_000
MOST_PIXELS = 60_000_000
# As printed: 35 mm at 400 dots an inch.
LONGEST_PX = 560
_FORMATS = ("PNG", "JPEG")


class PhotoError(ValueError):
    """A file that is no photo to be used; the message says why, without the name of the file."""


def read_photo(path: Path) -> bytes:
    """Return a photo (PNG or JPEG) as a new JPEG of at most 560 pixels a side.

    Only its pixels are taken over, upright: place, camera and whatever else the file tells stay
    behind. The same file gives the same bytes.

    Raises:
        PhotoError: no such file, too large, neither PNG nor JPEG, or damaged.
    """
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise PhotoError(f"is larger than {MOST_BYTES // 1_000_000} MB")
        return _redrawn(path.read_bytes())
    except FileNotFoundError as fault:
        raise PhotoError("is not there") from fault
    except OSError as fault:
        raise PhotoError(f"cannot be read ({fault.strerror or 'damaged'})") from fault


def _redrawn(data: bytes) -> bytes:
    with warnings.catch_warnings():
        # pillow only warns of a picture that unpacks to more than memory may hold
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            picture = Image.open(io.BytesIO(data), formats=_FORMATS)
            if picture.width * picture.height > MOST_PIXELS:
                raise PhotoError(f"has more than {MOST_PIXELS // 1_000_000} million pixels")
            picture.load()
        except (Image.DecompressionBombWarning, Image.DecompressionBombError) as fault:
            raise PhotoError(f"has more than {MOST_PIXELS // 1_000_000} million pixels") from fault
        except UnidentifiedImageError as fault:
            raise PhotoError("is neither PNG nor JPEG") from fault
        # pillow raises these too for files cut short or with impossible headers
        except (SyntaxError, ValueError, EOFError) as fault:
            if isinstance(fault, PhotoError):
                raise
            raise PhotoError("is damaged") from fault
    upright = ImageOps.exif_transpose(picture) or picture
    flat = Image.new("RGB", upright.size, "white")
    layer = upright.convert("RGBA")
    flat.paste(layer, mask=layer.getchannel("A"))
    flat.thumbnail((LONGEST_PX, LONGEST_PX), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    flat.save(out, format="JPEG", quality=88, optimize=True, subsampling=0)
    return out.getvalue()

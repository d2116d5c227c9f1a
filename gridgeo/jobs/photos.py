"""Photos of workers that came as one archive, laid beside the table that names them."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path, PurePosixPath

from ..errors import InputError
from ..intake.telling import error

MOST_PHOTOS = 5000
MOST_BYTES = 500 * 1024 * 1024
_ENDINGS = (".png", ".jpg", ".jpeg")


def unpack_photos(archive: Path, folder: Path) -> None:
    """Write the photos of an archive into a folder, under the paths they have in it.

    Raises:
        InputError: it is no zip, holds too much, or a path that leads out of the folder.
    """
    try:
        with zipfile.ZipFile(archive) as zipped:
            parts = [one for one in zipped.infolist() if one.filename.lower().endswith(_ENDINGS)]
            if len(parts) > MOST_PHOTOS or sum(one.file_size for one in parts) > MOST_BYTES:
                most = f"{MOST_PHOTOS:,} photos or {MOST_BYTES // 1024 // 1024} MB"
                raise _refused(archive, f"holds more than {most}", "Send smaller photos")
            astray = [one.filename for one in parts if _leads_out(one.filename)]
            if astray:
                what = f"{len(astray)} paths lead out of it (first: {astray[0]!r})"
                raise _refused(archive, what, "Name photos as seen from the table")
            for one in parts:
                path = folder / one.filename
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(zipped.read(one))  # never more than it says of itself
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, OSError) as fault:
        raise _refused(archive, "cannot be read", "Send a .zip of PNG or JPEG files") from fault


def _leads_out(name: str) -> bool:
    path = PurePosixPath(name)
    return path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name


def _refused(archive: Path, what: str, fix: str) -> InputError:
    return InputError([error("photos-unusable", f"{archive.name}: {what}", fix)])

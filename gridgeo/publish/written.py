"""Files of a folder written all together: beside it first, then each renamed into its place."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path


def write_whole(
    folder: Path, files: Mapping[str, str | bytes], *, gone: Iterable[str] = ()
) -> None:
    """Write files, by names seen from ``folder``; take ``gone`` away once they stand.

    A fault before the last file is made leaves what was there before.

    Raises:
        OSError: the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=".publishing-", dir=folder))
    try:
        for name, content in files.items():
            path = beside / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, bytes):
                path.write_bytes(content)
            else:
                path.write_text(content, encoding="utf-8", newline="")
        for name in files:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
        for name in files:
            (beside / name).replace(folder / name)
        for name in gone:
            (folder / name).unlink(missing_ok=True)
    finally:
        shutil.rmtree(beside, ignore_errors=True)

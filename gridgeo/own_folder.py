"""A folder of a process of its own, which the next process sweeps away where this one is killed."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# Held as long as the process lives, whatever ends it.
_LOCK = "lock"


@contextmanager
def own_folder(prefix: str, beside: Path | None = None) -> Iterator[Path]:
    """Give an empty folder until the block ends, and remove those that killed processes left.

    Folders of one ``prefix`` in ``beside`` (the folder for temporary files unless told) are all
    made here; only those of this user that no process holds any more are removed.

    Raises:
        OSError: no folder can be made there.
    """
    where = Path(tempfile.gettempdir()) if beside is None else beside
    _sweep(where, prefix)
    made = Path(tempfile.mkdtemp(prefix=prefix, dir=where))
    try:
        with _held(made):
            inside = made / "work"
            inside.mkdir()
            yield inside
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _sweep(where: Path, prefix: str) -> None:
    for folder in where.glob(f"{prefix}*"):
        with contextlib.suppress(OSError):
            # one without a lock is being made just now, or is somebody else's
            if folder.stat().st_uid == os.getuid() and (folder / _LOCK).is_file():
                with _held(folder):
                    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Hold the lock of a folder; BlockingIOError where a process that lives holds it."""
    with (folder / _LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield

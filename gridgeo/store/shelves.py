"""A folder or a .zip that an export stands in: written whole or not at all, read by name."""

from __future__ import annotations

import os
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol, cast

from .errors import Conflict, Damaged, NotFound

# what the library says of archives with a changed byte; RuntimeError: "encrypted", or so it seems
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError)


class Shelf(Protocol):
    """Named files, "/" between the parts of a name."""

    def names(self) -> set[str]:
        """Return the names of all files."""

    def reading(self, name: str) -> BinaryIO:
        """Open a file to read.

        Raises:
            Damaged: there is none of this name.
        """

    def writing(self, name: str) -> BinaryIO:
        """Open a new file to write."""


class _Folder:
    def __init__(self, path: Path) -> None:
        self.path = path

    def names(self) -> set[str]:
        files = (path for path in self.path.rglob("*") if path.is_file())
        return {path.relative_to(self.path).as_posix() for path in files}

    def reading(self, name: str) -> BinaryIO:
        try:
            return (self.path / name).open("rb")
        except FileNotFoundError:
            raise Damaged(f"The export lacks the file {name}.") from None

    def writing(self, name: str) -> BinaryIO:
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("xb")


class _Zip:
    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.archive = archive

    def names(self) -> set[str]:
        return {name for name in self.archive.namelist() if not name.endswith("/")}

    def reading(self, name: str) -> BinaryIO:
        try:
            return cast(BinaryIO, self.archive.open(name))
        except KeyError:
            raise Damaged(f"The export lacks the file {name}.") from None

    def writing(self, name: str) -> BinaryIO:
        # a date of its own would make the bytes of equal stores differ
        entry = zipfile.ZipInfo(name)
        entry.compress_type = zipfile.ZIP_DEFLATED
        return cast(BinaryIO, self.archive.open(entry, "w", force_zip64=True))


@contextmanager
def new_shelf(path: Path) -> Iterator[Shelf]:
    """Give a shelf to fill; it stands at ``path``, for its owner alone, once all is written.

    A name that ends in .zip is one file, another one a folder.

    Raises:
        Conflict: something stands there.
        OSError: the folder above cannot be written.
    """
    with beside(path) as draft:
        if path.suffix.lower() == ".zip":
            with zipfile.ZipFile(draft, "x") as archive:
                yield _Zip(archive)
            sync(draft)
        else:
            draft.mkdir(mode=0o700)
            yield _Folder(draft)


@contextmanager
def beside(path: Path) -> Iterator[Path]:
    """Give a name to write to, and rename what stands there to ``path`` at the end.

    Raises:
        Conflict: something stands at ``path``.
        OSError: the folder above cannot be written.
    """
    if path.exists():
        raise Conflict(f"{path} is there already. Choose another name.")
    path.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=".store-", dir=path.parent))
    try:
        draft = folder / path.name
        yield draft
        draft.chmod(0o700 if draft.is_dir() else 0o600)
        draft.rename(path)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def sync(path: Path) -> None:
    """Wait until a file is on the disk."""
    with path.open("rb") as stream:
        os.fsync(stream.fileno())


@contextmanager
def open_shelf(path: Path) -> Iterator[Shelf]:
    """Give a shelf to read.

    Raises:
        NotFound: nothing stands there.
        Damaged: a file that is no .zip, or a broken one, or cannot be read.
    """
    if path.is_dir():
        yield _Folder(path)
    elif path.exists():
        try:
            with zipfile.ZipFile(path) as archive:
                yield _Zip(archive)
        except _BROKEN as fault:
            raise Damaged(f"{path} is no .zip, or a broken one: {fault}.") from fault
        except OSError as fault:
            raise Damaged(f"{path} cannot be read: {fault.strerror or fault}.") from fault
    else:
        raise NotFound(f"There is nothing at {path}. Name the folder or the .zip of an export.")

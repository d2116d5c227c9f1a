"""Contents on their way into the store: hashed before a transaction begins, read in pieces."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .tables import PIECE_BYTES


@dataclass(frozen=True)
class Blob:
    """A content and its name: SHA-256 in hex and size; ``source`` is a file or the bytes."""

    source: Path | bytes
    sha256: str
    size_bytes: int

    def pieces(self) -> Iterator[bytes]:
        """Yield the content in pieces of ``PIECE_BYTES``, the last one shorter."""
        return pieces_of(self.source)


def blob_of(source: Path | bytes) -> Blob:
    """Return the blob of a file or of bytes; a file is read through once, in pieces.

    Raises:
        OSError: the file cannot be read.
    """
    total = hashlib.sha256()
    size_bytes = 0
    for piece in pieces_of(source):
        total.update(piece)
        size_bytes += len(piece)
    return Blob(source, total.hexdigest(), size_bytes)


def pieces_of(source: Path | bytes) -> Iterator[bytes]:
    """Yield a content in pieces of ``PIECE_BYTES``, the last one shorter.

    Raises:
        OSError: the file cannot be read.
    """
    if isinstance(source, bytes):
        for start in range(0, len(source), PIECE_BYTES):
            yield source[start : start + PIECE_BYTES]
        return
    with source.open("rb") as stream:
        while piece := stream.read(PIECE_BYTES):
            yield piece

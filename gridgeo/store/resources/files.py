"""Files: put in under the name of their content, read in pieces, swept when nobody needs them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from ..blobs import Blob
from ..errors import Damaged, NotFound
from ..tables import PIECE_BYTES, File, FileChunk, Table, now
from .resource import Resource, insert_unless_there


class Files(Resource[File]):
    """Contents by their SHA-256."""

    table = File
    word = "file"

    def put(self, blob: Blob) -> str:
        """Keep a content, once; return its SHA-256.

        Raises:
            OSError: the source cannot be read.
            Damaged: the source is not what was hashed: somebody writes to it.
        """
        while True:
            made = {"sha256": blob.sha256, "size_bytes": blob.size_bytes, "created_at": now()}
            if insert_unless_there(self.session, File, made):
                self._put_pieces(blob)
                return blob.sha256
            # held against a sweep of another unit until this one ends
            there = sa.select(File.sha256).where(File.sha256 == blob.sha256)
            if self.session.scalar(there.with_for_update(read=True, key_share=True)):
                return blob.sha256

    def _put_pieces(self, blob: Blob) -> None:
        total = hashlib.sha256()
        insert = sa.insert(FileChunk)
        connection = self.session.connection()
        for seq, piece in enumerate(blob.pieces()):
            total.update(piece)
            connection.execute(insert, {"sha256": blob.sha256, "seq": seq, "content": piece})
        if total.hexdigest() != blob.sha256:
            raise Damaged(f"{blob.source!s:.200} was written to while it was stored. Try again.")

    def size_bytes(self, sha256: str) -> int:
        """Return the size of a content.

        Raises:
            NotFound: no such content.
        """
        size_bytes = self.session.scalar(sa.select(File.size_bytes).where(File.sha256 == sha256))
        if size_bytes is None:
            raise NotFound(f"There is no file {sha256!r}.")
        return size_bytes

    def piece(self, sha256: str, seq: int) -> bytes:
        """Return one piece of a content.

        Raises:
            Damaged: the piece is missing.
        """
        found = sa.select(FileChunk.content).where(FileChunk.sha256 == sha256, FileChunk.seq == seq)
        content = self.session.scalar(found)
        if content is None:
            raise Damaged(f"Piece {seq} of the file {sha256} is missing from the store.")
        return content

    def pieces(self, sha256: str) -> Iterator[bytes]:
        """Yield a whole content in pieces, and check it on the way.

        Raises:
            NotFound: no such content.
            Damaged: it is not what was put in; said after the last piece.
        """
        size_bytes = self.size_bytes(sha256)
        total = hashlib.sha256()
        for seq in range(-(-size_bytes // PIECE_BYTES)):
            piece = self.piece(sha256, seq)
            total.update(piece)
            yield piece
        if total.hexdigest() != sha256:
            raise Damaged(f"The file {sha256} is not in the store as it was put in.")

    def read(self, sha256: str) -> bytes:
        """Return a whole content; for small ones.

        Raises:
            NotFound: no such content.
            Damaged: it is not what was put in.
        """
        return b"".join(self.pieces(sha256))

    def all_names(self) -> Sequence[str]:
        """Return the SHA-256 of every content, in their order."""
        return self.session.scalars(sa.select(File.sha256).order_by(File.sha256)).all()

    def sweep(self) -> int:
        """Remove the contents that no row names any more; return how many."""
        unused = [~sa.exists().where(column == File.sha256) for column in _users_of_files()]
        gone = sa.delete(File).where(*unused)
        return self.session.connection().execute(gone).rowcount


def _users_of_files() -> list[sa.Column[Any]]:
    """Return every column that names a file, but for that of the pieces."""
    return [
        key.parent
        for table in Table.metadata.sorted_tables
        for key in sorted(table.foreign_keys, key=lambda key: key.parent.name)
        if key.column.table.name == "files" and table.name != "file_chunks"
    ]

"""Files kept in the store: named by their content, in pieces, atomic with the rows beside."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from ..column_types import PlainText, UtcTime
from .row import Identified, JsonObject, Revised, Sha256, Table, now

PIECE_BYTES = 1 << 20


class File(Table, kw_only=True):
    """A content: whoever keeps the same bytes twice keeps one row."""

    __tablename__ = "files"
    audited: ClassVar[bool] = False
    frozen: ClassVar[bool] = True

    sha256: Mapped[str] = mapped_column(PlainText, primary_key=True)
    size_bytes: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(UtcTime, default_factory=now)


class FileChunk(Table, kw_only=True):
    """A piece of a file: ``PIECE_BYTES`` of them, the last one fewer."""

    __tablename__ = "file_chunks"
    audited: ClassVar[bool] = False
    frozen: ClassVar[bool] = True

    sha256: Mapped[str] = mapped_column(
        PlainText, sa.ForeignKey("files.sha256", ondelete="CASCADE"), primary_key=True
    )
    seq: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    content: Mapped[bytes]


class Upload(Identified, Revised, Table, kw_only=True):
    """A file that somebody sent, before anything is made of it."""

    __tablename__ = "uploads"

    user_id: Mapped[str | None] = mapped_column(sa.ForeignKey("users.id"), index=True)
    community_id: Mapped[str | None] = mapped_column(sa.ForeignKey("communities.id"), index=True)
    name: Mapped[str]
    media_type: Mapped[str]
    file_sha256: Mapped[Sha256]
    # what the data doctor said: {"findings": [...]}; None before it has looked
    verdict: Mapped[JsonObject | None] = mapped_column(default=None)
    expires_at: Mapped[datetime | None] = mapped_column(default=None, index=True)

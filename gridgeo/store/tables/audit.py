"""Who did what to what, when: rows are added and never changed nor removed."""

from __future__ import annotations

from typing import ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from .row import Identified, JsonObject, Table


class AuditEntry(Identified, Table, kw_only=True):
    """One write: the columns it changed, before and after."""

    __tablename__ = "audit_log"
    __table_args__ = (sa.Index(None, "kind", "resource_id", "id"),)
    audited: ClassVar[bool] = False
    frozen: ClassVar[bool] = True

    # who, as a person reads it, and their row where they have one (no foreign key: it stands alone)
    actor: Mapped[str]
    actor_id: Mapped[str] = mapped_column(default="", index=True)
    # "add", "change", "remove", or a word of the service as "sign-in"
    action: Mapped[str]
    # the table, and the primary key in it
    kind: Mapped[str]
    resource_id: Mapped[str]
    before: Mapped[JsonObject | None] = mapped_column(default=None)
    after: Mapped[JsonObject | None] = mapped_column(default=None)
    request_id: Mapped[str] = mapped_column(default="")

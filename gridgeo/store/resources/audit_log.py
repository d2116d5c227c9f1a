"""The audit log: read in pages, and told what no row of the store shows."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from ..tables import AuditEntry, JsonObject
from ..trail import ACTOR, noted
from .resource import Resource


class AuditLog(Resource[AuditEntry]):
    """Who did what; what changes rows is told by itself."""

    table = AuditEntry
    word = "entry of the audit log"

    def note(
        self, action: str, *, kind: str, resource_id: str = "", facts: JsonObject | None = None
    ) -> None:
        """Tell of what changes no row, as a sign-in that failed."""
        entry = noted(
            self.session.info[ACTOR],
            action,
            kind=kind,
            resource_id=resource_id,
            change=(None, facts),
        )
        self.session.connection().execute(sa.insert(AuditEntry), entry)

    def about(self, kind: str, resource_id: str) -> Sequence[AuditEntry]:
        """Return everything told of one row, oldest first."""
        rows = sa.select(AuditEntry).filter_by(kind=kind, resource_id=resource_id)
        return self._all(rows.order_by(AuditEntry.id))

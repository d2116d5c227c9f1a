"""The audit trail: every flush of a unit is checked, and its changes go into the log beside."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, Session, UOWTransaction

from .errors import Immutable, StoreError
from .ids import new_id
from .tables import AuditEntry, Table, now

ACTOR = "actor"


@dataclass(frozen=True)
class Actor:
    """Who writes: as a person reads it, their row in ``users``, and the request they made."""

    name: str
    user_id: str = ""
    request_id: str = ""


class UnitSession(Session):
    """A session that writes only for an actor, and tells the audit log what it wrote."""


@event.listens_for(UnitSession, "before_flush")
def _check(session: Session, _context: UOWTransaction, _rows: object) -> None:
    changed = [row for row in session.dirty if session.is_modified(row)]
    if (changed or session.new or session.deleted) and ACTOR not in session.info:
        raise StoreError("This unit only reads. Write inside Store.write.")
    for row in (*changed, *session.deleted):
        if type(row).frozen:
            raise Immutable(f"Rows of {row.__tablename__} are neither changed nor removed.")


@event.listens_for(UnitSession, "after_flush")
def _tell(session: Session, _context: UOWTransaction) -> None:
    entries = [
        entry_of(session.info[ACTOR], action, row, before=before, after=after)
        for action, row, before, after in _changes(session)
    ]
    if entries:
        session.connection().execute(sa.insert(AuditEntry), entries)


@event.listens_for(UnitSession, "do_orm_execute")
def _refuse_bulk(state: ORMExecuteState) -> None:
    # statements over many rows pass by the flush, and so by the log
    if state.is_insert or state.is_update or state.is_delete:
        mapper = state.bind_mapper
        if ACTOR not in state.session.info:
            raise StoreError("This unit only reads. Write inside Store.write.")
        if mapper is None or mapper.class_.audited:
            raise StoreError("Rows that are audited are written one by one.")


def _changes(
    session: Session,
) -> Iterator[tuple[str, Table, dict[str, Any] | None, dict[str, Any] | None]]:
    for row in session.new:
        if row.audited:
            yield "add", row, None, in_plain_types(row)
    for row in session.dirty:
        if row.audited and session.is_modified(row):
            before, after = _difference(row)
            if after:
                yield "change", row, before, after
    for row in session.deleted:
        if row.audited:
            yield "remove", row, in_plain_types(row), None


def _difference(row: Table) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the changed columns before and after; nothing where only quiet ones changed."""
    state = sa.inspect(row)
    before, after = {}, {}
    for attribute in state.mapper.column_attrs:
        column = attribute.columns[0]
        history = state.attrs[attribute.key].history
        if history.has_changes() and not column.info.get("quiet"):
            was = history.deleted[0] if history.deleted else None
            before[attribute.key] = _plain(column, was)
            after[attribute.key] = _plain(column, getattr(row, attribute.key))
    return before, after


def in_plain_types(row: Table) -> dict[str, Any]:
    """Return the columns of a row as JSON can hold them; secrets are left out."""
    return {
        attribute.key: _plain(attribute.columns[0], getattr(row, attribute.key))
        for attribute in sa.inspect(row).mapper.column_attrs
        if not attribute.columns[0].info.get("quiet")
    }


def _plain(column: Any, value: object) -> object:
    if column.info.get("secret"):
        return None if value is None else "(not kept)"
    return value.isoformat() if isinstance(value, datetime) else value


def entry_of(
    actor: Actor,
    action: str,
    row: Table,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Return a row of the audit log about a row of the store."""
    key = sa.inspect(row).mapper.primary_key_from_instance(row)
    return noted(
        actor,
        action,
        kind=row.__tablename__,
        resource_id="/".join(map(str, key)),
        change=(before, after),
    )


def noted(
    actor: Actor,
    action: str,
    *,
    kind: str,
    resource_id: str,
    change: tuple[dict[str, Any] | None, dict[str, Any] | None] = (None, None),
) -> dict[str, Any]:
    """Return a row of the audit log in plain values."""
    before, after = change
    return {
        "id": new_id(),
        "created_at": now(),
        "actor": actor.name,
        "actor_id": actor.user_id,
        "action": action,
        "kind": kind,
        "resource_id": resource_id,
        "before": before,
        "after": after,
        "request_id": actor.request_id,
    }

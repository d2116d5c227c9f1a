"""What every resource can do: be found by id, be listed in pages, be locked for a change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Generic, TypeVar, cast

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from ..errors import NotFound, Stale, StoreError
from ..tables import Table
from ..trail import UnitSession

Row = TypeVar("Row", bound=Table)

PAGE_MOST = 1000


class Resource(Generic[Row]):
    """Rows of one table within a unit; subclasses say which, and in which word."""

    table: ClassVar[type[Any]]
    word: ClassVar[str]

    def __init__(self, session: UnitSession) -> None:
        self.session = session

    def get(self, row_id: str) -> Row:
        """Return a row by its id.

        Raises:
            NotFound: there is none.
        """
        row: Row | None = self.session.get(self.table, row_id)
        if row is None:
            raise NotFound(f"There is no {self.word} {row_id!r}.")
        return row

    def count(self, **equal: object) -> int:
        """Return how many rows have the given values."""
        rows = sa.select(sa.func.count()).select_from(self.table).filter_by(**equal)
        return self.session.scalar(rows) or 0

    def page(self, *, after: str = "", limit: int = 100, **equal: object) -> Sequence[Row]:
        """Return rows by id, oldest first: those after an id, ``limit`` and ``PAGE_MOST`` at most.

        ``equal`` are values that columns must have. The next page comes after the last id.
        """
        rows = sa.select(self.table).filter_by(**equal).where(self.table.id > after)
        return self._all(rows.order_by(self.table.id).limit(_bounded(limit)))

    def newest(self, *, before: str = "", limit: int = 100, **equal: object) -> Sequence[Row]:
        """Return rows by id, newest first: those before an id, or from the newest on."""
        rows = sa.select(self.table).filter_by(**equal)
        if before:
            rows = rows.where(self.table.id < before)
        return self._all(rows.order_by(self.table.id.desc()).limit(_bounded(limit)))

    def locked(self, row_id: str, *, revision: int | None = None) -> Row:
        """Return a row that no other unit changes until this one ends, as it now is.

        ``revision``: what the caller has read, None to take the row as it is.

        Raises:
            NotFound: there is none.
            Stale: the row has another revision by now.
        """
        row: Row | None = self.session.get(
            self.table, row_id, with_for_update=True, populate_existing=True
        )
        if row is None:
            raise NotFound(f"There is no {self.word} {row_id!r}.")
        if revision is not None and row.revision != revision:  # type: ignore[attr-defined]
            raise Stale(
                f"This {self.word} has changed since it was read. Read it again, then change it."
            )
        return row

    def _take_turn(self, what: str) -> None:
        """Wait for other units that took a turn at this, and keep it until the unit ends."""
        if self.session.get_bind().dialect.name == "postgresql":
            turn = sa.func.pg_advisory_xact_lock(sa.func.hashtext(f"gridgeo {what}"))
            self.session.connection().execute(sa.select(turn))

    def _one(self, *, says: str, **equal: object) -> Row:
        row: Row | None = self.session.scalar(sa.select(self.table).filter_by(**equal))
        if row is None:
            raise NotFound(f"There is no {self.word} {says}.")
        return row

    def _all(self, rows: sa.Select[Any]) -> Sequence[Row]:
        return self.session.scalars(rows).all()

    def _added(self, row: Row) -> Row:
        self.session.add(row)
        self.session.flush()
        return row

    def _changed(self, row: Row, **values: object) -> Row:
        for name, value in values.items():
            if getattr(row, name) != value:
                setattr(row, name, value)
        self.session.flush()
        return row


def _bounded(limit: int) -> int:
    return max(1, min(limit, PAGE_MOST))


def insert_unless_there(session: UnitSession, table: type[Table], values: dict[str, Any]) -> bool:
    """Insert a row; return False where its key is there already, once it is committed there."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    statement = dialect.insert(cast(sa.Table, table.__table__)).on_conflict_do_nothing()
    told = session.connection().execute(
        statement, values, execution_options={"preserve_rowcount": True}
    )
    inserted = told.rowcount
    if inserted not in {0, 1}:
        raise StoreError(f"The database does not tell whether it inserted a row ({inserted}).")
    return inserted == 1

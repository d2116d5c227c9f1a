"""What all tables share: ids, times, revisions, and what the audit log is told of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedAsDataclass, mapped_column

from ..column_types import Finite, Json, PlainText, UtcTime
from ..ids import new_id

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}

# a change of such columns alone is no event: a heartbeat, a last use
QUIET = {"quiet": True}
# kept out of the audit log, whatever it says
SECRET = {"secret": True}

JsonObject = dict[str, Any]
Sha256 = Annotated[str, mapped_column(PlainText, sa.ForeignKey("files.sha256"), index=True)]


def now() -> datetime:
    """Return the moment in UTC."""
    return datetime.now(UTC)


class Table(MappedAsDataclass, DeclarativeBase, kw_only=True, repr=False, eq=False):
    """A row of the store.

    Rows have no lazy attributes: what was read stays readable when its unit is over. A change
    made to one inside ``Store.write`` is written and told to the audit log; outside it is lost.
    """

    metadata = sa.MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        str: PlainText,
        datetime: UtcTime,
        float: Finite,
        int: sa.BigInteger,
        bool: sa.Boolean,
        bytes: sa.LargeBinary,
        JsonObject: Json,
        list[Any]: Json,
        list[str]: Json,
    }
    # told to the audit log, row by row
    audited: ClassVar[bool] = True
    # neither changed nor removed once written
    frozen: ClassVar[bool] = False


class Identified(MappedAsDataclass, kw_only=True, repr=False, eq=False):
    """An id that sorts by time, and when the row was made."""

    id: Mapped[str] = mapped_column(
        PlainText, primary_key=True, sort_order=-9, default_factory=new_id
    )
    created_at: Mapped[datetime] = mapped_column(UtcTime, default_factory=now)


class Revised(MappedAsDataclass, kw_only=True, repr=False, eq=False):
    """A number that grows with every change: the ETag, and the guard against lost updates."""

    revision: Mapped[int] = mapped_column(sa.BigInteger, init=False, info=QUIET)

    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": revision}

"""Column types that keep the same value on SQLite and on PostgreSQL, or refuse it on both."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

from .errors import Refused

# SQL's own NULL stands for None; two kinds of nothing in one column would be one too many
Json = sa.JSON(none_as_null=True)


class PlainText(TypeDecorator[str]):
    """Text in the order of its code points; PostgreSQL would sort by the locale of the machine."""

    impl = sa.Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the type for a database."""
        return sa.Text(collation="C" if dialect.name == "postgresql" else None)

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Refuse what PostgreSQL cannot keep, on SQLite too."""
        if value is not None:
            check_text(value)
        return value


class UtcTime(TypeDecorator[datetime]):
    """A moment in UTC, to the microsecond; SQLite keeps it without the zone."""

    impl = sa.DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the type for a database."""
        return sa.DateTime(timezone=True)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn a moment of any zone into UTC; refuse one that names none."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise Refused(f"The time {value} names no zone. Give it in UTC.")
        value = value.astimezone(UTC)
        return value if dialect.name == "postgresql" else value.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the moment in UTC, with its zone."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Finite(TypeDecorator[float]):
    """A number of double precision; SQLite would keep NaN as NULL."""

    impl = sa.Double
    cache_ok = True

    def process_bind_param(self, value: float | None, dialect: Dialect) -> float | None:
        """Refuse what is no number."""
        if value is not None and not math.isfinite(value):
            raise Refused(f"{value} cannot be kept as a number. Give None for 'not known'.")
        return None if value is None else float(value)


def check_text(value: str) -> None:
    """Raise Refused for a text that one of the two databases cannot keep."""
    if "\0" in value:
        raise Refused(f"The text {value[:40]!r} holds a NUL character. Take it out.")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise Refused(f"The text {value[:40]!r} is not valid Unicode. Mend it.") from None


def to_json(value: object) -> str:
    """Return a value as JSON that both databases keep letter by letter.

    Raises:
        Refused: a number that is not finite, or something that is no JSON.
    """
    try:
        return json.dumps(value, allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError) as fault:
        raise Refused(f"This cannot be kept as JSON: {fault}.") from fault

"""Publications as the store keeps them: what the public side reads, and nothing else of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from ...store import Gone, NotFound, Store
from ...store.tables import Community
from ...store.tables import Publication as Row
from .catalogue import Publication
from .layers import Life


class StoredPublications:
    """The publications of a store that were not withdrawn; a ``Source`` of the catalogue."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def mark(self) -> object:
        """Return how many there are, the newest, and how often they were changed."""
        told = sa.select(sa.func.count(), sa.func.max(Row.id), sa.func.sum(Row.revision))
        named = sa.select(sa.func.count(), sa.func.sum(Community.revision))
        with self.store.read() as unit:
            return *unit.session.execute(told).one(), *unit.session.execute(named).one()

    def publications(self) -> Sequence[Publication]:
        """Return all that are public, in any order."""
        rows = (
            sa.select(Row, Community.slug, Community.name)
            .join(Community, Community.id == Row.community_id)
            .where(Row.withdrawn_at.is_(None))
        )
        with self.store.read() as unit:
            found = unit.session.execute(rows).all()
        return [
            Publication(
                key=row.id,
                slug=slug,
                name=name,
                life=Life(
                    row.number, _second(row.valid_from), row.valid_to and _second(row.valid_to)
                ),
                bounds=tuple(row.edition["bounds"]),
                epsg=row.edition.get("epsg"),
                # boundaries of one name are one feature here, so their rows are not counted
                counts={kind: row.counts[kind] for kind in ("grids", "buildings")},
            )
            for row, slug, name in found
        ]

    def file(self, key: str, name: str) -> bytes:
        """Return a file of a publication; KeyError where there is none, or no more."""
        try:
            with self.store.read() as unit:
                row = unit.publications.file(key, name)
                return b"".join(unit.files.pieces(row.file_sha256))
        except (NotFound, Gone) as fault:
            raise KeyError(name) from fault


def _second(moment: datetime) -> datetime:
    """Return a moment as it is told, to the second: who asks for what was told finds it."""
    return moment.replace(microsecond=0)

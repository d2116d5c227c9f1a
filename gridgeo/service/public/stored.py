"""Publications as the store keeps them: what the public side reads, and nothing else of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ...store import Gone, NotFound, Store
from .catalogue import Publication
from .layers import Life


class StoredPublications:
    """The publications of a store that were not withdrawn; a ``Source`` of the catalogue."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def mark(self) -> object:
        """Return what is another value after every change of what is public."""
        with self.store.read() as unit:
            return unit.publications.mark()

    def publications(self) -> Sequence[Publication]:
        """Return all that are public, in any order."""
        with self.store.read() as unit:
            found = unit.publications.all_readable()
        return [
            Publication(
                key=row.id,
                slug=community.slug,
                name=community.name,
                life=Life(
                    row.number, _second(row.valid_from), row.valid_to and _second(row.valid_to)
                ),
                bounds=tuple(row.edition["bounds"]),
                epsg=row.edition.get("epsg"),
                # boundaries of one name are one feature here, so their rows are not counted
                counts={kind: row.counts[kind] for kind in ("grids", "buildings")},
            )
            for row, community in found
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

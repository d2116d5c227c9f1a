"""Publications: written whole, in force from a moment on, withdrawn but never removed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from ..blobs import Blob
from ..errors import Conflict, Gone, NotFound, Refused
from ..tables import (
    Community,
    JsonObject,
    Plan,
    Publication,
    PublicationFile,
    PublishedBoundary,
    PublishedBuilding,
    PublishedGrid,
    now,
)
from .files import Files
from .plans import Numbered, actor_name


@dataclass(frozen=True)
class Feature:
    """A public shape: ``wkb`` in longitude and latitude (EPSG:4326), 2D, no SRID.

    ``grid_id``: the grid a building is of; not used for grids and boundaries.
    """

    feature_id: str
    wkb: bytes
    properties: JsonObject = field(default_factory=dict)
    grid_id: str = ""


@dataclass(frozen=True)
class PublicFile:
    """A file of the public pages."""

    media_type: str
    content: Blob


@dataclass(frozen=True)
class NewPublication:
    """All that becomes public at once; ``files`` by their path within the site.

    ``valid_from``: when it comes into force, None for now.
    """

    plan_id: str
    edition: JsonObject
    files: Mapping[str, PublicFile] = field(default_factory=dict)
    grids: Sequence[Feature] = ()
    buildings: Sequence[Feature] = ()
    boundaries: Sequence[Feature] = ()
    valid_from: datetime | None = None


class Publications(Numbered[Publication]):
    """What the public may read, edition after edition."""

    table = Publication
    word = "publication"

    def add(self, community_id: str, new: NewPublication) -> Publication:
        """Publish; the edition that was in force ends where this one begins.

        Raises:
            NotFound: no such community or plan.
            Conflict: the plan is of another community, or a later edition is there.
            Refused: a shape is no WKB, or reaches beyond the longitudes and latitudes.
        """
        number = self._next_number(community_id)
        plan = self.session.get(Plan, new.plan_id)
        if plan is None:
            raise NotFound(f"There is no plan {new.plan_id!r}.")
        if plan.community_id != community_id:
            raise Conflict(f"The plan {plan.id} is of another community.")
        valid_from = new.valid_from or now()
        self._end_the_one_before(community_id, valid_from)
        row = self._added(
            Publication(
                community_id=community_id,
                plan_id=plan.id,
                number=number,
                edition=dict(new.edition),
                counts={
                    "files": len(new.files),
                    "grids": len(new.grids),
                    "buildings": len(new.buildings),
                    "boundaries": len(new.boundaries),
                },
                made_by=actor_name(self.session),
                valid_from=valid_from,
            )
        )
        self._add_parts(row, new)
        return row

    def _end_the_one_before(self, community_id: str, moment: datetime) -> None:
        rows = sa.select(Publication).filter_by(community_id=community_id, valid_to=None)
        for row in self.session.scalars(rows.with_for_update()):
            if row.withdrawn_at is None and row.valid_from > moment:
                raise Conflict(
                    f"Publication {row.number} comes into force later, at "
                    f"{row.valid_from.isoformat()}. Withdraw it first."
                )
            row.valid_to = max(moment, row.valid_from)
        self.session.flush()

    def _add_parts(self, row: Publication, new: NewPublication) -> None:
        connection = self.session.connection()
        files = Files(self.session)
        for path, file in sorted(new.files.items()):
            values = {
                "publication_id": row.id,
                "path": path,
                "media_type": file.media_type,
                "size_bytes": file.content.size_bytes,
                "file_sha256": files.put(file.content),
            }
            connection.execute(sa.insert(PublicationFile), values)
        for table, id_name, features in (
            (PublishedGrid, "grid_id", new.grids),
            (PublishedBuilding, "building_id", new.buildings),
            (PublishedBoundary, "boundary_id", new.boundaries),
        ):
            if features:
                rows = _rows_of(features, id_name)
                connection.execute(sa.insert(table), [r | {"publication_id": row.id} for r in rows])

    def withdraw(
        self, publication_id: str, *, reason: str, revision: int | None = None
    ) -> Publication:
        """Take a publication back: the public reads it no more, the store keeps it.

        Raises:
            NotFound, Stale: see ``Resource.locked``.
            Gone: it is withdrawn already.
        """
        row = self.locked(publication_id, revision=revision)
        if row.withdrawn_at is not None:
            raise Gone(f"Publication {row.number} was withdrawn before.")
        return self._changed(row, withdrawn_at=now(), withdrawn_reason=reason)

    def public(self, community_id: str, *, at: datetime | None = None) -> Publication:
        """Return what is in force at a moment, None for now.

        Raises:
            NotFound: nothing is.
        """
        moment = at or now()
        rows = (
            sa.select(Publication)
            .filter_by(community_id=community_id, withdrawn_at=None)
            .where(Publication.valid_from <= moment)
            .where(sa.or_(Publication.valid_to.is_(None), Publication.valid_to > moment))
            .order_by(Publication.number.desc())
            .limit(1)
        )
        row = self.session.scalar(rows)
        if row is None:
            raise NotFound("Nothing of this community is public then.")
        return row

    def readable(self, publication_id: str) -> Publication:
        """Return a publication that the public may read, in force or past.

        Raises:
            NotFound: there is none.
            Gone: it was withdrawn.
        """
        row = self.get(publication_id)
        if row.withdrawn_at is not None:
            raise Gone(f"Publication {row.number} was withdrawn.")
        return row

    def mark(self) -> tuple[object, ...]:
        """Return what is another value after every change of what the public may read."""
        told = sa.select(
            sa.func.count(), sa.func.max(Publication.id), sa.func.sum(Publication.revision)
        )
        named = sa.select(sa.func.count(), sa.func.sum(Community.revision))
        return *self.session.execute(told).one(), *self.session.execute(named).one()

    def all_readable(self) -> Sequence[tuple[Publication, Community]]:
        """Return all that the public may read, in force or past, with whose it is."""
        rows = (
            sa.select(Publication, Community)
            .join(Community, Community.id == Publication.community_id)
            .where(Publication.withdrawn_at.is_(None))
        )
        return self.session.execute(rows).tuples().all()

    def file(self, publication_id: str, path: str) -> PublicationFile:
        """Return a file of a publication that the public may read.

        Raises:
            NotFound: no such publication or path.
            Gone: it was withdrawn.
        """
        self.readable(publication_id)
        row = self.session.get(PublicationFile, (publication_id, path))
        if row is None:
            raise NotFound(f"There is no page {path!r}.")
        return row

    def files(self, publication_id: str) -> Sequence[PublicationFile]:
        """Return the files of a publication by path."""
        return self._parts(PublicationFile, publication_id, PublicationFile.path)

    def grids(self, publication_id: str) -> Sequence[PublishedGrid]:
        """Return the grids of a publication by id."""
        return self._parts(PublishedGrid, publication_id, PublishedGrid.grid_id)

    def buildings(self, publication_id: str) -> Sequence[PublishedBuilding]:
        """Return the buildings of a publication by id."""
        return self._parts(PublishedBuilding, publication_id, PublishedBuilding.building_id)

    def boundaries(self, publication_id: str) -> Sequence[PublishedBoundary]:
        """Return the boundaries of a publication by id."""
        return self._parts(PublishedBoundary, publication_id, PublishedBoundary.boundary_id)

    def _parts(self, table: Any, publication_id: str, order: Any) -> Sequence[Any]:
        rows = sa.select(table).where(table.publication_id == publication_id).order_by(order)
        return self.session.scalars(rows).all()


def _rows_of(features: Sequence[Feature], id_name: str) -> list[dict[str, Any]]:
    import numpy as np
    import shapely

    shapes = shapely.from_wkb([feature.wkb for feature in features], on_invalid="ignore")
    boxes = shapely.bounds(shapes)
    good = np.isfinite(boxes).all(axis=1) & (np.abs(boxes) <= [180, 90, 180, 90]).all(axis=1)
    if not good.all():
        first = features[int(np.argmin(good))].feature_id
        raise Refused(
            f"{int((~good).sum())} shapes are no WKB in longitude and latitude (first: {first}). "
            "Give shapes in EPSG:4326."
        )
    names = ("min_lon", "min_lat", "max_lon", "max_lat")
    rows = [
        {id_name: f.feature_id, "wkb": f.wkb, "properties": f.properties}
        | dict(zip(names, box, strict=True))
        for f, box in zip(features, boxes.tolist(), strict=True)
    ]
    if id_name == "building_id":
        rows = [r | {"grid_id": f.grid_id} for r, f in zip(rows, features, strict=True)]
    return rows

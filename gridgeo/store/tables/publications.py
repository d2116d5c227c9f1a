"""What the gate let out: publications, their files, and the shapes the public looks up."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, MappedAsDataclass, mapped_column

from ..column_types import PlainText
from .row import Identified, JsonObject, Revised, Sha256, Table


class Publication(Identified, Revised, Table, kw_only=True):
    """One edition of a community's public pages, made of one plan."""

    __tablename__ = "publications"
    __table_args__ = (
        sa.UniqueConstraint("community_id", "number"),
        sa.CheckConstraint("number > 0", name="number"),
        sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="valid"),
    )

    community_id: Mapped[str] = mapped_column(sa.ForeignKey("communities.id"))
    plan_id: Mapped[str] = mapped_column(sa.ForeignKey("plans.id"), index=True)
    number: Mapped[int]
    edition: Mapped[JsonObject]
    # {"grids": 12, "buildings": 120}: what is in the tables of shapes
    counts: Mapped[JsonObject]
    made_by: Mapped[str]
    # in force from this moment, and until the other one, which is no part of it
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None] = mapped_column(default=None)
    withdrawn_at: Mapped[datetime | None] = mapped_column(default=None)
    withdrawn_reason: Mapped[str] = mapped_column(default="")


class PublicationFile(Table, kw_only=True):
    """One page, picture or table of a publication, by its path within the site."""

    __tablename__ = "publication_files"
    audited: ClassVar[bool] = False  # counted in the row of the publication
    frozen: ClassVar[bool] = True

    publication_id: Mapped[str] = mapped_column(
        PlainText, sa.ForeignKey("publications.id"), primary_key=True
    )
    path: Mapped[str] = mapped_column(PlainText, primary_key=True)
    media_type: Mapped[str]
    size_bytes: Mapped[int]
    file_sha256: Mapped[Sha256]


class Published(MappedAsDataclass, kw_only=True, repr=False, eq=False):
    """A shape that is public: WKB in longitude and latitude (EPSG:4326), and its box.

    On PostgreSQL the views ``public_grids``, ``public_buildings`` and ``public_boundaries``
    show it as geometry, indexed, for QGIS and SQL; the service looks up in memory.
    """

    publication_id: Mapped[str] = mapped_column(
        PlainText, sa.ForeignKey("publications.id"), primary_key=True, sort_order=-9
    )
    wkb: Mapped[bytes] = mapped_column(sa.LargeBinary)
    min_lon: Mapped[float] = mapped_column(sa.Double)
    min_lat: Mapped[float] = mapped_column(sa.Double)
    max_lon: Mapped[float] = mapped_column(sa.Double)
    max_lat: Mapped[float] = mapped_column(sa.Double)
    # what the gate let out of it, ready for GeoJSON
    properties: Mapped[JsonObject] = mapped_column(sa.JSON(none_as_null=True))


class PublishedGrid(Published, Table, kw_only=True):
    """A grid as the public sees it."""

    __tablename__ = "published_grids"
    audited: ClassVar[bool] = False
    frozen: ClassVar[bool] = True

    grid_id: Mapped[str] = mapped_column(PlainText, primary_key=True, sort_order=-8)


class PublishedBuilding(Published, Table, kw_only=True):
    """A building as the public sees it: where it stands and the grid it is of."""

    __tablename__ = "published_buildings"
    audited: ClassVar[bool] = False
    frozen: ClassVar[bool] = True

    building_id: Mapped[str] = mapped_column(PlainText, primary_key=True, sort_order=-8)
    grid_id: Mapped[str]


class PublishedBoundary(Published, Table, kw_only=True):
    """The ground of a community as the public sees it; mostly one piece."""

    __tablename__ = "published_boundaries"
    audited: ClassVar[bool] = False
    frozen: ClassVar[bool] = True

    boundary_id: Mapped[str] = mapped_column(PlainText, primary_key=True, sort_order=-8)

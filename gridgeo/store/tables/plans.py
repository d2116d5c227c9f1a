"""Communities, what is known of their buildings, and the plans made of them."""

from __future__ import annotations

from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from .row import Identified, JsonObject, Revised, Sha256, Table


class Community(Identified, Revised, Table, kw_only=True):
    """A community; ``slug`` is its name in addresses."""

    __tablename__ = "communities"

    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    details: Mapped[JsonObject] = mapped_column(default_factory=dict)


class BuildingSet(Identified, Table, kw_only=True):
    """The buildings of a community as they were handed in and checked; never changed."""

    __tablename__ = "building_sets"
    __table_args__ = (
        sa.UniqueConstraint("community_id", "number"),
        sa.CheckConstraint("number > 0", name="number"),
    )
    frozen: ClassVar[bool] = True

    community_id: Mapped[str] = mapped_column(sa.ForeignKey("communities.id"))
    number: Mapped[int]
    file_sha256: Mapped[Sha256]
    file_name: Mapped[str]
    # Finding.as_dict() of each finding of the data doctor
    findings: Mapped[list[Any]]
    # {"buildings": 120, "households": 2400, ...}
    counts: Mapped[JsonObject]
    made_by: Mapped[str]


class Plan(Identified, Table, kw_only=True):
    """A plan, whole in its file; never changed: a new plan names the one it came from."""

    __tablename__ = "plans"
    __table_args__ = (
        sa.UniqueConstraint("community_id", "number"),
        sa.CheckConstraint("number > 0", name="number"),
    )
    frozen: ClassVar[bool] = True

    community_id: Mapped[str] = mapped_column(sa.ForeignKey("communities.id"))
    building_set_id: Mapped[str] = mapped_column(sa.ForeignKey("building_sets.id"), index=True)
    number: Mapped[int]
    parent_id: Mapped[str | None] = mapped_column(sa.ForeignKey("plans.id"), index=True)
    # "partition", "redraw", "code", "owners", "waive", "import"
    action: Mapped[str]
    # what the action was given, enough to do it again
    recipe: Mapped[JsonObject]
    # sha256 hex of what the plan says, see plan_digest
    digest: Mapped[str] = mapped_column(index=True)
    # "optimal", "feasible", ...; bound and gap are None where not known
    status: Mapped[str]
    objective: Mapped[float | None]
    bound: Mapped[float | None]
    gap: Mapped[float | None]
    violations: Mapped[list[Any]]
    # {"grids": 12, "households": 2400, ...}
    counts: Mapped[JsonObject]
    file_sha256: Mapped[Sha256]
    made_by: Mapped[str]
    reason: Mapped[str]


class Worker(Identified, Revised, Table, kw_only=True):
    """A community worker; ``code`` is the word the office knows them by."""

    __tablename__ = "workers"
    __table_args__ = (sa.UniqueConstraint("community_id", "code"),)

    community_id: Mapped[str] = mapped_column(sa.ForeignKey("communities.id"))
    code: Mapped[str]
    name: Mapped[str]
    details: Mapped[JsonObject] = mapped_column(default_factory=dict)
    active: Mapped[bool] = mapped_column(default=True)

"""Building sets and plans: numbered within their community, written once, never changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from ..blobs import Blob
from ..errors import Conflict, NotFound
from ..tables import BuildingSet, Community, JsonObject, Plan, Publication
from ..trail import ACTOR, UnitSession
from .files import Files
from .resource import Resource, Row, _bounded


@dataclass(frozen=True)
class NewBuildingSet:
    """A checked file of buildings on its way into the store.

    ``findings``: ``Finding.as_dict()`` of each; ``counts``: plain numbers by their word.
    """

    file: Blob
    file_name: str
    findings: Sequence[JsonObject] = ()
    counts: JsonObject = field(default_factory=dict)


@dataclass(frozen=True)
class NewPlan:
    """A plan on its way into the store; see the columns of ``tables.Plan``.

    ``parent_id``: the plan it was made from, "" for a first one.
    """

    building_set_id: str
    file: Blob
    digest: str
    status: str
    action: str = "partition"
    parent_id: str = ""
    recipe: JsonObject = field(default_factory=dict)
    objective: float | None = None
    bound: float | None = None
    gap: float | None = None
    violations: Sequence[Any] = ()
    counts: JsonObject = field(default_factory=dict)
    reason: str = ""


class Numbered(Resource[Row]):
    """Rows numbered 1, 2, ... within their community, without holes."""

    def by_number(self, community_id: str, number: int) -> Row:
        """Return a row by its number.

        Raises:
            NotFound: there is none.
        """
        return self._one(says=f"number {number}", community_id=community_id, number=number)

    def latest(self, community_id: str) -> Row:
        """Return the row with the highest number.

        Raises:
            NotFound: there is none yet.
        """
        rows = self.of_community(community_id, limit=1, newest_first=True)
        if not rows:
            raise NotFound(f"There is no {self.word} of this community yet.")
        return rows[0]

    def of_community(
        self,
        community_id: str,
        *,
        after: int = 0,
        limit: int = 100,
        newest_first: bool = False,
    ) -> Sequence[Row]:
        """Return rows by number: those past ``after`` in the order asked for (0: all)."""
        number = self.table.number
        rows = sa.select(self.table).filter_by(community_id=community_id)
        if after:
            rows = rows.where(number < after if newest_first else number > after)
        return self._all(
            rows.order_by(number.desc() if newest_first else number).limit(_bounded(limit))
        )

    def _next_number(self, community_id: str) -> int:
        """Return the next number; who asks holds the community until the unit ends."""
        held = sa.select(Community.id).where(Community.id == community_id).with_for_update()
        if self.session.scalar(held) is None:
            raise NotFound(f"There is no community {community_id!r}.")
        highest = sa.select(sa.func.max(self.table.number)).filter_by(community_id=community_id)
        return (self.session.scalar(highest) or 0) + 1


class BuildingSets(Numbered[BuildingSet]):
    """What is known of the buildings of the communities, version after version."""

    table = BuildingSet
    word = "building set"

    def add(self, community_id: str, new: NewBuildingSet) -> BuildingSet:
        """Add the next version of a community's buildings.

        Raises:
            NotFound: there is no such community.
        """
        return self._added(
            BuildingSet(
                community_id=community_id,
                number=self._next_number(community_id),
                file_sha256=Files(self.session).put(new.file),
                file_name=new.file_name,
                findings=list(new.findings),
                counts=dict(new.counts),
                made_by=actor_name(self.session),
            )
        )


class Plans(Numbered[Plan]):
    """The plans of the communities and how they came of each other."""

    table = Plan
    word = "plan"

    def add(self, community_id: str, new: NewPlan) -> Plan:
        """Add a plan as the next of its community.

        Raises:
            NotFound: no such community, building set or parent.
            Conflict: the building set or the parent is of another community.
        """
        number = self._next_number(community_id)
        _check_same(BuildingSets(self.session).get(new.building_set_id), community_id)
        if new.parent_id:
            _check_same(self.get(new.parent_id), community_id)
        return self._added(
            Plan(
                community_id=community_id,
                building_set_id=new.building_set_id,
                number=number,
                parent_id=new.parent_id or None,
                action=new.action,
                recipe=dict(new.recipe),
                digest=new.digest,
                status=new.status,
                objective=new.objective,
                bound=new.bound,
                gap=new.gap,
                violations=list(new.violations),
                counts=dict(new.counts),
                file_sha256=Files(self.session).put(new.file),
                made_by=actor_name(self.session),
                reason=new.reason,
            )
        )

    def ancestors(self, plan_id: str) -> Sequence[Plan]:
        """Return what a plan came of, its parent first.

        Raises:
            NotFound: no such plan.
        """
        line = []
        row = self.get(plan_id)
        while row.parent_id:
            row = self.get(row.parent_id)
            line.append(row)
        return line

    def children(self, plan_id: str) -> Sequence[Plan]:
        """Return the plans made from a plan, by number."""
        return self._all(sa.select(Plan).filter_by(parent_id=plan_id).order_by(Plan.number))

    def publications(self, plan_id: str) -> Sequence[Publication]:
        """Return what was published of a plan, by number."""
        rows = sa.select(Publication).filter_by(plan_id=plan_id).order_by(Publication.number)
        return self.session.scalars(rows).all()


def _check_same(row: BuildingSet | Plan, community_id: str) -> None:
    if row.community_id != community_id:
        raise Conflict(f"{row.id} is of another community.")


def actor_name(session: UnitSession) -> str:
    """Return who writes in a unit, as a person reads it."""
    actor = session.info.get(ACTOR)
    return "" if actor is None else str(actor.name)

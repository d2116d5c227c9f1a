"""Communities, building sets and plans: numbered without holes, kept as they were made."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from small_stores import ANN, a_plan, add_town, fill

from gridgeo.store import (
    Conflict,
    Immutable,
    NewBuildingSet,
    NotFound,
    Refused,
    Stale,
    Store,
    StoreError,
    blob_of,
)
from gridgeo.store.tables import BuildingSet, Plan


def test_a_plan_is_read_as_it_was_written(store: Store) -> None:
    with store.write(ANN) as unit:
        town = add_town(unit)
    with store.read() as unit:
        plan = unit.plans.get(town.plan_id)
        assert unit.files.read(plan.file_sha256) == b"a plan"
        buildings = unit.building_sets.latest(town.community_id)
    # readable still, though the unit is over
    assert (plan.number, plan.status, plan.objective, plan.gap) == (1, "feasible", 12.5, 0.02)
    assert (plan.recipe, plan.made_by) == ({"seed": 7, "share": 0.1}, "ann")
    assert plan.created_at.utcoffset().total_seconds() == 0
    assert buildings.findings == [{"code": "no-households", "count": 2}]


def test_plans_are_numbered_within_their_community(store: Store) -> None:
    with store.write(ANN) as unit:
        town, other = add_town(unit), add_town(unit, "hill")
        for _ in range(3):
            unit.plans.add(town.community_id, a_plan(town.building_set_id))
    with store.read() as unit:
        assert [p.number for p in unit.plans.of_community(town.community_id)] == [1, 2, 3, 4]
        assert [p.number for p in unit.plans.of_community(other.community_id)] == [1]
        newest = unit.plans.of_community(town.community_id, newest_first=True, after=4, limit=2)
        assert [p.number for p in newest] == [3, 2]
        page = unit.plans.of_community(town.community_id, after=3)
        assert [p.number for p in page] == [4]
        assert unit.plans.by_number(town.community_id, 2).number == 2
        with pytest.raises(NotFound, match="no plan number 5"):
            unit.plans.by_number(town.community_id, 5)


def test_a_number_is_used_again_where_its_write_was_undone(store: Store) -> None:
    with store.write(ANN) as unit:
        town = add_town(unit)
    with pytest.raises(ZeroDivisionError), store.write(ANN) as unit:  # noqa: PT012
        unit.plans.add(town.community_id, a_plan(town.building_set_id, words=b"never"))
        raise ZeroDivisionError
    with store.write(ANN) as unit:
        assert unit.plans.add(town.community_id, a_plan(town.building_set_id)).number == 2
        with pytest.raises(NotFound):
            unit.files.size_bytes(blob_of(b"never").sha256)


def test_plans_know_what_they_came_of(store: Store) -> None:
    with store.write(ANN) as unit:
        town = add_town(unit)
        line = [town.plan_id]
        for _ in range(3):
            new = a_plan(town.building_set_id, parent_id=line[-1])
            line.append(unit.plans.add(town.community_id, new).id)
    with store.read() as unit:
        assert [plan.id for plan in unit.plans.ancestors(line[-1])] == line[-2::-1]
        assert [plan.id for plan in unit.plans.children(line[0])] == [line[1]]


def test_a_plan_of_another_community_is_no_parent(store: Store) -> None:
    with store.write(ANN) as unit:
        town, other = add_town(unit), add_town(unit, "hill")
        with pytest.raises(Conflict, match="another community"):
            unit.plans.add(town.community_id, a_plan(town.building_set_id, parent_id=other.plan_id))
        with pytest.raises(Conflict, match="another community"):
            unit.plans.add(town.community_id, a_plan(other.building_set_id))
        with pytest.raises(NotFound, match="no community"):
            unit.plans.add("nowhere", a_plan(town.building_set_id))


@pytest.mark.parametrize(("table", "column"), [(Plan, "status"), (BuildingSet, "file_name")])
def test_what_is_kept_for_good_is_not_changed(
    store: Store, table: type[Plan | BuildingSet], column: str
) -> None:
    town = fill(store)
    row_id = town.plan_id if table is Plan else town.building_set_id
    with pytest.raises(Immutable), store.write(ANN) as unit:  # noqa: PT012
        row = unit.session.get(table, row_id)
        setattr(row, column, "other")
    with pytest.raises(Immutable), store.write(ANN) as unit:
        unit.session.delete(unit.session.get(table, row_id))
    # nor behind the back of the store
    for statement in (
        f"UPDATE {table.__tablename__} SET {column} = 'x'",
        f"DELETE FROM {table.__tablename__}",
    ):
        with pytest.raises(Immutable), store.write(ANN) as unit:
            unit.session.connection().execute(sa.text(statement))
    with store.read() as unit:
        assert getattr(unit.session.get(table, row_id), column) != "other"


def test_a_slug_is_taken_once(store: Store) -> None:
    with store.write(ANN) as unit:
        add_town(unit)
        with pytest.raises(Conflict, match="slug 'riverside' already"):
            add_town(unit)
        assert unit.communities.by_slug("riverside").name == "Riverside"


@pytest.mark.parametrize("slug", ["", "River", "a b", "-a", "a-", "a/b", "é", "a" * 64, "a\n"])
def test_what_is_no_slug_is_refused(store: Store, slug: str) -> None:
    with store.write(ANN) as unit, pytest.raises(Refused, match="is no slug"):
        unit.communities.add(slug=slug, name="Town")


def test_a_change_needs_the_revision_that_was_read(store: Store) -> None:
    with store.write(ANN) as unit:
        town = unit.communities.get(add_town(unit).community_id)
    assert town.revision == 1
    with store.write(ANN) as unit:
        assert unit.communities.change(town.id, revision=1, name="New").revision == 2
    with pytest.raises(Stale, match="changed since it was read"), store.write(ANN) as unit:
        unit.communities.change(town.id, revision=1, name="Lost")
    with store.read() as unit:
        assert unit.communities.get(town.id).name == "New"


def test_a_change_to_the_same_leaves_the_revision(store: Store) -> None:
    with store.write(ANN) as unit:
        town = unit.communities.get(add_town(unit).community_id)
        assert unit.communities.change(town.id, name=town.name).revision == 1


def test_workers_have_one_code_in_their_community(store: Store) -> None:
    with store.write(ANN) as unit:
        town, other = add_town(unit), add_town(unit, "hill")
        li = unit.workers.add(town.community_id, code="W1", name="李雷")
        unit.workers.add(other.community_id, code="W1", name="Han")
        with pytest.raises(Conflict, match="'W1' already"):
            unit.workers.add(town.community_id, code="W1", name="Wei")
        unit.workers.change(li.id, active=False, details={"phone": "1"})
    with store.read() as unit:
        found = unit.workers.by_code(town.community_id, "W1")
        assert (found.name, found.active, found.details) == ("李雷", False, {"phone": "1"})


def test_rows_come_in_pages_from_both_ends(store: Store) -> None:
    with store.write(ANN) as unit:
        ids = [unit.communities.add(slug=f"t{i}", name="T").id for i in range(5)]
    assert ids == sorted(ids)
    with store.read() as unit:
        assert [row.id for row in unit.communities.page(limit=2)] == ids[:2]
        assert [row.id for row in unit.communities.page(after=ids[1], limit=2)] == ids[2:4]
        assert [row.id for row in unit.communities.newest(limit=2)] == ids[:2:-1]
        assert [row.id for row in unit.communities.newest(before=ids[1])] == ids[:1]
        assert (unit.communities.count(), unit.communities.count(slug="t1")) == (5, 1)


@pytest.mark.parametrize("name", ["a\0b", "a\ud800b"])
def test_a_text_that_one_database_cannot_keep_is_refused_by_both(store: Store, name: str) -> None:
    with pytest.raises(Refused, match=r"NUL|Unicode"), store.write(ANN) as unit:
        unit.communities.add(slug="town", name=name)


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_a_number_that_is_not_finite_is_refused(store: Store, number: float) -> None:
    with store.write(ANN) as unit:
        town = add_town(unit)
    new = NewBuildingSet(blob_of(b""), "b.gpkg", counts={"buildings": number})
    with pytest.raises(Refused, match="cannot be kept"), store.write(ANN) as unit:
        unit.building_sets.add(town.community_id, new)
    plan = a_plan(town.building_set_id)
    object.__setattr__(plan, "gap", number)
    with pytest.raises(Refused, match="cannot be kept"), store.write(ANN) as unit:
        unit.plans.add(town.community_id, plan)


def test_a_unit_that_reads_writes_nothing(store: Store) -> None:
    with pytest.raises(StoreError, match="only reads"), store.read() as unit:
        unit.communities.add(slug="town", name="Town")
    with store.read() as unit:
        assert unit.communities.count() == 0


def test_a_unit_that_reads_sees_one_moment(store: Store) -> None:
    with store.read() as reading:
        assert reading.communities.count() == 0
        with store.write(ANN) as unit:
            add_town(unit)
        assert reading.communities.count() == 0
    with store.read() as reading:
        assert reading.communities.count() == 1

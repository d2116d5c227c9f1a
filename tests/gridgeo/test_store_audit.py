"""The audit log: every write in it, with it, and for good."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from small_stores import ANN, add_town, fill

from gridgeo.store import Actor, Immutable, Role, Store, StoreError
from gridgeo.store.tables import AuditEntry, Community, Table


def test_who_what_before_and_after_are_told(store: Store) -> None:
    with store.write(ANN) as unit:
        town = add_town(unit)
    with store.write(Actor("ben")) as unit:
        unit.communities.change(town.community_id, name="River", details={"a": [1]})
    with store.read() as unit:
        added, changed = unit.audit_log.about("communities", town.community_id)
    assert (added.actor, added.actor_id, added.request_id) == ("ann", "u-1", "r-1")
    assert (added.action, added.before, added.after["slug"]) == ("add", None, "riverside")
    assert (changed.actor, changed.action) == ("ben", "change")
    assert changed.before == {"name": "Riverside", "details": {}}
    assert changed.after == {"name": "River", "details": {"a": [1]}}


def test_what_is_removed_is_told(store: Store) -> None:
    fill(store)
    with store.write(ANN) as unit:
        upload = unit.uploads.page()[0]
        unit.uploads.remove(upload.id)
        told = unit.audit_log.about("uploads", upload.id)[-1]
    assert (told.action, told.before["name"], told.after) == ("remove", "b.gpkg", None)


def test_every_row_of_an_audited_table_is_in_the_log(store: Store) -> None:
    fill(store)
    with store.read() as unit:
        for mapper in Table.registry.mappers:
            if not mapper.class_.audited:
                continue
            ids = set(unit.session.scalars(sa.select(mapper.class_.id)))
            told = sa.select(AuditEntry.resource_id).filter_by(
                kind=mapper.class_.__tablename__, action="add"
            )
            assert ids
            assert set(unit.session.scalars(told)) == ids, mapper


def test_a_write_that_is_undone_is_not_in_the_log(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), store.write(ANN) as unit:  # noqa: PT012
        add_town(unit)
        raise ZeroDivisionError
    with store.read() as unit:
        assert unit.audit_log.count() == 0


def test_a_change_made_by_hand_in_a_unit_is_told_too(store: Store) -> None:
    with store.write(ANN) as unit:
        town = add_town(unit)
        unit.session.get(Community, town.community_id).name = "By hand"
    with store.read() as unit:
        told = unit.audit_log.about("communities", town.community_id)[-1]
    assert told.after == {"name": "By hand"}


def test_statements_that_pass_by_the_log_are_refused(store: Store) -> None:
    with store.write(ANN) as unit:
        for statement in (sa.update(Community).values(name="x"), sa.delete(Community)):
            with pytest.raises(StoreError, match="one by one"):
                unit.session.execute(statement)


def test_what_changes_no_row_may_be_noted(store: Store) -> None:
    with store.write(ANN) as unit:
        unit.audit_log.note("sign-in failed", kind="users", facts={"address": "::1"})
        ann = unit.users.add(name="ann", role=Role.ADMIN)
    with store.read() as unit:
        entries = unit.audit_log.newest()
    assert [(e.action, e.resource_id) for e in entries] == [("add", ann.id), ("sign-in failed", "")]


SQLITE_ONLY = ["INSERT OR REPLACE INTO audit_log SELECT * FROM audit_log"]
POSTGRESQL_ONLY = ["TRUNCATE audit_log", "TRUNCATE plans CASCADE"]


@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit_log SET actor = 'x'", "DELETE FROM audit_log", *SQLITE_ONLY, *POSTGRESQL_ONLY],
)
def test_the_log_is_neither_changed_nor_removed(store: Store, statement: str) -> None:
    other = POSTGRESQL_ONLY if store.engine.dialect.name == "sqlite" else SQLITE_ONLY
    if statement in other:
        pytest.skip("the other database's own words")
    fill(store)
    with store.read() as unit:
        before = [e.id for e in unit.audit_log.page(limit=1000)]
    with pytest.raises(Immutable), store.write(ANN) as unit:
        unit.session.connection().execute(sa.text(statement))
    with store.read() as unit:
        entries = unit.audit_log.page(limit=1000)
    assert [e.id for e in entries] == before
    assert {e.actor for e in entries} == {"ann"}
